"""Searchable PDF: the original pages as they are, with what was read on them as invisible text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from documents.telemetry import count_child
from documents.transcript import Origin, Transcript, TranscriptPage
from recognition.confinement import ConfinedReader, ProcessLimits
from recognition.errors import OriginalMissingError
from recognition.page import DocumentText, PagePlace, PageText, from_upright_page

MEMORY = 5 * 2**29
SECONDS, SECONDS_A_PAGE, MOST_SECONDS = 60, 4, 900
"""What the confined process may take that takes the original apart: bytes, and seconds of processor time. A page of a
TIFF is packed anew, which takes seconds where it is large."""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes the PDF; see ``recognition.searchable_pdf``, which does it in a confined process.

    Of a document that is one file as it was uploaded, the PDF is that file with its text. Else it is made of pages of
    such PDFs of all its files, turned as people have turned them.

    Raises ProtectedFileError for a PDF that allows no changes, BrokenFileError for a file that cannot be taken apart,
    OriginalMissingError, TooMuchMemoryError and TooMuchTimeError.
    """
    if not export.originals:
        raise OriginalMissingError
    with ConfinedReader(_limits(export.page_count), count_child) as reader:
        if _is_as_uploaded(export):
            _write_original(export, 0, export.pages, reader, out)
            return
        with tempfile.TemporaryDirectory(prefix="ocrsite-") as name:
            places = {}
            for number, (file, pages) in enumerate(_pieces(export.pages)):
                with Path(name, f"{number}.pdf").open("xb") as piece:
                    _write_original(export, file, pages, reader, piece)
                for page in pages:
                    origin = origin_of(page)
                    places[page.number] = PagePlace(f"{number}.pdf", origin.number, origin.turn)
            reader.assemble_pdf(Path(name), [places[page.number] for page in export.pages], export.title, out)


def _limits(pages: int) -> ProcessLimits:
    return ProcessLimits(MEMORY, min(MOST_SECONDS, SECONDS + SECONDS_A_PAGE * pages))


def _is_as_uploaded(export: Transcript) -> bool:
    whole = [Origin(0, number) for number in range(1, export.originals[0].page_count + 1)]
    return len(export.originals) == 1 and [origin_of(page) for page in export.pages] == whole


def origin_of(page: TranscriptPage) -> Origin:
    """Where a page comes from; of a transcript that does not say it, from the page of that number of its only file."""
    return page.origin or Origin(0, page.number)


def _pieces(pages: Iterable[TranscriptPage]) -> list[tuple[int, list[TranscriptPage]]]:
    """The pages by their file; a page of a file that comes twice is in a second piece of it."""
    pieces: dict[tuple[int, int], list[TranscriptPage]] = {}
    seen: dict[tuple[int, int], int] = {}
    for page in pages:
        origin = origin_of(page)
        place = origin.file, origin.number
        seen[place] = time = seen.get(place, 0) + 1
        pieces.setdefault((origin.file, time), []).append(page)
    return [(file, found) for (file, _time), found in pieces.items()]


def _write_original(
    export: Transcript, file: int, pages: Sequence[TranscriptPage], reader: ConfinedReader, out: BinaryIO
) -> None:
    """One of the originals with what was read on some of its pages."""
    original = export.originals[file]
    text = DocumentText(export.title, original.sha256, original.page_count, tuple(map(_text_of, pages)))
    with original.local() as path:
        if not path.exists():
            raise OriginalMissingError
        reader.write_searchable_pdf(path, text, out)


def _text_of(page: TranscriptPage) -> PageText:
    """What the page says, on the page as it is in its original: not turned."""
    origin = origin_of(page)
    width, height = page.width or 1, page.height or 1
    if origin.turn % 180:
        width, height = height, width
    matrix = from_upright_page(origin.turn, width, height)
    lines = (replace(line.line, text=line.text) for line in page.lines if line.text.strip())
    return PageText(
        origin.number, width, height, tuple(line.mapped(matrix) for line in lines) if origin.turn else tuple(lines)
    )
