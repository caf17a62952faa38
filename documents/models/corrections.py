"""Corrections by people, separate from the OCR results.

A correction belongs to a place on a page, not to a line of a run: ``placement`` finds its line in each reading. A
line that somebody drew is a correction too, one that stands by itself where nothing was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recognition.geometry import BBox, Polygon, bounds
from recognition.page import Line, LineDirection

from .archive import Page

LONGEST_TEXT = 10_000
"""Characters of one line: the longest that people write have some hundred, and the index has an entry for each."""


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def active(self) -> CorrectionQuerySet:
        """Those that have not been withdrawn, the oldest first."""
        return self.filter(withdrawn=None).select_related("author").order_by("created", "pk")


class CorrectionKind(models.TextChoices):
    TEXT = "text", _("text of a line")
    DRAWN = "drawn", _("line that a person drew")
    REPLACED = "replaced", _("text replaced by find and replace")


class Correction(models.Model):
    """One person's text for one place. Rows are added and withdrawn, never changed, so they are the history.

    ``polygon``: where its line was when it was written. ``outline``: where that line is from then on, if somebody moved
    its box. Without a text it deletes its line. ``direction`` is that of a line that was drawn, or whose box was moved.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("page"))
    kind = models.CharField(
        _("kind"), max_length=8, choices=CorrectionKind.choices, default=CorrectionKind.TEXT, editable=False
    )
    polygon = models.JSONField(_("polygon"), help_text=_("pixels of the page image"))
    outline = models.JSONField(_("new polygon"), null=True, blank=True, help_text=_("pixels of the page image"))
    direction = models.CharField(_("direction of writing"), max_length=16, blank=True)
    text = models.TextField(_("text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    proposed_by = models.CharField(_("proposed by"), max_length=100, blank=True, help_text=_("a language model"))
    created = models.DateTimeField(_("written"), default=timezone.now)
    withdrawn = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["page", "withdrawn"])]

    def __str__(self) -> str:
        return self.text

    @property
    def is_drawn(self) -> bool:
        return self.kind == CorrectionKind.DRAWN

    @property
    def box(self) -> BBox:
        return bounds(self.corners)

    @property
    def corners(self) -> Polygon:
        return _polygon(self.polygon)

    def as_line(self) -> Line:
        """The line that was drawn. The engine has read nothing there, and a person is sure."""
        return Line("", 1.0, self.corners, self._way)

    def moved(self, line: Line) -> Line:
        """``line``, whose correction this is, where it is from now on."""
        if not self.outline:
            return line
        return replace(line, polygon=_polygon(self.outline), direction=self._way if self.direction else line.direction)

    @property
    def _way(self) -> LineDirection:
        return "vertical-rl" if self.direction == "vertical-rl" else "horizontal"


def _polygon(corners: Iterable[Iterable[float]]) -> Polygon:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
