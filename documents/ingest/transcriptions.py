"""Takes transcriptions in that were made, or corrected, with other programs. They are parsed in confined processes."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files import File

from documents import editing
from documents.models import Document, Run
from recognition.transcriptions import Transcription, WrittenPage

from . import inspection, intake, space

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def take_in(document: Document, files: Sequence[tuple[File[bytes], str]], author: User) -> Run:
    """The run that comes of files of PAGE XML, ALTO or hOCR, or ZIP archives of them, each with its name.

    Raises a FileError that says why one is refused, and what ``editing.import_run`` raises.
    """
    pages, first = list[WrittenPage](), None
    space.check_disk(sum(file.size or 0 for file, _ in files))
    with space.writing(), tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        for number, (file, name) in enumerate(files):
            path = Path(folder, str(number))
            intake.copy(file, path)
            read = inspection.transcription(path, name, author.pk)
            first = first or read
            pages += read.pages
    assert first is not None
    return editing.import_run(document, Transcription(first.format, first.creator, tuple(pages)), author=author)
