"""Pages and fragments: each view authorises, calls one domain function, and answers."""

from .activity import activity, activity_table
from .arrangement import block, order
from .bundles import bundle
from .checks import check
from .comparing import compare, take_over
from .documents import document, text
from .files import export, original, page_image, thumbnail
from .folders import change_folder, create_folder, folder
from .library import delete_filter, index, save_filter
from .lines import change_lines, line_history
from .links import end_link, link, link_export, link_image, make_link
from .manifests import manifests
from .organiser import organiser, page_targets
from .pages import page
from .people import people
from .regions import read_region, region, table
from .replacing import replace, replacement
from .revocation import gone
from .runs import cancel, import_run, make_current, progress, retry, run_again, run_page_again, run_page_by_model
from .search import find, search
from .selection import change_share, change_title, manage, selection
from .trash import trash
from .tus import part, parts
from .upload import keep_again, preferences, upload

__all__ = [
    "activity",
    "activity_table",
    "block",
    "bundle",
    "cancel",
    "change_folder",
    "change_lines",
    "change_share",
    "change_title",
    "check",
    "compare",
    "create_folder",
    "delete_filter",
    "document",
    "end_link",
    "export",
    "find",
    "folder",
    "gone",
    "import_run",
    "index",
    "keep_again",
    "line_history",
    "link",
    "link_export",
    "link_image",
    "make_current",
    "make_link",
    "manage",
    "manifests",
    "order",
    "organiser",
    "original",
    "page",
    "page_image",
    "page_targets",
    "part",
    "parts",
    "people",
    "preferences",
    "progress",
    "read_region",
    "region",
    "replace",
    "replacement",
    "retry",
    "run_again",
    "run_page_again",
    "run_page_by_model",
    "save_filter",
    "search",
    "selection",
    "table",
    "take_over",
    "text",
    "thumbnail",
    "trash",
    "upload",
]
