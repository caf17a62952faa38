"""Plain text."""

from __future__ import annotations

from documents.transcript import Transcript, TranscriptPage


def txt(export: Transcript) -> str:
    """The whole text, ending in a line break, with its pages told apart as ``export.page_break`` says."""
    if export.page_break == "form-feed":
        return "\n\f".join(page.text_or_notice for page in export.pages) + "\n"
    if export.page_break == "heading":
        return "\n".join(_headed(page) for page in export.pages)
    return export.text + "\n"


def _headed(page: TranscriptPage) -> str:
    return f"--- {page.number} ---\n{page.text_or_notice}\n"
