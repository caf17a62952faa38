"""Which tables a dump contains, and how their rows are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from .manifest import TransferError

CARRIED = (
    "account.EmailAddress",
    "admin.LogEntry",
    "auth.Group",
    "auth.Group_permissions",
    "auth.User",
    "auth.User_groups",
    "auth.User_user_permissions",
    "documents.AccessToken",
    "documents.Arrangement",
    "documents.QuotaOverride",
    "documents.Correction",
    "documents.Document",
    "documents.Document_tags",
    "documents.Event",
    "documents.Folder",
    "documents.Original",
    "documents.Page",
    "documents.PageCheck",
    "documents.PageResult",
    "documents.Preferences",
    "documents.Proposal",
    "documents.ReplacedLine",
    "documents.Replacement",
    "documents.Run",
    "documents.SavedFilter",
    "documents.Share",
    "documents.ShareLink",
    "documents.Tag",
    "documents.Webhook",
    "mfa.Authenticator",
    "socialaccount.SocialAccount",
    "socialaccount.SocialApp",
    "socialaccount.SocialToken",
)

LEFT_OUT = {
    "account.EmailConfirmation": "people ask for a new mail",
    "auth.Permission": "every instance makes its own",
    "contenttypes.ContentType": "every instance makes its own",
    "django_rq.Dashboard": "a name for a page of the administration; it has no rows",
    "documents.Delivery": "what is still to be told is told by the instance in which it happened",
    "documents.PartialUpload": "half of an upload, which its sender begins anew",
    "documents.UploadPiece": "a piece of it",
    "documents.BulkAction": "work under way of this instance",
    "documents.ManifestImport": "work under way of this instance; what has come of it is a document",
    "documents.Reply": "an answer kept for a day, in case a program asks twice",
    "search.EmbeddedChunks": "the model is asked again",
    "search.EmbeddingState": "the model is asked again",
    "search.Entry": "the search index is made again",
    "sessions.Session": "people log in again",
    "usersessions.UserSession": "people log in again",
}
"""And why. Rows that refer to a content type or a permission name it, since its number is another everywhere."""

CHUNK = 1000


class Encoder(DjangoJSONEncoder):
    """As Django's, but with all six places of the seconds."""

    def default(self, o: Any) -> Any:
        if isinstance(o, datetime):
            return o.isoformat()
        return super().default(o)


def carried() -> list[type[models.Model]]:
    """The tables of a dump. Raises TransferError if one is neither included nor excluded."""
    everything = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    if undecided := sorted(set(everything) - set(CARRIED) - set(LEFT_OUT)):
        raise TransferError(f"Nobody has said whether these are to be carried: {', '.join(undecided)}.")
    return [everything[label] for label in CARRIED]


def rows(model: type[models.Model]) -> Iterator[str]:
    """Every row of a table as a line of JSON, in the order of the keys. Equal rows give equal lines on any database."""
    keys = [field.attname for field in model._meta.concrete_fields if not field.generated]
    names = {key: _names(target) for key, target in _named_targets(model).items()}
    for row in model._base_manager.order_by("pk").values(*keys).iterator(chunk_size=CHUNK):
        for key, by_number in names.items():
            row[key] = row[key] and by_number[row[key]]
        if model is Authenticator:
            row["data"] = _secrets(row["data"], decrypt)
        yield json.dumps(row, cls=Encoder, ensure_ascii=False, sort_keys=True) + "\n"


def insert(model: type[models.Model], lines: Iterable[str]) -> None:
    """Writes rows just as they were, their keys included. Raises TransferError where one needs what is not here."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    numbers = {
        key: {name: number for number, name in _names(target).items()} for key, target in _named_targets(model).items()
    }
    for line in lines:
        row = json.loads(line)
        for key, value in row.items():
            if key in numbers and value is not None:
                if tuple(value) not in numbers[key]:
                    raise TransferError(f"{model._meta.label} needs {'.'.join(value)}, which is not in this version.")
                row[key] = numbers[key][tuple(value)]
            else:
                row[key] = fields[key].to_python(value)
        if model is Authenticator:
            row["data"] = _secrets(row["data"], encrypt)
        model(**row).save_base(raw=True, force_insert=True)


def _secrets(data: dict[str, Any], treat: Callable[[str], str]) -> dict[str, Any]:
    """What is kept of a second factor, with its secrets treated: they leave open, since every instance has a key of its
    own, and enter under the key of this one.
    """
    single = {name: treat(data[name]) for name in ("secret", "seed") if name in data}
    codes = {name: [treat(code) for code in data[name]] for name in ("migrated_codes",) if name in data}
    return data | single | codes


def _named_targets(model: type[models.Model]) -> dict[str, type[ContentType | Permission]]:
    """The columns of a table that refer to rows by what they are called."""
    targets = {field.attname: field.related_model for field in model._meta.concrete_fields}
    return {key: target for key, target in targets.items() if target is ContentType or target is Permission}


def _names(target: type[ContentType | Permission]) -> dict[int, tuple[str, ...]]:
    return {row.pk: row.natural_key() for row in target.objects.select_related()}
