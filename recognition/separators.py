"""What parts a page beside white space: its rules, pictures, seals and tinted grounds.

``layout.detection`` finds them in an image, ``textlayer`` in a PDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recognition.geometry import BBox, area, bounds, corners, intersection
from recognition.page import Line, Matrix, apply_matrix

Floats = npt.NDArray[np.float64]

EDGE = 0.15
"""Share of a line's thickness on each side of it that is no ink: an underline runs there."""

ALONG = 1.5
"""The lines at the ends of a leader are horizontal: hardly higher than wide."""

HIGH, LOW, COVERED = 0.25, 0.1, 0.4
"""A leader runs within the lines that it joins, so much of their height from above or below at least: on their
baseline, or in their middle. What was found of it may run on over no more than this share of its length."""

CROSSING = 0.2
"""Share of a line that is outside of a ground if it runs on out of it; so many of a hundred lines may, misread."""

STRUCK = 0.8
"""Share of what is taken for a rule that lies in a line, if it is a stroke of its characters."""


@dataclass(frozen=True)
class Separators:
    """Upright boxes in pixels of the image in which they were found.

    ``horizontal``, ``vertical``: rules, solid, dotted and double ones; one that is slightly tilted has a box as high
    as the tilt makes it. ``pictures``: photographs, half-tones and drawings. ``seals``: stamps in red. ``tints``: level
    edges of tinted ground, as a striped table has them in place of rules. ``panels``: tinted grounds with such an edge
    above and below, as sidebars have them in place of a frame.
    """

    horizontal: tuple[BBox, ...] = ()
    vertical: tuple[BBox, ...] = ()
    pictures: tuple[BBox, ...] = ()
    seals: tuple[BBox, ...] = ()
    tints: tuple[BBox, ...] = ()
    panels: tuple[BBox, ...] = ()

    def mapped(self, matrix: Matrix) -> Separators:
        """The same in other coordinates, turned by right angles or not at all."""

        def moved(boxes: Sequence[BBox]) -> tuple[BBox, ...]:
            return tuple(bounds(apply_matrix(matrix, corners(box))) for box in boxes)

        horizontal, vertical, tints = moved(self.horizontal), moved(self.vertical), moved(self.tints)
        if abs(matrix[0, 1]) > abs(matrix[0, 0]):
            horizontal, vertical, tints = vertical, horizontal, ()
        return Separators(horizontal, vertical, moved(self.pictures), moved(self.seals), tints, moved(self.panels))

    def without_text(self, lines: Sequence[Line]) -> Separators:
        """Less what lies inside of ``lines``: strokes of print that were taken for rules, text for pictures,
        characters for seals, what lines cross for grounds. And less the leaders that lead from a line to the next one
        beside it."""
        boxes = np.array([line.box for line in lines]).reshape(-1, 4)
        return replace(
            self,
            horizontal=tuple(rule for rule in self.horizontal if not (_struck(rule, boxes) or _leads(rule, boxes))),
            vertical=tuple(rule for rule in self.vertical if not _struck(rule, boxes)),
            pictures=tuple(picture for picture in self.pictures if not _written(picture, lines)),
            seals=tuple(seal for seal in self.seals if not _read(seal, lines)),
            tints=tuple(edge for edge in self.tints if not _struck(edge, boxes)),
            panels=tuple(panel for panel in self.panels if not _is_crossed(panel, lines)),
        )


def _read(box: BBox, lines: Sequence[Line]) -> bool:
    """Whether most of ``box`` lies in one of ``lines``, as that of a large character does."""
    return any(intersection(box, line.box) > 0.5 * area(box) for line in lines)


def _written(box: BBox, lines: Sequence[Line]) -> bool:
    """Whether ``lines`` cover most of ``box``: dense print, or text on a tint."""
    return sum(intersection(box, line.box) for line in lines) > 0.5 * area(box)


def _is_crossed(box: BBox, lines: Sequence[Line]) -> bool:
    """Whether ``lines`` that begin or end in ``box`` run on out of it, a few at its edge left aside."""
    shares = np.array([intersection(box, line.box) / max(area(line.box), 1.0) for line in lines])
    over = (shares > CROSSING) & (shares < 1 - CROSSING)
    return bool(over.sum() > CROSSING * (shares >= 1 - CROSSING).sum())


def _leads(rule: BBox, boxes: Floats) -> bool:
    """Whether a horizontal ``rule`` is a leader: level with ``boxes`` (n, 4), it runs from one of them to another, and
    mostly where none is."""
    start, end, at = rule[0], rule[2], (rule[1] + rule[3]) / 2
    high = boxes[:, 3] - boxes[:, 1]
    level = (boxes[:, 1] + HIGH * high < at) & (at < boxes[:, 3] - LOW * high)
    level &= high < ALONG * (boxes[:, 2] - boxes[:, 0])
    left, _, right, _ = boxes[level].T
    high = high[level]
    before, after = (left < start + high) & (start < right + 2 * high), (right > end - high) & (end > left - 2 * high)
    covered = np.clip(np.minimum(right, end) - np.maximum(left, start), 0, None).sum()
    if not before.any() or not after.any() or (before & after).any() or covered > COVERED * (end - start):
        return False
    slack = high.mean() / 4
    return bool(start > left[before].min() - slack and end < right[after].max() + slack)


def _struck(rule: BBox, boxes: Floats) -> bool:
    """Whether nearly all of ``rule`` runs through the inner part of one of ``boxes`` (n, 4)."""
    margin = EDGE * np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    left, top, right, bottom = rule
    axis = 0 if right - left >= bottom - top else 1
    start, end, at = (left, right, (top + bottom) / 2) if axis == 0 else (top, bottom, (left + right) / 2)
    shared = np.minimum(boxes[:, axis + 2], end) - np.maximum(boxes[:, axis], start)
    inside = (boxes[:, 1 - axis] + margin < at) & (at < boxes[:, 3 - axis] - margin)
    return bool((inside & (shared >= STRUCK * (end - start))).any())
