"""The pages of a document: turned, put in another order, taken out, moved to another document; documents parted and
joined.

Nobody may be reading the documents meanwhile. Pages are named by their rows, not by their numbers, so that nobody moves
another page than the one they saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import (
    UNFINISHED,
    Document,
    Page,
    PageResult,
    RefusedError,
    Share,
    Verb,
    announce_correction,
    announce_run,
    check_page_count,
    clean_title,
    page_moves,
    record,
)
from documents.models.archive import LONGEST_TITLE
from documents.search import index

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class PagesChangedError(Exception):
    """Somebody else has moved pages of the document meanwhile, so they are no longer those that were named."""


def order_pages(document: Document, pages: Sequence[int], *, actor: User) -> None:
    """Puts the pages in this order; all of the document's are named. Raises PagesChangedError and RefusedError."""
    with _arranging(document) as (held,):
        here = _named(held, pages)
        if len(here) != held.page_count:
            raise PagesChangedError
        page_moves.renumber(held, here)
        record(Verb.PAGES_ORDERED, held, actor)


def turn_pages(document: Document, pages: Iterable[int], degrees: int, *, actor: User) -> None:
    """Turns these pages clockwise by 90, 180 or 270 degrees. Raises PagesChangedError, RefusedError and ValueError."""
    if degrees not in (90, 180, 270):
        raise ValueError(f"pages are turned by 90, 180 or 270 degrees, not by {degrees}")
    with _arranging(document) as (held,):
        here = _named(held, pages)
        for page in here:
            page_moves.turn(page, degrees)
        record(Verb.PAGES_TURNED, held, actor, numbers=numbers_of(here), degrees=degrees)


def part_document(document: Document, pages: Iterable[int], *, title: str = "", actor: User) -> Document:
    """Moves these pages into a new document beside this one, with its tags and shares, and gives that.

    ``title``: of the new document; else that of this one, with the pages. Raises PagesChangedError and RefusedError.
    """
    with _arranging(document) as (held,):
        new = _parted(held, pages, title, actor)
        new.tags.set(held.tags.all())
        for share in held.shares.all():
            Share.objects.create(document=new, user=share.user, team=share.team, may_edit=share.may_edit)
        index.refresh(new.pk)
    return new


def take_out(document: Document, pages: Iterable[int], *, actor: User) -> Document:
    """Moves these pages into a new document in the trash, and gives that. Raises PagesChangedError and RefusedError."""
    with _arranging(document) as (held,):
        new = _parted(held, pages, "", actor)
        Document.objects.filter(pk=new.pk).update(trashed=timezone.now())
        record(Verb.TRASHED, new, actor)
    return new


def move_pages(document: Document, pages: Iterable[int], target: Document, before: int | None, *, actor: User) -> None:
    """Moves these pages into ``target``, in front of its page ``before`` or to its end.

    A document whose pages are all moved is gone. Raises PagesChangedError and RefusedError, and TooManyTogetherError if
    ``target`` would have too many.
    """
    with _arranging(document, target) as (held, other):
        here = _named(held, pages)
        numbers = numbers_of(here)
        check_page_count(other.page_count + len(here))
        place = _named(other, [before])[0] if before is not None else None
        record(Verb.PAGES_LEFT, held, actor, numbers=numbers, title=other.title, target=str(other.pk))
        moved = held
        if len(here) < held.page_count:
            moved = _beside(held, "")
            page_moves.part(held, here, moved)
        page_moves.join(other, moved, place)
        came = numbers_of(Page.objects.filter(pk__in=[page.pk for page in here]))
        record(Verb.PAGES_CAME, other, actor, numbers=came, title=held.title, source=str(held.pk))


def join_documents(documents: Sequence[Document], *, actor: User) -> Document:
    """Moves all pages of the others, in this order, to the end of the first, which is given; the others are gone.

    The first gets their tags as well. Raises RefusedError and TooManyTogetherError.
    """
    with _arranging(*documents) as (first, *others):
        check_page_count(sum(document.page_count for document in (first, *others)))
        for other in others:
            first.tags.add(*other.tags.all())
            numbers = numbers_of(other.pages.all())
            record(Verb.PAGES_LEFT, other, actor, numbers=numbers, title=first.title, target=str(first.pk))
            came = f"{first.page_count + 1}–{first.page_count + other.page_count}"
            title, source = other.title, str(other.pk)
            page_moves.join(first, other)
            record(Verb.PAGES_CAME, first, actor, numbers=came, title=title, source=source)
    return first


@contextmanager
def _arranging(*documents: Document) -> Iterator[tuple[Document, ...]]:
    """The documents, locked, while nothing of them is being read; afterwards index and webhooks know.

    Raises RefusedError if something is being read, or if one is named twice or is gone.
    """
    numbers = [document.pk for document in documents]
    with transaction.atomic():
        held = {pk: Document.objects.lock(pk) for pk in sorted(numbers)}  # in one order, so that nobody waits in a ring
        here = [document for pk in numbers if (document := held[pk]) is not None]
        if len(held) < len(documents) or len(here) < len(documents):
            raise RefusedError(_("A document is gone, or was named twice."))
        for document in here:
            if PageResult.objects.filter(run__document=document, state__in=UNFINISHED).exists():
                raise RefusedError(
                    _("OCR of “%(title)s” is still running. Wait until it is finished, or cancel it.")
                    % {"title": document.title}
                )
        index.forget_pages(numbers)  # first: a page is found in one place only
        yield tuple(here)
        for document in Document.objects.filter(pk__in=numbers):
            index.refresh(document.pk)
            announce_correction(document)


def _named(document: Document, pages: Iterable[int | None]) -> list[Page]:
    """The pages with these keys, in this order. Raises PagesChangedError if one is not the document's."""
    here = {page.pk: page for page in document.pages.select_related("original")}
    named = list(dict.fromkeys(pages))
    if not named or not set(named) <= here.keys():
        raise PagesChangedError
    return [here[pk] for pk in named if pk is not None]


def _parted(document: Document, pages: Iterable[int], title: str, actor: User) -> Document:
    here = sorted(_named(document, pages), key=lambda page: page.number)
    if len(here) == document.page_count:
        raise RefusedError(_("A document keeps at least one page. Delete the whole document instead."))
    numbers = numbers_of(here)
    new = _beside(document, title or _("%(title)s, pages %(pages)s") % {"title": document.title, "pages": numbers})
    record(Verb.PAGES_LEFT, document, actor, numbers=numbers, title=new.title, target=str(new.pk))
    page_moves.part(document, here, new)
    came = numbers_of(new.pages.all())
    record(Verb.PAGES_CAME, new, actor, numbers=came, title=document.title, source=str(document.pk))
    index.refresh(new.pk)
    if new.current_run is not None:
        announce_run(new.current_run)
    return new


def _beside(document: Document, title: str) -> Document:
    title = clean_title(title)[:LONGEST_TITLE]
    return Document(owner=document.owner, title=title, folder=document.folder, **document.conditions)


def numbers_of(pages: Iterable[Page]) -> str:
    """The numbers of pages as people write them: "2, 4–7"."""
    runs: list[list[int]] = []
    for number in sorted(page.number for page in pages):
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return _(", ").join("–".join(map(str, run)) for run in runs)
