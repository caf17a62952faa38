"""The archive: documents and pages, their order and who may see them, what was read, and who corrected or did what.

Models change state; they never enqueue.
"""

from .archive import Document, Page, original_name
from .audit import Event, Verb, record
from .corrections import Conflict, Correction, Placement, correct
from .folders import Folder, Refused, Tag
from .replies import Reply
from .runs import (
    MAX_ATTEMPTS,
    UNFINISHED,
    PageResult,
    Progress,
    Run,
    RunState,
    State,
    error_as_json,
)
from .sharing import Share
from .tokens import AccessToken, Scope

__all__ = [
    "MAX_ATTEMPTS",
    "UNFINISHED",
    "AccessToken",
    "Conflict",
    "Correction",
    "Document",
    "Event",
    "Folder",
    "Page",
    "PageResult",
    "Placement",
    "Progress",
    "Refused",
    "Reply",
    "Run",
    "RunState",
    "Scope",
    "Share",
    "State",
    "Tag",
    "Verb",
    "correct",
    "error_as_json",
    "original_name",
    "record",
]
