"""Lists of pairs and of entries, as boxes: a value, a price, a text or a name belongs to the label beside it.

Kinds of ``bench.displays``. Where several lists stand side by side, each is read by itself, however level they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .pages import Display

Kind = Callable[[Display, float], None]


def prices(page: Display, width: float) -> None:
    """Goods and prices, in one to three columns; a price follows its goods."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([1, 1, 2, 2, 3]))
    described, more = chance.choice([0, 0, 0.5, 0.9]), chance.choice([1, 1, 1, 2])
    smaller = chance.choice([0.75, 0.85, 1])
    for x in edges:
        top = y
        for _ in range(chance.randint(1, 3)):
            page.begin()
            if chance.random() < 0.7:
                text, large = page.words(2, 6), chance.choice([1, 1.2, 1.5])
                middle = chance.choice([0.0, 0.0, max(0.0, (room - large * page.width(text)) / 2)])
                page.line(x + middle, top, text, page.size * large)
                top += page.step * max(1.2, large)
            for _ in range(chance.randint(3, 9)):
                page.line(x, top, page.text(chance.uniform(0.2, 0.55) * room))
                for k in range(more):
                    price = page.amount()
                    page.line(x + room * (0.75 if k < more - 1 else 1) - page.width(price), top, price)
                top += page.step
                if chance.random() < described:
                    page.line(x, top, page.text(chance.uniform(0.3, 0.95) * room), page.size * smaller)
                    top += page.step
            top += page.size


def facts(page: Display, width: float) -> None:
    """Rows of two or three short texts: labels, words, dates, amounts; nearly each row is full, and a few rules at most
    part them."""
    chance, y = page.chance, page.title(width)
    columns = chance.choice([2, 2, 2, 3])
    start = chance.uniform(0, 4) * page.size
    rooms = [chance.uniform(3, 16) * page.size for _ in range(columns)]
    places = [start + sum(rooms[:k]) + k * chance.uniform(0.8, 6) * page.size for k in range(columns)]
    numeric = [k > 0 and chance.random() < 0.3 for k in range(columns)]
    ruled, top, end = chance.choice(["", "", "head", "rows", "columns", "columns"]), y, places[-1] + rooms[-1]
    page.begin()
    for row in range(chance.randint(3, 14)):
        if ruled == "rows" or (ruled and row == 0):
            page.rule(start, y - 0.15 * page.step, end - start)
        for k, (place, room) in enumerate(zip(places, rooms, strict=True)):
            if k and chance.random() < 0.04:
                continue
            text = page.number() if numeric[k] else page.text(chance.uniform(0.15, 0.98) * room)
            page.line(place, y, text)
        y += page.step
    if ruled == "columns":
        for place in places[1:]:
            page.rule(place - 0.4 * page.size, top, y - top, down=True)
    if chance.random() < 0.6:
        page.begin()
        page.prose(0, y + page.size, max(width, end), chance.randint(1, 6))


def programme(page: Display, width: float) -> None:
    """Times and titles, a column for each place or day."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([2, 3, 4, 5]))
    ruled, apart = chance.random() < 0.4, chance.random() < 0.4
    entries = chance.randint(6, 16)
    for x in edges:
        page.begin()
        page.line(x, y, page.text(chance.uniform(0.2, 0.7) * room), page.size * chance.choice([1, 1.2]))
        top, minute = y + 1.4 * page.step, chance.randint(360, 600)
        for _ in range(entries if chance.random() < 0.5 else chance.randint(4, entries)):
            minute += chance.choice([15, 30, 60, 90])
            time = f"{minute // 60 % 24:02d}:{minute % 60:02d}"
            text = page.text(chance.uniform(0.25, 0.9) * room - 3 * page.size)
            if apart:
                page.line(x, top, time)
                page.line(x + 3.5 * page.size, top, text)
            else:
                page.line(x, top, f"{time} {text}")
            top += page.step * chance.choice([1, 1, 1.3])
        if ruled:
            page.rule(x - 0.6 * page.size, y, top - y, down=True)


def labelled(page: Display, width: float) -> None:
    """Labels, dates, or names of those who speak, each beside a paragraph of several lines that comes next; in one
    column, or in two of which each is read by itself."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([1, 1, 2]))
    label = min(chance.uniform(3, 9) * page.size, 0.4 * room)
    start, short = label + chance.uniform(0.8, 2) * page.size, chance.random() < 0.4
    colon, most = chance.choice(["", "", ":", "："]), chance.choice([2, 3, 6])
    for x in edges:
        page.begin()
        top = y
        for _ in range(chance.randint(4, 14)):
            dated = chance.random() < 0.3 and not colon
            page.line(x, top, page.number() if dated else page.text(chance.uniform(0.3, 0.9) * label) + colon)
            if short:
                page.line(x + start, top, page.text(chance.uniform(0.2, 0.6) * (room - start)))
                top += page.step
            top = page.paragraph(x + start, top, room - start, chance.randint(1, most))
            top += chance.choice([0, 0.3, 1]) * page.size


def names(page: Display, width: float) -> None:
    """Short names below headings, in columns that begin and end at different heights, group beside group."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([2, 3, 4, 5]))
    for _ in range(chance.randint(1, 3)):
        ends = []
        for x in edges:
            page.begin()
            top, large = y, chance.choice([1, 1.1, 1.3])
            page.line(x, top, page.text(chance.uniform(0.2, 0.6) * room), page.size * large)
            top += large * page.step
            for _ in range(chance.randint(2, 10)):
                page.line(x, top, page.text(chance.uniform(0.15, 0.4) * room))
                top += page.step
            ends.append(top)
        y = max(ends) + chance.uniform(0.8, 2) * page.size


def credits(page: Display, width: float) -> None:
    """Labels and values, such as parts and who plays them, in columns of which each is read by itself.

    Values stand at a tab, at the far edge of the column, or with their labels about an axis; they may all be as short
    as names are. At times a label has several.
    """
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([1, 2, 2, 2, 3, 3, 4]))
    style, axis = chance.choice(["tab", "tab", "far", "axis"]), chance.uniform(0.3, 0.55) * room
    headed, colon = chance.random() < 0.6, chance.choice(["", "", "", ":", "："])
    more, apart = chance.choice([0, 0, 0.2]), chance.uniform(0, 1.5) * page.size
    gap = chance.uniform(0.5, 1.2) * page.size
    some = (3 * page.size, 3 * page.size), (2 * page.size, 4 * page.size), (0.15 * room, room - axis)
    shortest, longest = chance.choice([some[0], some[1], some[2], some[2]])
    level, groups, most = chance.random() < 0.3, chance.randint(1, 4), chance.randint(3, 12)
    for x in edges:
        page.begin()
        top = y
        for _ in range(groups if level else chance.randint(1, groups)):
            if headed:
                large = chance.choice([1, 1, 1.1, 1.3])
                page.line(x, top, page.text(chance.uniform(0.15, 0.7) * room / large), page.size * large)
                top += large * page.step
            for _ in range(most if level else chance.randint(2, most)):
                label = page.text(chance.uniform(0.2, 1) * (axis - gap)) + colon
                page.line(x + (axis - gap - page.width(label) if style == "axis" else 0.0), top, label)
                for _ in range(chance.choice([2, 2, 3]) if chance.random() < more else 1):
                    text = page.text(min(chance.uniform(shortest, longest), 0.98 * (room - axis)))
                    value = page.amount() if chance.random() < 0.15 else text
                    page.line(x + (room - page.width(value) if style == "far" else axis), top, value)
                    top += page.step
            top += apart


def glossary(page: Display, width: float) -> None:
    """Entries of one to six lines, all but the first of them set in, on through columns of one height."""
    chance, y = page.chance, page.title(width)
    edges, room = page.grid(width, chance.choice([1, 2, 2, 3, 4]))
    rows, hang, most = chance.randint(8, 40), chance.choice([0.7, 1, 1.5, 2]) * page.size, chance.choice([2, 3, 6])
    ruled, space = chance.random() < 0.3, chance.choice([0, 0, 0.4]) * page.size
    left = 0
    page.begin()
    for x in edges:
        top, first = y, True
        for _ in range(rows if x != edges[-1] else chance.randint(rows // 2, rows)):
            begins = left == 0
            left = (left or chance.randint(1, most)) - 1
            start = x if begins else x + hang
            top += space * (begins and not first)
            first = False
            end = chance.uniform(0.15, 1) if left == 0 else chance.uniform(0.93, 1)
            page.line(start, top, page.text(end * (x + room - start), end=left == 0))
            top += page.step
        if ruled and x != edges[0]:
            page.rule(x - 0.6 * page.size, y, top - y, down=True)


KINDS: Sequence[Kind] = (
    credits, credits, credits, prices, prices, facts, facts, facts, programme, labelled, labelled, names, glossary,
)  # fmt: skip
