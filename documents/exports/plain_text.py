"""Plain text."""

from __future__ import annotations

from .content import Export


def txt(export: Export) -> str:
    """The whole text, ending in a line break."""
    return export.text + "\n"
