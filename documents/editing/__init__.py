"""The only door for changes of what a document says.

Each call locks the document, changes it, keeps the index equal to it, notes who did it, tells webhooks, and has
workers called once all of that is committed. Whoever calls has asked the gates (``documents.access``) before.
"""

from .arrangement import (
    ArrangementConflictError,
    arrange_as_before,
    change_grid,
    move_block,
    rearrange,
    rearrange_by_direction,
    retype_block,
)
from .checks import check, count_uncounted, uncheck
from .imports import import_run
from .lines import ConflictError, Drawing, LineChange, change, correct, draw, take_back
from .pages import PagesChangedError, join_documents, move_pages, order_pages, part_document, take_out, turn_pages
from .particulars import rename, restore, tag
from .replacing import apply as apply_replacement
from .replacing import choose, choose_every
from .replacing import undo as undo_replacement
from .runs import (
    UnfinishedError,
    cancel,
    finish_page_by_model,
    make_current,
    retry,
    run_again,
    run_page_again,
    run_page_by_model,
)
from .seen import UNCONDITIONAL, Unconditional
from .tables import DrawnTable, keep_table
from .taking_over import take_over

__all__ = [
    "UNCONDITIONAL",
    "ArrangementConflictError",
    "ConflictError",
    "Drawing",
    "DrawnTable",
    "LineChange",
    "PagesChangedError",
    "Unconditional",
    "UnfinishedError",
    "apply_replacement",
    "arrange_as_before",
    "cancel",
    "change",
    "change_grid",
    "check",
    "choose",
    "choose_every",
    "correct",
    "count_uncounted",
    "draw",
    "finish_page_by_model",
    "import_run",
    "join_documents",
    "keep_table",
    "make_current",
    "move_block",
    "move_pages",
    "order_pages",
    "part_document",
    "rearrange",
    "rearrange_by_direction",
    "rename",
    "restore",
    "retry",
    "retype_block",
    "run_again",
    "run_page_again",
    "run_page_by_model",
    "tag",
    "take_back",
    "take_out",
    "take_over",
    "turn_pages",
    "uncheck",
    "undo_replacement",
]
