"""Which correction belongs to which line: by geometry alone, without the database.

A correction is kept with its corners, not with a line of a run. In each reading it belongs to the line that it
overlaps most, and a drawn line stands by itself where nothing was read. A line whose box somebody moved is where they
put it, and what was written after that belongs to it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recognition.geometry import BBox, Polygon, intersection_over_union, overlap_of_smaller, union
from recognition.page import Line

if TYPE_CHECKING:
    from .corrections import Correction

LEAST_OVERLAP = 0.5
"""Of the smaller of two boxes: under this they are not the same line."""

SAME_LENGTH, SAME_THICKNESS = 0.75, 0.5
"""What two boxes of one line share along the line and across it, as a fraction of what they cover together. People draw
generous frames, so that the thickness says less than the length."""


@dataclass
class Placement:
    """Where the corrections of a page belong.

    ``lines``: by id, those that were read ("3-17": the 17th of page 3) and then those that were drawn
    ("3-c42": by correction 42). ``history``: by line id, its corrections, of which the last one holds.
    ``detached``: by their corners, the ids of drawn lines that are never taken for lines that were read.
    ``original``: by id, the lines as they were before anybody moved their boxes.
    """

    number: int
    lines: dict[str, Line]
    history: dict[str, list[Correction]] = field(default_factory=dict)
    unplaced: list[Correction] = field(default_factory=list)
    detached: dict[Polygon, str | None] = field(default_factory=dict)
    original: dict[str, Line] = field(init=False)

    def __post_init__(self) -> None:
        self.original = dict(self.lines)
        self._at: dict[Polygon, str] = {}
        for line_id, line in self.lines.items():
            self._at.setdefault(line.polygon, line_id)

    @property
    def by_line(self) -> dict[str, Correction]:
        """The corrections that hold, by line id."""
        return {line_id: stack[-1] for line_id, stack in self.history.items()}

    def texts(self) -> dict[str, str]:
        """The corrected texts, by line id."""
        return {line_id: correction.text for line_id, correction in self.by_line.items()}

    def match(self, correction: Correction) -> str | None:
        """The id of the line that ``correction`` overlaps most, or None if it overlaps no line enough.

        A text belongs to a line that it overlaps by half. What was drawn, moves a box or deletes a line has to be of
        the same extent: it would write over, or take away, more than its author saw. What is drawn over a deleted line
        is no correction of that line, and neither is a drawing that was once deleted itself, with all that was written
        there since.
        """
        if correction.corners in self.detached:
            return self.detached[correction.corners]
        if correction.corners in self._at:
            return self._at[correction.corners]
        gone: set[str] = set()
        if correction.is_drawn:
            gone = {line_id for line_id, stack in self.history.items() if not stack[-1].text}
        is_precise = correction.is_drawn or correction.outline or not correction.text
        is_same = _is_same_line if is_precise else _overlaps_by_half
        box = correction.box
        overlap = {
            line_id: intersection_over_union(box, line.box)
            for line_id, line in self.lines.items()
            if line_id not in gone and is_same(box, line.box)
        }
        return max(overlap, key=overlap.__getitem__, default=None)

    def put(self, correction: Correction) -> str | None:
        """Gives ``correction``, the latest so far, its place; the id of its line, or None if it has none."""
        line_id = self.match(correction)
        if line_id is None and correction.is_drawn:
            line_id = f"{self.number}-c{correction.pk}"
            self.lines[line_id] = self.original[line_id] = correction.as_line()
            self._at.setdefault(correction.corners, line_id)
            if correction.corners in self.detached:
                self.detached[correction.corners] = line_id
        if line_id is None:
            self.unplaced.append(correction)
        else:
            self.history.setdefault(line_id, []).append(correction)
            self._move(line_id, correction)
        return line_id

    def _move(self, line_id: str, correction: Correction) -> None:
        before, after = self.lines[line_id], correction.moved(self.lines[line_id])
        if after is not before:
            if self._at.get(before.polygon) == line_id:
                del self._at[before.polygon]
            self.lines[line_id] = after
            self._at.setdefault(after.polygon, line_id)


def _overlaps_by_half(a: BBox, b: BBox) -> bool:
    return overlap_of_smaller(a, b) >= LEAST_OVERLAP


def _is_same_line(a: BBox, b: BBox) -> bool:
    """Whether two boxes are of the same extent: a part of a line lies inside it, and is another line."""
    left, top, right, bottom = union((a, b))
    wide, high = _shared((a[0], a[2]), (b[0], b[2])), _shared((a[1], a[3]), (b[1], b[3]))
    along, across = (wide, high) if right - left >= bottom - top else (high, wide)
    return along >= SAME_LENGTH and across >= SAME_THICKNESS


def _shared(a: tuple[float, float], b: tuple[float, float]) -> float:
    """What two intervals share, as a fraction of what they cover together."""
    covered = max(a[1], b[1]) - min(a[0], b[0])
    return (min(a[1], b[1]) - max(a[0], b[0])) / covered if covered > 0 else 1.0


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
