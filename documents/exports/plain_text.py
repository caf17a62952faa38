"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator

from documents.transcript import Transcript, TranscriptBlock, TranscriptPage

from .flow import spots


def txt(export: Transcript) -> str:
    """The whole text, ending in a line break, with its pages told apart as ``export.page_break`` says.

    One text line a line, and in a table one row a line, with tabs between its cells.
    """
    if export.page_break == "form-feed":
        return "\n\f".join(map(_text, export.pages)) + "\n"
    if export.page_break == "heading":
        return "\n".join(f"--- {page.number} ---\n{_text(page)}\n" for page in export.pages)
    return "\n\n".join(map(_text, export.pages)) + "\n"


def _text(page: TranscriptPage) -> str:
    if page.state != "done" or not page.blocks:
        return page.text_or_notice
    return "\n".join(line for block in page.blocks for line in _lines(block))


def _lines(block: TranscriptBlock) -> Iterator[str]:
    if block.table is None:
        yield from (text for line in block.lines if (text := line.text))
        return
    found = spots(block.table)
    for number in range(len(block.table)):
        cells = [spot.text.replace("\t", " ") for spot in found if spot.row == number]
        if any(cells):
            yield "\t".join(cells)
