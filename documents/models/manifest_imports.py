"""Documents that are made of what IIIF manifests of other institutions name."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .archive import Document
from .folders import Folder, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.contrib.auth.models import AnonymousUser, User

LEASE = timedelta(minutes=30)
"""Longer than all images of a book take to be checked, once they are here; each image that comes renews it."""

MOST_UNFINISHED = 10
"""Imports of one person that wait or are being fetched."""


class ImportState(models.TextChoices):
    FETCHING = "fetching", _("being fetched")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ManifestImportQuerySet(models.QuerySet["ManifestImport"]):
    def of(self, user: User | AnonymousUser) -> ManifestImportQuerySet:
        """Those of ``user``; nobody else may see them."""
        return self.filter(owner_id=user.pk) if user.is_authenticated else self.none()

    def claim(self) -> ManifestImport | None:
        """The next one that nobody fetches, leased; first those of people of whom nothing is being fetched."""
        now = timezone.now()
        unfinished = self.filter(state=ImportState.FETCHING)
        theirs = unfinished.filter(owner=OuterRef("owner"), leased_until__gt=now)
        free = unfinished.filter(Q(leased_until=None) | Q(leased_until__lte=now), owner__is_active=True)
        found = free.annotate(waits=Exists(theirs)).order_by("waits", "created").first()
        if found is None:
            return None
        mine = self.filter(pk=found.pk, state=ImportState.FETCHING, leased_until=found.leased_until)
        return found if mine.update(leased_until=now + LEASE) else None


class ManifestImport(models.Model):
    """A manifest whose images are fetched to become one document. ``options``: for OCR, as runs keep them.

    ``leased_until``: until when a process is believed to fetch it. ``error``: as errors of pages are stored.
    ``left_out``: the canvases that are not in the document as a whole, each with its ``number`` in the manifest, from
    1, its ``label``, and how many ``images`` it has beside the one that is its page; 0 if it has none and is no page.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    manifest = models.URLField(_("address"), max_length=2000)
    title = models.CharField(_("title"), max_length=255, blank=True)
    folder = models.ForeignKey(
        Folder, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("folder")
    )
    options = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=16, choices=ImportState.choices, default=ImportState.FETCHING)
    pages = models.PositiveIntegerField(_("pages"), null=True)
    pages_fetched = models.PositiveIntegerField(default=0)
    document = models.ForeignKey(
        Document, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    left_out = models.JSONField(default=list)
    error = models.JSONField(_("error"), null=True)
    created = models.DateTimeField(_("begun"), default=timezone.now)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = ManifestImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of a manifest")
        verbose_name_plural = _("imports of manifests")
        ordering = ["-created"]
        indexes = [models.Index(fields=["state", "created"])]

    def __str__(self) -> str:
        return self.manifest

    @property
    def without_image(self) -> list[Mapping[str, Any]]:
        """The canvases that are no pages."""
        return [canvas for canvas in self.left_out if not canvas.get("images")]

    @property
    def with_more_images(self) -> list[Mapping[str, Any]]:
        """The canvases of which only the first image is a page."""
        return [canvas for canvas in self.left_out if canvas.get("images")]

    @classmethod
    def begin(cls, owner: User, manifest: str, **fields: Any) -> ManifestImport:
        """Raises RefusedError if too many of this person are unfinished."""
        if cls.objects.of(owner).filter(state=ImportState.FETCHING).count() >= MOST_UNFINISHED:
            text = gettext("%(most)d of your manifests are being fetched. Wait until one of them is done.")
            raise RefusedError(text % {"most": MOST_UNFINISHED})
        return cls.objects.create(owner=owner, manifest=manifest, **fields)

    def advance(self, pages: int, fetched: int) -> bool:
        """Notes how far it is, and keeps the lease; False if there is no longer anything to fetch it for."""
        still = ManifestImport.objects.filter(pk=self.pk, state=ImportState.FETCHING, owner__is_active=True)
        return bool(still.update(pages=pages, pages_fetched=fetched, leased_until=timezone.now() + LEASE))

    def finish(self, document: Document, left_out: Sequence[Mapping[str, Any]]) -> bool:
        """False if another process was quicker."""
        mine = ManifestImport.objects.filter(pk=self.pk, state=ImportState.FETCHING)
        return bool(mine.update(state=ImportState.DONE, document=document, left_out=left_out, leased_until=None))

    def fail(self, error: Mapping[str, Any]) -> None:
        ManifestImport.objects.filter(pk=self.pk).update(state=ImportState.FAILED, error=error, leased_until=None)
