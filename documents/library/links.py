"""Links for people without an account: made, and ended at any moment, by the owner of a document."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Document, RefusedError, ShareLink, Verb, record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_LINKS = 20
"""Of one document at a time."""

SHORTEST_PASSWORD = 8
LONGEST_DAYS = 365


def make(
    document: Document, actor: User, *, name: str = "", days: int, password: str = "", may_export: bool = False
) -> ShareLink:
    """A link that leads to the document for some days. Raises RefusedError where the site or the document has none."""
    if not settings.OCRSITE_LINKS:
        raise RefusedError(_("Links are switched off on this site."))
    if not 1 <= days <= LONGEST_DAYS:
        raise RefusedError(_("A link holds for 1 to %(most)d days.") % {"most": LONGEST_DAYS})
    if password and len(password) < SHORTEST_PASSWORD:
        raise RefusedError(_("A password has at least %(least)d characters.") % {"least": SHORTEST_PASSWORD})
    with transaction.atomic():
        Document.objects.lock(document.pk)
        if ShareLink.objects.listed().filter(document=document).count() >= MOST_LINKS:
            raise RefusedError(_("A document has at most %(most)d links. End one first.") % {"most": MOST_LINKS})
        link = ShareLink.objects.create(
            document=document,
            name=name,
            created_by=actor,
            expires=timezone.now() + timedelta(days=days),
            password=make_password(password) if password else "",
            may_export=may_export,
        )
        record(Verb.LINKED, document, actor, name=str(link), until=link.expires.isoformat(timespec="minutes"))
    return link


def end(link: ShareLink, actor: User | None) -> None:
    """From now on the link leads nowhere."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=link.pk, ended=None).update(ended=timezone.now()):
            record(Verb.UNLINKED, link.document, actor, name=str(link))


def end_all(document: Document, actor: User | None) -> None:
    """Ends all links to a document."""
    for link in ShareLink.objects.listed().filter(document=document).select_related("document"):
        end(link, actor)
