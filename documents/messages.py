"""Errors in the reader's language. The stored error is a stable code with an English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from recognition.errors import error_class

FILE_TYPES = (
    gettext_noop("a HEIC photo"),
    gettext_noop("an AVIF image"),
    gettext_noop("a video"),
    gettext_noop("a GIF image"),
    gettext_noop("a BMP image"),
    gettext_noop("a JPEG 2000 image"),
    gettext_noop("a JPEG XL image"),
    gettext_noop("a Photoshop file"),
    gettext_noop("a DjVu document"),
    gettext_noop("a PostScript file"),
    gettext_noop("an RTF document"),
    gettext_noop("a Word document"),
    gettext_noop("an Excel workbook"),
    gettext_noop("a PowerPoint presentation"),
    gettext_noop("an OpenDocument file"),
    gettext_noop("an EPUB book"),
    gettext_noop("a ZIP archive"),
    gettext_noop("an old Microsoft Office document"),
    gettext_noop("an archive"),
    gettext_noop("an SVG drawing"),
    gettext_noop("a web page"),
    gettext_noop("an XML file"),
    gettext_noop("a text file"),
)
"""What a file that is refused may turn out to be; named here so that it is translated."""


def explain(error: Mapping[str, Any]) -> str:
    """The stored error as a sentence for people; an unknown code gives its English message."""
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
    return str(error["message"])
