from __future__ import annotations

from collections.abc import Sequence

from recognition.page import Direction, Line

from . import cuts


def arrange(lines: Sequence[Line], direction: Direction = "auto") -> list[Line]:
    return [line for _, line in cuts.ordered(lines, direction)]


def sequence(lines: Sequence[Line], direction: Direction = "auto") -> list[int]:
    """The indices of ``lines`` in reading order, each once: a line that runs on stands where it begins."""
    return list(dict.fromkeys(index for index, _ in cuts.ordered(lines, direction)))
