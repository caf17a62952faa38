"""Stored answers, for requests that are repeated with the same idempotency key."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Reply(models.Model):
    """The answer to a user's request with an idempotency key. ``status`` is empty while it is served."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("idempotency key"), max_length=255)
    fingerprint = models.CharField("SHA-256", max_length=64, help_text=_("of what was asked"))
    created = models.DateTimeField(_("requested"), default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField("HTTP", null=True)
    body = models.JSONField(_("answer"), null=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_reply_per_key")]

    def __str__(self) -> str:
        return self.key
