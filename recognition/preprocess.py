"""From a page image to one that reads better."""

from __future__ import annotations

import cv2
import numpy as np

from .page import PageImage, Pixels, Preprocess

INK = 95
"""Grey value up to which ``binarize`` takes a pixel for ink."""


def prepare(image: PageImage, profile: Preprocess) -> PageImage:
    """``image`` prepared for the engine; the pixels stay where they are.

    ``none``: as it is. ``binarize``: what is darker than a fixed grey becomes ink and is thickened, on
    white. ``auto``: what the page's own measures ask for, mostly nothing.
    """
    if profile == "binarize":
        return image.with_pixels(_binarized(image.pixels))
    return image


def _binarized(pixels: Pixels) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(grey, INK, 255, cv2.THRESH_BINARY_INV)
    thick = cv2.dilate(ink, np.ones((2, 2), np.uint8))
    return np.asarray(cv2.cvtColor(255 - thick, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
