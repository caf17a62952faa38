"""What may not be read as it should be on a page: a stable code for each kind, and a message for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .errors import gettext_noop

WarningCode = Literal[
    "script-unsupported", "text-layer-contradicts", "page-too-large", "text-too-small", "text-doubtful"
]

MESSAGES: Mapping[WarningCode, str] = {
    "script-unsupported": gettext_noop(
        "There is text in a script that the model cannot read, such as bopomofo, Korean, Arabic, Hebrew, Cyrillic, "
        "Greek or Thai. It is left out. Choose a model for that script if one is installed, or draw the lines and "
        "type their text."
    ),
    "text-layer-contradicts": gettext_noop(
        "The text inside this PDF is not what its pages show, for example because a font is damaged. It is left out, "
        "and OCR has read the picture instead. Check the text."
    ),
    "page-too-large": gettext_noop(
        "This page is too large to be drawn at the usual resolution. It was drawn smaller, so small print may be "
        "wrong or missing. Split the page into parts to have it read in full."
    ),
    "text-too-small": gettext_noop(
        "The text is too small in this picture to be read reliably. Scan the page at 300 dpi or more, or take the "
        "photo from a shorter distance."
    ),
    "text-doubtful": gettext_noop(
        "Most of this page could not be read with certainty: the print is poor, it is handwriting, or a script that "
        "the model cannot read, such as Hebrew or Thai. Check the text before you use it."
    ),
}
"""The sentence for each code. It says what can be done."""
