"""QR codes and bar codes on a page, decoded with ZXing-C++. What they say is exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from .geometry import bounds, center
from .page import Code, Pixels

FALLBACK_ENCODINGS = ("utf-8", "cp950")
"""Of the bytes of a QR code, in this order: few of them name their encoding, and Taiwan's older tills write Big5."""


def find(pixels: Pixels) -> tuple[Code, ...]:
    """The codes in ``pixels`` (height, width, 3; RGB), from the top, and in a row from the left.

    Pixels of strangers are decoded here, so this belongs into a confined process like the parsers of files.
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code39])
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    return tuple(_in_rows([_code(found) for found in zxingcpp.read_barcodes(grey, formats=formats)]))


def _in_rows(codes: Sequence[Code]) -> list[Code]:
    """From the top, and those that stand beside each other from the left."""
    rows: list[list[Code]] = []
    for code in sorted(codes, key=lambda code: code.box[1]):
        if rows and center(code.box)[1] < rows[-1][0].box[3]:
            rows[-1].append(code)
        else:
            rows.append([code])
    return [code for row in rows for code in sorted(row, key=lambda code: code.box[0])]


def _code(found: Any) -> Code:
    place = found.position
    points = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
    return Code(str(found.format.name), _text(found), bounds((float(point.x), float(point.y)) for point in points))


def _text(found: Any) -> str:
    for encoding in FALLBACK_ENCODINGS:
        try:
            return bytes(found.bytes).decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
    return str(found.text)
