"""A page as its lines of one direction see it: there lines run to the right and follow each other downwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .boxes import Boxes


@dataclass(frozen=True)
class Frame:
    """All boxes (n, 4): left, top, right, bottom in the frame.

    ``across``, ``along``: rules across the way from line to line (they part lines above each other) and along it.
    ``panels``: tinted grounds.
    """

    boxes: Boxes
    across: Boxes
    along: Boxes
    pictures: Boxes
    panels: Boxes

    @classmethod
    def of(
        cls, boxes: Boxes, horizontal: Boxes, vertical: Boxes, pictures: Boxes, panels: Boxes, *, turned: bool
    ) -> Frame:
        """The frame of an untilted page with these rules and so on; ``turned``: its lines are vertical."""
        if not turned:
            return cls(boxes, horizontal, vertical, pictures, panels)
        return cls(_turned(boxes), _turned(vertical), _turned(horizontal), _turned(pictures), _turned(panels))


def _turned(boxes: Boxes) -> Boxes:
    left, top, right, bottom = boxes.T
    return np.stack([top, -right, bottom, -left], axis=1)
