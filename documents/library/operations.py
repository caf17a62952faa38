"""What people do with documents as a whole: organise, share, reassign and delete them.

What a document says, its title and tags included, is changed by ``documents.editing``. The callers have asked the
gates; here it happens, with a note of who did it. What cannot be done raises RefusedError.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import originals
from documents.models import (
    Delivery,
    Document,
    Folder,
    RefusedError,
    Share,
    Verb,
    paced,
    record,
)

from . import links

if TYPE_CHECKING:
    from django.contrib.auth.models import Group, User

PURGED_AT_ONCE = 100
"""Documents; the next round takes the rest."""


def move(document: Document, folder: Folder | None, actor: User) -> None:
    """Into a folder that ``actor`` may put things into, or out of any (None)."""
    if folder is not None and not Folder.objects.editable_by(actor).filter(pk=folder.pk).exists():
        raise RefusedError(_("You may not put anything into this folder."))
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).update(folder=folder)
        record(Verb.MOVED, document, actor, folder=folder.name if folder else None)
    document.folder = folder


def share(
    shared_object: Document | Folder,
    actor: User,
    *,
    user: User | None = None,
    team: Group | None = None,
    may_edit: bool,
) -> Share:
    """Lets a person or a team read, or edit, from now on; an earlier share with them is changed."""
    if user is not None and user.pk == shared_object.owner_id:
        raise RefusedError(_("This belongs to %(user)s already.") % {"user": user})
    what = {"document": shared_object} if isinstance(shared_object, Document) else {"folder": shared_object}
    with transaction.atomic():
        made, _new = Share.objects.update_or_create(**what, user=user, team=team, defaults={"may_edit": may_edit})
        _note(Verb.SHARED, made, actor, may_edit=may_edit)
    return made


def unshare(share: Share, actor: User) -> None:
    """Revokes the share at once."""
    with transaction.atomic():
        _note(Verb.UNSHARED, share, actor)
        share.delete()


def trash(document: Document, actor: User) -> None:
    """From now on only its owner sees it, in the trash; no worker begins another page of it."""
    with transaction.atomic():
        if Document.objects.filter(pk=document.pk, trashed=None).update(trashed=timezone.now()):
            record(Verb.TRASHED, document, actor)


def reassign(document: Document, owner: User, actor: User) -> None:
    """Gives the document to another owner. It leaves its folder, unless that is theirs; shares of it stay.

    Webhooks of the owner before are told nothing more, what was still to be told included.
    """
    with transaction.atomic():
        Document.objects.lock(document.pk)  # whoever changes it now tells the right owner's webhooks
        Delivery.objects.filter(document=document.pk).exclude(webhook__user=owner).delete()
        links.end_all(document, actor)
        record(Verb.REASSIGNED, document, actor, name=owner.username)
        theirs = Folder.objects.filter(documents=document.pk, owner=owner).first()
        Document.objects.filter(pk=document.pk).update(owner=owner, folder=theirs)
    document.owner, document.folder = owner, theirs


def trash_days() -> int:
    """How long a document stays in the trash before it is deleted for good."""
    return int(settings.OCRSITE_TRASH_DAYS)


def delete_for_good(document: Document, actor: User | None) -> bool:
    """Deletes a document in the trash; False if it has been restored meanwhile, or is gone already."""
    assert document.trashed is not None
    with transaction.atomic():
        found = Document.objects.select_for_update().filter(pk=document.pk, trashed=document.trashed).first()
        if found is not None:
            originals.discard(found, actor)
    return found is not None


def purge() -> int:
    """Deletes for good what has been in the trash for its time; how many documents."""
    before = timezone.now() - timedelta(days=trash_days())
    due = Document.objects.filter(trashed__lt=before)
    return sum(delete_for_good(document, None) for document in paced(due.order_by("trashed")[:PURGED_AT_ONCE]))


def delete_folder(folder: Folder, actor: User, *, with_contents: bool) -> None:
    """Deletes a folder; ``with_contents``: also those inside it, and its owner's documents go into the trash.

    Documents that other people put there stay theirs, in no folder. Raises RefusedError without that for a folder
    that is not empty, and for one that is gone.
    """
    with transaction.atomic():
        held = Folder.objects.select_for_update().filter(pk=folder.pk).first()  # where it lies now: it may have moved
        if held is None:
            raise RefusedError(_("This folder is gone."))
        inside = Folder.objects.inside(held)
        documents = Document.objects.filter(folder__in=inside, trashed=None)
        if not with_contents and (inside.count() > 1 or documents.exists()):
            raise RefusedError(_("This folder is not empty."))
        for document in documents.filter(owner=held.owner_id):
            trash(document, actor)
        held.delete()


def _note(verb: Verb, share: Share, actor: User, **details: object) -> None:
    grantee = {"user": share.user.get_username()} if share.user else {"team": str(share.team)}
    folder = {"folder": share.folder.name} if share.folder else {}
    record(verb, share.document, actor, **grantee, **folder, **details)
