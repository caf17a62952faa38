"""What the reading room shows of one page: its lines with their shapes, and where turning leads."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .models import PageResult, Run, State

Mark = Literal["sure", "check", "doubtful"]

SURE, CHECK = 0.95, 0.85
"""Confidence from which a line is marked as sure, and from which as worth a look."""

PAGES_TO_JUDGE = 3
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff]")


@dataclass(frozen=True)
class LineView:
    """One text line. ``number`` counts from 1; ``points``: its polygon as SVG writes it, in pixels of the page."""

    number: int
    text: str
    confidence: float
    points: str
    language: str

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 is never a near miss."""
        return math.floor(self.confidence * 100)

    @property
    def mark(self) -> Mark:
        if self.confidence >= SURE:
            return "sure"
        return "check" if self.confidence >= CHECK else "doubtful"


@dataclass(frozen=True)
class PageView:
    """One page of a run. ``selected``: the line that the address names, if it is there."""

    result: PageResult
    lines: list[LineView]
    page_count: int
    right_to_left: bool
    selected: int | None = None

    @property
    def number(self) -> int:
        return self.result.page.number

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.page_count else None


def page_view(run: Run, result: PageResult, selected: str = "") -> PageView:
    """``result`` for the reading room; ``selected``: a line number as the address gives it, possibly nonsense."""
    lines = [_line(run, number, line) for number, line in enumerate(result.lines, start=1)]
    chosen = int(selected) if selected.isdecimal() else 0
    return PageView(
        result=result,
        lines=lines,
        page_count=run.document.page_count,
        right_to_left=reads_right_to_left(run),
        selected=chosen if 1 <= chosen <= len(lines) else None,
    )


def reads_right_to_left(run: Run) -> bool:
    """Whether the book is turned to the left, as books in vertical writing are.

    Where nobody said so, the first pages with text decide for the whole book, so that the buttons stay in place.
    """
    direction = run.options.get("direction", "auto")
    if direction != "auto":
        return bool(direction == "vertical-rl")
    read = run.results.filter(state=State.DONE).exclude(text="").order_by("page__number")
    first = read.values_list("lines", flat=True)[:PAGES_TO_JUDGE]
    directions = [line["direction"] for lines in first for line in lines]
    return 2 * directions.count("vertical-rl") > len(directions)


def language(run: Run, text: str) -> str:
    """A language tag for fonts and screen readers; empty where the characters do not tell."""
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh-Hans" if run.options.get("script") in {"t2s", "tw2sp"} else "zh-Hant"
    return ""


def _line(run: Run, number: int, line: Mapping[str, Any]) -> LineView:
    return LineView(
        number=number,
        text=line["text"],
        confidence=line["confidence"],
        points=" ".join(f"{x:g},{y:g}" for x, y in line["polygon"]),
        language=language(run, line["text"]),
    )
