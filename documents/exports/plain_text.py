"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator

from documents.transcript import LineBreaks, Margins, Transcript, TranscriptBlock, TranscriptPage

from .flow import MARGINAL, parts, spots, texts


def txt(export: Transcript) -> str:
    """The whole text, ending in a line break, with its pages told apart as ``export.page_break`` says."""
    found = [(page.number, page_text(page, export.line_breaks, export.margins)) for page in export.pages]
    if export.page_break == "form-feed":
        return "\n\f".join(text for _, text in found) + "\n"
    if export.page_break == "heading":
        return "\n".join(f"--- {number} ---\n{text}\n" for number, text in found)
    return "\n\n".join(text for _, text in found) + "\n"


def page_text(page: TranscriptPage, line_breaks: LineBreaks = "printed", margins: Margins = "kept") -> str:
    """The text of one page, or that it has not been read.

    One text line a line, or one paragraph. A row of a table is a line, with tabs between its cells.
    """
    if page.state != "done":
        return page.text_or_notice
    shown = [block for block in parts(page) if margins == "kept" or block.type not in MARGINAL]
    return "\n".join(line for block in shown for line in _lines(block, line_breaks))


def _lines(block: TranscriptBlock, line_breaks: LineBreaks) -> Iterator[str]:
    if block.table is None and line_breaks == "joined":
        yield from texts(block)
    elif block.table is None:
        yield from (text for line in block.lines if (text := line.text))
    else:
        found = spots(block.table)
        for number in range(len(block.table)):
            cells = [spot.text.replace("\t", " ") for spot in found if spot.row == number]
            if any(cells):
                yield "\t".join(cells)
