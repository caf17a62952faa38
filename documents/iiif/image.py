"""What an address of the Image API 3.0 asks for (iiif.io/api/image/3.0, level 2)."""

from __future__ import annotations

import re
from typing import Any, Literal

from documents.pictures import Colour, Cut

MOST_PIXELS = 5000
"""Width and height of a picture that is made, at most."""

TILE = 512
FORMATS: dict[str, tuple[Literal["JPEG", "PNG"], str]] = {
    "jpg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
}
QUALITIES: dict[str, Colour] = {"default": "color", "color": "color", "gray": "gray", "bitonal": "bitonal"}

_NUMBER = r"(\d{1,7}(?:\.\d{1,10})?)"
_PIXELS = re.compile(r"(\d{1,7}),(\d{1,7}),(\d{1,7}),(\d{1,7})\Z")
_PERCENT = re.compile(rf"pct:{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\Z")
_SIZE_PERCENT = re.compile(rf"pct:{_NUMBER}\Z")
_SIZE = re.compile(r"(!?)(\d{0,7}),(\d{0,7})\Z")
_ROTATION = re.compile(r"(!?)(\d{1,3}(?:\.\d{1,10})?)\Z")


class UnsupportedError(ValueError):
    """A feature beyond level 2: answered with 501."""


def asked(width: int, height: int, region: str, size: str, rotation: str, quality: str, suffix: str) -> Cut:
    """The cut of a page image of ``width`` and ``height`` that the parts of an address ask for.

    Raises ValueError for what makes no sense, and UnsupportedError for what this server does not do.
    """
    if quality not in QUALITIES or suffix not in FORMATS:
        raise ValueError("There is no such quality or format.")
    box = _region(width, height, region)
    mirror, turn = _rotation(rotation)
    return Cut(box, _size(box[2] - box[0], box[3] - box[1], size), turn, mirror, QUALITIES[quality], FORMATS[suffix][0])


def info(address: str, width: int, height: int) -> dict[str, Any]:
    """The ``info.json`` of a page image at ``address``."""
    factors = [1]
    while TILE * factors[-1] < max(width, height):
        factors.append(2 * factors[-1])
    return {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": address,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": width,
        "height": height,
        "maxWidth": MOST_PIXELS,
        "maxHeight": MOST_PIXELS,
        "tiles": [{"width": TILE, "scaleFactors": factors}],
        "extraFormats": ["png"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["mirroring", "regionSquare", "rotationBy90s", "sizeByConfinedWh", "cors", "baseUriRedirect"],
    }


def _region(width: int, height: int, text: str) -> tuple[int, int, int, int]:
    if text == "full":
        return 0, 0, width, height
    if text == "square":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return left, top, left + side, top + side
    if found := _PIXELS.match(text):
        x, y, w, h = map(int, found.groups())
    elif found := _PERCENT.match(text):
        parts = [float(part) / 100 for part in found.groups()]
        x, w = round(parts[0] * width), round(parts[2] * width)
        y, h = round(parts[1] * height), round(parts[3] * height)
    else:
        raise ValueError("The region cannot be understood.")
    if not w or not h or x >= width or y >= height:
        raise ValueError("The region has no pixel of the image.")
    return x, y, min(x + w, width), min(y + h, height)


def _size(width: int, height: int, text: str) -> tuple[int, int]:
    if text.startswith("^"):
        raise UnsupportedError("Images are not made larger.")
    if text == "max":
        scale = min(1.0, MOST_PIXELS / max(width, height))
        wanted = (width * scale, height * scale)
    elif found := _SIZE_PERCENT.match(text):
        scale = float(found[1]) / 100
        wanted = (width * scale, height * scale)
    elif (found := _SIZE.match(text)) and (found[2] or found[3]):
        across, down = (float(side) if side else None for side in found.groups()[1:])
        wanted = _by_sides(width, height, found[1] == "!", across, down)
    else:
        raise ValueError("The size cannot be understood.")
    made = (max(1, round(wanted[0])), max(1, round(wanted[1])))
    if not all(wanted) or made[0] > width or made[1] > height or max(made) > MOST_PIXELS:
        raise ValueError(f"A size is at least 1 and at most that of the region, and at most {MOST_PIXELS} pixels.")
    return made


def _by_sides(
    width: int, height: int, is_confined: bool, across: float | None, down: float | None
) -> tuple[float, float]:
    if is_confined:
        if across is None or down is None:
            raise ValueError("The size cannot be understood.")
        scale = min(across / width, down / height, 1.0)
        return width * scale, height * scale
    if across is None:
        return width * (down or 0) / height, down or 0
    return across, height * across / width if down is None else down


def _rotation(text: str) -> tuple[bool, int]:
    found = _ROTATION.match(text)
    if not found or float(found[2]) > 360:
        raise ValueError("The rotation cannot be understood.")
    if float(found[2]) % 90:
        raise UnsupportedError("Images are turned by 90, 180 or 270 degrees.")
    return found[1] == "!", int(float(found[2])) % 360
