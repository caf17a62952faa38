"""A document's title and tags, by which it is found too, and its way out of the trash."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from documents.models import (
    LONGEST_TITLE,
    UNFINISHED,
    Document,
    RefusedError,
    Tag,
    Verb,
    clean_title,
    record,
)
from documents.processing import queue
from documents.search import index

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def rename(document: Document, title: str, actor: User) -> None:
    title = clean_title(title)
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise RefusedError(_("A title has 1 to 255 characters."))
    with index.reindexing(document.pk, []):
        record(Verb.CHANGED, document, actor, title=title, before=document.title)
        Document.objects.filter(pk=document.pk).update(title=title)
    document.title = title


def tag(document: Document, actor: User, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Puts tags of these names on the document, and takes others off; what is so already stays so.

    What is to be there stays, however it is spelt in ``remove``. Raises RefusedError for a name that no tag can have,
    and for more tags than a document may have.
    """
    add = set(add)
    _check_count(len(add))  # before any is made
    # Made before the document is held, and in one order: who waits for a new tag of others holds nothing they wait for.
    wanted, unwanted = [Tag.named(name) for name in sorted(add)], set(remove)
    with index.reindexing(document.pk, []):
        here = list(Tag.objects.filter(documents=document))
        added = [tag for tag in dict.fromkeys(wanted) if tag not in here]
        removed = [tag for tag in here if tag.name in unwanted and tag not in wanted]
        if added:  # a document that has more already can lose some
            _check_count(len(here) + len(added) - len(removed))
        document.tags.add(*added)
        document.tags.remove(*removed)
        names = {"added": [tag.name for tag in added], "removed": [tag.name for tag in removed]}
        record(Verb.TAGGED, document, actor, **names)


def _check_count(tags: int) -> None:
    if tags > settings.OCRSITE_DOCUMENT_TAGS:
        raise RefusedError(_("A document has at most %(most)s tags.") % {"most": settings.OCRSITE_DOCUMENT_TAGS})


def restore(document: Document, actor: User) -> None:
    """Out of the trash, to where it was; what had not been read yet is read."""
    with transaction.atomic():
        if Document.objects.filter(pk=document.pk, trashed__isnull=False).update(trashed=None):
            record(Verb.RESTORED, document, actor)
            for run in document.runs.filter(state__in=UNFINISHED):
                transaction.on_commit(partial(queue.enqueue_workers, run))
