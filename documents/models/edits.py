"""What people have changed on pages, looked up at once for many of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .arrangement import Arrangement
from .checks import PageCheck
from .corrections import Correction


@dataclass(frozen=True)
class Edits:
    """The changes of one page that hold: its corrections, the oldest first, how it was arranged last, and which of its
    lines are marked as checked.
    """

    corrections: Sequence[Correction] = ()
    arrangement: Arrangement | None = None
    check: PageCheck | None = None


@dataclass
class _Found:
    corrections: list[Correction] = field(default_factory=list)
    arrangement: Arrangement | None = None
    check: PageCheck | None = None


def edits_by_page(**pages: Any) -> defaultdict[int, Edits]:
    """By the key of a page its edits, for the ``pages`` with these properties (``document=...``, ``pk__in=...``)."""
    wanted = {f"page__{name}": value for name, value in pages.items()}
    found = defaultdict[int, _Found](_Found)
    for correction in Correction.objects.active().filter(**wanted):
        found[correction.page_id].corrections.append(correction)
    for arrangement in Arrangement.objects.active().filter(**wanted).order_by():
        found[arrangement.page_id].arrangement = arrangement
    for check in PageCheck.objects.filter(**wanted):
        found[check.page_id].check = check
    known = {page: Edits(each.corrections, each.arrangement, each.check) for page, each in found.items()}
    return defaultdict(Edits, known)
