"""The history of a line: who changed it, when, and to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .placement import place

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .corrections import Correction
    from .results import PageResult


@dataclass(frozen=True)
class Change:
    """What somebody did to a line. ``text``: what stood there afterwards; None: what was read.

    ``proposed_by``: the model whose text the author accepted, if it was one's.
    """

    text: str | None
    author: User | None
    time: datetime
    proposed_by: str = ""


def history(result: PageResult, line_id: str) -> list[Change]:
    """All changes of a line of ``result``, the latest first, including withdrawn ones.

    Raises LookupError if there is no such line.
    """
    ever = result.page.corrections.select_related("author", "withdrawn_by").order_by("created", "pk")
    placement = place(result.page.number, result.read_lines(), ever)
    if line_id not in placement.lines:
        raise LookupError(line_id)
    here = placement.history.get(line_id, [])
    written = [(each.created, each.author, each.proposed_by) for each in here]
    withdrawn = [(each.withdrawn, each.withdrawn_by, "") for each in here if each.withdrawn]
    changes = {
        time: Change(_active_text(here, time), author, time, model) for time, author, model in [*written, *withdrawn]
    }
    return sorted(changes.values(), key=lambda change: change.time, reverse=True)


def _active_text(here: list[Correction], time: datetime) -> str | None:
    """The text of the latest correction that was active at ``time``; None if none was."""
    active = [each.text for each in here if each.created <= time and (each.withdrawn is None or each.withdrawn > time)]
    return active[-1] if active else None
