"""Which text of a PDF page people do not see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium

from .glyphs import Glyphs, Integers, Mask
from .objects import RECTANGLE, Drawn, by_object

TRACE_DPI = 108
TRACE_PIXELS = 4_000_000
"""Of the pictures of a page with and without a text."""

CHUNK = 1_000_000
"""How many pairs of boxes are compared at once."""


def unseen(page: pypdfium2.PdfPage, drawn: Sequence[Drawn], glyphs: Glyphs) -> Mask:
    """(n,): which of the ``glyphs`` of ``page`` are not to be seen. PDFium's lock must be held.

    Text that is white, in a hidden layer, in a font that may have no shapes, or under something drawn later is
    switched off (for good) and the picture compared: its ground may be dark, and what is over it clipped or
    transparent.
    """
    hidden = np.zeros(len(glyphs), dtype=np.bool_)
    suspects = np.zeros(len(glyphs), dtype=np.bool_)
    covered = _covered(drawn, glyphs)
    for index, members in by_object(glyphs):
        item = drawn[index]
        if item.is_invisible_text():
            hidden[members] = True
        elif covered[members].any() or item.is_pale_text() or item.is_marked() or item.is_in_blank_font():
            suspects[members] = True
    if suspects.any():
        hidden[suspects] = ~_leaves_trace(page, drawn, glyphs.only(suspects))
        hidden &= ~_alone(hidden, glyphs.objects)
    return hidden


def _alone(hidden: Mask, objects: Integers) -> Mask:
    """Single ones between seen ones of their object, such as dots, whose trace is a matter of rounding."""
    same = objects[1:] == objects[:-1]
    before = np.concatenate([[False], same & ~hidden[:-1]])
    after = np.concatenate([same & ~hidden[1:], [False]])
    return np.asarray(hidden & before & after)


def _covered(drawn: Sequence[Drawn], glyphs: Glyphs) -> Mask:
    """(n,): over which glyphs a picture or a rectangle is drawn later."""
    covers = [
        (index, item.box)
        for index, item in enumerate(drawn)
        if item.kind == c.FPDF_PAGEOBJ_IMAGE
        or (item.kind == c.FPDF_PAGEOBJ_PATH and item.is_filled() and item.segments() <= RECTANGLE)
    ]
    result = np.zeros(len(glyphs), dtype=np.bool_)
    if not covers:
        return result
    indices, boxes = np.array([index for index, _ in covers]), np.array([box for _, box in covers])
    step = max(1, CHUNK // len(covers))
    for start in range(0, len(glyphs), step):
        part = slice(start, start + step)
        own, later = glyphs.boxes[part, None], indices > glyphs.objects[part, None]
        across = (own[..., 0] < boxes[:, 2]) & (boxes[:, 0] < own[..., 2])
        result[part] = (later & across & (own[..., 3] < boxes[:, 3]) & (boxes[:, 1] < own[..., 1])).any(axis=1)
    return result


def _leaves_trace(page: pypdfium2.PdfPage, drawn: Sequence[Drawn], glyphs: Glyphs) -> Mask:
    """(n,): which glyphs' objects cannot be taken away without changing the picture where they stand.

    They are gone afterwards.
    """
    points = page.get_size()
    scale = pdfium.fitting_dpi(points, TRACE_DPI, TRACE_PIXELS) / pdfium.POINTS_PER_INCH
    before = page.render(scale=scale, grayscale=True).to_numpy().copy()
    for index, _ in by_object(glyphs):
        c.FPDFPageObj_SetIsActive(drawn[index].raw, False)
    traces = page.render(scale=scale, grayscale=True).to_numpy() != before
    height, width = traces.shape
    corners = glyphs.on_image(pdfium.to_image(page, width, height))
    low, high = corners.min(axis=1), corners.max(axis=1)
    low[:, 0], high[:, 0] = (  # the neighbours' edges are not its own
        0.8 * low[:, 0] + 0.2 * high[:, 0],
        0.2 * low[:, 0] + 0.8 * high[:, 0],
    )
    limits = np.array([width, height])
    start = np.clip(np.floor(low), 0, limits).astype(np.intp)
    end = np.clip(np.maximum(np.ceil(high), start + 1), 0, limits).astype(np.intp)
    sums = np.zeros((height + 1, width + 1), dtype=np.int64)
    sums[1:, 1:] = traces.cumsum(axis=0).cumsum(axis=1)
    (left, top), (right, bottom) = start.T, end.T
    found = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] > 0
    return np.asarray(found | (left >= right) | (top >= bottom))  # nobody can tell beside the page
