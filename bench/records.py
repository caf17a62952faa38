"""Draw records, letters and accounts, as boxes without a picture, to train the layout on.

    python -m bench.records OUT [--count 200] [--seed 1]

Sheets as an office program prints them, without rules: up to ten columns of words, codes, dates and numbers, read row
by row however far they stand apart. Accounts, with an address and key figures above. Letters, with blocks of addresses,
dates and numbers under their labels, signatures side by side, and columns of small type at the foot. Each page is
written as ``bench.train_layout`` reads it; some are turned, as old registers are, so that their text is vertical.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from . import drawing
from .pages import Display, Drawn

SYMBOLS = "✓", "—", "-", "0", "N", "Y", "無", "是", "否"


def value(page: Display, kind: str, room: float) -> str:
    """The text of a cell: of one to three words, or a code, a date, a number, a mark."""
    chance = page.chance
    if kind == "code":
        return chance.choice("ABCKX") + str(chance.randint(10, 10 ** chance.randint(2, 6)))
    if kind == "date":
        year, month, day = chance.randint(1900, 2030), chance.randint(1, 12), chance.randint(1, 28)
        return chance.choice([f"{year}/{month:02d}/{day:02d}", f"{day:02d}.{month:02d}.", f"{month:02d}-{day:02d}"])
    if kind == "number":
        return chance.choice([page.number(), f"{chance.uniform(0, 1000):.2f}", str(chance.randint(0, 99))])
    if kind == "name":
        return page.text(3 * page.size)
    if kind == "mark":
        return chance.choice(SYMBOLS)
    return page.text(min(chance.uniform(1.5, 7) * page.size, room))


def cell(page: Display, x: float, y: float, room: float, text: str, align: float) -> None:
    page.line(x + align * max(0.0, room - page.width(text)), y, text)


def rows(page: Display, x: float, y: float, kinds: Sequence[str], *, of: int, width: float | None = None) -> float:
    """So many rows, ``of`` them, of these ``kinds`` of cells, appended to the last flow; where they end.

    ``width``: what they fill, or None: then columns are as wide as an office program makes them.
    """
    chance = page.chance
    rooms = [chance.uniform(3, 9) * page.size for _ in kinds]
    if width is not None:
        rooms = [room * width / sum(rooms) for room in rooms]
    aligns = [{"number": 1.0, "mark": 0.5}.get(kind, chance.choice([0, 0, 0, 0.5])) for kind in kinds]
    empty, heads, title = chance.choice([0, 0.05, 0.05, 0.25]), chance.choice([0, 0, 0, 0.12]), chance.random() < 0.8
    pad, ruled, edges = 0.3 * page.size, chance.choice(["", "", "", "head", "rows"]), [x]
    for room in rooms:
        edges.append(edges[-1] + room)
    for row in range(of):
        if ruled and (row == 1 or ruled == "rows"):
            page.rule(x, y - 0.15 * page.step, edges[-1] - x)
        if row and chance.random() < heads:
            page.line(x + pad, y, page.words(2, 6))
        else:
            for n, (left, room, kind, align) in enumerate(zip(edges, rooms, kinds, aligns, strict=False)):
                if chance.random() < empty and (n or row):
                    continue
                of_kind = "words" if row == 0 and title else kind
                text = value(page, of_kind, room - 2 * pad)
                cell(
                    page, left + pad, y, room - 2 * pad, text, align if row or not title else chance.choice([0, align])
                )
        y += page.step
    return y


def table_kinds(chance: random.Random, columns: int) -> list[str]:
    first = chance.choice(["words", "words", "code", "date", "number", "name"])
    others = ["words", "words", "number", "number", "number", "date", "code", "name", "mark"]
    return [first, *(chance.choice(others) for _ in range(columns - 1))]


def spreadsheet(page: Display, width: float) -> None:
    """Rows of cells, read row by row, without rules or with a few; a total, a remark or a page number below."""
    chance, y = page.chance, page.title(width)
    page.begin()
    kinds = table_kinds(chance, chance.choice([3, 4, 4, 5, 6, 7, 8, 9, 10]))
    fills = width if chance.random() < 0.4 else None
    y = rows(page, 0, y, kinds, of=chance.randint(5, 40), width=fills)
    if chance.random() < 0.4:
        page.begin()
        page.prose(0, y + page.size, width, chance.randint(1, 4))
    if chance.random() < 0.3:
        page.begin()
        page.line(width / 2, y + 3 * page.size, page.number())


def account(page: Display, width: float) -> None:
    """An address with key figures beside it, then rows of dates, texts of one or two lines, amounts and balances."""
    chance = page.chance
    y = blocks(page, page.title(width), width, 1, keys=True) + page.size
    page.begin()
    date, numbers = 4 * page.size, chance.choice([1, 2, 3, 3])
    pitch = chance.uniform(4.5, 8) * page.size
    room = max(width - date - numbers * pitch, 8 * page.size)
    for row in range(chance.randint(6, 24)):
        page.line(0, y, value(page, "words" if row == 0 else "date", date - page.size))
        page.line(date, y, page.text(min(chance.uniform(2, 14) * page.size, 0.95 * room)))
        unused = chance.randrange(numbers - 1) if row and numbers > 2 else None
        for n in range(numbers):
            if n != unused:
                cell(page, date + room + n * pitch, y, pitch, value(page, "number" if row else "words", pitch - 9), 1)
        y += page.step
        if row and chance.random() < 0.15:
            page.line(date, y, page.text(chance.uniform(0.2, 0.95) * room))
            y += page.step
    page.begin()
    page.prose(0, y + page.size, width, chance.randint(1, 4))


def blocks(page: Display, y: float, width: float, count: int, *, keys: bool = False, most: int = 6) -> float:
    """So many blocks of short lines side by side, each a flow, the last one at the far edge at times; where they end.

    ``keys``: with labels and values as one more at the far edge.
    """
    chance, gap = page.chance, chance_gap(page)
    shares = [chance.uniform(0.6, 1.4) for _ in range(count + keys)]
    rooms = [share / sum(shares) * (width - gap * (len(shares) - 1)) for share in shares]
    ends, x, right = [y], 0.0, chance.random() < 0.4
    for n, room in enumerate(rooms):
        page.begin()
        top, last = y + chance.choice([0, 0, 0, 1]) * page.step, n == len(rooms) - 1
        for _ in range(chance.randint(2, most)):
            if keys and last:
                label, text = (
                    page.text(chance.uniform(0.15, 0.4) * room),
                    value(page, chance.choice(["number", "date"]), 9),
                )
                page.line(x, top, label)
                page.line(x + room - page.width(text) if right else x + 0.5 * room, top, text)
            else:
                text = page.text(chance.uniform(0.25, 0.9) * room)
                page.line(x + (room - page.width(text)) * (right and last), top, text)
            top += page.step
        ends.append(top)
        x += room + gap
    return max(ends)


def chance_gap(page: Display) -> float:
    return page.chance.uniform(1.5, 6) * page.size


def letter(page: Display, width: float) -> None:
    """Addresses, dates and numbers under their labels, the text with notes beside it, signatures, a foot."""
    chance, y = page.chance, page.title(width)
    if chance.random() < 0.5:
        page.rule(0, y - 0.3 * page.size, width)
    y = sized(page, chance.choice([0.75, 0.85, 1, 1]), lambda: blocks(page, y, width, chance.choice([1, 2, 2, 2, 3])))
    y += chance.uniform(0.5, 2) * page.size
    if chance.random() < 0.5:
        y = references(page, y, width) + page.size
    note = chance.choice([0, 0, 0.2, 0.25]) * width
    page.begin()
    end = y
    page.line(0, end, page.words(3, 8))
    end += page.step * chance.choice([1, 1.5])
    for _ in range(chance.randint(1, 5)):
        end = page.prose(0, end, width - note, chance.randint(2, 7)) + chance.choice([0, 0.5]) * page.size
    page.line(0, end, page.words(3, 8))
    end += page.step * chance.choice([1, 2, 3])
    if note:
        beside(page, width - 0.9 * note, y, 0.9 * note, end)
    if chance.random() < 0.6:
        end = blocks(page, end, width, chance.choice([1, 2, 2]), most=3)
    if chance.random() < 0.5:
        foot = end + chance.uniform(2, 8) * page.size
        page.rule(0, foot - 0.4 * page.size, width)
        sized(page, chance.choice([0.6, 0.7, 0.8]), lambda: blocks(page, foot, width, chance.choice([2, 3, 4]), most=4))


def beside(page: Display, x: float, y: float, room: float, end: float) -> None:
    """Notes in small type."""

    def drawn() -> float:
        top = y
        while top < end - 3 * page.size:
            top += page.chance.uniform(0.5, 8) * page.size
            page.begin()
            top = page.prose(x, top, room, page.chance.randint(1, 4))
        return top

    sized(page, page.chance.choice([0.7, 0.8]), drawn)


def references(page: Display, y: float, width: float) -> float:
    """Labels with a value right under each, in one flow from column to column; where they end."""
    page.begin()
    count = page.chance.choice([2, 3, 4, 4])
    for n in range(count):
        x, room = n * width / count, 0.85 * width / count
        page.line(x, y, page.text(page.chance.uniform(0.2, 0.7) * room))
        page.line(x, y + page.step, value(page, page.chance.choice(["code", "date", "words", "name"]), room))
    return y + 2 * page.step


def sized(page: Display, by: float, draw: Callable[[], float]) -> float:
    """What ``draw`` gives, set in type of another size."""
    size, page.size = page.size, page.size * by
    end = draw()
    page.size = size
    return end


KINDS = spreadsheet, spreadsheet, account, letter


def page(chance: random.Random) -> dict[str, object]:
    size, latin, spacing = chance.uniform(14, 50), chance.random() < 0.4, chance.uniform(1.1, 1.8)
    whole = Display(chance, latin, size, spacing)
    kind = chance.choice(KINDS)
    kind(whole, chance.uniform(26, 62) * size)
    separators = {name: getattr(whole, name) for name in ("horizontal", "vertical", "pictures")}
    drawn = Drawn(kind.__name__, [flow for flow in whole.flows if flow], separators)
    if not latin and chance.random() < (0.35 if kind is spreadsheet else 0.1):
        drawn = drawn.upright()
    flows = [{"lines": lines} for lines in drawn.flows]
    return {"family": drawn.kind, "flows": flows, "separators": drawn.separators}


if __name__ == "__main__":
    drawing.run(__doc__, "record", 200, page)
