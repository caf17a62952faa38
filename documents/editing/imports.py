"""Transcriptions from other programs come in as runs of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.utils import timezone

from documents.errors import MismatchError
from documents.models import Document, Page, PageResult, Run, RunState, State, Verb, record
from documents.models.page_moves import copy_results
from documents.search import index
from recognition.layout import Layout
from recognition.page import PageReading

from .pages import numbers_of
from .runs import UnfinishedError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from recognition.transcriptions import Transcription, WrittenPage

TOLERANCE = 0.02
"""By how much the shapes of two pictures of one page may differ: what rounding and cutting edges do."""


def import_run(document: Document, transcription: Transcription, *, author: User) -> Run:
    """A finished run of what another program wrote; of pages that it does not have, what the current run read.

    It is not made current. Pages are matched by the names of their images, by their order if there are as many as the
    document has, or by their sizes. Raises MismatchError if one matches no page, or several, or is of another shape,
    and UnfinishedError while the document is being read.
    """
    with transaction.atomic():
        held = Document.objects.lock(document.pk)
        current = held.current_run if held else None
        if held is None or current is None or not current.is_finished:
            raise UnfinishedError
        pages = list(held.pages.select_related("original").order_by("number"))
        matched = match(transcription.pages, pages, held.title)
        now = timezone.now()
        run = Run.objects.create(
            document=held,
            options=current.options,
            engine={"backend": "import", "model": transcription.format, "creator": transcription.creator[:200]},
            requested_by=author,
            based_on=current,
            started=now,
            finished=now,
            state=RunState.DONE,
        )
        copy_results(current, run, but=[page.pk for page in matched])
        PageResult.objects.bulk_create(_result(run, page, written) for page, written in matched.items())
        for result in run.results.filter(page__in=matched).select_related("page"):
            result.refresh_text()
        run.settle()
        index.refresh(held.pk, [page.number for page in matched])
        record(Verb.IMPORTED, held, author, format=transcription.format, numbers=numbers_of(matched), run=str(run.pk))
    return run


def match(written: Sequence[WrittenPage], pages: Sequence[Page], title: str) -> dict[Page, WrittenPage]:
    """Which of a document's ``pages``, in their order, each page of a transcription is; scaled to its size.

    Raises MismatchError.
    """
    found = _by_name(written, pages, title)
    if len(found) < len(written) and not found and len(written) == len(pages):
        found = dict(zip(pages, written, strict=True))
    if len(found) < len(written):
        left = [page for page in pages if page not in found]
        for each in written:
            if each not in found.values():
                found[_of_size(each, left)] = each
                left = [page for page in left if page not in found]
    return {page: _scaled(each, page) for page, each in found.items()}


def _by_name(written: Sequence[WrittenPage], pages: Sequence[Page], title: str) -> dict[Page, WrittenPage]:
    """Those of which one page has the name, and no other page of the transcription has it too."""
    known: dict[str, list[Page]] = {}
    for page in pages:
        for name in _names(page, title):
            known.setdefault(name, []).append(page)
    named: dict[Page, list[WrittenPage]] = {}
    for each in written:
        for name in filter(None, (each.image, each.file)):
            candidates = known.get(_stem(name), [])
            if len(candidates) == 1:
                named.setdefault(candidates[0], []).append(each)
                break
    return {page: candidates[0] for page, candidates in named.items() if len(candidates) == 1}


def _names(page: Page, title: str) -> set[str]:
    """What the image of a page may be called elsewhere: as its file, or as our exports call it."""
    stem = _stem(page.original.name)
    names = {_stem(f"{title} {page.number}"), f"{page.number:04}"}
    if page.original.page_count == 1:
        names.add(stem)
    else:
        names |= {f"{stem}{gap}{page.original_number:0{width}}" for gap in "-_ " for width in (1, 2, 3, 4)}
    return names


def _stem(name: str) -> str:
    path = PurePath(re.split(r"[/\\]", name)[-1])
    is_suffix = re.fullmatch(r"\.[a-z][a-z0-9]{1,4}", path.suffix.lower())
    return (path.stem if is_suffix else path.name).casefold()


def _of_size(written: WrittenPage, pages: Iterable[Page]) -> Page:
    """The one page whose image has just the size of that on which ``written`` was written."""
    alike = [page for page in pages if (page.width, page.height) == (written.width, written.height)]
    if len(alike) != 1:
        raise MismatchError(written.image or written.file)
    return alike[0]


def _scaled(written: WrittenPage, page: Page) -> WrittenPage:
    """``written`` in pixels of the page's image. Raises MismatchError if that has another shape, or is not drawn."""
    name = written.image or written.file
    if not page.width or not page.height:
        raise MismatchError(name)
    width, height = written.width or page.width, written.height or page.height
    across, down = page.width / width, page.height / height
    if abs(across - down) > TOLERANCE * max(across, down):
        raise MismatchError(name, page=page.number)
    scaled = Layout(lines=written.lines, blocks=written.blocks).mapped(np.diag([across, down, 1.0]))
    return replace(written, width=page.width, height=page.height, lines=scaled.lines, blocks=scaled.blocks)


def _result(run: Run, page: Page, written: WrittenPage) -> PageResult:
    reading = PageReading(page.number, int(written.width), int(written.height), written.lines, written.blocks)
    sure = [line.confidence for line in written.lines]
    return PageResult(
        run=run,
        page=page,
        state=State.DONE,
        lines=[line.to_dict() for line in reading.lines],
        blocks=[block.to_dict() for block in reading.blocks],
        text=reading.text,
        confidence=sum(sure) / len(sure) if sure else None,
        source="import",
        finished=run.finished,
    )
