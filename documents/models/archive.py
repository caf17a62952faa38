"""Documents and their pages."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .filters import DocumentFilters
from .folders import Folder, Tag
from .names import without_controls
from .sharing import Share

if TYPE_CHECKING:
    from django.contrib.auth.models import User


LONGEST_TITLE = 255


def clean_title(title: str) -> str:
    """A title as it is kept: composed, free of control characters; empty if nothing is left."""
    return "".join(" " if c in "\n\r\t\v\f" else c for c in without_controls(title)).strip()


def original_name(document: Document, filename: str) -> str:
    """Where an original lives in storage: its hash, so that identical bytes are stored once."""
    return f"originals/{document.sha256[:2]}/{document.sha256}"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Four filters by right, for pages, images, exports, search and API alike; only the last shows the trash."""

    def visible_to(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may read: their own, what is shared with them or a team of theirs, what is in their folders."""
        return self._reached_by(user, Share.objects.reaching(user)) if user.is_authenticated else self.none()

    def editable_by(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may change: text, readings, tags."""
        if not user.is_authenticated:
            return self.none()
        return self._reached_by(user, Share.objects.reaching(user).filter(may_edit=True))

    def owned_by(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may share, move and put into the trash."""
        return self.filter(owner_id=user.pk, trashed=None) if user.is_authenticated else self.none()

    def trash_of(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may restore or delete for good."""
        return self.filter(owner_id=user.pk, trashed__isnull=False) if user.is_authenticated else self.none()

    def in_scope(self, user: User | AnonymousUser, scope: str) -> DocumentQuerySet:
        """What ``user`` may read (""), of that only their own ("mine"), or only that of others ("shared")."""
        if scope == "mine":
            return self.owned_by(user)
        visible = self.visible_to(user)
        return visible.exclude(owner_id=user.pk) if scope == "shared" else visible

    def matching(self, filters: DocumentFilters) -> DocumentQuerySet:
        """Those of these documents that ``filters`` leave in."""
        return self.filter(filters.condition())

    def lock(self, pk: uuid.UUID) -> Document | None:
        """Locks the row until the transaction ends; the document as it is now, or None if it is gone.

        Whoever changes anything that belongs to a document (texts, readings, its entries in the index, its end)
        begins with this and touches further rows only then. So all see what the one before them has written, and no
        two wait for each other. New rows may go on referring to it.
        """
        return self.select_for_update(no_key=True).filter(pk=pk).first()

    def _reached_by(self, user: User, shares: QuerySet[Share]) -> DocumentQuerySet:
        """One statement without joins, so that no row comes twice.

        EXISTS, where IN would say the same: a disjunction of terms that each have an index makes SQLite collect all
        that a person may see before it looks at the order; now it goes through the order until a page is full.
        """
        shared = Exists(shares.filter(document=OuterRef("pk")))
        mine = Folder.objects.filter(owner=user).values("pk")
        opened = Folder.objects.reached_by(shares).values("pk")
        return self.filter(Q(owner=user) | Q(folder__in=mine) | Q(folder__in=opened) | shared, trashed=None)


class Document(models.Model):
    """An uploaded file. The original is never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="documents", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=255)
    original = models.FileField(_("original file"), upload_to=original_name, max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    kind = models.CharField(_("kind"), max_length=8, help_text=_("the usual suffix of its type"))
    media_type = models.CharField(_("media type"), max_length=64)
    bytes = models.PositiveBigIntegerField(_("bytes"))
    page_count = models.PositiveIntegerField(_("pages"))
    created = models.DateTimeField(_("uploaded"), default=timezone.now, db_index=True)
    folder = models.ForeignKey(
        Folder, on_delete=models.SET_NULL, null=True, blank=True, related_name="documents", verbose_name=_("folder")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="documents", verbose_name=_("tags"))
    trashed = models.DateTimeField(_("put into the trash"), null=True, blank=True)
    current_run = models.ForeignKey(
        "Run", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("current run")
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created"]),
            models.Index(fields=["title"]),
            models.Index(fields=["page_count"]),
            # Of the trash only: planners take an index in which nearly everything is NULL for a way to the rest.
            models.Index(fields=["trashed"], name="trashed_documents", condition=Q(trashed__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("documents:document", args=[self.pk])

    @contextmanager
    def local_original(self) -> Iterator[Path]:
        """The original as a file on this machine, copied here first where storage is elsewhere."""
        try:
            path = Path(self.original.path)
        except NotImplementedError:  # the storage is elsewhere
            path = None
        if path is not None:
            yield path
        else:
            with tempfile.NamedTemporaryFile() as copy, self.original.open("rb") as source:
                for chunk in source.chunks():
                    copy.write(chunk)
                copy.flush()
                yield Path(copy.name)

    def download_name(self) -> str:
        """The file name for downloads of the original: the title with the suffix of its type."""
        return f"{self.title}.{self.kind}"


class Page(models.Model):
    """One page of a document; its image and thumbnail are derived and can be made again."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pages", verbose_name=_("document"))
    number = models.PositiveIntegerField(_("number"))
    width = models.PositiveIntegerField(_("width"), null=True, blank=True, help_text=_("pixels of the page image"))
    height = models.PositiveIntegerField(_("height"), null=True, blank=True, help_text=_("pixels of the page image"))
    image = models.FileField(_("page image"), blank=True, max_length=255)
    thumbnail = models.FileField(_("thumbnail"), blank=True, max_length=255)

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = pgettext_lazy("model", "pages")  # not how many, which Chinese calls otherwise
        ordering = ["document", "number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_page_per_number")]

    def __str__(self) -> str:
        return f"{self.document} · {self.number}"

    def keep_images(self) -> bool:
        """Saves the names of the new image and thumbnail; False if the page has others meanwhile."""
        unnoted = Page.objects.filter(pk=self.pk, image="")
        return bool(
            unnoted.update(width=self.width, height=self.height, image=self.image.name, thumbnail=self.thumbnail.name)
        )
