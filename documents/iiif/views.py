"""Answers at the addresses of IIIF."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, cast
from uuid import UUID

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control

from documents import media, viewer
from documents.models import Document, Folder, Page, State, Verb, record
from documents.pictures import Cut
from documents.search.within import find_in

from . import image as image_api
from . import presentation
from .access import OWN, readable, reader, served
from .addresses import Addresses

FRESH = 600
"""Seconds for which viewers, and we, keep a picture: so long it outlives the end of a link."""

LARGEST_KEPT = 256 * 1024

PRESENTATION = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
IMAGE = 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'
SEARCH = 'application/ld+json;profile="http://iiif.io/api/search/2/context.json"'
MOST_LISTED = 1000
"""Documents of a folder in its collection; more would be no list that anybody reads."""


@served
def manifest(request: HttpRequest, key: str, pk: UUID) -> HttpResponseBase:
    document, run = readable(request, key, pk)
    record(Verb.VIEWED, document, reader(request))
    pages = list(document.pages.order_by("number"))
    right_to_left = viewer.reads_right_to_left(run)
    found = presentation.manifest(document, pages, Addresses.of(request, key), right_to_left=right_to_left)
    return _json(found, PRESENTATION)


@served
def page_annotations(request: HttpRequest, key: str, pk: UUID, number: int) -> HttpResponseBase:
    document, run = readable(request, key, pk)
    result = get_object_or_404(run.results.select_related("page"), page__number=number)
    result.run = run
    said = result.transcript(result.edits()) if result.state == State.DONE else None
    language = viewer.language(run, result.text)
    at = Addresses.of(request, key)
    if said is None:
        empty = {"@context": presentation.CONTEXT, "id": at.annotations(pk, number), "type": "AnnotationPage"}
        return _json(empty | {"items": []}, PRESENTATION)
    return _json(presentation.page_annotations(said, document, language, at), PRESENTATION)


@served
def search(request: HttpRequest, key: str, pk: UUID) -> HttpResponseBase:
    """``?q=``: the lines with these words. Other parameters of the standard are ignored, which the answer says."""
    document, run = readable(request, key, pk)
    query = request.GET.get("q", "")[:200]
    wanted: dict[int, set[str]] = {}
    for found in find_in(run, query).lines if query.strip() else []:
        wanted.setdefault(found.page, set()).add(f"{found.page}-{found.key}")
    lines = []
    for result in run.results.filter(page__number__in=wanted).select_related("page").order_by("page__number"):
        result.run = run
        said = result.transcript(result.edits()).lines
        number = result.page.number
        lines += [(number, line) for line in said if line.id in wanted[number]]
    ignored = [name for name in ("motivation", "date", "user") if name in request.GET]
    at = Addresses.of(request, key)
    return _json(presentation.hits(document, query, lines, at, ignored=ignored), SEARCH)


@served
def collection(request: HttpRequest, key: str, pk: int) -> HttpResponseBase:
    """A folder, for those who have an account."""
    if key != OWN:
        raise Http404
    folders = Folder.objects.visible_to(request.user)
    folder = get_object_or_404(folders, pk=pk)
    documents = Document.objects.visible_to(request.user).filter(folder=folder).order_by("title")[:MOST_LISTED]
    inside = folders.filter(parent=folder).order_by("name")
    return _json(presentation.collection(folder, inside, documents, Addresses.of(request, key)), PRESENTATION)


@served
def image(request: HttpRequest, key: str, pk: UUID, number: int) -> HttpResponseBase:
    """The address of an image leads to what it is."""
    readable(request, key, pk)
    return HttpResponse(status=303, headers={"Location": f"{Addresses.of(request, key).image(pk, number)}/info.json"})


@served
def info(request: HttpRequest, key: str, pk: UUID, number: int) -> HttpResponseBase:
    page = _drawn(request, key, pk, number)
    address = Addresses.of(request, key).image(pk, number)
    return _json(image_api.info(address, cast(int, page.width), cast(int, page.height)), IMAGE)


@served
def picture(
    request: HttpRequest, key: str, pk: UUID, number: int, region: str, size: str, rotation: str, name: str
) -> HttpResponseBase:
    page = _drawn(request, key, pk, number)
    quality, _dot, suffix = name.partition(".")
    try:
        cut = image_api.asked(cast(int, page.width), cast(int, page.height), region, size, rotation, quality, suffix)
    except image_api.UnsupportedError as error:
        return JsonResponse({"error": str(error)}, status=501)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    try:
        content = _made(request, page, cut)
    except media.TooManyExportsError as error:
        return JsonResponse({"error": str(error)}, status=429, headers={"Retry-After": "5"})
    response = media.made(request, content, image_api.FORMATS[suffix][1])
    del response["Cache-Control"]
    patch_cache_control(response, private=True, max_age=FRESH)
    return response


def _made(request: HttpRequest, page: Page, cut: Cut) -> bytes:
    """A cut of a page, kept for a while: many viewers ask for the same tiles."""
    name = f"iiif:{page.image.name}:{page.key}:{hashlib.sha256(repr(cut).encode()).hexdigest()}"
    if (kept := cache.get(name)) is not None:
        return base64.b64decode(kept)
    content = media.cut_of_page(request, page, cut)
    if len(content) <= LARGEST_KEPT:
        cache.set(name, base64.b64encode(content).decode(), FRESH)
    return content


def _drawn(request: HttpRequest, key: str, pk: UUID, number: int) -> Page:
    """The page, if it may be read and its image is there."""
    document, _run = readable(request, key, pk)
    return get_object_or_404(document.pages.exclude(image=""), number=number)


def _json(data: dict[str, Any], media_type: str) -> JsonResponse:
    return JsonResponse(data, content_type=media_type, json_dumps_params={"ensure_ascii": False})
