"""The texts of a page in all its readings, kept equal to what people have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.models import State

if TYPE_CHECKING:
    from documents.models import Page


def refresh_texts(page: Page) -> None:
    """Brings the texts of ``page`` up to date after a change."""
    for result in page.results.filter(state=State.DONE).select_related("run"):
        result.page = page
        result.refresh_text()
