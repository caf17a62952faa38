"""The archive: documents and pages, what recognition made of them, and what people corrected.

Models change state; they never enqueue.
"""

from .archive import Document, Page, original_name
from .corrections import Conflict, Correction, Placement, correct
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

__all__ = [
    "MAX_ATTEMPTS",
    "UNFINISHED",
    "Conflict",
    "Correction",
    "Document",
    "Page",
    "PageResult",
    "Placement",
    "Progress",
    "Run",
    "RunState",
    "State",
    "correct",
    "error_as_json",
    "original_name",
]
