"""The only door for changes of what a document says.

Each call locks the document, changes it, keeps the index equal to it, notes who did it, tells webhooks, and has
workers called once all of that is committed. Whoever calls has asked the gates (``documents.access``) before.
"""

from .lines import ConflictError, Drawing, LineChange, change, correct, draw, take_back
from .order import OrderConflictError, rearrange, rearrange_by_direction
from .particulars import rename, restore, tag
from .replacing import apply as apply_replacement
from .replacing import choose, choose_every
from .replacing import undo as undo_replacement
from .runs import UnfinishedError, cancel, make_current, retry, run_again, run_page_again
from .seen import UNCONDITIONAL, Unconditional

__all__ = [
    "UNCONDITIONAL",
    "ConflictError",
    "Drawing",
    "LineChange",
    "OrderConflictError",
    "Unconditional",
    "UnfinishedError",
    "apply_replacement",
    "cancel",
    "change",
    "choose",
    "choose_every",
    "correct",
    "draw",
    "make_current",
    "rearrange",
    "rearrange_by_direction",
    "rename",
    "restore",
    "retry",
    "run_again",
    "run_page_again",
    "tag",
    "take_back",
    "undo_replacement",
]
