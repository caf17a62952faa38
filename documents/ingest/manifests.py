"""What a IIIF manifest names (Presentation API 2 and 3): a title, rights, and for each page where its image is."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.utils.html import strip_tags

from documents.errors import ManifestInvalidError
from documents.models import LONGEST_RIGHTS, clean_title

LANGUAGES = ("zh-Hant", "zh-TW", "zh", "none", "en")
"""Of titles, the preferred one first; else whichever comes first."""


LONGEST_LABEL = 80
"""Characters of a canvas' label, beside its number; longer ones are descriptions."""

LONGEST_ATTRIBUTION = 2000
"""Characters of what has to be shown with a document; a longer text ends in "…" there."""


@dataclass(frozen=True)
class Canvas:
    """A canvas of which not everything becomes a page.

    ``number``: its place in the manifest, from 1. ``label``: one line; empty if there is none that is short.
    ``images``: how many it has beside its first one, which is the page: details, other lights, halves. 0 if it has none
    at all, and is no page.
    """

    number: int
    label: str
    images: int = 0


@dataclass(frozen=True)
class Manifest:
    """``images``: for each page the addresses of its image, the largest first; one of them is enough.

    ``rights``: the address of a licence or statement, "" for none. ``attribution``: what its owner wants to be shown
    with it, and what else it says of rights, as plain text; "" for nothing.
    """

    title: str
    images: Sequence[Sequence[str]]
    left_out: Sequence[Canvas]
    rights: str
    attribution: str


def parse(content: bytes, address: str) -> Manifest:
    """The manifest that is at ``address``. Raises ManifestInvalidError."""
    try:
        data = json.loads(content)
        images: list[list[str]] = []
        left_out: list[Canvas] = []
        for number, (canvas, bodies) in enumerate(_canvases(data), start=1):
            addresses = [urljoin(address, each) for each in _addresses(bodies[0] if bodies else {})]
            if addresses:
                images.append(addresses)
            if not addresses or len(bodies) > 1:
                more = len(bodies) - 1 if addresses else 0
                left_out.append(Canvas(number, _short(_text(canvas.get("label"))), more))
        title, (rights, attribution) = _text(data.get("label")), _conditions(data)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ManifestInvalidError from error
    if not images:
        raise ManifestInvalidError
    return Manifest(title, images, left_out, rights, attribution)


def _canvases(data: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]:
    """Each canvas, and its images."""
    if data.get("type") == "Manifest":
        for canvas in data["items"]:
            notes = (note for page in canvas.get("items", []) for note in page.get("items", []))
            yield canvas, [image for note in notes for image in _images(note["body"])]
    elif data.get("@type") == "sc:Manifest":
        for canvas in data["sequences"][0]["canvases"]:
            yield canvas, [image for note in canvas.get("images") or [] for image in _images(note["resource"])]


def _images(body: Any) -> Iterator[Mapping[str, Any]]:
    """What one body says: an image, several, or a choice of them."""
    for each in body if isinstance(body, list) else [body]:
        if choice := each.get("items"):
            yield from choice
        elif default := each.get("default"):
            others = each.get("item", [])
            yield from [default, *(others if isinstance(others, list) else [others])]
        else:
            yield each


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


def _conditions(data: Mapping[str, Any]) -> tuple[str, str]:
    """``rights`` and ``attribution``. Rights that are no address, and further ones, are said with the attribution."""
    named = data.get("rights") or data.get("license") or []
    statements = [str(each) for each in (named if isinstance(named, list) else [named])]
    rights = next(filter(_is_address, statements), "")
    others = [_plain(each) for each in statements if each != rights]
    said = " · ".join(filter(None, [_required(data), *others]))
    return rights, said if len(said) <= LONGEST_ATTRIBUTION else f"{said[: LONGEST_ATTRIBUTION - 1]}…"


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return (
        bool(parts.scheme in {"http", "https"} and parts.netloc) and text.isprintable() and len(text) <= LONGEST_RIGHTS
    )


def _required(data: Mapping[str, Any]) -> str:
    """What has to be shown: ``requiredStatement``, before version 3 ``attribution``; its label goes before it."""
    required = data.get("requiredStatement") or {"value": data.get("attribution")}
    label, value = clean_title(_text(required.get("label"))), _plain(_text(required.get("value")))
    if not label or not value:
        return value
    colon = "：" if unicodedata.east_asian_width(label[-1]) == "W" else ": "
    return f"{label}{colon}{value}"


def _plain(markup: str) -> str:
    """Without the HTML that such values may have, on one line."""
    return " ".join(clean_title(html.unescape(strip_tags(markup))).split())
