"""Pages and fragments: each view authorises, calls one domain function, and answers."""

from .activity import activity, activity_table
from .documents import document, index, preferences, text, upload
from .files import export, original, page_image, thumbnail
from .lines import correct, line_history, take_back
from .pages import page
from .parts import part, parts
from .runs import cancel, compare, make_current, progress, read_again, retry

__all__ = [
    "activity",
    "activity_table",
    "cancel",
    "compare",
    "correct",
    "document",
    "export",
    "index",
    "line_history",
    "make_current",
    "original",
    "page",
    "page_image",
    "part",
    "parts",
    "preferences",
    "progress",
    "read_again",
    "retry",
    "take_back",
    "text",
    "thumbnail",
    "upload",
]
