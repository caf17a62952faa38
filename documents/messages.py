"""Errors in the reader's language. The stored error is a stable code with an English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

# For each code the wordings from the most telling to the plainest; the first whose values the error has is used.
EXPLANATIONS = {
    "recognition-failed": (_("This could not be read. Try again; if it happens again, tell your administrator."),),
    "server-error": (
        _("The server has failed at this file. Send it again later; if it fails again, tell your administrator."),
    ),
    "file-empty": (_("This file is empty. Check the original and upload it again."),),
    "file-incomplete": (_("Not all of this file has arrived. Send it again."),),
    "file-too-large": (
        _("This file is too large: at most %(megabytes)s MB are allowed. Split it or save it smaller."),
        _("This file is too large. Split it or save it smaller."),
    ),
    "file-type-unsupported": (
        _("This is %(found)s, which cannot be read. Save it as PDF, JPEG or PNG and upload that."),
        _("This is no file of a known type. JPEG, PNG, WebP, TIFF and PDF can be read."),
    ),
    "file-broken": (_("This file is damaged or cut off. Open and save it again, or scan it again."),),
    "file-encrypted": (_("This PDF is locked with a password. Save a copy without the password and upload that."),),
    "duplicate": (_("This file is here already: %(title)s"), _("This file is here already.")),
    "original-missing": (_("The original file is missing from the archive. Tell an administrator."),),
    "file-protected": (
        _("This PDF is protected against changes, so no text can be added. Upload a copy without protection."),
    ),
    "too-many-pages": (
        _("This file has more than %(limit)s pages. Split it and upload the parts."),
        _("This file has too many pages. Split it and upload the parts."),
    ),
    "too-many-pixels": (
        _(
            "A page of %(width)s x %(height)s pixels is too large; at most %(megapixels)s million pixels are allowed. "
            "Save it at a lower resolution."
        ),
        _("Page %(number)s is too large. Save it smaller."),
        _("This picture has too many pixels. Save it at a lower resolution."),
    ),
    "quota-storage": (
        _(
            "Team %(team)s may keep %(allowed)s MB and keeps %(used)s MB. "
            "Delete documents for good, or ask an administrator for more."
        ),
        _(
            "You may keep %(allowed)s MB and keep %(used)s MB. "
            "Delete documents for good, or ask an administrator for more."
        ),
        _("There is no room left for this file. Delete documents for good, or ask an administrator for more."),
    ),
    "quota-pages": (
        _(
            "Team %(team)s may have %(allowed)s pages read a day and has had %(used)s; this would be %(pages)s more. "
            "Go on tomorrow, or ask an administrator for more."
        ),
        _(
            "You may have %(allowed)s pages read a day and have had %(used)s; this would be %(pages)s more. "
            "Go on tomorrow, or ask an administrator for more."
        ),
        _("No more pages can be read today. Go on tomorrow, or ask an administrator for more."),
    ),
    "page-failed": (
        _("Page %(number)s is damaged or too large and cannot be drawn. Scan or export this page again."),
        _("This page cannot be drawn. Scan or export it again."),
    ),
    "option-invalid": (_("One of the options has a value that it does not take. Choose another and try again."),),
    "weights-missing": (
        _("The model %(model)s is not installed on the server. Tell your administrator."),
        _("A model is not installed on the server. Tell your administrator."),
    ),
    "weights-corrupt": (_("A model on the server is damaged. Tell your administrator."),),
    "engine-failed": (_("The engine gave up on this page. Try again; if it happens again, tell your administrator."),),
    "cancelled": (_("The reading of this page was cancelled."),),
    "worker-lost": (
        _("The server stopped %(attempts)s times while reading this page. It may be too large or damaged."),
        _("The server stopped several times while reading this page. It may be too large or damaged."),
    ),
}

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
        "Bopomofo beside the characters cannot be read by the model. It is left out; the characters beside it are read."
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
    for wording in EXPLANATIONS.get(error["code"], ()):
        try:
            return str(wording) % values
        except KeyError:  # this error says less than the wording tells
            continue
    return gettext(str(error["message"]))
