"""Draw pages of articles, as boxes without a picture, to train the layout on.

    python -m bench.articles OUT [--count 200] [--seed 1]

Newspapers of many articles, notices one after another in columns, magazines with pictures, quotations and sidebars,
indexes of books. Each text runs on through its own columns, beside others. Each page is written as
``bench.train_layout`` reads it; some are turned, so that their text is vertical.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from . import drawing
from .pages import Display, Drawn
from .sheets import HAN

LETTERS = "abcdefghijklmnopqrstuvwxyz"

Area = tuple[float, float, float, float]
"""Left, top, width and height."""


class Slot(NamedTuple):
    """A column, or a part of one: where its lines stand from ``top`` to ``bottom``."""

    x: float
    top: float
    bottom: float


class Columns(NamedTuple):
    """``edges``: the left edges of columns, each ``room`` wide."""

    edges: list[float]
    room: float


def columns(page: Display, x: float, width: float, count: int, gap: float) -> Columns:
    room = (width - (count - 1) * gap) / count
    return Columns([x + n * (room + gap) for n in range(count)], room)


def run_on(page: Display, slots: Sequence[Slot], room: float, indent: float, most: int) -> None:
    """Paragraphs of up to ``most`` lines through the ``slots``, appended to the last flow."""
    chance, left = page.chance, 0
    long = chance.randint(1, most)
    for slot in slots:
        y = slot.top
        while y + page.size <= slot.bottom:
            left, is_first = (left or long) - 1, left == 0
            start = indent * page.size if is_first else 0.0
            width = room - start
            if not left:
                width *= chance.uniform(0.1, 1)
                long = chance.randint(1, most)
            elif page.latin and chance.random() < 0.5:
                width -= chance.uniform(0, 1) * page.size
            page.line(slot.x + start, y, page.text(width, end=not left), width=width)
            y += page.step


def heading(page: Display, x: float, y: float, width: float) -> float:
    """One to three lines, of which one is large, and names or a heading of a part; where the text begins."""
    chance = page.chance
    sizes: list[float] = chance.choice([[1.5], [1.8], [2.4], [3], [1.1, 2], [2, 1.2], [1.2, 2.4, 1.2], [1], [1.7, 1.7]])
    for large in sizes:
        if large * page.size * 3 > width:
            large = 1.2
        text = page.text(chance.uniform(0.35, 0.97) * width / large)
        wide = page.width(text) * large
        page.line(x + chance.choice([0, 0, max(0.0, (width - wide) / 2)]), y, text, page.size * large)
        y += page.size * large * chance.uniform(1.1, 1.35)
    aside = chance.choice([0, 0, 1, 3]) * page.size
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3])):
        text = page.text(min(width - aside, chance.uniform(2, 9) * page.size))
        page.line(x + aside, y, text, page.size * chance.choice([0.9, 1, 1.2]))
        y += 1.1 * page.step
    return y + chance.uniform(0, 0.8) * page.size


def parts(page: Display, area: Area, least: float, high: float, depth: int = 0) -> Iterator[Area]:
    """``area`` cut again and again into pieces no narrower than ``least`` and no lower than ``high``."""
    x, y, width, height = area
    chance, across, down = page.chance, width >= 2 * least, height >= 2 * high
    if not (across or down) or (depth > 1 and chance.random() < 0.25):
        yield area
    elif down and (not across or chance.random() < 0.6):
        cut = chance.uniform(high, height - high)
        yield from parts(page, (x, y, width, cut), least, high, depth + 1)
        yield from parts(page, (x, y + cut, width, height - cut), least, high, depth + 1)
    else:
        cut = chance.uniform(least, width - least)
        yield from parts(page, (x, y, cut, height), least, high, depth + 1)
        yield from parts(page, (x + cut, y, width - cut, height), least, high, depth + 1)


def article(page: Display, area: Area, unit: float, gap: float, ruled: bool) -> None:
    """A heading over all of its columns or the first ones, text, and a picture at times."""
    chance = page.chance
    x, y, width, height = area
    found = columns(page, x, width, max(1, int((width + gap) / (unit + gap))), gap)
    count, bottom = len(found.edges), y + height
    page.begin()
    headed = chance.choice([count, count, count, 1, chance.randint(1, count)])
    top = y
    if chance.random() < 0.93:
        top = heading(page, x, y, headed * (found.room + gap) - gap)
    tops = [top if n < headed else y for n in range(count)]
    bottoms = [bottom] * count
    if chance.random() < 0.5:  # shorter than its place, or its columns balanced
        bottoms = [max(top + page.step, bottom - chance.uniform(0, 0.5) * (bottom - top))] * count
    elif count > 1 and chance.random() < 0.3:
        bottoms[-1] = tops[-1] + chance.uniform(0.2, 1) * (bottom - tops[-1])
    slots = [Slot(*slot) for slot in zip(found.edges, tops, bottoms, strict=True)]
    own = len(page.flows) - 1
    if chance.random() < 0.3 and bottom - max(tops) > 12 * page.size:
        slots = illustrated(page, slots, found.room, gap)
    page.flows.append(page.flows.pop(own))
    run_on(page, slots, found.room, chance.choice([0, 1, 2]), chance.choice([3, 8, 20]))
    if ruled and count > 1:
        for edge, start, end in zip(found.edges[1:], tops[1:], bottoms[1:], strict=True):
            page.rule(edge - gap / 2, start, end - start, down=True)


def illustrated(page: Display, slots: Sequence[Slot], room: float, gap: float) -> list[Slot]:
    """The ``slots`` around a picture, which takes one column or several, with its caption."""
    chance = page.chance
    first = chance.randrange(len(slots))
    over = slots[first : first + chance.choice([1, 1, 2, 3])]
    top, bottom = max(slot.top for slot in over), min(slot.bottom for slot in over)
    high = chance.uniform(4, max(5.0, 0.5 * (bottom - top) / page.size)) * page.size
    start = chance.choice([top, top + chance.uniform(0, 1) * max(0.0, bottom - top - high - 3 * page.size)])
    width = over[-1].x + room - over[0].x
    page.pictures.append((over[0].x, start, over[0].x + width, start + high))
    end = start + high + 0.4 * page.size
    if chance.random() < 0.8:
        page.begin()
        size, page.size = page.size, page.size * chance.choice([0.8, 0.9, 1])
        end = page.prose(over[0].x, end, width, chance.choice([1, 1, 2, 3]))
        page.size = size
    around = []
    for slot in slots:
        if slot in over:
            around += [
                Slot(slot.x, slot.top, start - 0.3 * page.size),
                Slot(slot.x, end + 0.3 * page.size, slot.bottom),
            ]
        else:
            around.append(slot)
    return around


def newspaper(page: Display, width: float, height: float) -> None:
    """Articles in a page that is cut again and again, with rules or frames between them or none."""
    chance = page.chance
    unit, gap = chance.uniform(8, 17) * page.size, chance.uniform(0.7, 2) * page.size
    style, ruled = chance.choice(["none", "rules", "rules", "frames"]), chance.random() < 0.3
    pad = chance.uniform(0.6, 1.4) * page.size
    y = 0.0
    if chance.random() < 0.6:
        page.begin()
        y = heading(page, 0, 0, width)
        page.rule(0, y - 0.3 * page.size, width)
    for area in parts(page, (0, y, width, height), 2 * unit, 14 * page.size):
        left, top, wide, high = area
        inner = left + pad, top + pad, wide - 2 * pad, high - 2 * pad
        if style == "frames" and chance.random() < 0.6:
            page.frame(left + 0.2 * pad, top + 0.2 * pad, left + wide - 0.2 * pad, top + high - 0.2 * pad)
        elif style == "rules":
            page.rule(left + 0.2 * pad, top + high, wide - 0.4 * pad)
            if chance.random() < 0.5:
                page.rule(left + wide, top + 0.2 * pad, high - 0.4 * pad, down=True)
        if chance.random() < 0.08:
            notice(page, inner)
        else:
            article(page, inner, unit, gap, ruled)


def notice(page: Display, area: Area) -> None:
    """An advertisement: centred lines of many sizes."""
    x, y, width, height = area
    page.begin()
    end = y + height
    while y + 2 * page.size < end:
        large = page.chance.choice([1, 1, 1.5, 2, 3])
        text = page.text(page.chance.uniform(0.2, 0.9) * width / large)
        page.line(x + (width - page.width(text) * large) / 2, y, text, page.size * large)
        y += page.size * large * page.chance.uniform(1.2, 1.8)


def notices(page: Display, width: float, height: float) -> None:
    """Short texts one after another, each begun where the last one ends, on through columns over the whole page."""
    chance = page.chance
    gap = chance.uniform(0.7, 2) * page.size
    found = columns(page, 0, width, chance.randint(2, 7), gap)
    ruled, between, most = chance.random() < 0.4, chance.random() < 0.4, chance.choice([8, 20, 45])
    solid, indent, continued = chance.random() < 0.5, chance.choice([0, 0, 1, 2]), 0
    page.begin()
    for edge in found.edges:
        y = 0.0
        while y < height - 2 * page.step:
            if not continued:
                continued = chance.randint(2, most)
                page.begin()
                if y and between:
                    page.rule(edge, y + 0.2 * page.size, found.room)
                    y += 0.7 * page.size
                if chance.random() < 0.8:
                    large = chance.choice([1, 1, 1.2, 1.5, 2])
                    for _ in range(chance.choice([1, 1, 2])):
                        start = chance.choice([0, 0, 1, 2]) * page.size
                        text = page.text(chance.uniform(0.3, 0.95) * (found.room - start) / large)
                        page.line(edge + start, y, text, page.size * large)
                        y += large * page.size * chance.uniform(1.15, 1.6)
            lines = min(continued, max(1, int((height - y) / page.step)))
            run_on(
                page,
                [Slot(edge, y, y + lines * page.step)],
                found.room,
                indent,
                continued + 1 if solid else chance.choice([2, 5, 9]),
            )
            y, continued = y + lines * page.step, continued - lines
            if not continued and chance.random() < 0.3:
                y += chance.uniform(0.2, 1) * page.size
        if ruled and edge != found.edges[0]:
            page.rule(edge - gap / 2, 0, height, down=True)


def magazine(page: Display, width: float, height: float) -> None:
    """One article in columns, with a quotation, a sidebar, notes, a running head and a page number."""
    chance = page.chance
    y = 0.0
    if chance.random() < 0.6:
        page.begin()
        page.line(0, 0, page.words(3, 12), 0.85 * page.size)
        if chance.random() < 0.5:
            page.begin()
            page.line(width - 2 * page.size, 0, str(chance.randint(1, 400)), 0.85 * page.size)
        y = 2 * page.size
    gap = chance.uniform(1.2, 3) * page.size
    side = chance.uniform(0.22, 0.35) * width if chance.random() < 0.3 else 0.0
    at_left = side and chance.random() < 0.5
    if side:
        sidebar(page, 0 if at_left else width - side, y, side, chance.uniform(0.2, 0.7) * height)
    start, room = (side + gap, width - side - gap) if at_left else (0.0, width - side - (gap if side else 0))
    unit = room / chance.choice([1, 2, 2, 3]) - gap
    foot = height
    if chance.random() < 0.4:
        foot = height - 4 * page.step
        page.rule(start, foot, 0.3 * room)
        page.begin()
        page.prose(start, foot + 0.8 * page.size, room, chance.randint(1, 3))
    if chance.random() < 0.25:
        middle = y + chance.uniform(0.3, 0.6) * (foot - y)
        article(page, (start, y, room, middle - y), unit, gap, False)
        page.begin()
        page.prose(start + 0.1 * room, middle + page.size, 0.8 * room, chance.choice([1, 2, 3]))
        y = middle + 6 * page.size
    article(page, (start, y, room, foot - 2 * page.size - y), unit, gap, chance.random() < 0.2)
    if chance.random() < 0.6:
        page.begin()
        page.line(chance.choice([0, width / 2, width - page.size]), height + 2 * page.size, str(chance.randint(1, 400)))


def sidebar(page: Display, x: float, y: float, width: float, height: float) -> None:
    size, page.size = page.size, page.size * page.chance.choice([0.8, 0.9, 1])
    if page.chance.random() < 0.5:
        page.frame(x - 0.4 * size, y - 0.4 * size, x + width + 0.4 * size, y + height + 0.4 * size)
    page.begin()
    slot = Slot(x, heading(page, x, y, width), y + height)
    run_on(page, [slot], width, page.chance.choice([0, 0, 2]), page.chance.choice([2, 5, 9]))
    page.size = size


def index(page: Display, width: float, height: float) -> None:
    """Entries in the order of the alphabet, with the numbers of pages after them or at the far edge of the column; what
    is too long, or belongs to an entry, is set in."""
    chance, y = page.chance, page.title(width)
    found = columns(page, 0, width, chance.choice([1, 2, 2, 2, 3, 3, 4]), chance.uniform(1.2, 4) * page.size)
    if y > height / 3:
        return
    page.begin()
    style, lettered = chance.choice(["after", "after", "far", "none"]), chance.random() < 0.5
    below, wrapped = chance.choice([0, 0.2, 0.6]), chance.choice([0, 0.1, 0.4])
    even = chance.random() < 0.5
    many = max(4, int((height - y) / page.step))
    total = sum(many - (0 if even else chance.randint(0, 3)) for _ in found.edges[1:]) + chance.randint(2, many)
    heads = LETTERS if page.latin else HAN
    begun = sorted(chance.choice(heads) + chance.choice(heads) for _ in range(total))
    last = ""
    for n, edge in enumerate(found.edges):
        top, rows = y, many if n < len(found.edges) - 1 else max(2, total - n * many)
        while rows > 0:
            head = begun.pop(0) if begun else last
            if lettered and head[0] != last[:1] and page.latin and rows > 2:
                top += 0.4 * page.step * (not even)
                page.line(edge, top, head[0].upper())
                top, rows = top + page.step, rows - 1
            last = head
            inset = 1.5 * page.size if chance.random() < below else 0.0
            room = found.room - inset
            text = head + page.text(chance.uniform(0.15, 0.6) * room)
            numbers = ", ".join(str(chance.randint(1, 500)) for _ in range(chance.choice([1, 1, 2, 4])))
            if style == "after" and page.width(f"{text}, {numbers}") < room:
                text = f"{text}, {numbers}"
            page.line(edge + inset, top, text)
            if style == "far":
                number = numbers.split(",")[0]
                page.line(edge + found.room - page.width(number), top, number)
            top, rows = top + page.step, rows - 1
            if style != "far" and chance.random() < wrapped and rows > 0:
                page.line(edge + inset + page.size, top, page.text(chance.uniform(0.1, 0.7) * room))
                top, rows = top + page.step, rows - 1


def spread(page: Display, width: float, height: float) -> None:
    """Two pages of a book side by side, each of one or two columns: the fold is not crossed, though a sentence runs on
    beyond it."""
    chance = page.chance
    found = columns(page, 0, width, 2, chance.uniform(2, 8) * page.size)
    for edge in found.edges:
        page.begin()
        if found.room > 24 * page.size and chance.random() < 0.4:
            article(page, (edge, 0.0, found.room, height), found.room / 2 - page.size, page.size, False)
            continue
        top = chance.choice([0.0, 0.0, 0.3, 0.6]) * page.size
        if chance.random() < 0.4:
            top = heading(page, edge, top, found.room)
        bottom = height if chance.random() < 0.7 else top + chance.uniform(0.3, 1) * (height - top)
        run_on(page, [Slot(edge, top, bottom)], found.room, chance.choice([0, 2]), chance.choice([3, 8, 20]))
        if chance.random() < 0.7:
            page.begin()
            page.line(edge + found.room / 2, height + page.step, str(chance.randint(1, 400)))


KINDS: Sequence[Callable[[Display, float, float], None]] = (
    newspaper, newspaper, newspaper, notices, notices, magazine, magazine, index, index, spread,
)  # fmt: skip

SIZE = (28, 60), (30, 65)
SIZES = {"newspaper": ((40, 110), (45, 110)), "notices": ((30, 110), (25, 70))}
"""Least and most width and height of a page, in sizes of its type."""


def page(chance: random.Random) -> dict[str, object]:
    size = chance.uniform(14, 40)
    kind = chance.choice(KINDS)
    sheet = Display(chance, chance.random() < 0.35, size, chance.uniform(1.15, 1.7))
    wide, high = SIZES.get(kind.__name__, SIZE)
    kind(sheet, chance.uniform(*wide) * size, chance.uniform(*high) * size)
    separators = {name: getattr(sheet, name) for name in ("horizontal", "vertical", "pictures")}
    drawn = Drawn(kind.__name__, [flow for flow in sheet.flows if flow], separators)
    if not sheet.latin and chance.random() < 0.6:
        drawn = drawn.upright()
    return {
        "family": kind.__name__,
        "flows": [{"lines": lines} for lines in drawn.flows],
        "separators": drawn.separators,
    }


if __name__ == "__main__":
    drawing.run(__doc__, "article", 200, page)
