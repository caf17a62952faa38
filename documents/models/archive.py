"""Documents and their pages."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from documents.errors import TooManyTogetherError
from recognition.errors import OriginalDamagedError, OriginalMissingError

from .filters import DocumentFilters
from .folders import Folder, Tag
from .names import without_controls
from .sharing import Reach

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.backends.base.base import BaseDatabaseWrapper


LONGEST_TITLE = 255
LONGEST_RIGHTS = 500

FEW, SOME = 500, 5000
"""Documents that are named by their numbers in a query, and those that a query may list."""


def clean_title(title: str) -> str:
    """A title as it is kept: composed, free of control characters; empty if nothing is left."""
    return "".join(" " if c in "\n\r\t\v\f" else c for c in without_controls(title)).strip()


def kept_name(filename: str) -> str:
    """A file's name as it is kept: of a long one the end, where its suffix is."""
    return clean_title(filename)[-LONGEST_TITLE:].strip() or "—"


def check_page_count(pages: int) -> int:
    """``pages``, if a document may have so many; raises TooManyTogetherError."""
    if pages > settings.OCRSITE_MAX_PAGES:
        raise TooManyTogetherError(settings.OCRSITE_MAX_PAGES)
    return pages


class DocumentQuerySet(models.QuerySet["Document"]):
    """Four filters by right, for pages, images, exports, search and API alike; only the last shows the trash."""

    def visible_to(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may read: their own, what is shared with them or a team of theirs, what is in their folders."""
        return self.in_reach(Reach.of(user))

    def editable_by(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may change: text, readings, tags."""
        return self.in_reach(Reach.of(user, may_edit=True))

    def in_reach(self, reach: Reach) -> DocumentQuerySet:
        """What somebody owns, what is in their folders, and what their ``reach`` opens.

        One statement without joins, so that no row comes twice. The folder is hidden from indexes: of a disjunction of
        terms that each have one, SQLite collects all that a person may see before it looks at the order; now it goes
        through the order until a page is full.
        """
        if not reach.user.is_authenticated:
            return self.none()
        folders = Folder.objects.in_reach(reach).values("pk")
        wanted = Q(owner=reach.user) | Q(In(Coalesce(F("folder"), 0), folders.query))
        if reach.has_documents:
            wanted |= Q(Exists(reach.shares.filter(document=OuterRef("pk"))))
        return self.filter(wanted, trashed=None)

    def owned_by(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may share, move and put into the trash."""
        return self.filter(owner_id=user.pk, trashed=None) if user.is_authenticated else self.none()

    def trash_of(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """What ``user`` may restore or delete for good."""
        return self.filter(owner_id=user.pk, trashed__isnull=False) if user.is_authenticated else self.none()

    def few_in_reach(self, reach: Reach) -> list[uuid.UUID] | None:
        """The numbers of all that somebody may read if that is little, else None.

        With them a query finds what it wants at once. Without them it goes through the archive until a page is full,
        and for somebody who may read little that is to its end. Asked one after the other, as each has an index.
        """
        if not reach.user.is_authenticated:
            return []
        few: set[uuid.UUID] = set()
        for part in _ways(reach):
            numbers = self.filter(part, trashed=None).order_by().values_list("pk", flat=True)
            if not few and numbers[FEW : FEW + 1].exists():  # most have much of their own
                return None
            few.update(numbers[: FEW + 1])
        return list(few) if len(few) <= FEW else None

    def some_in_reach(self, reach: Reach) -> list[DocumentQuerySet] | None:
        """All that somebody may read, one part for each way by which they may, if that is not much (SOME in each); else
        None. Each part is looked up in an index, which has all that is asked.
        """
        if not reach.user.is_authenticated:
            return []
        sizes = [self.filter(way).order_by()[: SOME + 1].count() for way in _ways(reach)]
        if max(sizes) > SOME:
            return None
        parts = zip(_ways(reach, Listed), sizes, strict=True)
        return [self.filter(way, trashed=None).order_by() for way, size in parts if size]

    def among(self, few: Sequence[uuid.UUID] | None) -> DocumentQuerySet:
        """Those of these documents that ``few_in_reach`` has named, if it has."""
        return self if few is None else self.filter(pk__in=few)

    def in_scope(self, reach: Reach, scope: str) -> DocumentQuerySet:
        """What somebody may read (""), of that only their own ("mine"), or only that of others ("shared")."""
        if scope == "mine":
            return self.owned_by(reach.user)
        visible = self.in_reach(reach)
        return visible.exclude(owner_id=reach.user.pk) if scope == "shared" else visible

    def of_others(self, reach: Reach, *, since: datetime) -> DocumentQuerySet:
        """What others share with somebody: directly, or in folders since then.

        Whoever has an archive in folders owns nearly all that is in them. So the folders that hold anything of others
        are looked up first, in the index by folder and owner, which serves ranges and no inequality.
        """
        reader = reach.user.pk
        held = Document.objects.filter(folder=OuterRef("pk"))
        by_others = Exists(held.filter(owner__lt=reader)) | Exists(held.filter(owner__gt=reader))
        folders = Folder.objects.in_reach(reach).filter(by_others).order_by().values_list("pk", flat=True)
        found = Q(folder__in=list(folders), created__gte=since)
        if reach.has_documents:
            found |= Q(pk__in=reach.shares.filter(document__isnull=False).values("document"))
        return self.filter(found, ~Q(owner=reader), trashed=None)

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


class Listed(In):
    """``Listed(F(name), query)``: as ``In``, for a query with few results.

    PostgreSQL asks it first, and looks up its results in the index of the field. With IN it may read the whole table.
    """

    def get_rhs_op(self, connection: BaseDatabaseWrapper, rhs: str) -> str:
        is_array = connection.vendor == "postgresql"
        return f"= ANY(ARRAY{rhs})" if is_array else super().get_rhs_op(connection, rhs)


def _ways(reach: Reach, among: type[In] = In) -> list[Q]:
    """How a document can come to be in somebody's reach; each has an index."""
    ways = [Q(owner=reach.user), Q(among(F("folder"), Folder.objects.in_reach(reach).values("pk").query))]
    if reach.has_documents:
        shared = reach.shares.filter(document__isnull=False).values("document")
        ways.append(Q(among(F("pk"), shared.query)))
    return ways


class Document(models.Model):
    """Pages in an order, of one uploaded file or of several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="documents",
        verbose_name=_("owner"),
    )
    title = models.CharField(_("title"), max_length=255)
    page_count = models.PositiveIntegerField(_("pages"))
    created = models.DateTimeField(_("uploaded"), default=timezone.now, db_index=True)
    folder = models.ForeignKey(
        Folder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="documents",
        verbose_name=_("folder"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="documents", verbose_name=_("tags"))
    rights = models.URLField(
        _("rights"), max_length=LONGEST_RIGHTS, blank=True, help_text=_("the address of a licence or statement")
    )
    attribution = models.TextField(_("attribution"), blank=True, help_text=_("has to be shown with the document"))
    trashed = models.DateTimeField(_("put into the trash"), null=True, blank=True)
    current_run = models.ForeignKey(
        "Run", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("current run")
    )
    next_run = models.ForeignKey(
        "Run",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("next run"),
        help_text=_("becomes the current run when it is done"),
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created"]),
            models.Index(fields=["title"]),
            models.Index(fields=["page_count", "id"]),  # most have one page: in which order, then
            # These two have all that is asked of a document to list what somebody may see: no row is read for that.
            models.Index(fields=["folder", "owner", "trashed", "id"]),
            models.Index(fields=["owner", "id", "trashed", "folder"]),
            # Of the trash only: planners take an index in which nearly everything is NULL for a way to the rest.
            models.Index(fields=["trashed"], name="trashed_documents", condition=Q(trashed__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("documents:document", args=[self.pk])

    def originals_for(self, user: User | AnonymousUser) -> QuerySet[Original]:
        """Those that ``user``, who may see the document, may have.

        A file shows all of its pages, also those that were taken out of the document. So others than its owner get
        only files with all their pages in it.
        """
        if user.pk == self.owner_id:
            return self.originals.all()
        here = Count("pages__original_number", distinct=True)
        return self.originals.annotate(here=here).filter(here__gte=F("page_count"))

    @property
    def first_original(self) -> Original:
        """The file that it began with."""
        return self.originals.all()[0]

    @property
    def conditions(self) -> dict[str, str]:
        """Under which it may be used; they hold for whatever is made of its pages."""
        return {"rights": self.rights, "attribution": self.attribution}

    def take_conditions(self, other: Document) -> None:
        """Those of another document hold here as well, since pages of it have come."""
        named = [self.attribution, other.attribution]
        if self.rights and other.rights != self.rights:
            named.append(other.rights)
        self.attribution = " · ".join(dict.fromkeys(filter(None, named)))
        self.rights = self.rights or other.rights
        self.save(update_fields=["rights", "attribution"])

    @property
    def bytes(self) -> int:
        """Of all its originals."""
        return sum(original.bytes for original in self.originals.all())


def original_name(original: Original, filename: str) -> str:
    """Where an original lives in storage: its hash, so that identical bytes are stored once."""
    return f"originals/{original.sha256[:2]}/{original.sha256}"


class Original(models.Model):
    """A file as it was uploaded, from which pages of a document come. It is never changed.

    Each document has rows of its own; documents with pages of the same file have the same ``file`` in storage.
    """

    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="originals", verbose_name=_("document")
    )
    file = models.FileField(_("original file"), upload_to=original_name, max_length=255, db_index=True)
    name = models.CharField(_("file name"), max_length=255, help_text=_("as it was sent"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    kind = models.CharField(_("kind"), max_length=8, help_text=_("the usual suffix of its type"))
    media_type = models.CharField(_("media type"), max_length=64)
    bytes = models.PositiveBigIntegerField(_("bytes"))
    page_count = models.PositiveIntegerField(_("pages"), help_text=_("of the file"))

    class Meta:
        verbose_name = _("original file")
        verbose_name_plural = _("original files")
        ordering = ["id"]
        indexes = [models.Index(fields=["document", "bytes"])]
        constraints = [models.UniqueConstraint(fields=["document", "sha256"], name="one_original_per_content")]

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def local(self) -> Iterator[Path]:
        """The file on this machine, copied here first where storage is elsewhere.

        Raises OriginalMissingError, and OriginalDamagedError if it has another length than what was taken in.
        """
        try:
            path = Path(self.file.path)
        except NotImplementedError:  # the storage is elsewhere
            path = None
        with ExitStack() as stack:
            try:
                if path is None:
                    path = stack.enter_context(_copied(self.file))
                size = path.stat().st_size
            except FileNotFoundError as error:
                raise OriginalMissingError from error
            if size != self.bytes:
                raise OriginalDamagedError
            yield path


@contextmanager
def _copied(file: FieldFile) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile() as copy, file.open("rb") as source:
        for chunk in source.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


class Page(models.Model):
    """One page of a document; its image and thumbnail are derived and can be made again.

    ``original_number``: which page of the original it is, from 1. ``turn``: degrees by which people have turned it
    clockwise; ``width``, ``height`` and all that was read on it are as it is after that.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pages", verbose_name=_("document"))
    number = models.PositiveIntegerField(_("number"))
    original = models.ForeignKey(
        Original, on_delete=models.RESTRICT, related_name="pages", verbose_name=_("original file")
    )
    original_number = models.PositiveIntegerField(_("number in the original file"))
    turn = models.PositiveSmallIntegerField(_("turned"), default=0, help_text=_("degrees clockwise"))
    width = models.PositiveIntegerField(_("width"), null=True, blank=True, help_text=_("pixels of the page image"))
    height = models.PositiveIntegerField(_("height"), null=True, blank=True, help_text=_("pixels of the page image"))
    image = models.FileField(_("page image"), blank=True, max_length=255, db_index=True)
    thumbnail = models.FileField(_("thumbnail"), blank=True, max_length=255, db_index=True)
    image_turn = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("how far the stored image is turned; it is turned on when it is shown")
    )

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = pgettext_lazy("model", "pages")  # not how many, which Chinese calls otherwise
        ordering = ["document", "number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_page_per_number")]

    def __str__(self) -> str:
        return f"{self.document} · {self.number}"

    @property
    def key(self) -> str:
        """Tells whether a page is still the one that somebody saw, and as it was then."""
        return f"{self.pk}-{self.turn}"

    def keep_images(self) -> bool:
        """Saves the names of the new image and thumbnail; False if the page has others meanwhile."""
        unnoted = Page.objects.filter(pk=self.pk, image="")
        return bool(
            unnoted.update(
                width=self.width,
                height=self.height,
                image=self.image.name,
                thumbnail=self.thumbnail.name,
                image_turn=self.image_turn,
            )
        )
