"""Draw sheets of prose, tables, forms and cards, as boxes without a picture, to train the layout on.

    python -m bench.sheets OUT [--count 200] [--seed 1]

Each page is written as ``bench.train_layout`` reads it. What stands in rows here has no rules: whether it is read row
by row or column by column is for the text and its places to say.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from . import drawing

HAN = "的是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方"
WORDS = (
    "the of and to in is that it for was on are as with his they at be this from have or by one had not but what all"
)


@dataclass
class Sheet:
    """A page that fills from the top. ``size``: of type, in pixels; ``spacing``: from line to line, in sizes."""

    chance: random.Random
    latin: bool
    size: float
    spacing: float
    flows: list[list[dict[str, object]]] = field(default_factory=list)

    def line(self, x: float, y: float, text: str, size: float | None = None, width: float | None = None) -> None:
        """A line at (x, y), top left, appended to the last flow."""
        size = size or self.size
        box = [x, y, x + (self.width(text) * size / self.size if width is None else width), y + size]
        self.flows[-1].append({"text": text, "box": [round(edge, 1) for edge in box], "vertical": False})

    def width(self, text: str) -> float:
        return sum(self.size * (0.5 if char.isascii() else 1.0) for char in text)

    def text(self, width: float, *, end: bool = False) -> str:
        """Text about ``width`` pixels wide; with ``end`` the end of a sentence."""
        count = max(1, round(width / self.size * (2 if self.latin else 1)) - end)
        if not self.latin:
            chars = self.chance.choices(HAN, k=count)
            for at in range(self.chance.randint(3, 9), count, self.chance.randint(6, 14)):
                chars[at] = self.chance.choice("，，、。")
            return "".join(chars) + "。" * end
        words = " ".join(self.chance.choices(WORDS.split(), k=count // 3 + 2))[:count].strip() or "a"
        return (words[0].upper() if self.chance.random() < 0.3 else words[0]) + words[1:] + "." * end

    def number(self) -> str:
        return f"{self.chance.randint(1, 10 ** self.chance.randint(1, 6)):,}"

    def prose(self, x: float, y: float, width: float, lines: int, indent: float = 0.0) -> float:
        """A paragraph; where the next line would stand."""
        for n in range(lines):
            start = x + (indent * self.size if n == 0 else 0)
            last = n == lines - 1
            room = x + width - start
            if last:
                room *= self.chance.uniform(0.15, 1)
            elif self.latin or self.chance.random() < 0.3:
                room -= self.chance.uniform(0, 1.5) * self.size
            self.line(start, y, self.text(room, end=last), width=room)
            y += self.spacing * self.size
        return y

    def heading(self, x: float, y: float, width: float) -> float:
        size = self.size * self.chance.choice([1, 1.15, 1.3, 1.6, 2])
        text = self.chance.choice(["", "1. ", "2.3 ", "一、", "第三章 "]) + self.text(
            min(self.chance.uniform(3, 14), 0.9 * width / size - 4) * self.size
        )
        y += self.chance.uniform(0.2, 1) * self.size
        self.line(x + (self.chance.choice([0, 0, max(0.0, width - self.width(text)) / 2])), y, text, size)
        return y + size * self.spacing

    def listed(self, x: float, y: float, width: float) -> float:
        mark = self.chance.choice(["• ", "- ", "{}. ", "({}) "])
        hang = self.chance.choice([0, 1, 1.5]) * self.size
        for n in range(self.chance.randint(2, 6)):
            lines = self.chance.choice([1, 1, 2, 3])
            for k in range(lines):
                room = (width - hang) * (1 if k < lines - 1 else self.chance.uniform(0.2, 1))
                text = self.text(room, end=k == lines - 1)
                self.line(x + (hang if k else 0), y, mark.format(n + 1) * (k == 0) + text, width=room)
                y += self.spacing * self.size
        return y

    def table(self, x: float, y: float, width: float) -> float:
        """Cells of one to three lines, row by row: short keys first, then words, numbers or sentences."""
        columns = self.chance.choice([2, 2, 2, 3, 3, 4, 5])
        gap = self.chance.uniform(0.8, 3) * self.size
        shares = [
            self.chance.choice([0.3, 0.5, 1, 1]),
            *(self.chance.choice([0.6, 1, 1, 2]) for _ in range(columns - 1)),
        ]
        rooms = [share / sum(shares) * width - gap for share in shares]
        kinds = ["key", *(self.chance.choice(["word", "number", "prose", "prose"]) for _ in range(columns - 1))]
        most = self.chance.choice([1, 1, 1, 2])
        aligned = [0.0 if kind in ("key", "prose") else self.chance.choice([0, 0.5, 1]) for kind in kinds]
        middle = self.chance.random() < 0.4
        between = self.chance.choice([0, 0.1, 0.3, 0.6]) * self.size
        pitch = self.chance.uniform(1.1, self.spacing) * self.size
        for row in range(self.chance.randint(3, 12)):
            cells: list[list[str]] = []
            for kind, room in zip(kinds, rooms, strict=True):
                if self.chance.random() < 0.06:
                    cells.append([])
                elif row == 0 or kind in ("key", "word"):
                    cells.append([self.text(min(room, self.chance.uniform(1, 8) * self.size))])
                elif kind == "number":
                    cells.append([self.number()])
                else:
                    lines = self.chance.randint(1, most)
                    cells.append(
                        [self.text(room * (1 if k < lines - 1 else self.chance.uniform(0.2, 1))) for k in range(lines)]
                    )
            high = max(map(len, cells)) or 1
            left = x
            for lines_of, room, align in zip(cells, rooms, aligned, strict=True):
                top = y + (high - len(lines_of)) * pitch / 2 * middle
                for k, text in enumerate(lines_of):
                    self.line(
                        left + align * max(0.0, room - self.width(text)),
                        top + k * pitch,
                        text,
                        width=min(room, self.width(text)),
                    )
                left += room + gap
            y += high * pitch + between
        return y

    def pairs(self, x: float, y: float, width: float) -> float:
        """Labels with values beside them, or entries with page numbers at the far edge."""
        far = self.chance.choice([4, 6, 8, 0])
        for _ in range(self.chance.randint(3, 12)):
            label = self.text(self.chance.uniform(1.5, far - 0.8 if far else 15) * self.size)
            value = (
                self.number()
                if not far or self.chance.random() < 0.4
                else self.text(self.chance.uniform(1, 10) * self.size)
            )
            self.line(x, y, label)
            self.line(x + far * self.size if far else x + width - self.width(value), y, value)
            y += self.spacing * self.size
        return y

    def flow(self, x: float, y: float, width: float, bottom: float) -> float:
        """Headings, prose, lists and tables down to ``bottom`` or a little further."""
        self.flows.append([])
        while y < bottom - 3 * self.size:
            kind = self.chance.random()
            if kind < 0.2:
                y = self.heading(x, y, width)
            elif kind < 0.7 or width < 12 * self.size:
                y = self.prose(x, y, width, self.chance.randint(1, 9), self.chance.choice([0, 0, 2]))
            elif kind < 0.8:
                y = self.listed(x, y, width)
            else:
                self.flows.append([])
                y = (self.table if kind < 0.93 else self.pairs)(x, y + 0.5 * self.size, width)
                y += self.chance.uniform(0.2, 1.5) * self.size
                self.flows.append([])
            y += self.chance.choice([0, 0, 0.4, 0.8]) * self.size
        return y

    def columns(self, x: float, y: float, width: float, bottom: float) -> float:
        """One flow of text through two or three columns."""
        count = self.chance.choice([2, 2, 3])
        gap = self.chance.uniform(1, 3) * self.size
        room = (width - (count - 1) * gap) / count
        reached = [y]
        self.flows.append([])
        whole = self.flows[-1]
        for n in range(count):
            before = len(self.flows)
            level = self.chance.choice([0.0, 0.0, 0.4]) * self.size
            reached.append(self.flow(x + n * (room + gap), y + level, room, bottom))
            self.flows[before:] = [[line for flow in self.flows[before:] for line in flow]]
            whole += self.flows.pop()
        return max(reached)

    def cards(self, x: float, y: float, width: float) -> float:
        """Cards side by side, each read by itself."""
        count = self.chance.choice([2, 3, 3, 4])
        gap = self.chance.uniform(1.5, 4) * self.size
        room = (width - (count - 1) * gap) / count
        for _ in range(self.chance.randint(1, 3)):
            ends = []
            for n in range(count):
                self.flows.append([])
                left, top = x + n * (room + gap), y
                large = self.chance.choice([1, 1.2, 2])
                self.line(left, top, self.text(self.chance.uniform(0.2, 1) * room / large), self.size * large)
                top += 1.4 * self.spacing * self.size
                for _ in range(self.chance.randint(1, 3)):
                    top = self.prose(left, top, room, self.chance.choice([1, 1, 2, 3]))
                ends.append(top)
            y = max(ends) + self.chance.uniform(0.5, 2.5) * self.size
        return y


def page(chance: random.Random) -> dict[str, object]:
    size = chance.uniform(14, 60)
    sheet = Sheet(chance, chance.random() < 0.4, size, chance.uniform(1.2, 1.9))
    width, height = chance.uniform(28, 60) * size, chance.uniform(40, 75) * size
    y = 0.0
    if chance.random() < 0.5:
        sheet.flows.append([])
        sheet.line(chance.choice([0.0, width / 2]), y, sheet.text(6 * size), size * 0.85)
        y += chance.uniform(1.5, 4) * size
    while y < height:
        kind = chance.random()
        if kind < 0.5:
            y = sheet.flow(0, y, width, min(height, y + chance.uniform(8, 40) * size))
        elif kind < 0.85:
            y = sheet.columns(0, y, width, min(height, y + chance.uniform(10, 60) * size))
        else:
            y = sheet.cards(0, y, width)
        y += chance.uniform(0, 1.5) * size
    if chance.random() < 0.5:
        sheet.flows.append([])
        sheet.line(width / 2, y + 2 * size, str(chance.randint(1, 400)), size * 0.85)
    return {"family": "sheet", "flows": [{"lines": lines} for lines in sheet.flows if lines]}


if __name__ == "__main__":
    drawing.run(__doc__, "sheet", 200, page)
