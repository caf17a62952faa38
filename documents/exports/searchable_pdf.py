"""Searchable PDF: the original pages as they are, with what was read on them as invisible text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from documents.transcript import Transcript
from recognition.confinement import ConfinedReader, ProcessLimits
from recognition.errors import OriginalMissingError
from recognition.page import DocumentText, PageText

MEMORY = 5 * 2**29
SECONDS, SECONDS_A_PAGE, MOST_SECONDS = 60, 4, 900
"""What the confined process may take that takes the original apart: bytes, and seconds of processor time. A page of a
TIFF is packed anew, which takes seconds where it is large."""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes the PDF; see ``recognition.searchable_pdf``, which does it in a confined process.

    Raises ProtectedFileError for a PDF that allows no changes, BrokenFileError for a file that cannot be taken apart,
    OriginalMissingError, TooMuchMemoryError and TooMuchTimeError.
    """
    seconds = min(MOST_SECONDS, SECONDS + SECONDS_A_PAGE * export.page_count)
    with _original(export) as path, ConfinedReader(ProcessLimits(MEMORY, seconds)) as reader:
        reader.write_searchable_pdf(path, _text_of(export), out)


@contextmanager
def _original(export: Transcript) -> Iterator[Path]:
    if export.original is None:
        raise OriginalMissingError
    with ExitStack() as stack:
        try:
            path = stack.enter_context(export.original())
        except FileNotFoundError as error:  # from a storage elsewhere
            raise OriginalMissingError from error
        if not path.exists():
            raise OriginalMissingError
        yield path


def _text_of(export: Transcript) -> DocumentText:
    pages = [
        PageText(
            page.number,
            page.width or 1,
            page.height or 1,
            tuple(replace(line.line, text=line.text) for line in page.lines if line.text.strip()),
        )
        for page in export.pages
    ]
    return DocumentText(export.title, export.sha256, export.page_count, tuple(pages))
