"""Unfinished uploads: what has arrived of files that are sent in pieces."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .archive import Document

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class PartialUploadQuerySet(models.QuerySet["PartialUpload"]):
    def of(self, user: User | AnonymousUser) -> PartialUploadQuerySet:
        """Those of ``user``; nobody else may see them."""
        return self.filter(owner_id=user.pk) if user.is_authenticated else self.none()


class PartialUpload(models.Model):
    """A file that is being sent. Its bytes lie in storage, piece by piece, until it is whole.

    ``claimed``: since when a web process makes a document of it.
    ``document``: what it has become, for senders who did not hear of it. With that it goes: without, it would count
    as still on its way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("bytes"))
    created = models.DateTimeField(_("begun"), default=timezone.now, db_index=True)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("document")
    )

    claimed = models.DateTimeField(null=True, editable=False)

    objects = PartialUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("file on its way")
        verbose_name_plural = _("files on their way")
        ordering = ["created"]

    def __str__(self) -> str:
        return self.name


class UploadPiece(models.Model):
    """Some bytes of a file that is being sent: from ``start`` up to, and without, ``end``. ``name``: in storage."""

    upload = models.ForeignKey(PartialUpload, on_delete=models.CASCADE, related_name="pieces")
    start = models.PositiveBigIntegerField()
    end = models.PositiveBigIntegerField()
    name = models.CharField(max_length=255)

    class Meta:
        ordering = ["start"]
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="one_piece_per_start")]

    def __str__(self) -> str:
        return self.name
