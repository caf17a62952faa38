"""What people have changed on pages, looked up at once for many of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .arrangement import Arrangement
from .corrections import Correction


@dataclass(frozen=True)
class Edits:
    """The changes of one page that hold: its corrections, the oldest first, and how it was arranged last."""

    corrections: Sequence[Correction] = ()
    arrangement: Arrangement | None = None


@dataclass
class _Found:
    corrections: list[Correction] = field(default_factory=list)
    arrangement: Arrangement | None = None


def edits_by_page(**pages: Any) -> defaultdict[int, Edits]:
    """By the key of a page its edits, for the ``pages`` with these properties (``document=...``, ``pk__in=...``)."""
    wanted = {f"page__{name}": value for name, value in pages.items()}
    found = defaultdict[int, _Found](_Found)
    for correction in Correction.objects.active().filter(**wanted):
        found[correction.page_id].corrections.append(correction)
    for arrangement in Arrangement.objects.active().filter(**wanted):
        found[arrangement.page_id].arrangement = arrangement
    known = {page: Edits(each.corrections, each.arrangement) for page, each in found.items()}
    return defaultdict(Edits, known)
