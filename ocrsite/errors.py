"""Errors of what the site stands on."""

from __future__ import annotations


class StorageAwayError(OSError):
    """The storage does not answer, or not in time. It may at the next try."""
