"""Errors in the reader's language. The stored error is a stable code with an English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from recognition.errors import error_class
from recognition.page_warnings import MESSAGES

from .models import is_damaged, is_locked, is_read_only


def trouble(error: Exception) -> tuple[str, str] | None:
    """What is the matter with the database or the data folder: a code, and in words what to do; None if it is not."""
    if is_locked(error):
        return "database-busy", gettext("The database is busy, and nothing was changed. Try again in a moment.")
    if is_damaged(error):
        return "database-damaged", gettext(
            "The database is damaged. Tell an administrator, who can restore it from a backup."
        )
    if is_read_only(error):
        return "read-only", gettext(
            "The server cannot write to its data folder. Tell an administrator, who can change the rights of that "
            "folder."
        )
    return None


def explain(error: Mapping[str, Any]) -> str:
    """The stored error or warning as a sentence for people; an unknown code gives its own message."""
    values = dict(error.get("params", {}))
    if "limit" in values:  # also in the units that people use
        values |= {"megabytes": values["limit"] // 2**20, "megapixels": values["limit"] // 10**6}
    if found := values.get("found"):
        values["found"] = gettext(found)
    known = error_class(error["code"])
    for wording in known.explanations if known else ():
        try:
            return gettext(wording) % values
        except KeyError:  # this error says less than the wording tells
            continue
    return gettext(MESSAGES.get(error["code"], str(error["message"])))
