"""Errors in the reader's language. The stored error is a stable code with an English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from recognition.errors import error_class
from recognition.page_warnings import MESSAGES


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
