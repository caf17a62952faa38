"""Preprocessing: a page image that is easier to recognise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .options import Preprocess
from .page import PageImage, Pixels

INK_GREY = 95
"""Grey value, of 255, up to which ``binarize`` takes a pixel for ink."""

MEASURE_SIDE = 800
"""Pixels of the shorter side to which a page is reduced for its condition to be measured."""

BACKGROUND_WINDOW = 61
"""Pixels of that reduced page. A line of text is a third of it."""

BLANK_CONTRAST = 8
FAINT_CONTRAST = 50
"""Of 255. Up to the first a page has no ink, and up to the second its ink is faint. Stronger ink is read as well or
better as it is."""

PAPER_GREY = 230
STRENGTHENED_CONTRAST = 160
MAX_GAIN = 8
"""Faint ink is strengthened to this contrast with paper of this grey, but by no greater factor. A greater one would
make ink of noise."""

SPECK_CONTRAST = 40
"""How much a pixel differs from those around it to be a speck."""

SPECKLED_SHARE = 0.001
"""Share of specks from which a page is speckled. Print and clean scans have a tenth of it."""

FINE_PRINT_SIDE = 800
"""Pixels of the shorter side below which a stroke may be a single pixel wide."""


@dataclass(frozen=True)
class Condition:
    """What ``auto`` decides by.

    ``is_dark``: light text on a dark background. ``contrast``: how much the ink differs from the background around it,
    of 255. ``specks``: the share of pixels that stand alone in clear surroundings.
    """

    is_dark: bool
    contrast: float
    specks: float


def prepare(image: PageImage, profile: Preprocess) -> PageImage:
    """``image`` prepared for the engine. No pixel moves.

    ``none``: unchanged. ``binarize``: pixels darker than a fixed grey become ink, which is thickened, on white.
    ``auto``: depends on the condition of the page; most pages stay unchanged. Specks are removed, and very faint
    ink is strengthened on an even background (but not light text on a dark background).
    """
    if profile == "binarize":
        return image.with_pixels(_binarized(image.pixels))
    if profile == "auto":
        return _improved(image)
    return image


def _improved(image: PageImage) -> PageImage:
    if condition(_grey(image.pixels)).specks > SPECKLED_SHARE:
        image = image.with_pixels(_despeckled(image.pixels))
    grey = _grey(image.pixels)
    state = condition(grey)
    if BLANK_CONTRAST < state.contrast < FAINT_CONTRAST and not state.is_dark:
        return image.with_pixels(_strengthened(grey, state.contrast))
    return image


def _grey(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def condition(grey: Pixels) -> Condition:
    """The condition of a page, (height, width) grey."""
    small = _reduced(grey)
    difference = small.astype(np.float32) - _background(small)
    is_dark = bool((difference**3).mean() > 0)  # the distribution leans to the side of the ink
    around = np.ones((7, 7), dtype=np.uint8)
    around[3, 3] = 0
    lighter, darker = cv2.subtract(grey, cv2.dilate(grey, around)), cv2.subtract(cv2.erode(grey, around), grey)
    return Condition(
        is_dark=is_dark,
        contrast=float(np.percentile(difference, 99.9) if is_dark else -np.percentile(difference, 0.1)),
        specks=float((cv2.max(lighter, darker) > SPECK_CONTRAST).mean()),
    )


def _reduced(grey: Pixels) -> Pixels:
    scale = MEASURE_SIDE / min(grey.shape)
    if scale >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _background(small: Pixels) -> Pixels:
    """The page without its ink: a median, since ink covers less than half of any neighbourhood."""
    return np.asarray(cv2.medianBlur(small, BACKGROUND_WINDOW), dtype=np.uint8)


def _strengthened(grey: Pixels, contrast: float) -> Pixels:
    """Ink of ``contrast`` with the background around it, brought to STRENGTHENED_CONTRAST on an even background."""
    height, width = grey.shape
    background = cv2.resize(_background(_reduced(grey)), (width, height), interpolation=cv2.INTER_LINEAR)
    difference = (grey.astype(np.float32) - background) * min(MAX_GAIN, STRENGTHENED_CONTRAST / contrast)
    strong = np.clip(PAPER_GREY + difference, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(strong, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def _despeckled(pixels: Pixels) -> Pixels:
    """Replaces each pixel that resembles at most one of its eight neighbours by their median.

    Where strokes are a pixel wide, only pixels that resemble no neighbour are replaced, to keep the ends of strokes.
    """
    grey = _grey(pixels)
    framed = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    height, width = grey.shape
    alike = np.zeros(grey.shape, dtype=np.uint8)
    for y, x in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)):
        alike += cv2.absdiff(grey, framed[y : y + height, x : x + width]) <= SPECK_CONTRAST
    specks = alike <= (1 if min(height, width) >= FINE_PRINT_SIDE else 0)
    return np.where(specks[:, :, None], cv2.medianBlur(pixels, 3), pixels)


def _binarized(pixels: Pixels) -> Pixels:
    _, ink = cv2.threshold(_grey(pixels), INK_GREY, 255, cv2.THRESH_BINARY_INV)
    thick = cv2.dilate(ink, np.ones((2, 2), np.uint8))
    return np.asarray(cv2.cvtColor(255 - thick, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
