"""From a page image to one that reads better."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .page import PageImage, Pixels, Preprocess

INK = 95
"""Grey value up to which ``binarize`` takes a pixel for ink."""

SMALL = 800
"""Measures are taken on an image of about so many pixels on its shorter side."""

SURROUNDINGS = 61
"""Width of what is near a pixel of that image; lines of text are a third of it."""

BLANK = 8
FAINT = 50
"""Of 255: a greatest difference from the ground of no more than this is no ink, or faint ink. What differs more is
read as well or better as it is."""

PAPER = 230
STRONG = 160
GREATEST_GAIN = 8
"""Faint ink is strengthened to this difference from paper of that grey, but by no greater factor: that would make
ink of noise."""

SPECK = 40
"""How much a pixel differs from those around it to be a speck."""

SPECKLED = 0.001
"""Share of specks in a speckled page. Print and clean scans have a tenth of that."""

FINE = 800
"""On images with fewer pixels on the shorter side, a stroke may be a single pixel wide."""


@dataclass(frozen=True)
class Condition:
    """What ``auto`` goes by.

    ``is_dark``: light text on dark ground. ``contrast``: how much the ink differs from the ground around it,
    of 255. ``specks``: the share of pixels that stand alone in clear surroundings.
    """

    is_dark: bool
    contrast: float
    specks: float


def prepare(image: PageImage, profile: Preprocess) -> PageImage:
    """``image`` prepared for the engine; the pixels stay where they are.

    ``none``: as it is. ``binarize``: what is darker than a fixed grey becomes ink and is thickened, on
    white. ``auto``: what the condition of the page asks for, which for most is nothing: speckle is removed,
    and very faint ink is strengthened on an even ground (not light text on dark ground).
    """
    if profile == "binarize":
        return image.with_pixels(_binarized(image.pixels))
    if profile == "auto":
        return _improved(image)
    return image


def _improved(image: PageImage) -> PageImage:
    if condition(_grey(image.pixels)).specks > SPECKLED:
        image = image.with_pixels(_despeckled(image.pixels))
    grey = _grey(image.pixels)
    state = condition(grey)
    if BLANK < state.contrast < FAINT and not state.is_dark:
        return image.with_pixels(_strengthened(grey, state.contrast))
    return image


def _grey(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def condition(grey: Pixels) -> Condition:
    """The condition of a page, (height, width) grey."""
    small = _reduced(grey)
    difference = small.astype(np.float32) - _ground(small)
    is_dark = bool((difference**3).mean() > 0)  # the distribution leans to the side of the ink
    around = np.ones((7, 7), dtype=np.uint8)
    around[3, 3] = 0
    lighter, darker = cv2.subtract(grey, cv2.dilate(grey, around)), cv2.subtract(cv2.erode(grey, around), grey)
    return Condition(
        is_dark=is_dark,
        contrast=float(np.percentile(difference, 99.9) if is_dark else -np.percentile(difference, 0.1)),
        specks=float((cv2.max(lighter, darker) > SPECK).mean()),
    )


def _reduced(grey: Pixels) -> Pixels:
    scale = SMALL / min(grey.shape)
    if scale >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _ground(small: Pixels) -> Pixels:
    """The page without its ink, which covers the lesser part of any surroundings."""
    return np.asarray(cv2.medianBlur(small, SURROUNDINGS), dtype=np.uint8)


def _strengthened(grey: Pixels, contrast: float) -> Pixels:
    """Ink that differs from the ground around it by ``contrast`` made to differ by STRONG, on an even ground."""
    height, width = grey.shape
    ground = cv2.resize(_ground(_reduced(grey)), (width, height), interpolation=cv2.INTER_LINEAR)
    difference = (grey.astype(np.float32) - ground) * min(GREATEST_GAIN, STRONG / contrast)
    strong = np.clip(PAPER + difference, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(strong, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def _despeckled(pixels: Pixels) -> Pixels:
    """The median of its surroundings for each pixel that is like at most one of its neighbours.

    Where strokes are a pixel wide only those go that are like none, so as to leave the ends of strokes.
    """
    grey = _grey(pixels)
    framed = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    height, width = grey.shape
    alike = np.zeros(grey.shape, dtype=np.uint8)
    for y, x in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)):
        alike += cv2.absdiff(grey, framed[y : y + height, x : x + width]) <= SPECK
    specks = alike <= (1 if min(height, width) >= FINE else 0)
    return np.where(specks[:, :, None], cv2.medianBlur(pixels, 3), pixels)


def _binarized(pixels: Pixels) -> Pixels:
    _, ink = cv2.threshold(_grey(pixels), INK, 255, cv2.THRESH_BINARY_INV)
    thick = cv2.dilate(ink, np.ones((2, 2), np.uint8))
    return np.asarray(cv2.cvtColor(255 - thick, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
