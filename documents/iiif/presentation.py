"""Manifests, collections, annotations and hits as IIIF writes them (Presentation 3.0, Content Search 2.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from documents.models import Document, Folder, Page
from documents.transcript import TranscriptBlock, TranscriptLine, TranscriptPage
from recognition.geometry import BBox, bounds

from .addresses import Addresses
from .image import TILE

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
SEARCH = "http://iiif.io/api/search/2/context.json"
GRANULARITY = "http://iiif.io/api/extension/text-granularity/context.json"

UNDRAWN = (1000, 1414)
"""Width and height of the canvas of a page that has no image yet."""

Label = dict[str, list[str]]


def label(text: str, language: str = "none") -> Label:
    return {language: [text]}


def manifest(document: Document, pages: Sequence[Page], at: Addresses, *, right_to_left: bool) -> dict[str, Any]:
    """A document: a canvas for each page, with its image and the address of its lines."""
    conditions: dict[str, Any] = {"rights": document.rights} if document.rights else {}
    if document.attribution:
        conditions["requiredStatement"] = {"label": label("Attribution", "en"), "value": label(document.attribution)}
    return {
        "@context": CONTEXT,
        "id": at.manifest(document.pk),
        "type": "Manifest",
        "label": label(document.title),
        "viewingDirection": "right-to-left" if right_to_left else "left-to-right",
        "behavior": ["paged" if len(pages) > 2 else "individuals"],
        **conditions,
        "service": [{"id": at.search(document.pk), "type": "SearchService2"}],
        "items": [canvas(page, at) for page in pages],
    }


def canvas(page: Page, at: Addresses) -> dict[str, Any]:
    width, height = page.width or UNDRAWN[0], page.height or UNDRAWN[1]
    found: dict[str, Any] = {
        "id": at.canvas(page.document_id, page.number),
        "type": "Canvas",
        "label": label(str(page.number)),
        "width": width,
        "height": height,
        "annotations": [{"id": at.annotations(page.document_id, page.number), "type": "AnnotationPage"}],
    }
    if page.image:
        service = {"id": at.image(page.document_id, page.number), "type": "ImageService3", "profile": "level2"}
        scale = min(1.0, TILE / max(width, height))
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        found["thumbnail"] = [_image(at, page, f"{small[0]},{small[1]}", small, service)]
        body = _image(at, page, "max", (width, height), service)
        painting = {
            "id": f"{found['id']}/image",
            "type": "Annotation",
            "motivation": "painting",
            "body": body,
            "target": found["id"],
        }
        found["items"] = [{"id": f"{found['id']}/images", "type": "AnnotationPage", "items": [painting]}]
    return found


def collection(
    folder: Folder, folders: Iterable[Folder], documents: Iterable[Document], at: Addresses
) -> dict[str, Any]:
    """A folder: the folders and documents right inside it."""
    inside = [{"id": at.collection(f.pk), "type": "Collection", "label": label(f.name)} for f in folders]
    held = [{"id": at.manifest(d.pk), "type": "Manifest", "label": label(d.title)} for d in documents]
    return {
        "@context": CONTEXT,
        "id": at.collection(folder.pk),
        "type": "Collection",
        "label": label(folder.name),
        "items": [*inside, *held],
    }


def page_annotations(page: TranscriptPage, document: Document, language: str, at: Addresses) -> dict[str, Any]:
    """What a page says: an annotation for each line and for each block, with its place."""
    where = at.canvas(document.pk, page.number)
    address = at.annotations(document.pk, page.number)
    lines = [
        _text(f"{address}#line-{line.id}", line.text, "line", bounds(line.line.polygon), where, language)
        for line in page.lines
        if line.text
    ]
    blocks = [
        _text(f"{address}#block-{block.id}", said, "block", block.box, where, language)
        for block in page.blocks
        if (said := _said(block))
    ]
    return {"@context": [GRANULARITY, CONTEXT], "id": address, "type": "AnnotationPage", "items": [*lines, *blocks]}


def hits(
    document: Document, query: str, found: Sequence[tuple[int, TranscriptLine]], at: Addresses, *, ignored: list[str]
) -> dict[str, Any]:
    """The lines that say what is searched, each with its page and place."""
    address = at.search(document.pk, query)
    answer: dict[str, Any] = {
        "@context": SEARCH,
        "id": address,
        "type": "AnnotationPage",
        "items": [
            {
                "id": f"{address}#line-{line.id}",
                "type": "Annotation",
                "motivation": "highlighting",
                "body": {"type": "TextualBody", "value": line.text, "format": "text/plain"},
                "target": f"{at.canvas(document.pk, number)}{_place(bounds(line.line.polygon))}",
            }
            for number, line in found
        ],
    }
    return answer | ({"ignored": ignored} if ignored else {})


def _image(at: Addresses, page: Page, size: str, pixels: tuple[int, int], service: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": f"{service['id']}/full/{size}/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        "width": pixels[0],
        "height": pixels[1],
        "service": [dict(service)],
    }


def _text(address: str, said: str, granularity: str, box: BBox, canvas: str, language: str) -> dict[str, Any]:
    body = {"type": "TextualBody", "value": said, "format": "text/plain"}
    return {
        "id": address,
        "type": "Annotation",
        "motivation": "supplementing",
        "textGranularity": granularity,
        "body": body | ({"language": language} if language else {}),
        "target": f"{canvas}{_place(box)}",
    }


def _said(block: TranscriptBlock) -> str:
    return "\n".join(text for line in block.lines if (text := line.text))


def _place(box: BBox) -> str:
    left, top, right, bottom = (round(value) for value in box)
    return f"#xywh={max(0, left)},{max(0, top)},{max(1, right - left)},{max(1, bottom - top)}"
