"""Errors in the reader's language. The stored error is a stable code with an English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from recognition.errors import error_class

WARNINGS = (
    gettext_noop(
        "This page is in a script that the model cannot read, such as Korean, Arabic, Hebrew, Cyrillic, Greek or Thai. "
        "Its text is left out. Choose a model for that script if one is installed, or draw the lines and type their "
        "text."
    ),
    gettext_noop(
        "Here is text in a script that the model cannot read, such as Korean, Arabic, Hebrew, Cyrillic, Greek or Thai. "
        "It is left out. Choose a model for that script if one is installed, or draw the lines and type their text."
    ),
    gettext_noop(
        "The model cannot read the bopomofo beside these characters. It is left out; the characters are read."
    ),
)
"""What a reading may say of a page; named here so that it is translated."""


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
    return gettext(str(error["message"]))
