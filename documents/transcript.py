"""What is exported: one run of a document with its corrections, as a plain value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from recognition.geometry import BBox
from recognition.invoices import Invoice, invoices
from recognition.page import BlockType, Line

Version = Literal["corrected", "converted", "raw"]
"""Which of a line's three texts: as it stands now, as it was read, or as read before its script was converted."""

PageBreak = Literal["blank", "form-feed", "heading"]
"""Between the pages of plain text: an empty line, a form feed (U+000C), or a line that names the next page."""

LineBreaks = Literal["printed", "joined"]
"""Of plain text: a line for each line of the page, or one for each paragraph."""

Margins = Literal["kept", "left-out"]
"""Of plain text: headers, footers and page numbers."""

SMALLEST_CHUNK, CHUNK, LARGEST_CHUNK = 100, 1000, 10_000
"""Characters of a chunk, at most: the least that can be chosen, the default, and the most."""

CHOICES: dict[str, tuple[str, ...]] = {
    "text": get_args(Version),
    "pages": get_args(PageBreak),
    "lines": get_args(LineBreaks),
    "margins": get_args(Margins),
}
"""What can be chosen of an export, by the names that addresses and programs use, the default first."""

DEFAULTS: dict[str, Any] = {name: values[0] for name, values in CHOICES.items()} | {"size": CHUNK}
"""All that ``Transcript.chosen`` takes. ``size``: any number from SMALLEST_CHUNK to LARGEST_CHUNK."""


@dataclass(frozen=True)
class TranscriptLine:
    """One line as it stands. ``id`` names it within its run: page and number, "3-17".

    ``corrected``: what a person wrote in place of what was read; empty if they took the line away.
    ``version``: which of its texts is exported. ``checked``: whether a person has checked it.
    """

    id: str
    line: Line
    corrected: str | None = None
    version: Version = "corrected"
    checked: bool = False

    @property
    def text(self) -> str:
        return self.text_in(self.version)

    def text_in(self, version: Version) -> str:
        if version == "raw":
            return self.line.raw
        return self.line.text if version == "converted" or self.corrected is None else self.corrected


@dataclass(frozen=True)
class TranscriptCell:
    """One cell of a table, as it stands. ``box``: left, top, right, bottom, in pixels of the page image."""

    box: BBox
    lines: Sequence[TranscriptLine] = ()
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True)
class TranscriptBlock:
    """A part of a page that is read as one. ``id`` names it within its run: page and number, "3-b2".

    ``table``: the rows of a table, each cell in the row and at the column where it begins; its lines are those of
    its cells.
    """

    id: str
    type: BlockType
    box: BBox
    lines: Sequence[TranscriptLine] = ()
    table: Sequence[Sequence[TranscriptCell]] | None = None


@dataclass(frozen=True)
class TranscriptOriginal:
    """A file from which pages come. ``local``: opens it, as a file on this machine; raises OriginalMissingError."""

    sha256: str
    page_count: int
    local: Callable[[], AbstractContextManager[Path]] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Origin:
    """Where a page comes from: page ``number`` (from 1) of the transcript's original ``file`` (from 0), which people
    have turned clockwise by ``turn`` degrees."""

    file: int
    number: int
    turn: int = 0


@dataclass(frozen=True)
class TranscriptPage:
    """One page: its image size in pixels, its state, and its lines in the order in which they are to be read.

    ``blocks``: the same lines by the parts of the page, in reading order; none where the page was read before there
    were blocks. ``source``: read from the picture, or taken from the PDF's own text ("text-layer"). ``warnings``: what
    was not read as it should be, as ``PageWarning.to_dict`` writes it. ``codes``: QR codes and bar codes,
    as ``Code.to_dict`` writes them. ``checked``: whether a person has checked all of it.
    """

    number: int
    width: int | None
    height: int | None
    state: str
    lines: Sequence[TranscriptLine] = ()
    blocks: Sequence[TranscriptBlock] = ()
    error: Mapping[str, Any] | None = None
    seconds: float | None = None
    source: str = "recognition"
    warnings: Sequence[Mapping[str, Any]] = ()
    codes: Sequence[Mapping[str, Any]] = ()
    origin: Origin | None = None
    checked: bool = False

    @property
    def invoices(self) -> list[Invoice]:
        """Taiwan's electronic invoices, as their codes describe them."""
        return invoices([code["text"] for code in self.codes])

    @property
    def text(self) -> str:
        return "\n".join(text for line in self.lines if (text := line.text))

    def in_version(self, version: Version) -> TranscriptPage:
        """The same with another of the three texts of its lines."""
        lines = {line.id: replace(line, version=version) for line in self.lines}
        blocks = [
            replace(
                block,
                lines=[lines[line.id] for line in block.lines],
                table=block.table
                and [[replace(c, lines=[lines[line.id] for line in c.lines]) for c in row] for row in block.table],
            )
            for block in self.blocks
        ]
        return replace(self, lines=list(lines.values()), blocks=blocks)

    @property
    def text_or_notice(self) -> str:
        """The text, or that the page has not been read."""
        return self.text if self.state == "done" else f"[page {self.number}: not read]"


@dataclass(frozen=True)
class Transcript:
    """One run of one document, ready to be written out. ``id``: None outside the archive.

    ``url``: its address for people; None outside the archive. ``page_break``, ``line_breaks``, ``margins``: what plain
    text is like. ``chunk_size``: characters of a chunk, at most.
    """

    title: str
    page_count: int
    options: Mapping[str, str]
    engine: Mapping[str, Any]
    pages: Sequence[TranscriptPage] = field(default_factory=list)
    id: str | None = None
    started: datetime | None = None
    seconds: float | None = None
    originals: Sequence[TranscriptOriginal] = ()
    page_break: PageBreak = "blank"
    line_breaks: LineBreaks = "printed"
    margins: Margins = "kept"
    chunk_size: int = CHUNK
    url: str | None = None

    @property
    def sha256(self) -> str:
        """Of the file that it began with; what programs know it by."""
        return self.originals[0].sha256 if self.originals else ""

    def chosen(
        self,
        *,
        text: Version = "corrected",
        pages: PageBreak = "blank",
        lines: LineBreaks = "printed",
        margins: Margins = "kept",
        size: int = CHUNK,
    ) -> Transcript:
        """The same with another of the three texts, another form of plain text, and chunks of another size."""
        shown = [page.in_version(text) for page in self.pages]
        return replace(self, pages=shown, page_break=pages, line_breaks=lines, margins=margins, chunk_size=size)

    @property
    def text(self) -> str:
        """The whole text: one text line a line, an empty line between pages; a page without text says so."""
        return "\n\n".join(page.text_or_notice for page in self.pages)


def as_read(number: int, lines: Sequence[Line], corrected: Mapping[int, str] | None = None) -> list[TranscriptLine]:
    """The lines of page ``number`` in the order they were read, with what was corrected, by line index."""
    texts = corrected or {}
    return [TranscriptLine(f"{number}-{index + 1}", line, texts.get(index)) for index, line in enumerate(lines)]


def text_of(lines: Sequence[TranscriptLine], version: Version = "corrected") -> str:
    """A page's text, one text line a line; a line without text in this version is left out."""
    return "\n".join(text for line in lines if (text := line.text_in(version)))
