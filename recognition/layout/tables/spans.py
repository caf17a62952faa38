"""Cells over several columns or rows that no rules show, told by where their text stands."""

from __future__ import annotations

from .draft import Draft
from .headings import with_headings
from .heads import with_heads
from .labels import with_labels
from .page import FramedPage


def with_spans(page: FramedPage, draft: Draft) -> Draft:
    """The same with heads over their columns, headings over all of them, and labels beside their rows."""
    return with_labels(page, with_headings(page, with_heads(page, draft)))
