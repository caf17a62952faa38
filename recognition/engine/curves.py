"""Curved lines, as on a page that is photographed or scanned beside a book's fold: where their middle runs.

The rectangle around such a line holds parts of the lines above and below. The detector has each line as a bent band;
but it was trained on rectangles, so it fills the inside of the bend, and only the outer edge shows it.
The ink along that edge then says where the middle is, and whether the line is curved at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from recognition.page import Pixels

from .bands import Band, Outline
from .lines import LineCrop, Midline, TextQuad

SLENDER = 8.0  # a line shorter than this, in thicknesses, has too few characters to show a curve
LEAST_THICKNESS = 8.0  # pixels; what is thinner is no text that can be read
FULL = 0.8  # part of the rectangle around it that the band of a straight line fills
WHOLE = 0.7  # part of the rectangle's length that the band has to have
USUAL = 20  # percentile of the band's thicknesses that is taken for that of the line
BENT = 0.4  # thicknesses of the line by which a curve leaves a straight line
WIDENED = 2.4  # how much thicker a rectangle is for what a line bends, since it is widened with the band in it
FIT = 0.62, 1.5  # bounds for the thickness of a rectangle that is mostly text, as parts of what it should be
ROUNDS = 3  # of moving the middle to where the ink is
ROWS = 24  # pixels of a line's thickness, for looking at its ink
REACH = 1.5  # thicknesses to either side whose ink counts for a place
ECHO = 0.3  # part of its ink that a rectangle must have outside of curved lines

Values = npt.NDArray[np.float64]


def lines_of(band: Band, image: Pixels) -> list[TextQuad]:
    """The line of ``band``, with its middle if it is curved, or the curved lines that touch in it.

    None if it is not curved and does not fill its rectangle.
    """
    parts = [line for part in band.parts for line in lines_of(part, image)]
    if any(line.midline for line in parts):
        return parts
    quad = TextQuad.around(band.quad)
    found = [_on_ink(image, edge) for edge in _edges(band, quad)]
    midline, _ = max(found, key=lambda each: each[1], default=(None, 0.0))
    if midline and midline.bend >= BENT and _fits(midline, quad, band):
        return [TextQuad.curved(midline, quad.vertical)]
    return [quad] if band.fills else []


def _fits(midline: Midline, quad: TextQuad, band: Band) -> bool:
    """Whether a line that is so thick and so bent has a rectangle as thick as ``quad``."""
    expected = midline.thickness * (1 + WIDENED * midline.bend)
    return FIT[0] * expected < quad.thickness and (quad.thickness < FIT[1] * expected or not band.fills)


def _edges(band: Band, quad: TextQuad) -> Iterator[Midline]:
    """Lines along those edges of ``band`` that are bent, where its middle would be if it were even.

    ``quad``: its rectangle.
    """
    width, height = round(quad.length), round(quad.thickness)
    if width < height or height < 2 or all(map(_is_straight, band.outlines)):
        return
    corners = quad.strip_corners
    target = np.array([[0, 0], [width, 0], [width, height]], np.float32)
    matrix = cv2.getAffineTransform(np.ascontiguousarray(corners[:3]), target)
    outlines = [(outline @ matrix[:, :2].T + matrix[:, 2]).round().astype(np.int32) for outline in band.outlines]
    mask = cv2.fillPoly(np.zeros((height, width), np.uint8), outlines, (1,))
    along = np.flatnonzero(mask.any(axis=0))
    if len(along) < WHOLE * width:
        return
    mask = mask[:, along[0] : along[-1] + 1]
    thickness = float(np.percentile(mask.sum(axis=0), USUAL))
    unclipped = thickness + band.unclip_ratio * len(along) * thickness / (len(along) + thickness)
    if unclipped < LEAST_THICKNESS or len(along) < SLENDER * unclipped:
        return
    knots = np.linspace(0, mask.shape[1] - 1, max(4, round(mask.shape[1] / unclipped))).round().astype(int)
    top, bottom = np.argmax(mask, axis=0), height - np.argmax(mask[::-1], axis=0)
    for edge, inwards in (top, thickness / 2), (bottom, -thickness / 2):
        heights = _smoothed(edge, round(2 * REACH * unclipped))[knots] + inwards
        if np.ptp(heights) < BENT * unclipped:
            continue
        places = np.column_stack([knots + along[0] + 0.5, heights]) / (width, height)
        points = corners[0] + places[:, :1] * (corners[1] - corners[0]) + places[:, 1:] * (corners[3] - corners[0])
        yield Midline(_extended(points, (unclipped - thickness) / 2), unclipped)


def _is_straight(outline: Outline) -> bool:
    """Whether a band fills the rectangle around it, which costs little to know."""
    _, (width, height), _ = cv2.minAreaRect(outline)
    return bool(cv2.contourArea(outline) > FULL * width * height)


def _smoothed(values: npt.NDArray[np.int64], window: int) -> Values:
    """The running mean of ``values``, which go on at either end as they come."""
    half = max(1, window // 2)
    padded = np.pad(values.astype(np.float64), half, mode="reflect", reflect_type="odd")
    return np.asarray(np.convolve(padded, np.ones(2 * half + 1) / (2 * half + 1), mode="valid"), np.float64)


def without_echoes(quads: Sequence[TextQuad], image: Pixels) -> list[TextQuad]:
    """``quads`` of ``image`` without those whose ink is that of curved lines: the detector sees more inside a bend."""
    midlines = [quad.midline for quad in quads if quad.midline]
    if not midlines:
        return list(quads)
    bands = np.zeros_like(image)
    for midline in midlines:
        points = [midline.points.round().astype(np.int32)]
        cv2.polylines(bands, points, isClosed=False, color=(1, 1, 1), thickness=max(1, round(midline.thickness)))

    def is_echo(quad: TextQuad) -> bool:
        ink, band = (_ink(LineCrop(image, quad, 0.0)), _strip(LineCrop(bands, quad, 0.0)))
        return bool(ink[band == 0].sum() < ECHO * ink.sum())

    return [quad for quad in quads if quad.midline or not is_echo(quad)]


def _strip(crop: LineCrop) -> Values:
    """The strip of a line, ROWS high, in grey."""
    return np.asarray(crop.strip(max(1, crop.width(ROWS)), ROWS).mean(axis=2))


def _ink(crop: LineCrop) -> Values:
    """The contrast of a line's strip to its paper."""
    strip = _strip(crop)
    contrast = np.abs(strip - np.median(strip))
    return np.where(contrast > 0.4 * np.percentile(contrast, 98), contrast, 0.0)


def _on_ink(image: Pixels, guess: Midline) -> tuple[Midline, float]:
    """The middle of the ink around ``guess``, and how much ink is on it."""
    midline, weight = guess, 0.0
    rows = (np.arange(ROWS) + 0.5) / ROWS - 0.5
    window = np.ones(2 * round(REACH * ROWS) + 1)
    for _ in range(ROUNDS):
        ink = _ink(LineCrop(image, TextQuad.curved(midline, vertical=False), 0.0))
        weights = np.convolve(ink.sum(axis=0), window, mode="same")
        offsets = np.convolve((ink * rows[:, None]).sum(axis=0), window, mode="same") / np.maximum(weights, 1.0)
        at = midline.distances / midline.distances[-1] * ink.shape[1] - 0.5
        midline, weight = midline.shifted(np.interp(at, np.arange(len(offsets)), offsets)), float(ink.sum())
    return midline, weight


def _extended(points: Values, length: float) -> npt.NDArray[np.float32]:
    """The polyline with ``length`` more at either end."""
    first, last = points[0] - points[1], points[-1] - points[-2]
    head = points[0] + first / np.hypot(*first) * length
    tail = points[-1] + last / np.hypot(*last) * length
    return np.vstack([head, points, tail]).astype(np.float32)
