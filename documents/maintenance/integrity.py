"""Compares storage with the database while the platform runs: what is missing, and what belongs to nothing.

Storage is walked through Django's storage API alone, so that a bucket is checked like a folder. What is
younger than the time of grace may belong to an upload whose rows are not written yet, and is let be.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from documents import originals
from documents.ingest import tus
from documents.models import Document, Original, Page, State, UploadPiece
from documents.originals import OpenOriginal
from documents.processing import page_images

ORIGINALS, PAGES = "originals", "pages"
"""The folders of the storage."""
CHUNK = 2**20
UPLOADS_LEFT_AFTER = timedelta(days=1)
"""No upload takes longer."""


class Kind(StrEnum):
    ORIGINAL_MISSING = "original-missing"
    ORIGINAL_CHANGED = "original-changed"
    ORIGINAL_UNREADABLE = "original-unreadable"
    PAGES_MISSING = "pages-missing"
    IMAGE_MISSING = "image-missing"
    ORPHAN = "orphan"
    UPLOAD_LEFT = "upload-left"


ADVICE = {
    Kind.ORIGINAL_MISSING: "The original file is missing. Restore it from a backup.",
    Kind.ORIGINAL_CHANGED: "The original file is not what was uploaded: its SHA-256 differs. Restore it from a backup.",
    Kind.ORIGINAL_UNREADABLE: "The original file cannot be opened. Look after the disk or storage it lies on.",
    Kind.PAGES_MISSING: "The document has fewer pages in the database than its file. Upload it again.",
    Kind.IMAGE_MISSING: "The picture of a page is missing. --repair draws it again.",
    Kind.ORPHAN: "A file in storage belongs to no document. --remove-orphans deletes it.",
    Kind.UPLOAD_LEFT: "An upload was broken off and left this behind. --repair deletes it.",
}


@dataclass(frozen=True)
class Finding:
    """One problem. ``name``: the file, in storage or on disk. ``repaired``: whether this check has repaired it."""

    kind: Kind
    name: str
    document: str = ""
    title: str = ""
    page: int | None = None
    repaired: bool = False

    def __str__(self) -> str:
        where = f" “{self.title}” ({self.document})" if self.document else ""
        page = f", page {self.page}" if self.page is not None else ""
        return f"{self.kind}:{where}{page} {self.name}\n    {'Repaired.' if self.repaired else ADVICE[self.kind]}"


@dataclass
class Checked:
    """How much was looked at."""

    originals: int = 0
    bytes: int = 0
    pages: int = 0


class IntegrityCheck:
    """One pass over the archive. ``repair``: render missing page images and remove broken uploads.
    ``remove_orphans``: delete files without a document. ``on_original``: called after each original."""

    def __init__(
        self,
        *,
        grace: timedelta,
        repair: bool = False,
        remove_orphans: bool = False,
        on_original: Callable[[], object] = lambda: None,
    ) -> None:
        self.checked = Checked()
        self._on_original = on_original
        self._storage: Storage = default_storage
        self._before = timezone.now() - grace
        self._repair = repair
        self._remove_orphans = remove_orphans

    def findings(self) -> Iterator[Finding]:
        yield from self.originals()
        yield from self.rows()
        yield from self.page_images()
        yield from self.orphans_among_originals()
        yield from self.orphans_of_lost_documents()
        yield from self.broken_uploads()

    @staticmethod
    def stored() -> QuerySet[Original, tuple[str, str]]:
        """Name and SHA-256 of every original that there should be."""
        return Original.objects.order_by("file").values_list("file", "sha256").distinct()

    def originals(self) -> Iterator[Finding]:
        """Reads every original once, however many documents it has, and compares its SHA-256."""
        for name, sha256 in self.stored().iterator():
            kind = self._original(name, sha256)
            self.checked.originals += 1
            self._on_original()
            if kind is not None:  # a document that has been deleted meanwhile misses nothing
                for document in Document.objects.filter(originals__file=name):
                    yield Finding(kind, name, str(document.pk), document.title)

    def rows(self) -> Iterator[Finding]:
        short = Document.objects.annotate(rows=Count("pages")).exclude(rows=F("page_count"))
        for document in short.iterator():
            names = document.originals.values_list("file", flat=True)
            yield Finding(Kind.PAGES_MISSING, " ".join(names), str(document.pk), document.title)

    def page_images(self) -> Iterator[Finding]:
        """Images and thumbnails that are missing, and files in the documents' folders that no page speaks of."""
        for document in Document.objects.order_by("pk").prefetch_related("pages").iterator(chunk_size=200):
            pages = list(document.pages.all())
            there = self._files(f"{PAGES}/{document.pk}")
            self.checked.pages += len(pages)
            wanted = {name for page in pages for name in (page.image.name, page.thumbnail.name) if name}
            # Pages that came from other documents have left their images in those documents' folders.
            there |= {name for name in wanted - there if self._storage.exists(name)}
            lost = [page for page in pages if {page.image.name, page.thumbnail.name} - {""} - there]
            if len(wanted) < 2 * len(pages):
                lost += self._never_drawn(document)
            yield from self._redraw(document, lost)
            yield from self._orphans(there - wanted, self._names_no_page)

    def orphans_among_originals(self) -> Iterator[Finding]:
        for folder in self._folders(ORIGINALS):
            known = Original.objects.filter(file__startswith=f"{folder}/").values_list("file", flat=True)
            yield from self._orphans(self._files(folder) - set(known), self._names_no_document)

    def orphans_of_lost_documents(self) -> Iterator[Finding]:
        for folder in self._folders(PAGES):
            if not _is_document(folder.rpartition("/")[2]):
                yield from self._orphans(self._files(folder), self._names_no_page)

    def broken_uploads(self) -> Iterator[Finding]:
        """What a process that was killed while receiving has left, on this machine and in storage."""
        limit = min(self._before, timezone.now() - UPLOADS_LEFT_AFTER)
        for path in sorted(Path(settings.FILE_UPLOAD_TEMP_DIR).rglob("*")):
            if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < limit:
                if self._repair:
                    path.unlink(missing_ok=True)
                yield Finding(Kind.UPLOAD_LEFT, str(path), repaired=self._repair)
        yield from self._pieces_left(limit)

    def _pieces_left(self, limit: datetime) -> Iterator[Finding]:
        """Pieces in storage that belong to no upload."""
        for name in sorted(self._files(tus.FOLDER)):
            if self._storage.get_modified_time(name) < limit and not UploadPiece.objects.filter(name=name).exists():
                if self._repair:
                    self._storage.delete(name)
                yield Finding(Kind.UPLOAD_LEFT, name, repaired=self._repair)

    def _original(self, name: str, sha256: str) -> Kind | None:
        """What is wrong with one original."""
        digest = hashlib.sha256()
        try:
            with self._storage.open(name) as file:
                for chunk in file.chunks(CHUNK):
                    digest.update(chunk)
                    self.checked.bytes += len(chunk)
        except FileNotFoundError:
            return Kind.ORIGINAL_MISSING
        except OSError:
            return Kind.ORIGINAL_UNREADABLE
        return None if digest.hexdigest() == sha256 else Kind.ORIGINAL_CHANGED

    def _never_drawn(self, document: Document) -> list[Page]:
        """Pages that were read, but of which no picture was kept."""
        return list(document.pages.filter(image="", results__state=State.DONE).distinct())

    def _redraw(self, document: Document, lost: list[Page]) -> Iterator[Finding]:
        found = [
            Finding(Kind.IMAGE_MISSING, page.image.name or "", str(document.pk), document.title, page.number)
            for page in lost
        ]
        if not lost or not self._repair:
            yield from found
            return
        with OpenOriginal() as opened:
            for page, finding in zip(lost, found, strict=True):
                yield replace(finding, repaired=self._redraw_page(page, opened))

    def _redraw_page(self, page: Page, opened: OpenOriginal) -> bool:
        """Draws the page and puts the new files in the place of what is left of the old ones."""
        image = page_images.draw(page, opened)
        if image is None:
            return False
        old = [page.image.name, page.thumbnail.name]
        Page.objects.filter(pk=page.pk, image=old[0]).update(image="", thumbnail="")
        page_images.store_images(page, image)
        for name in old:
            if name and name not in (page.image.name, page.thumbnail.name):
                self._storage.delete(name)
        return True

    def _orphans(self, names: Iterable[str], is_orphan: Callable[[str], bool]) -> Iterator[Finding]:
        """Those of ``names`` that are old enough, and still belong to nothing when looked at once more."""
        for name in sorted(names):
            gone = not self._storage.exists(name)
            if not gone and self._storage.get_modified_time(name) < self._before and is_orphan(name):
                yield Finding(Kind.ORPHAN, name, repaired=self._remove_orphans and self._remove(name, is_orphan))

    def _remove(self, name: str, is_orphan: Callable[[str], bool]) -> bool:
        """Deletes an orphan, unless the same bytes are just coming in again."""
        with originals.lock_content([name.rpartition("/")[2][:64]]):  # the hash that originals are named by
            if not is_orphan(name):
                return False
            self._storage.delete(name)
        return True

    @staticmethod
    def _names_no_document(name: str) -> bool:
        return not Original.objects.filter(file=name).exists()

    @staticmethod
    def _names_no_page(name: str) -> bool:
        return not Page.objects.filter(Q(image=name) | Q(thumbnail=name)).exists()

    def _files(self, folder: str) -> set[str]:
        return {f"{folder}/{name}" for name in self._list(folder)[1]}

    def _folders(self, folder: str) -> list[str]:
        return sorted(f"{folder}/{name}" for name in self._list(folder)[0])

    def _list(self, folder: str) -> tuple[list[str], list[str]]:
        try:
            return self._storage.listdir(folder)
        except FileNotFoundError:  # nothing has been stored there yet
            return [], []


def _is_uuid(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _is_document(name: str) -> bool:
    return _is_uuid(name) and Document.objects.filter(pk=name).exists()
