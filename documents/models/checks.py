"""Which lines a person has checked, kept apart from what was read and from what was corrected.

What somebody corrects or draws by hand is checked. Other lines are marked, with their place and their text at that
time: in another run the mark holds where the same text stands at the same place, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.transcript import TranscriptLine
from recognition.geometry import Polygon, bounds, intersection_over_union, overlap_of_smaller

from .archive import Page
from .corrections import CorrectionKind
from .placement import LEAST_OVERLAP, Placement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DOUBTFUL_BELOW = 0.95
"""Confidence of a line below which it is worth a look, even if no single character of it is doubtful."""


@dataclass(frozen=True)
class Mark:
    """A line that somebody has checked: its four corners, in pixels of the page image, and its text."""

    polygon: Polygon
    text: str


class PageCheck(models.Model):
    """What was marked as checked on one page, beside what was corrected.

    Without ``lines``, somebody has seen that there is no text on it. ``author``: who checked something last.
    """

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="check_marks", verbose_name=_("page"))
    lines = models.JSONField(_("lines"), default=list)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("checked by")
    )
    updated = models.DateTimeField(_("checked"), default=timezone.now)

    class Meta:
        verbose_name = _("checked lines")
        verbose_name_plural = _("checked lines")

    def __str__(self) -> str:
        return str(self.page)

    @property
    def marks(self) -> list[Mark]:
        found = []
        for polygon, text in self.lines:
            a, b, c, d = ((float(x), float(y)) for x, y in polygon)
            found.append(Mark((a, b, c, d), text))
        return found

    @classmethod
    def of(cls, page: Page) -> PageCheck | None:
        return cls.objects.filter(page=page).first()

    @classmethod
    def keep(cls, page: Page, marks: Iterable[Mark], author: User | None) -> None:
        """Replaces what was marked on the page."""
        lines = [[[[round(x, 1), round(y, 1)] for x, y in mark.polygon], mark.text] for mark in marks]
        values = {"lines": lines, "author": author, "updated": timezone.now()}
        cls.objects.update_or_create(page=page, defaults=values)


def checked(lines: Sequence[TranscriptLine], placement: Placement, check: PageCheck | None) -> list[TranscriptLine]:
    """``lines``, each knowing whether a person has checked it."""
    found = by_hand(placement)
    if check is not None:
        found |= set(marked(lines, check.marks))
    return [replace(line, checked=True) if line.id in found else line for line in lines]


def by_hand(placement: Placement) -> set[str]:
    """The ids of lines that a person has written, not find and replace alone."""
    return {
        line_id
        for line_id, stack in placement.history.items()
        if any(correction.kind != CorrectionKind.REPLACED for correction in stack)
    }


def marked(lines: Sequence[TranscriptLine], marks: Collection[Mark]) -> Mapping[str, Mark]:
    """The lines, by id, for which a mark stands: with its text, and at its place as far as two runs agree on it."""
    by_text: dict[str, list[Mark]] = {}
    for mark in marks:
        by_text.setdefault(mark.text, []).append(mark)
    found = {}
    for line in lines:
        fitting = [mark for mark in by_text.get(line.text, ()) if _is_at(mark, line)]
        if fitting:
            found[line.id] = max(fitting, key=lambda mark: intersection_over_union(bounds(mark.polygon), line.line.box))
    return found


def _is_at(mark: Mark, line: TranscriptLine) -> bool:
    return mark.polygon == line.line.polygon or overlap_of_smaller(bounds(mark.polygon), line.line.box) >= LEAST_OVERLAP


@dataclass(frozen=True)
class Work:
    """How much of a page, document or folder is to be checked: ``total`` lines, and those that are not yet.

    A page without text counts as one line. ``doubtful``: of the unchecked ones, those worth a look first.
    """

    total: int
    unchecked: int
    doubtful: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(self.total + other.total, self.unchecked + other.unchecked, self.doubtful + other.doubtful)

    @property
    def done(self) -> int:
        return self.total - self.unchecked

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and not self.unchecked

    def columns(self) -> dict[str, int]:
        """As the rows of results and runs keep it."""
        return dict(zip(COUNTED, (self.total, self.unchecked, self.doubtful), strict=True))


COUNTED = ("lines_total", "lines_unchecked", "lines_doubtful")
"""Columns of results and of runs."""


def work_on(lines: Sequence[TranscriptLine], check: PageCheck | None) -> Work:
    """What is left to do on a page with these ``lines``; those that were deleted are no work."""
    texts = [line for line in lines if line.text]
    if not texts:
        return Work(1, 0 if check is not None and not check.lines else 1)
    unchecked = [line for line in texts if not line.checked]
    return Work(len(texts), len(unchecked), sum(is_doubtful(line) for line in unchecked))


def is_doubtful(line: TranscriptLine) -> bool:
    """Whether the engine is not sure of the line, or of one of its characters."""
    return line.line.confidence < DOUBTFUL_BELOW or bool(line.line.doubts)
