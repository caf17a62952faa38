"""The archive: documents and pages, their order and who may see them, what was read, and who corrected or did what.

Models hold rows. People's changes of them go through ``documents.editing``; models never enqueue.
"""

from .archive import LONGEST_RIGHTS, LONGEST_TITLE, Document, Original, Page, check_page_count, clean_title, kept_name
from .arrangement import Arrangement, at_places
from .audit import Event, Verb, record, write_postponed
from .bulk_actions import BulkAction
from .checks import COUNTED, DOUBTFUL_BELOW, Mark, PageCheck, Work, is_doubtful, marked
from .corrections import LONGEST_TEXT, Correction, CorrectionKind
from .edits import Edits, edits_by_page
from .filters import DocumentFilters, SavedFilter
from .folders import Folder, RefusedError, Tag
from .history import Change, history
from .idempotency import Reply
from .links import ShareLink
from .manifest_imports import ImportState, ManifestImport
from .order import in_order
from .partial_uploads import PartialUpload, UploadPiece
from .placement import Placement, place
from .preferences import Preferences
from .proposals import Proposal, ProposalState
from .quotas import Quota, QuotaExceededError, QuotaOverride, check_quota, quotas
from .replacements import (
    BUSY,
    LEFT_ALONE,
    LONGEST_FIND,
    LONGEST_REPLACEMENT,
    ReplacedLine,
    ReplacedState,
    Replacement,
    ReplacementState,
    replaced,
)
from .rerun import start_model_reading, start_page_rerun
from .results import MAX_ATTEMPTS, UNFINISHED, PageResult, Reader, State, error_as_json
from .runs import Progress, Run, RunState
from .sharing import Reach, Share
from .sqlite import is_damaged, is_locked, is_read_only, paced
from .tokens import AccessToken, Scope
from .webhooks import Delivery, Subject, Webhook, announce_correction, announce_run, forget_old_deliveries

__all__ = [
    "BUSY",
    "COUNTED",
    "DOUBTFUL_BELOW",
    "LEFT_ALONE",
    "LONGEST_FIND",
    "LONGEST_REPLACEMENT",
    "LONGEST_RIGHTS",
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "MAX_ATTEMPTS",
    "UNFINISHED",
    "AccessToken",
    "Arrangement",
    "BulkAction",
    "Change",
    "Correction",
    "CorrectionKind",
    "Delivery",
    "Document",
    "DocumentFilters",
    "Edits",
    "Event",
    "Folder",
    "ImportState",
    "ManifestImport",
    "Mark",
    "Original",
    "Page",
    "PageCheck",
    "PageResult",
    "PartialUpload",
    "Placement",
    "Preferences",
    "Progress",
    "Proposal",
    "ProposalState",
    "Quota",
    "QuotaExceededError",
    "QuotaOverride",
    "Reach",
    "Reader",
    "RefusedError",
    "ReplacedLine",
    "ReplacedState",
    "Replacement",
    "ReplacementState",
    "Reply",
    "Run",
    "RunState",
    "SavedFilter",
    "Scope",
    "Share",
    "ShareLink",
    "State",
    "Subject",
    "Tag",
    "UploadPiece",
    "Verb",
    "Webhook",
    "Work",
    "announce_correction",
    "announce_run",
    "at_places",
    "check_page_count",
    "check_quota",
    "clean_title",
    "edits_by_page",
    "error_as_json",
    "forget_old_deliveries",
    "history",
    "in_order",
    "is_damaged",
    "is_doubtful",
    "is_locked",
    "is_read_only",
    "kept_name",
    "marked",
    "paced",
    "place",
    "quotas",
    "record",
    "replaced",
    "start_model_reading",
    "start_page_rerun",
    "write_postponed",
]
