"""The archive: documents and pages, their order and who may see them, what was read, and who corrected or did what.

Models change state; they never enqueue.
"""

from .archive import LONGEST_TITLE, Document, Page, clean_title, original_name
from .audit import Event, Verb, record
from .corrections import ConflictError, Correction, CorrectionKind, Drawing, Placement, correct, draw, take_back
from .filters import DocumentFilters, SavedFilter
from .folders import Folder, RefusedError, Tag
from .history import Change, history
from .idempotency import Reply
from .order import OrderConflictError, rearrange, rearrange_by
from .partial_uploads import PartialUpload
from .preferences import Preferences
from .quotas import Quota, QuotaExceededError, QuotaOverride, check_quota, quotas
from .rerun import UnfinishedError, read_page_again
from .results import MAX_ATTEMPTS, UNFINISHED, PageResult, State, error_as_json
from .runs import Progress, Run, RunState
from .sharing import Share
from .tokens import AccessToken, Scope
from .webhooks import Delivery, Subject, Webhook, announce_correction, forget_old_deliveries

__all__ = [
    "LONGEST_TITLE",
    "MAX_ATTEMPTS",
    "UNFINISHED",
    "AccessToken",
    "Change",
    "ConflictError",
    "Correction",
    "CorrectionKind",
    "Delivery",
    "Document",
    "DocumentFilters",
    "Drawing",
    "Event",
    "Folder",
    "OrderConflictError",
    "Page",
    "PageResult",
    "PartialUpload",
    "Placement",
    "Preferences",
    "Progress",
    "Quota",
    "QuotaExceededError",
    "QuotaOverride",
    "RefusedError",
    "Reply",
    "Run",
    "RunState",
    "SavedFilter",
    "Scope",
    "Share",
    "State",
    "Subject",
    "Tag",
    "UnfinishedError",
    "Verb",
    "Webhook",
    "announce_correction",
    "check_quota",
    "clean_title",
    "correct",
    "draw",
    "error_as_json",
    "forget_old_deliveries",
    "history",
    "original_name",
    "quotas",
    "read_page_again",
    "rearrange",
    "rearrange_by",
    "record",
    "take_back",
]
