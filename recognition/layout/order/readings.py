"""Several orders of a page by its white, and the one on which the network is surest.

Whether a gap on a page parts columns or cells is decided by ``cuts`` gap by gap, from what stands beside it, and short
level lines are taken for cells. Menus, poems and lists of prices have such lines in columns. The network sees what all
lines of the page have in common, but it leans on the order of the cuts, so one wrong gap leads it astray. Given an
order that is right, what it says agrees with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, get_args

import numpy as np

from recognition.layout import enclosures
from recognition.layout.boxes import is_strip, line_height
from recognition.options import Direction
from recognition.page import Line
from recognition.separators import Separators

from . import cuts, successors, tiers
from .gutters import Gaps

AHEAD = 0.02
"""An order with bolder cuts must be so much surer than the first one."""

SURE = -0.05
"""Where the network is surer than this about the first order, no other is tried. Nor is one on a receipt, which is all
rows."""


class Reading(NamedTuple):
    """``order``: the lines by the cuts, each with the index of the given one that it is or is a part of. ``chains``: of
    places in it, without ``stand_ins``."""

    order: list[tuple[int, Line]]
    chains: list[list[int]]


def read(
    lines: Sequence[Line], direction: Direction, separators: Separators, stand_ins: Sequence[Line] = ()
) -> Reading:
    """``lines`` in order, with ``stand_ins`` for whole tables among them, which are numbered after the lines."""
    count = len(lines)
    obstacles = replace(separators, pictures=(*separators.pictures, *(table.box for table in stand_ins)))
    boxes = np.array([line.box for line in (*lines, *stand_ins)]).reshape(-1, 4)
    strip = count > 0 and is_strip(boxes, line_height(boxes))
    frames = [*enclosures.frames(lines, separators), *tiers.boxes(lines, stand_ins, separators)]
    orders: list[list[tuple[int, Line]]] = []
    judged: list[successors.Judgement] = []
    for gaps in get_args(Gaps):
        order = cuts.ordered([*lines, *stand_ins], direction, gaps, frames, separators)
        if any([i for i, _ in order] == [i for i, _ in other] for other in orders):
            continue
        orders.append(order)
        judged.append(successors.judge([line for i, line in order if i < count], obstacles))
        if judged[0].confidence > SURE or strip:
            break
    best = max(range(len(orders)), key=lambda n: judged[n].confidence - AHEAD * (n > 0))
    text = [line for i, line in orders[best] if i < count]
    return Reading(orders[best], successors.chains(text, separators, judged[best]) if text else [])
