"""Links by which people without an account read one document, for a time."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .archive import Document

SALT = "documents.link"


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self) -> ShareLinkQuerySet:
        """Those that lead to a document at this moment."""
        if not settings.OCRSITE_LINKS:
            return self.none()
        return self.filter(
            ended=None, expires__gt=timezone.now(), document__trashed=None, document__owner__is_active=True
        )

    def listed(self) -> ShareLinkQuerySet:
        """Those that nobody has ended, expired ones too."""
        return self.filter(ended=None).select_related("created_by")

    def named(self, token: str) -> ShareLink | None:
        """The open link whose address has this token."""
        try:
            number = uuid.UUID(hex=signing.Signer(salt=SALT).unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return self.open().select_related("document__owner", "document__current_run").filter(pk=number).first()


class ShareLink(models.Model):
    """The right to read one document, its page images and its text, for whoever has the address and the password.

    The address holds the id and its signature, so it can be shown again, and nobody who reads the database knows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="links", verbose_name=_("document"))
    name = models.CharField(_("for whom"), max_length=80, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("made by")
    )
    created = models.DateTimeField(_("made"), default=timezone.now)
    expires = models.DateTimeField(_("expires"))
    password = models.CharField(max_length=128, blank=True, editable=False, help_text="its hash; empty for none")
    may_export = models.BooleanField(_("with downloads"), default=False)
    last_opened = models.DateTimeField(_("last opened"), null=True, blank=True)
    ended = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["document"], name="open_links", condition=Q(ended=None))]

    def __str__(self) -> str:
        return self.name or f"{self.created:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("documents:link", args=[self.token])

    @property
    def token(self) -> str:
        return signing.Signer(salt=SALT).sign(self.pk.hex)

    @property
    def is_expired(self) -> bool:
        return self.expires <= timezone.now()

    def accepts(self, password: str) -> bool:
        return not self.password or check_password(password, self.password)

    def key(self) -> str:
        """What a browser keeps once it has given the password; another password makes another key."""
        return signing.Signer(salt=f"{SALT}.key").sign(f"{self.pk.hex}{self.password[-16:]}")

    def note_opening(self) -> None:
        ShareLink.objects.filter(pk=self.pk).update(last_opened=timezone.now())
