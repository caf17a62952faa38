"""Errors in the reader's language. The stored error is a stable code with an English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

EXPLANATIONS = {
    "cancelled": _("The reading of this page was cancelled."),
    "worker-lost": _("The worker stopped %(attempts)s times while reading this page."),
}


def explain(error: Mapping[str, Any]) -> str:
    """The stored error as a sentence for people; an unknown code gives its English message."""
    known = EXPLANATIONS.get(error["code"])
    if known is None:
        return str(error["message"])
    return str(known) % error.get("params", {})
