"""Fetches what manifests name, and makes documents of it: in the process that sends webhooks, not in a request.

Addresses come from people, and from the manifests of strangers; ``safe_http`` keeps them out of the internal network.
A process that dies loses what it has fetched of one manifest, which another one fetches again once its lease is over.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files import File
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext_noop

from documents import limits
from documents.errors import ImageUnreachableError, IntakeFailedError, ManifestUnreachableError
from documents.models import Document, ManifestImport, check_page_count, check_quota, error_as_json
from documents.webhooks import safe_http
from recognition.errors import FileError
from recognition.options import Options

from . import intake, manifests, space

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import Folder

LARGEST_MANIFEST = 32 * 2**20
"""Bytes; those of books with a thousand pages have a few."""

SECONDS = 60
"""For one image, or a manifest."""

INTERNAL = gettext_noop("The host lies in an internal network. Administrators can allow it: OCRSITE_IIIF_HOSTS.")

log = logging.getLogger(__name__)


class _ImportedElsewhereError(Exception):
    """Another process was quicker."""


class _Fetched(File):  # type: ignore[type-arg]  # takes no argument at run time
    """A file on disk that is open only while it is read: a book has hundreds."""

    def __init__(self, path: Path) -> None:
        super().__init__(None, path.name)
        self._path = path
        self.size = path.stat().st_size

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while piece := file.read(chunk_size or self.DEFAULT_CHUNK_SIZE):
                yield piece


def begin(owner: User, manifest: str, options: Options, *, title: str, folder: Folder | None) -> ManifestImport:
    """Has the images of a manifest fetched. Raises UnreachableError for an address that is never asked, TooManyError
    and RefusedError."""
    check(manifest)
    limits.take(limits.TooManyUploadsError, owner)
    return ManifestImport.begin(owner, manifest, title=title, folder=folder, options=options.to_dict())


def check(address: str) -> None:
    """Raises UnreachableError for an address that is never asked."""
    safe_http.target(_secure(address), settings.OCRSITE_IIIF_HOSTS)


def import_due() -> bool:
    """Makes a document of a manifest that waits; whether there was one."""
    wanted = ManifestImport.objects.select_related("owner", "folder").claim()
    if wanted is None:
        return False
    try:
        _import(wanted)
    except FileError as error:
        wanted.fail(error_as_json(error))
    except intake.RefusedTogetherError as refused:
        wanted.fail(error_as_json(next(iter(refused.refusals.values()))))
    except _ImportedElsewhereError:
        log.info("Manifest %s was imported by another process", wanted.pk)
    except (DatabaseError, InterfaceError):  # its lease ends, and somebody tries again
        raise
    except Exception:
        log.exception("Manifest %s could not be imported", wanted.pk)
        wanted.fail(error_as_json(IntakeFailedError()))
    return True


def _import(wanted: ManifestImport) -> None:
    manifest = _manifest(wanted.manifest)
    check_page_count(len(manifest.left_out))  # all are noted, and a hostile manifest has millions
    check_quota(wanted.owner, pages=check_page_count(len(manifest.images)))
    left_out = [asdict(canvas) for canvas in manifest.left_out]
    with space.writing(), tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        files = []
        for number, addresses in enumerate(manifest.images, start=1):
            path = Path(folder, f"{number}.jpg")
            space.check_disk(0)
            limits.take_megabytes(wanted.owner, _fetch_image(addresses, path, number))
            files.append(_Fetched(path))
            check_quota(wanted.owner, bytes=sum(file.size for file in files), pages=0)
            if not wanted.advance(len(manifest.images), number):
                return

        def put_away(document: Document) -> None:
            if not wanted.finish(document, left_out):
                raise _ImportedElsewhereError
            document.rights, document.attribution = manifest.rights, manifest.attribution
            document.save(update_fields=["rights", "attribution"])

        intake.receive_together(
            [(file, file.name or "") for file in files],
            owner=wanted.owner,
            options=Options.parse(wanted.options),
            title=wanted.title or manifest.title,
            folder=wanted.folder,
            put_away=put_away,
            limited=False,
        )


def _manifest(address: str) -> manifests.Manifest:
    content = io.BytesIO()
    try:
        safe_http.fetch(_secure(address), content, settings.OCRSITE_IIIF_HOSTS, seconds=SECONDS, most=LARGEST_MANIFEST)
    except safe_http.UnreachableError as error:
        raise ManifestUnreachableError(why(error)) from error
    return manifests.parse(content.getvalue(), address)


def _fetch_image(addresses: Sequence[str], path: Path, page: int) -> int:
    """Fetches the image from the first of ``addresses`` that has it; its size in bytes. Raises ImageUnreachableError,
    with what the first one said. That is asked once more at the end."""
    errors, trusted, most = [], settings.OCRSITE_IIIF_HOSTS, settings.OCRSITE_MAX_BYTES
    for address in [*addresses, addresses[0]]:
        try:
            with path.open("wb") as file:
                return safe_http.fetch(_secure(address), file, trusted, seconds=SECONDS, most=most)
        except safe_http.UnreachableError as error:
            errors.append(error)
    raise ImageUnreachableError(page, why(errors[0])) from errors[0]


def _secure(address: str) -> str:
    """With https:// where http:// is not allowed: manifests name themselves and their images as they did long ago."""
    parts = urlsplit(address)
    if parts.scheme == "http" and not safe_http.is_trusted(parts, settings.OCRSITE_IIIF_HOSTS):
        return parts._replace(scheme="https").geturl()
    return address


def why(error: safe_http.UnreachableError) -> str:
    """The sentence of an error, which can be translated."""
    if isinstance(error, safe_http.InternalHostError):
        return INTERNAL
    return str(error).partition("\n")[0]
