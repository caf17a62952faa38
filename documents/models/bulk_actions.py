"""What an administrator has begun with many documents, and how far it is."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_PROBLEMS = 100
"""That are kept in words; of more, only their number."""


class BulkAction(models.Model):
    """One action on many documents, done one after the other by a worker.

    ``documents``: their numbers. ``done``: how many of them it has come to. ``options``: what the action needs to know.
    ``problems``: pairs of a title, or another name, and the reason why the action was not done with that document.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("who")
    )
    action = models.CharField(_("action"), max_length=32)
    options = models.JSONField(default=dict)
    documents = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(_("problems"), default=list)
    created = models.DateTimeField(_("begun"), default=timezone.now)
    finished = models.DateTimeField(_("finished"), null=True, db_index=True)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.action} ({self.done} / {len(self.documents)})"

    @property
    def succeeded(self) -> int:
        return self.done - self.failed

    def advance(self) -> uuid.UUID | None:
        """The number of the next document, which from now on counts as done; None at the end, or if another worker
        was quicker. Call it in the transaction of what is done with the document."""
        if self.done >= len(self.documents):
            return None
        mine = BulkAction.objects.filter(pk=self.pk, done=self.done)
        if not mine.update(done=F("done") + 1):
            return None
        self.done += 1
        return uuid.UUID(self.documents[self.done - 1])

    def note_failure(self, title: str, reason: str) -> None:
        """Says why the action was not done with the document called ``title``."""
        self.failed += 1
        self.note_problem(title, reason)

    def note_problem(self, name: str, reason: str) -> None:
        self.problems = [*self.problems, (name, reason)][:MOST_PROBLEMS]
        self.save(update_fields=["failed", "problems"])

    def end(self) -> bool:
        """Marks it as finished; False if it was before."""
        self.finished = timezone.now()
        return bool(BulkAction.objects.filter(pk=self.pk, finished=None).update(finished=self.finished))

    def option(self, name: str) -> Any:
        return self.options.get(name)
