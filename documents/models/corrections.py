"""What people corrected, kept apart from what was read.

A correction belongs to a place on a page, not to a line of a run: when the document is read again, it
moves to the new line that it overlaps most, and where there is none it is kept as unplaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recognition.page import Line

from .archive import Page
from .audit import Verb, record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .runs import PageResult

Box = tuple[float, float, float, float]

LEAST_OVERLAP = 0.5
"""Of the smaller of two boxes: under this they are not the same line."""


class Conflict(Exception):
    """Somebody else has corrected the line meanwhile; ``current`` is what they wrote, or None if they withdrew."""

    def __init__(self, current: Correction | None) -> None:
        super().__init__("the line has been corrected by somebody else meanwhile")
        self.current = current


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def standing(self) -> CorrectionQuerySet:
        """Those that have not been withdrawn, the oldest first."""
        return self.filter(withdrawn=None).select_related("author").order_by("created", "pk")


class Correction(models.Model):
    """One person's text for one place. Rows are added and withdrawn, never changed: they are the history."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("page"))
    polygon = models.JSONField(_("polygon"), help_text=_("pixels of the page image"))
    text = models.TextField(_("text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    created = models.DateTimeField(_("written"), default=timezone.now)
    withdrawn = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["page", "withdrawn"])]

    def __str__(self) -> str:
        return self.text

    @property
    def box(self) -> Box:
        xs, ys = zip(*self.polygon, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Placement:
    """Where the corrections of a page belong. ``by_line``: line index to the correction that holds there."""

    by_line: dict[int, Correction] = field(default_factory=dict)
    unplaced: list[Correction] = field(default_factory=list)

    def texts(self) -> dict[int, str]:
        """The corrected texts, by line index."""
        return {index: correction.text for index, correction in self.by_line.items()}


def place(lines: Sequence[Line], corrections: Iterable[Correction]) -> Placement:
    """Gives each correction the line that it overlaps most; of several on one line the last one holds."""
    placement = Placement()
    boxes = [line.box for line in lines]
    for correction in corrections:
        overlaps = [_overlap(correction.box, box) for box in boxes]
        best = max(range(len(boxes)), key=overlaps.__getitem__, default=None)
        if best is None or overlaps[best] < LEAST_OVERLAP:
            placement.unplaced.append(correction)
        else:
            placement.by_line[best] = correction
    return placement


def correct(result: PageResult, index: int, text: str, *, author: User, seen: int | None) -> Correction | None:
    """Writes ``text`` over a line of ``result``; the text as it was read takes the correction back instead.

    ``seen``: the number of the correction that the author was looking at, if there was one. Raises
    Conflict if another one holds there by now. Gives the correction that holds afterwards.
    """
    page, lines = result.page, result.read_lines()
    with transaction.atomic():
        Page.objects.select_for_update().get(pk=page.pk)  # two editors of one page take turns
        standing = list(page.corrections.standing())
        current = place(lines, standing).by_line.get(index)
        if (current.pk if current else None) != seen:
            raise Conflict(current)
        written = None
        if text != lines[index].text:
            written = Correction.objects.create(page=page, polygon=lines[index].polygon, text=text, author=author)
        else:
            here = [c.pk for c in standing if index in place(lines, [c]).by_line]
            page.corrections.filter(pk__in=here).update(withdrawn=timezone.now())
        record(Verb.CORRECTED if written else Verb.WITHDREW, page.document, author, page=page.number, line=index + 1)
        for affected in page.results.filter(state="done"):
            affected.refresh_text()
    return written


def _overlap(a: Box, b: Box) -> float:
    """The area that two boxes share, as a fraction of the smaller one."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / smaller if smaller > 0 else 0.0
