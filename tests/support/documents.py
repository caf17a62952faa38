"""Documents in the database without files or workers, and what was read of them."""

from __future__ import annotations

import hashlib

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from documents.models import Document, Original, Page, PageResult, Run, State
from documents.search import index
from recognition.options import Options
from recognition.page import Line


def new_document(owner, title: str, *texts: str, **fields) -> Document:
    """A document of pages that have been read, without files or workers."""
    document = Document.objects.create(owner=owner, title=title, page_count=len(texts), **fields)
    original = new_original(document)
    run = Run.objects.create(document=document, options=Options().to_dict())
    for number, text in enumerate(texts, start=1):
        page = Page.objects.create(document=document, number=number, original=original, original_number=number)
        box = ((0, 0), (100, 0), (100, 20), (0, 20))
        lines = [Line(line, 0.9, box).to_dict() for line in text.split("\n") if line]
        PageResult.objects.create(run=run, page=page, state=State.DONE, text=text, lines=lines, finished=timezone.now())
    document.current_run = run
    document.save()
    index.refresh(document.pk)
    return document


def make(owner: User, title: str = "a", **values: object) -> Document:
    """A document without pages."""
    document = Document.objects.create(owner=owner, title=title, **{"page_count": 0} | values)
    new_original(document, sha256=hashlib.sha256(title.encode()).hexdigest(), kind="png", media_type="image/png")
    return document


def new_original(document: Document, **values: object) -> Original:
    """A file that is nowhere, as the original of a document."""
    common = {
        "file": "-",
        "name": f"{document.title}.pdf",
        "sha256": "0" * 64,
        "kind": "pdf",
        "media_type": "application/pdf",
        "bytes": 1,
        "page_count": document.page_count,
    }
    return Original.objects.create(document=document, **common | values)


def line(left: float, top: float, right: float, bottom: float, text: str = "台北") -> Line:
    return Line(text, 0.9, ((left, top), (right, top), (right, bottom), (left, bottom)))


def result_of(document: Document) -> PageResult:
    """What the current run, which may have come meanwhile, has made of its only page."""
    current = Document.objects.filter(pk=document.pk).values("current_run")
    return PageResult.objects.select_related("page").get(run__in=current)


def titles(client: Client, address: str = "/") -> list[str]:
    return [document.title for document in client.get(address).context["page"].documents]
