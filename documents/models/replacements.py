"""Find and replace: a search whose finds are looked through, replaced together, and taken back together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .archive import Document
from .corrections import Correction
from .folders import Folder
from .results import PageResult

if TYPE_CHECKING:
    Span = tuple[int, int]

LONGEST_FIND = 200
LONGEST_REPLACEMENT = 500

PREVIEWS_KEPT = 10
"""Of one person; older ones that were never applied are forgotten."""


class ReplacementState(models.TextChoices):
    PREVIEW = "preview", _("to be looked through")
    APPLYING = "applying", _("being replaced")
    APPLIED = "applied", _("replaced")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class Replacement(models.Model):
    """One person's search for a text in a page, a document or a folder, and what is to stand there instead.

    What was found are its ``lines``. ``more``: there was more than is taken at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="replacements", verbose_name=_("author")
    )
    created = models.DateTimeField(_("searched"), default=timezone.now)
    find = models.CharField(_("find"), max_length=LONGEST_FIND)
    replacement = models.CharField(_("replace with"), max_length=LONGEST_REPLACEMENT, blank=True)
    ignore_case = models.BooleanField(_("ignore case"), default=False)
    ignore_width = models.BooleanField(_("ignore full and half width"), default=False)
    ignore_script = models.BooleanField(_("ignore Traditional and Simplified"), default=False)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    page_number = models.PositiveIntegerField(_("page"), null=True, blank=True)
    folder = models.ForeignKey(
        Folder, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("folder")
    )
    more = models.BooleanField(default=False, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=ReplacementState.choices, default=ReplacementState.PREVIEW
    )

    class Meta:
        verbose_name = _("replacement")
        verbose_name_plural = _("replacements")
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["author", "-created"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.find} → {self.replacement}"

    @property
    def is_busy(self) -> bool:
        return self.state in BUSY

    def become(self, state: ReplacementState, before: ReplacementState) -> bool:
        """Whether it went from ``before`` to ``state`` just now, by this call and no other."""
        changed = Replacement.objects.filter(pk=self.pk, state=before).update(state=state)
        self.refresh_from_db(fields=["state"])
        return bool(changed)

    def forget_older_previews(self) -> None:
        """Deletes what its author looked for before and did not replace, but for the last few."""
        previews = Replacement.objects.filter(author=self.author_id, state=ReplacementState.PREVIEW)
        kept = list(previews.order_by("-created").values_list("pk", flat=True)[:PREVIEWS_KEPT])
        previews.exclude(pk__in=kept).delete()


BUSY = (ReplacementState.APPLYING, ReplacementState.UNDOING)


class ReplacedState(models.TextChoices):
    WAITING = "waiting", _("not replaced yet")
    DONE = "done", _("replaced")
    CHANGED = "changed", _("The line has been changed meanwhile.")
    RERUN = "rerun", _("Another run has become the current one meanwhile.")
    FORBIDDEN = "forbidden", _("You may no longer edit this document.")
    UNDONE = "undone", _("undone")
    KEPT = "kept", _("The line has been changed since, so it stays as it is.")


LEFT_ALONE = (ReplacedState.CHANGED, ReplacedState.RERUN, ReplacedState.FORBIDDEN, ReplacedState.KEPT)


class ReplacedLine(models.Model):
    """A line in which a text was found, and what became of it.

    ``before``: its text when it was found. ``spans``: start and end of each find in it; ``chosen``: those that are to
    be replaced. ``correction``: what was written.
    """

    replacement = models.ForeignKey(Replacement, on_delete=models.CASCADE, related_name="lines")
    result = models.ForeignKey(PageResult, on_delete=models.CASCADE, related_name="+")
    line_id = models.CharField(max_length=64)
    before = models.TextField()
    spans = models.JSONField(default=list)
    chosen = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=ReplacedState.choices, default=ReplacedState.WAITING)
    correction = models.OneToOneField(
        Correction, on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_line"
    )

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["replacement", "state"])]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.before}"

    @property
    def key(self) -> str:
        """The line's id without its page, as addresses have it."""
        return self.line_id.partition("-")[2]

    @property
    def after(self) -> str:
        """The text with what is chosen replaced."""
        return replaced(self.before, [(start, end) for start, end in self.chosen], self.replacement.replacement)


def replaced(text: str, spans: Iterable[Span], replacement: str) -> str:
    """``text`` with ``replacement`` in place of each of ``spans``, which are in order; no blanks at its ends."""
    pieces, place = [], 0
    for start, end in spans:
        pieces += [text[place:start], replacement]
        place = end
    return "".join([*pieces, text[place:]]).strip()
