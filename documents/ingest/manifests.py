"""What a IIIF manifest names (Presentation API 2 and 3): a title, and for each page where its image is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from documents.errors import ManifestInvalidError

LANGUAGES = ("zh-Hant", "zh-TW", "zh", "none", "en")
"""Of titles, the preferred one first; else whichever comes first."""


LONGEST_LABEL = 80
"""Characters of a canvas' label, beside its number; longer ones are descriptions."""


@dataclass(frozen=True)
class Canvas:
    """``number``: its place in the manifest, from 1. ``label``: one line; empty if there is none that is short."""

    number: int
    label: str


@dataclass(frozen=True)
class Manifest:
    """``images``: for each page the addresses of its image, the largest first; one of them is enough.
    ``left_out``: the canvases that are no pages, because no image is named for them."""

    title: str
    images: Sequence[Sequence[str]]
    left_out: Sequence[Canvas]


def parse(content: bytes, address: str) -> Manifest:
    """The manifest that is at ``address``. Raises ManifestInvalidError."""
    try:
        data = json.loads(content)
        images: list[list[str]] = []
        left_out: list[Canvas] = []
        for number, (canvas, body) in enumerate(_canvases(data), start=1):
            if addresses := [urljoin(address, each) for each in _addresses(body or {})]:
                images.append(addresses)
            else:
                left_out.append(Canvas(number, _short(_text(canvas.get("label")))))
        title = _text(data.get("label"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ManifestInvalidError from error
    if not images:
        raise ManifestInvalidError
    return Manifest(title, images, left_out)


def _canvases(data: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
    """Each canvas, and its first image if it has one."""
    if data.get("type") == "Manifest":
        for canvas in data["items"]:
            painted = (note["body"] for page in canvas.get("items", []) for note in page.get("items", []))
            body = next(painted, None)
            yield canvas, _one(body) if body else None
    elif data.get("@type") == "sc:Manifest":
        for canvas in data["sequences"][0]["canvases"]:
            images = canvas.get("images")
            yield canvas, _one(images[0]["resource"]) if images else None


def _one(body: Any) -> Mapping[str, Any]:
    """An image, of several or of a choice the first one."""
    body = body[0] if isinstance(body, list) else body
    chosen = body.get("items") or [body.get("default")]
    found: Mapping[str, Any] = chosen[0] or body
    return found


def _addresses(body: Mapping[str, Any]) -> Iterator[str]:
    services = body.get("service", [])
    for service in services if isinstance(services, list) else [services]:
        base = str(service.get("id") or service.get("@id") or "").rstrip("/")
        if not base:
            continue
        yield f"{base}/full/max/0/default.jpg"
        if service.get("type") != "ImageService3":  # version 2.0 knows no other name for it
            yield f"{base}/full/full/0/default.jpg"
    if own := body.get("id") or body.get("@id"):
        yield str(own)


def _short(label: str) -> str:
    """A label on one line, or nothing if it is long or has characters that are not for display."""
    line = " ".join(label.split())
    return line if line.isprintable() and len(line) <= LONGEST_LABEL else ""


def _text(label: Any) -> str:
    """One line of a label, in whichever of its many shapes."""
    if isinstance(label, Mapping):
        if "@value" in label:
            return _text(label["@value"])
        known = next((name for name in LANGUAGES if name in label), next(iter(label), ""))
        return _text(label.get(known))
    if isinstance(label, list):
        return _text(label[0]) if label else ""
    return "" if label is None else str(label)
