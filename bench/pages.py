"""A page that is drawn: its lines in flows, its rules and pictures, as boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .sheets import Sheet

Box = tuple[float, float, float, float]


@dataclass
class Display(Sheet):
    """A sheet with rules and pictures. ``currency``: what stands around amounts, "{}" in the place of the number."""

    currency: str = ""
    horizontal: list[Box] = field(default_factory=list)
    vertical: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)

    @property
    def step(self) -> float:
        return self.size * self.spacing

    def begin(self) -> None:
        """Starts a flow."""
        self.flows.append([])

    def rule(self, x: float, y: float, length: float, *, down: bool = False) -> None:
        if down:
            self.vertical.append((x, y, x + 2, y + length))
        else:
            self.horizontal.append((x, y, x + length, y + 2))

    def frame(self, left: float, top: float, right: float, bottom: float) -> None:
        for y in (top, bottom):
            self.rule(left, y, right - left)
        for x in (left, right):
            self.rule(x, top, bottom - top, down=True)

    def add(self, other: Display, y: float) -> float:
        """Puts what is on ``other`` below ``y``; where it ends."""
        end = y
        for lines in other.flows:
            for line in lines:
                left, top, right, bottom = line["box"]  # type: ignore[misc]
                line["box"] = [left, top + y, right, bottom + y]  # type: ignore[has-type]
                end = max(end, bottom + y)  # type: ignore[has-type]
        self.flows += other.flows
        for name in ("horizontal", "vertical", "pictures"):
            getattr(self, name).extend((a, b + y, c, d + y) for a, b, c, d in getattr(other, name))
        return end

    def amount(self) -> str:
        if not self.currency:
            around = self.chance.choice(["", "", "$", "NT$", "RM", "RM ", "¥"])
            self.currency = around + "{}" + self.chance.choice(["", "", "", "元", " s", " TX", ".00", ".50"])
        return self.currency.format(self.number())

    def words(self, least: float, most: float) -> str:
        """A text as wide as so many characters."""
        return self.text(self.chance.uniform(least, most) * self.size)

    def paragraph(self, x: float, y: float, width: float, lines: int) -> float:
        """Unjustified text, as on cards and slides; where the next line would stand."""
        return self.prose(x, y, width, lines)

    def title(self, width: float) -> float:
        """The heading of the page; where the text begins."""
        if self.chance.random() < 0.3:
            return 0.0
        self.begin()
        large = self.chance.uniform(1.2, 2.4)
        text = self.text(min(self.chance.uniform(4, 14) * self.size, width / large))
        start = (width - self.width(text) * large) / 2 if self.chance.random() < 0.5 else 0.0
        self.line(start, 0, text, self.size * large)
        return self.size * large * self.chance.uniform(1.4, 2.5)

    def grid(self, width: float, columns: int) -> tuple[list[float], float]:
        """The left edges of equal columns, and their width."""
        gap = self.chance.uniform(1.2, 5) * self.size
        room = (width - (columns - 1) * gap) / columns
        return [n * (room + gap) for n in range(columns)], room


class Drawn(NamedTuple):
    kind: str
    flows: list[list[dict[str, object]]]
    separators: dict[str, list[Box]]

    def upright(self) -> Drawn:
        """The same with vertical text: what ran to the right runs down, what followed below stands to the left."""

        def turned(box: Box) -> Box:
            left, top, right, bottom = box
            return -bottom, left, -top, right

        flows = [[{**line, "box": turned(line["box"]), "vertical": True} for line in flow] for flow in self.flows]  # type: ignore[arg-type]
        others = (("horizontal", "vertical"), ("vertical", "horizontal"), ("pictures", "pictures"))
        return Drawn(self.kind, flows, {name: list(map(turned, self.separators[other])) for name, other in others})
