"""Which correction belongs to which line: by geometry alone, without the database.

A correction is kept with its corners, not with a line of a run. In each reading it belongs to the line that it
overlaps most, and a drawn line stands by itself where nothing was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recognition.geometry import Polygon, intersection_over_union, overlap_of_smaller
from recognition.page import Line

if TYPE_CHECKING:
    from .corrections import Correction

LEAST_OVERLAP = 0.5
"""Of the smaller of two boxes: under this they are not the same line."""


@dataclass
class Placement:
    """Where the corrections of a page belong.

    ``lines``: by id, those that were read ("3-17": the 17th of page 3) and then those that were drawn
    ("3-c42": by correction 42). ``history``: by line id, its corrections, of which the last one holds.
    ``detached``: by their corners, the ids of drawn lines that are never taken for lines that were read.
    """

    number: int
    lines: dict[str, Line]
    history: dict[str, list[Correction]] = field(default_factory=dict)
    unplaced: list[Correction] = field(default_factory=list)
    detached: dict[Polygon, str | None] = field(default_factory=dict)

    @property
    def by_line(self) -> dict[str, Correction]:
        """The corrections that hold, by line id."""
        return {line_id: stack[-1] for line_id, stack in self.history.items()}

    def texts(self) -> dict[str, str]:
        """The corrected texts, by line id."""
        return {line_id: correction.text for line_id, correction in self.by_line.items()}

    def match(self, correction: Correction) -> str | None:
        """The id of the line that ``correction`` overlaps most, or None if it overlaps no line by half.

        What is drawn over a deleted line is no correction of that line, and neither is a drawing that was once
        deleted itself, with all that was written there since.
        """
        if correction.corners in self.detached:
            return self.detached[correction.corners]
        gone: set[str] = set()
        if correction.is_drawn:
            gone = {line_id for line_id, stack in self.history.items() if not stack[-1].text}
        overlap = {
            line_id: intersection_over_union(correction.box, line.box)
            for line_id, line in self.lines.items()
            if correction.corners == line.polygon
            or (line_id not in gone and overlap_of_smaller(correction.box, line.box) >= LEAST_OVERLAP)
        }
        return max(overlap, key=overlap.__getitem__, default=None)

    def put(self, correction: Correction) -> str | None:
        """Gives ``correction``, the latest so far, its place; the id of its line, or None if it has none."""
        line_id = self.match(correction)
        if line_id is None and correction.is_drawn:
            line_id = f"{self.number}-c{correction.pk}"
            self.lines[line_id] = correction.as_line()
            if correction.corners in self.detached:
                self.detached[correction.corners] = line_id
        if line_id is None:
            self.unplaced.append(correction)
        else:
            self.history.setdefault(line_id, []).append(correction)
        return line_id


def place(number: int, lines: Sequence[Line], corrections: Iterable[Correction]) -> Placement:
    """Places ``corrections``, the oldest first, on the lines that were read on page ``number``."""
    corrections = list(corrections)
    by_id = {f"{number}-{index}": line for index, line in enumerate(lines, start=1)}
    placement = Placement(number, by_id, detached=dict.fromkeys(_deleted_drawings(corrections)))
    for correction in corrections:
        placement.put(correction)
    return placement


def _deleted_drawings(corrections: Iterable[Correction]) -> Iterator[Polygon]:
    """The corners of drawings that were deleted, also of those brought back by writing them anew.

    Such a text is younger than what others may have written meanwhile over a line that was read there.
    """
    drawn = set()
    for correction in corrections:
        if correction.is_drawn:
            drawn.add(correction.corners)
        elif not correction.text and correction.corners in drawn:
            yield correction.corners
