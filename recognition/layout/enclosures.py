"""Frames: four rules around a text that is read by itself, or a tinted ground below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recognition.geometry import BBox, area, center, contains, laid
from recognition.page import Line
from recognition.separators import Separators

from .boxes import Boxes, Indices, line_height
from .neighbours import Neighbours
from .text_cues import END, cues

LEAST = 2
"""With fewer lines in a frame there is nothing to be read by itself."""

ALIKE = 1.25
"""How many times the type of one line may be as large as that of another, if a sentence goes on."""

LARGE = 4.0
"""Line heights from which on a tinted ground is no row of a table."""


def enclosures(page: Neighbours) -> Indices:
    """(n,): for each line the number of the smallest frame around it, or -1.

    The rules of a frame end where they meet, within a line height: those between the columns of a page or the cells of
    a table mostly go on.
    """
    found = np.full(page.count, -1)
    frames = _frames(page.frame.across, page.frame.along, page.frame.panels, page.usual)
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in frames]
    for number in sorted(range(len(frames)), key=lambda k: -areas[k]):
        left, top, right, bottom = frames[number]
        inside = (page.x > left) & (page.x < right) & (page.y > top) & (page.y < bottom)
        if inside.sum() >= LEAST:
            found[inside] = number
    return found


def frames(lines: Sequence[Line], separators: Separators) -> list[BBox]:
    """The frames on a page with these lines, the smallest ones first."""
    if not lines:
        return []
    across, along, panels = (
        np.array(boxes, dtype=np.float64).reshape(-1, 4)
        for boxes in (separators.horizontal, separators.vertical, separators.panels)
    )
    found = _frames(across, along, panels, line_height(np.array([line.box for line in lines])))
    return sorted(((left, top, right, bottom) for left, top, right, bottom in found.tolist()), key=area)


def passed_over(following: Mapping[int, int], lines: Sequence[Line], separators: Separators) -> dict[int, int]:
    """What follows which, where a sentence goes on behind the frame that stands by the cuts in the middle of it.

    ``lines``: in the order of the cuts.
    """
    found, before = dict(following), {second: first for first, second in following.items()}
    boxes = frames(lines, separators)
    held = [{k for k, frame in enumerate(boxes) if contains(frame, center(line.box))} for line in lines]
    for number in range(len(boxes)):
        inside = [i for i, of in enumerate(held) if number in of]
        if not inside or inside[-1] - inside[0] >= len(inside):
            continue
        first, second = inside[0] - 1, inside[-1] + 1
        is_open = first in before and first not in found and second < len(lines) and second not in before
        if not is_open or held[first] != held[second] or _last(second, found) == first:
            continue
        if goes_on(lines[before[first]], lines[first], lines[second]):
            found[first], before[second] = second, first
    return found


def _last(line: int, following: Mapping[int, int]) -> int:
    """The end of the chain that begins with a line."""
    while line in following:
        line = following[line]
    return line


def goes_on(before: Line, first: Line, second: Line) -> bool:
    """Whether a sentence goes on from the ``first`` line, which is as long as the one ``before`` it, in the second."""
    boxes = [laid(line.box) if line.direction == "vertical-rl" else line.box for line in (before, first, second)]
    heights = sorted(bottom - top for _, top, _, bottom in boxes)
    fills = boxes[1][2] > boxes[0][2] - heights[-1]
    return fills and heights[-1] < ALIKE * heights[0] and not cues(first.raw)[END] and not second.raw[:1].isupper()


def _frames(across: Boxes, along: Boxes, panels: Boxes, height: float) -> Boxes:
    """(k, 4). ``height``: that of lines, within which rules meet."""
    tops, bottoms = along[:, 1], along[:, 3]
    level = (np.abs(tops[:, None] - tops) < height) & (np.abs(bottoms[:, None] - bottoms) < height)
    apart = along[None, :, 0] - along[:, None, 0] > 2 * height
    y = (across[:, 1] + across[:, 3]) / 2
    found = []
    for i, j in zip(*np.nonzero(level & apart), strict=True):
        spans = (np.abs(across[:, 0] - along[i, 0]) < height) & (np.abs(across[:, 2] - along[j, 2]) < height)
        if all((spans & (np.abs(y - end) < height)).any() for end in (tops[i], bottoms[i])):
            found.append((along[i, 0], tops[i], along[j, 2], bottoms[i]))
    large = panels[(panels[:, 2:] - panels[:, :2]).min(axis=1) > LARGE * height]
    return np.concatenate([np.array(found).reshape(-1, 4), large])
