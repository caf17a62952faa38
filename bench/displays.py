"""Draw pages of short texts side by side, as boxes without a picture, to train the layout on.

    python -m bench.displays OUT [--count 300] [--seed 1]

Cards, slides, two languages, poems, receipts, examinations, letters, and the lists of ``bench.listings``: what
stands level on them belongs together on some and not on others. Frames, rules and pictures are named in
"separators". Each page is written as ``bench.train_layout`` reads it; some are turned, so that their text is vertical.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from . import drawing, listings
from .pages import Display, Drawn


def cards(page: Display, width: float) -> None:
    """Cards in a grid, each read by itself; as high as the highest one of their row, or one below the other."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([2, 2, 3, 3, 4, 5]))
    style = chance.choice(["plain", "plain", "framed", "ruled", "pictures", "beside"])
    head, facts = chance.choice([0, 1, 1.0, 1.2, 1.5]), chance.choice([0, 0, 2, 4])
    most, level = chance.choice([1, 2, 4, 7]), chance.random() < 0.7
    pad = chance.uniform(0.3, 1.2) * page.size if style == "framed" else 0.0
    ends = [y] * len(edges)
    for _ in range(chance.randint(1, 6)):
        tops = [max(ends)] * len(edges) if level else list(ends)
        for n, (x, top) in enumerate(zip(edges, tops, strict=True)):
            ends[n] = card(page, x + pad, top + pad, room - 2 * pad, style, head, chance.randint(0, facts), most) + pad
        bottom = max(ends)
        for n, (x, top) in enumerate(zip(edges, tops, strict=True)):
            if style == "framed":
                page.frame(x, top, x + room, bottom if level else ends[n])
            elif style == "ruled":
                page.rule(x, top - 0.4 * page.size, room)
        ends = [end + chance.uniform(0.5, 2.0) * page.size for end in ends]


def card(page: Display, x: float, y: float, room: float, style: str, head: float, facts: int, most: int) -> float:
    page.begin()
    chance = page.chance
    if style == "pictures":
        high = chance.uniform(3, 8) * page.size
        page.pictures.append((x, y, x + room, y + high))
        y += high + 0.5 * page.size
    elif style == "beside":
        wide = chance.uniform(0.25, 0.45) * room
        page.pictures.append((x, y, x + wide, y + wide * chance.uniform(0.7, 1.4)))
        x, room = x + wide + 0.6 * page.size, room - wide - 0.6 * page.size
    if head:
        for _ in range(chance.choice([1, 1, 1, 2])):
            page.line(x, y, page.text(chance.uniform(0.2, 0.95) * room / head), page.size * head)
            y += head * page.size * 1.3
    for _ in range(facts):
        page.line(x, y, page.text(chance.uniform(0.2, 0.95) * room))
        y += page.step
    if not facts or chance.random() < 0.7:
        y = page.paragraph(x, y, room, chance.randint(1, most))
    if chance.random() < 0.15:
        page.line(x, y, page.number())
        y += page.step
    return y


def languages(page: Display, width: float) -> None:
    """Two texts side by side, their paragraphs level with each other, or as long as they are."""
    y = page.title(width)
    (left, right), room = page.grid(width, 2)
    count, level = page.chance.randint(3, 10), page.chance.random() < 0.7
    heights = [(page.chance.randint(1, 7), page.chance.randint(1, 7)) for _ in range(count)]
    space = page.chance.choice([0, 0.4, 0.8, 1.5]) * page.size
    if page.chance.random() < 0.3:
        page.rule(right - 0.5 * page.size, y, sum(max(pair) for pair in heights) * page.step, down=True)
    both = page.chance.random() < 0.7
    for side, x in enumerate((left, right)):
        page.begin()
        page.latin = (side == 0) != both
        top = y
        for pair in heights:
            end = page.paragraph(x, top, room, pair[side])
            top = (top + max(pair) * page.step if level else end) + space


def slide(page: Display, width: float) -> None:
    """A heading, and bullets in one to three columns, beside a picture at times."""
    chance, y = page.chance, page.title(width) + page.size
    edges, room = page.grid(width, chance.choice([1, 2, 2, 2, 3]))
    picture = chance.randrange(len(edges)) if len(edges) > 1 and chance.random() < 0.25 else None
    mark, headed = chance.choice(["• ", "– ", "", "▪ "]), chance.random() < 0.5
    for n, x in enumerate(edges):
        if n == picture:
            page.pictures.append((x, y, x + room, y + chance.uniform(6, 16) * page.size))
            continue
        page.begin()
        top = y
        if headed:
            page.line(x, top, page.text(chance.uniform(0.2, 0.8) * room), page.size * chance.choice([1, 1.2]))
            top += 1.3 * page.step
        for _ in range(chance.randint(2, 8)):
            lines = chance.choice([1, 1, 1, 2, 3])
            for k in range(lines):
                text = page.text(room * (chance.uniform(0.25, 0.95) if k == lines - 1 else 0.95))
                page.line(x + (0 if k == 0 else page.size * bool(mark)), top, mark * (k == 0) + text)
                top += page.step
            top += chance.choice([0, 0.3, 0.6]) * page.size
    page.begin()
    page.line(width - 2 * page.size, max(y + 14 * page.step, 0), str(chance.randint(1, 80)))


def poems(page: Display, width: float) -> None:
    """Verses of one length, or ragged ones, in columns; each poem by itself, or on through the columns."""
    chance, y = page.chance, page.title(width)
    columns = chance.choice([1, 2, 2, 3, 4])
    edges, room = page.grid(width, columns)
    even, count = chance.random() < 0.5, chance.randint(5, 9)
    for x in edges:
        top = y
        for _ in range(chance.randint(1, 3)):
            page.begin()
            if chance.random() < 0.7:
                page.line(x + chance.choice([0, page.size]), top, page.words(2, 6), page.size * chance.choice([1, 1.2]))
                top += page.step * 1.2
            for _ in range(chance.choice([4, 8, 8, 14])):
                length = count * page.size if even else chance.uniform(0.3, 0.95) * room
                page.line(x + chance.choice([0, 0, 0, 1]) * page.size * (not even), top, page.text(min(length, room)))
                top += page.step
            top += chance.uniform(0.3, 2) * page.size


def receipt(page: Display, width: float) -> None:
    """A strip: centred lines, then rows of goods and amounts, with their names above them at times, and totals."""
    chance, room = page.chance, chance_width(page)
    y = centred(page, 0, room, chance=page.chance)
    numbers, second = chance.choice([1, 1, 2, 3]), chance.choice(["", "", "amounts", "remark", "remark"])
    page.begin()
    if chance.random() < 0.5:
        page.rule(0, y - 0.4 * page.size, room)
    places = [room * (0.55 + 0.45 * k / numbers) for k in range(1, numbers + 1)]
    for _ in range(chance.randint(2, 14)):
        page.line(0, y, page.text(chance.uniform(0.15, 0.5 if second == "" else 0.68) * room))
        if second == "amounts":
            y += page.step
            if chance.random() < 0.7:
                page.line(chance.choice([0, 1]) * page.size, y, page.amount())
        for place in places:
            amount = page.amount()
            page.line(place - page.width(amount), y, amount)
        y += page.step
        if second == "remark" and chance.random() < 0.7:
            counted = f"{chance.randint(1, 12)} X {page.amount()}"
            text = counted if chance.random() < 0.6 else page.text(chance.uniform(0.15, 0.5) * room)
            page.line(chance.choice([0, 1, 2]) * page.size, y, text)
            y += page.step
    totals(page, y, room, places)


def totals(page: Display, y: float, room: float, places: Sequence[float]) -> None:
    """Labels, at the left or before their amounts, and amounts; what is below them is centred."""
    chance = page.chance
    if chance.random() < 0.5:
        page.rule(0, y, room)
        y += 0.5 * page.size
    before = chance.random() < 0.4
    for _ in range(chance.randint(1, 7)):
        label = page.text(chance.uniform(0.12, 0.45) * room) + chance.choice(["", ":", "："])
        page.line(max(0.0, 0.62 * room - page.width(label)) if before else 0.0, y, label)
        for place in places[-1:] if before or chance.random() < 0.6 else places:
            amount = page.amount()
            page.line(place - page.width(amount), y, amount)
        y += page.step * chance.choice([1, 1, 1.5])
    centred(page, y + page.size, room, chance=page.chance)


def chance_width(page: Display) -> float:
    """The width of a strip."""
    return page.chance.uniform(16, 26) * page.size


def centred(page: Display, y: float, room: float, *, chance: random.Random) -> float:
    page.begin()
    middle = chance.random() < 0.7
    for _ in range(chance.randint(2, 6)):
        text = page.text(chance.uniform(0.2, 0.8) * room)
        page.line((room - page.width(text)) / 2 if middle else 0.0, y, text)
        y += page.step
    return y + page.size


def examination(page: Display, width: float) -> None:
    """Questions, each with choices in rows, in one or two columns."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([1, 1, 2]))
    marks, across, mixed = (
        chance.choice(["ABCD", "甲乙丙丁", "1234"]),
        chance.choice([1, 2, 2, 4]),
        chance.random() < 0.4,
    )
    page.begin()
    number = 0
    for x in edges:
        top = y
        for _ in range(chance.randint(3, 9)):
            number += 1
            across = chance.choice([1, 2, 2, 4]) if mixed else across
            lines = chance.choice([1, 1, 2, 3])
            for k in range(lines):
                text = page.text(room * (0.9 if k < lines - 1 else chance.uniform(0.2, 0.9)) - 2 * page.size)
                page.line(x + (2 * page.size if k else 0), top, f"{number}. " * (k == 0) + text)
                top += page.step
            for k, mark in enumerate(marks):
                place = x + 2 * page.size + k % across * (room - 2 * page.size) / across
                page.line(
                    place, top, f"({mark}) " + page.text(chance.uniform(0.1, 0.7) * (room - 2 * page.size) / across)
                )
                if k % across == across - 1:
                    top += page.step
            top += chance.choice([0, 0.3, 0.8]) * page.size


def letterhead(page: Display, width: float) -> None:
    """Blocks of addresses side by side, then labels with values, or a bill, then prose."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([2, 2, 3]))
    ends = []
    for n, x in enumerate(edges):
        page.begin()
        top, right = y, n == len(edges) - 1 and chance.random() < 0.4
        for _ in range(chance.randint(2, 6)):
            text = page.text(chance.uniform(0.25, 0.9) * room)
            page.line(x + (room - page.width(text)) * right, top, text)
            top += page.step
        ends.append(top)
    y = max(ends) + page.size
    if chance.random() < 0.7:
        page.begin()
        y = page.pairs(0, y, width) + page.size
    if chance.random() < 0.4:
        page.begin()
        y = bill(page, y, width) + page.size
    page.begin()
    page.prose(0, y, width, chance.randint(2, 6))


def bill(page: Display, y: float, width: float) -> float:
    """A table, and what it comes to at the far side below it; where that ends."""
    y = page.table(0, y, width) + page.chance.choice([0, 0.5, 1]) * page.size
    page.begin()
    start = page.chance.uniform(0.5, 0.7) * width
    for _ in range(page.chance.randint(1, 4)):
        page.line(start, y, page.text(page.chance.uniform(0.3, 0.8) * (0.8 * width - start)))
        amount = page.amount()
        page.line(width - page.width(amount), y, amount)
        y += page.step
    return y


def side_note(page: Display, width: float) -> None:
    """Text with notes in its margin, or a column beside it that is set apart."""
    chance, y = page.chance, page.title(width)
    note = chance.uniform(0.18, 0.35) * width
    gap, at_left = chance.uniform(1, 2.5) * page.size, chance.random() < 0.5
    x, start = (0.0, note + gap) if at_left else (width - note, 0.0)
    page.begin()
    end = y
    for _ in range(chance.randint(2, 6)):
        end = page.prose(start, end, width - note - gap, chance.randint(2, 9), chance.choice([0, 0, 2]))
    size, page.size = page.size, page.size * chance.choice([0.7, 0.8, 1])
    top, whole = y + chance.uniform(0, 3) * size, chance.random() < 0.4
    page.begin()
    while top < end - 4 * size and (whole or chance.random() < 0.85):
        bottom = page.prose(x, top, note, chance.randint(2, 7))
        if chance.random() < 0.2:
            page.rule(x, top - 0.3 * size, note)
        top = bottom + (chance.choice([0.3, 0.8]) if whole else chance.uniform(1, 8)) * size
        if not whole:
            page.begin()
    page.size = size


KINDS: Sequence[listings.Kind] = (
    cards, cards, cards, languages, languages, slide, poems, receipt, receipt, receipt, examination, letterhead,
    letterhead, side_note, *listings.KINDS,
)  # fmt: skip


def page(chance: random.Random) -> dict[str, object]:
    """One display, or two below each other, or one below prose."""
    size, latin, spacing = chance.uniform(14, 50), chance.random() < 0.4, chance.uniform(1.15, 2.0)
    width = chance.uniform(26, 70) * size
    whole = Display(chance, latin, size, spacing)
    kinds = chance.choices(KINDS, k=chance.choice([1, 1, 1, 2]))
    if chance.random() < 0.25:
        kinds.insert(chance.randint(0, 1), prose)
    y = 0.0
    for kind in kinds:
        part = Display(chance, latin, size * chance.choice([0.85, 1, 1, 1]), spacing)
        kind(part, width)
        y = whole.add(part, y) + chance.uniform(0.8, 3) * size
    separators = {name: getattr(whole, name) for name in ("horizontal", "vertical", "pictures")}
    drawn = Drawn(kinds[0].__name__, [flow for flow in whole.flows if flow], separators)
    letters = "".join(str(line["text"]) for flow in drawn.flows for line in flow)
    is_han = not any(char.isascii() and char.isalpha() for char in letters)
    if is_han and receipt not in kinds and chance.random() < 0.6:
        drawn = drawn.upright()
    flows = [{"lines": lines} for lines in drawn.flows]
    return {"family": drawn.kind, "flows": flows, "separators": drawn.separators}


def prose(page: Display, width: float) -> None:
    y = page.title(width)
    page.begin()
    for _ in range(page.chance.randint(1, 5)):
        y = page.prose(0, y, width, page.chance.randint(1, 8), page.chance.choice([0, 0, 2]))


if __name__ == "__main__":
    drawing.run(__doc__, "display", 300, page)
