"""What parts a page beside white space: rules and frames, pictures, seals, and tinted grounds, found in its pixels.

A rule is a thin dark run that is long, and that stands by itself: strokes of characters have others beside them.
It is looked for in the black top-hat of the page, across the direction in which it runs: there tints and shadows
leave nothing, and a rule at the edge of a tinted cell leaves as much as any other. Smoothed along its direction
first, a dotted rule becomes a faint one, and the grain of the paper fades.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import BBox, area, expanded, touch
from recognition.page import PageImage, Pixels
from recognition.separators import Separators

from . import seal_detection, tint_detection

Floats = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

AREA = 1.5e6
"""Pixels to which a page is reduced: a character of ten points is some sixteen high then, a hairline half a pixel."""

SMOOTH = 9
"""Pixels along a rule over which it is smoothed: the gaps of dots and dashes."""

SAMPLE = 3
"""Of so many pixels along a rule one is looked at."""

THICK = 7
"""A rule is not thicker, in pixels of the reduced page, double rules included."""

DOTS = 3.5
"""A rule of dots or dashes, or one as faint, is not thicker."""

SOLID = 0.9
"""Share of its pixels that are dark in a long rule without gaps, which may be thicker."""

FAINT = 9
"""A rule is darker than what is above and below it by at least so much, of 255, smoothed."""

LONG = 40
"""Pixels of the reduced page from which on a run stands for itself; characters of headings are no longer."""

SHORT = 14
"""Pixels from which on a run between two rules of the other direction is one: the side of a cell."""

REACH = 6
"""Rules that end or cross within so many pixels of each other meet."""

CLEARANCE = 3
"""Pixels from a rule within which nothing else is dark ..."""

ALONE = 0.8
"""... along this share of its length."""

CROWDED = 0.9
"""The same for a long one without gaps: lines of text on both sides of it, though not all along."""

WIDE, WHOLE, PARTLY, SAME = 160, 0.97, 0.5, 0.5
"""A rule that text touches has so many pixels. So large a share of it is dark, and no more of what is two pixels
further up or down; nine tenths of it are darker than this share of its usual darkness."""

COARSE = 4
"""By how much the reduced page is reduced again to look for pictures."""

SHADE = 40
"""What is darker than the paper by this, of 255, may be part of a picture."""

EVEN = 12
"""A tint, not a picture: half of its pixels differ by no more than this, of 255."""

THROUGH = 0.8
"""Share of a picture that a rule runs through if it crosses it."""

LARGER = 1.5
"""A picture that is this much larger than the seal in it is no seal."""

LEAST_PICTURE = 0.03
"""A picture is no narrower or lower than this share of the page's longer side."""


def find(image: PageImage) -> Separators:
    """The rules, pictures, seals and tinted grounds of ``image``."""
    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, (AREA / grey.size) ** 0.5)
    if scale < 1:
        way = cv2.INTER_LINEAR if scale >= 0.5 else cv2.INTER_AREA  # no pixel is left out, and the first is faster
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)
    reduced = np.asarray(grey, dtype=np.uint8)
    pictures = list(_pictures(reduced))
    stamps = [np.array(stamp) * scale for stamp in seal_detection.find(image)]
    stamps = [stamp for stamp in stamps if not any(_holds(picture, stamp) for picture in pictures)]
    pictures = [picture for picture in pictures if not any(_inside(picture, stamp) for stamp in stamps)]
    across, along = _runs(reduced, 0), _runs(reduced, 1)[:, [1, 0, 3, 2]]
    long_across, long_along = across[_lengths(across, 0) >= LONG], along[_lengths(along, 1) >= LONG]
    pictures = [picture for picture in pictures if not _is_crossed(picture, long_across, long_along)]
    horizontal = [*long_across, *_sides(across[_lengths(across, 0) < LONG], long_along, 0)]
    vertical = [*long_along, *_sides(along[_lengths(along, 1) < LONG], long_across, 1)]

    def full_size(boxes: list[Boxes]) -> tuple[BBox, ...]:
        outside = (box for box in boxes if not any(_inside(box, other) for other in (*pictures, *stamps)))
        return tuple(_scaled(box, 1 / scale) for box in outside)

    ground = tint_detection.ground_of(reduced)
    tints = [
        edge
        for edge in tint_detection.edges(ground)
        if not any(touch(expanded(tuple(edge), REACH), tuple(r)) for r in horizontal)
    ]
    areas, seals = (tuple(_scaled(box, 1 / scale) for box in boxes) for boxes in (pictures, stamps))
    return Separators(
        full_size(horizontal),
        full_size(vertical),
        areas,
        seals,
        full_size(tints),
        full_size([*tint_detection.panels(ground, tints)]),
    )


def _scaled(box: Boxes | Floats, factor: float) -> BBox:
    left, top, right, bottom = (float(value) * factor for value in box)
    return left, top, right, bottom


def _lengths(boxes: Boxes, axis: int) -> Boxes:
    lengths: Boxes = boxes[:, axis + 2] - boxes[:, axis]
    return lengths


def _inside(box: Boxes | Floats, picture: Boxes | Floats) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(picture[0] <= x <= picture[2] and picture[1] <= y <= picture[3])


def _is_crossed(picture: Boxes, across: Boxes, along: Boxes) -> bool:
    """Whether rules run through a picture as they do where close or tinted rows of a table look like one: level ones in
    on one side and out on the other, or any through its inside and on beyond it."""
    left, top, right, bottom = picture
    y = (across[:, 1] + across[:, 3]) / 2
    passing = (across[:, 0] < left - LONG) & (right + LONG < across[:, 2]) & (top < y) & (y < bottom)
    turned = along[:, [1, 0, 3, 2]], picture[[1, 0, 3, 2]]
    return bool(passing.any() or _run_through(across, picture).any() or _run_through(*turned).any())


def _run_through(across: Boxes, picture: Boxes) -> Mask:
    """Which of the rules run through the inside of a picture and go on beyond one side of it at least."""
    left, top, right, bottom = picture
    y = (across[:, 1] + across[:, 3]) / 2
    inside = np.minimum(across[:, 2], right) - np.maximum(across[:, 0], left)
    beyond = np.maximum(left - across[:, 0], across[:, 2] - right)
    through: Mask = (top + REACH < y) & (y < bottom - REACH) & (inside > THROUGH * (right - left)) & (beyond > LONG)
    return through


def _holds(picture: Boxes, stamp: Floats) -> bool:
    """Whether what looks like a seal is a part of a picture."""
    return _inside(stamp, picture) and area(_scaled(picture, 1)) > LARGER * area(_scaled(stamp, 1))


def _runs(grey: Pixels, axis: int) -> Boxes:
    """(n, 4): boxes of the thin dark runs along ``axis``, all that are longer than ``SHORT`` and stand alone.

    As if all ran from left to right: where ``axis`` is 1, x and y are exchanged.
    """
    hat, ink = _black_hat(grey, axis, SMOOTH), _black_hat(grey, axis, SMOOTH // 3)
    dark = cv2.morphologyEx(
        (hat >= FAINT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((1, -(-SHORT // SAMPLE)), np.uint8)
    )
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    left, top, width, height, area = (stats * [SAMPLE, 1, SAMPLE, 1, SAMPLE] - [0, 0, SAMPLE - 1, 0, 0]).T
    thin = (area <= THICK * width) & (height <= THICK + width // 10) & (width >= SHORT + SMOOTH // 2)
    thin[0] = False  # the ground
    pixels = np.flatnonzero(thin[labels])
    component = labels.reshape(-1)[pixels]

    def length(weights: Floats) -> Floats:
        return np.asarray(SAMPLE * np.bincount(component, weights, minlength=count), dtype=np.float64)

    inked = length((ink.reshape(-1)[pixels] >= FAINT).astype(float))
    solid = (inked >= SOLID * area) & (width >= 2 * LONG)  # strokes of large characters are thick, and shorter
    near = np.where(solid, CROWDED, 1 - ALONE) * width  # a long one may run close to text
    ends = left + SMOOTH // 2, left + width + SAMPLE // 2 - SMOOTH // 2  # smoothing made them longer
    boxes = np.stack([ends[0], top, ends[1], top + height], axis=1).astype(np.intp)
    kept = thin & (solid | (area <= DOTS * width)) & (length(_beside_ink(dark, hat, pixels)) <= near)
    touched, slope = [], _slope(labels, stats, kept & (width >= WIDE))
    for k in np.flatnonzero((width >= WIDE) & (~kept | (height > THICK)))[1:]:
        rows = list(_touched_rules(labels, hat, stats[k], k, slope))
        touched += [(ends[0][k], top[k] + first, ends[1][k], top[k] + last) for first, last in rows]
        kept[k] &= not rows
    return np.concatenate([boxes[kept], np.array(touched, dtype=np.intp).reshape(-1, 4)])


def _slope(labels: Boxes, stats: Boxes, rules: Mask) -> float:
    """By how many pixels the longest of ``rules`` falls from one sample to the next; 0 without any."""
    if not rules.any():
        return 0.0
    component = int(np.argmax(np.where(rules, stats[:, cv2.CC_STAT_WIDTH], 0)))
    left, top, width, height, _ = stats[component]
    y, x = np.nonzero(labels[top : top + height, left : left + width] == component)
    return float(np.polyfit(x, y, 1)[0])


def _touched_rules(labels: Boxes, hat: Pixels, box: Boxes, component: int, slope: float) -> Iterator[tuple[int, int]]:
    """The first row, and that after the last one, in the component of dark pixels in ``box``, of each rule in it.

    Such a component is made up of rules and of text that touches them, or of text alone. ``slope``: that of rules.
    """
    left, top, width, height, _ = box
    fall = np.round(slope * np.arange(width)).astype(np.intp)
    fall -= fall.min()
    most = int(fall.max())
    level = np.arange(height + most)[:, None] + fall, np.arange(width)
    area = np.s_[top : top + height, left : left + width]
    share, dark = (np.pad(part, ((most, most), (0, 0)))[level] for part in (labels[area] == component, hat[area]))
    share = share.mean(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], share >= WHOLE, [0]])))
    for first, last in edges.reshape(-1, 2):
        around = [share[row] for row in (first - 2, last + 1) if 0 <= row < len(share)]
        if last - first <= 3 and max(around, default=0.0) <= PARTLY:
            least, usual = np.percentile(dark[first:last], (10, 50), axis=1)
            if (least > SAME * usual).any():
                yield int(first) - most, int(last)


def _black_hat(grey: Pixels, axis: int, smooth: int) -> Pixels:
    """How much darker each pixel is than what is above and below it, smoothed along ``axis``; of it each ``SAMPLE``-th.

    Columns that are left out cost nothing then, since all is the same along a rule.
    """
    smoothed = cv2.blur(grey, (smooth, 1) if axis == 0 else (1, smooth))
    sampled = smoothed[:, ::SAMPLE] if axis == 0 else smoothed[::SAMPLE].T
    kernel = np.ones((2 * THICK + 1, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(np.ascontiguousarray(sampled), cv2.MORPH_BLACKHAT, kernel), dtype=np.uint8)


def _beside_ink(dark: Pixels, hat: Pixels, pixels: Boxes) -> Floats:
    """(p,): on how many of its two sides each of ``pixels`` (p,) of a run ends it and has ink close by."""
    width, size = dark.shape[1], dark.size
    sides = np.zeros(len(pixels))
    for step in (-width, width):
        beyond, close = pixels + step, np.clip(pixels + CLEARANCE * step, 0, size - 1)
        outside = (beyond < 0) | (beyond >= size) | (dark.reshape(-1)[np.clip(beyond, 0, size - 1)] == 0)
        sides += outside & (hat.reshape(-1)[close] >= 2 * FAINT)
    return sides


def _sides(boxes: Boxes, crossing: Boxes, axis: int) -> Iterator[Boxes]:
    """Of short runs along ``axis`` those that reach from one to another of the long rules ``crossing`` them."""
    for box in boxes:
        start, end = box.copy(), box.copy()
        start[axis + 2], end[axis] = start[axis], end[axis + 2]
        if all(any(touch(expanded(tuple(tip), REACH), tuple(rule)) for rule in crossing) for tip in (start, end)):
            yield box


def _pictures(grey: Pixels) -> Iterator[Boxes]:
    """Boxes of what is dark over an area: photographs and the like, but no tints."""
    coarse = cv2.resize(grey, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    coarse = cv2.medianBlur(np.asarray(coarse, dtype=np.uint8), 3)
    height, width = coarse.shape
    paper = cv2.dilate(
        cv2.resize(coarse, None, fx=0.25, fy=0.25), np.ones((height // 16 + 1, width // 16 + 1), np.uint8)
    )
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = (cv2.subtract(paper, coarse) > SHADE).astype(np.uint8)
    size = int(LEAST_PICTURE * max(coarse.shape))
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    for left, top, width, height, _ in stats[1:]:
        part = coarse[top : top + height, left : left + width]
        if (np.abs(part.astype(np.int16) - int(np.median(part))) <= EVEN).mean() < 0.5:
            yield np.array([left, top, left + width, top + height], dtype=np.intp) * COARSE
