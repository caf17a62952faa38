"""Ends an account: what it has goes to an heir, and what its person has written stays, with or without the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.db.models import PROTECT
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _

from documents.models import (
    AccessToken,
    Document,
    Folder,
    PartialUpload,
    RefusedError,
    Share,
    ShareLink,
    Verb,
    record,
)

NOBODY = "former-member"
"""The user name in place of those whose authorship was made anonymous. Nobody can log in by it."""


def close(user: User, heir: User, actor: User) -> list[Any]:
    """Closes the account and hands over its folders; the numbers of the documents that are still to be handed over.

    Call it in a transaction. Raises RefusedError.
    """
    if heir.pk == user.pk or not heir.is_active:
        raise RefusedError(_("Choose another active person who gets the documents."))
    if user.pk == actor.pk:
        raise RefusedError(_("You cannot retire your own account."))
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    AccessToken.end_all(user, actor)
    user.webhooks.all().delete()
    _hand_over_folders(user, heir)
    PartialUpload.objects.filter(owner=user).update(owner=heir)
    ShareLink.objects.filter(created_by=user).update(created_by=heir)
    return list(Document.objects.filter(owner=user).order_by("pk").values_list("pk", flat=True))


def heir(options: Mapping[str, Any]) -> User:
    """Whoever gets the documents by the ``options`` of an action. Raises RefusedError if that person has left, too."""
    found = User.objects.filter(pk=options["owner"], is_active=True).first()
    if found is None:
        raise RefusedError(_("Whoever was to get this has left, too. Choose another person."))
    return found


def finish(options: Mapping[str, Any], actor: User) -> None:
    """The rest, once the documents are handed over: shares, teams, authorship. Call it in a transaction.

    Raises RefusedError before anything is done.
    """
    new_owner, user = heir(options), User.objects.filter(pk=options["user"]).first()
    if user is None:  # retired twice, or deleted: nothing is left to be done
        return
    _hand_over_shares(user, new_owner)
    teams = user.groups.all() if actor.is_superuser else user.groups.filter(permissions=None)
    new_owner.groups.add(*teams)
    user.groups.clear()
    user.user_permissions.clear()
    record(Verb.SECURITY, None, actor, what="retired", name=user.username, to=new_owner.username)
    if options["anonymous"]:
        _make_anonymous(user)
        user.delete()
    else:
        User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False, email="")


def _hand_over_folders(user: User, heir: User) -> None:
    """A topmost folder of a name that the heir has already gets that of its former owner added."""
    tops = Folder.objects.filter(parent=None)
    theirs = set(tops.filter(owner=heir).values_list("name", flat=True))
    taken = theirs | set(tops.filter(owner=user).values_list("name", flat=True))
    for folder in tops.filter(owner=user, name__in=theirs):
        folder.name = next(name for name in _names_with(folder.name, user.username) if name not in taken)
        folder.save(update_fields=["name"])
        taken.add(folder.name)
    Folder.objects.filter(owner=user).update(owner=heir)


def _names_with(name: str, username: str) -> Iterator[str]:
    """Names for a folder called ``name`` that tell whose it was, numbered from the second on."""
    longest = Folder._meta.get_field("name").max_length or 0
    for number in count(1):
        addition = f" ({username[:50]})" if number == 1 else f" ({username[:50]}, {number})"
        yield name[: longest - len(addition)] + addition


def _hand_over_shares(user: User, heir: User) -> None:
    """What others have shared with ``user``; the stronger of two rights stays."""
    for share in Share.objects.filter(user=user).select_related("document", "folder"):
        same = Share.objects.filter(user=heir, document=share.document_id, folder=share.folder_id).first()
        if share.shared_object.owner_id == heir.pk:
            share.delete()
        elif same is not None:
            Share.objects.filter(pk=same.pk).update(may_edit=same.may_edit or share.may_edit)
            share.delete()
        else:
            Share.objects.filter(pk=share.pk).update(user=heir)
    Share.objects.filter(user=heir, document__owner=heir).delete()
    Share.objects.filter(user=heir, folder__owner=heir).delete()


def _make_anonymous(user: User) -> None:
    """Puts NOBODY in the place of ``user`` wherever a name is kept with what somebody wrote."""
    nobody, _new = User.objects.get_or_create(username=NOBODY, defaults={"is_active": False, "password": "!"})
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT:
            written = relation.related_model._base_manager.filter(**{relation.field.name: user})
            written.update(**{relation.field.name: nobody})
