"""Markdown: headings, paragraphs, lists, tables and the names of figures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptPage

from .flow import MARGINAL, filled, parts, spots, texts, without_mark

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_LIST = re.compile(r"^(\d*)([.)+=-])")


def as_markdown(export: Transcript) -> str:
    """The whole text under its title, with a comment where a page begins."""
    found = [f"# {escaped(export.title)}"]
    for page in export.pages:
        found += [f"<!-- page {page.number} -->", *_page(page)]
    return "\n\n".join(found) + "\n"


def _page(page: TranscriptPage) -> Iterator[str]:
    if page.state != "done":
        yield f"*{escaped(page.text_or_notice)}*"
    for block in parts(page):
        yield from block_as_markdown(block)


def block_as_markdown(block: TranscriptBlock) -> Iterator[str]:
    """A block as pieces of Markdown that stand apart by empty lines."""
    yield from filter(None, _block(block))


def _block(block: TranscriptBlock) -> Iterator[str]:
    if block.table is not None:
        yield _html(block.table) if any(spot.spans for spot in spots(block.table)) else _pipes(block.table)
    elif block.type == "figure":
        yield f"*[figure {block.id}]*"
        yield from map(escaped, texts(block))
    elif block.type == "title":
        yield from (f"## {escaped(text)}" for text in texts(block))
    elif block.type == "list":
        yield "\n".join(f"- {escaped(without_mark(item))}" for item in texts(block))
    elif block.type in MARGINAL:
        yield from (f"<!-- {block.type}: {text.replace('--', '- -')} -->" for text in texts(block))
    elif block.type == "sidebar":
        yield "\n>\n".join(f"> {escaped(text)}" for text in texts(block))
    elif block.type == "caption":
        yield from (f"*{escaped(text)}*" for text in texts(block))
    else:
        yield from map(escaped, texts(block))


def _pipes(rows: Sequence[Sequence[TranscriptCell]]) -> str:
    """A table as GitHub writes it, whose first row is its head."""
    lines = [f"| {' | '.join(map(inline, row))} |" for row in filled(rows)]
    return "\n".join([*lines[:1], f"|{' --- |' * lines[0].count(' | ')} --- |", *lines[1:]]) if lines else ""


def _html(rows: Sequence[Sequence[TranscriptCell]]) -> str:
    """A table whose cells span others, which only HTML can say. Nothing in it is Markdown."""
    lines = ["<table>"]
    for number in range(len(rows)):
        cells = (spot for spot in spots(rows) if spot.row == number)
        lines.append("<tr>" + "".join(_html_cell(spot.cell, spot.text) for spot in cells) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _html_cell(cell: TranscriptCell, text: str) -> str:
    spans = "".join(
        f' {name}="{count}"' for name, count in (("rowspan", cell.rowspan), ("colspan", cell.colspan)) if count > 1
    )
    return f"<td{spans}>{html.escape(text)}</td>"


def escaped(text: str) -> str:
    """``text`` so that Markdown shows it as it is."""
    return _LIST.sub(r"\1\\\2", inline(text))


def inline(text: str) -> str:
    """The same inside of a line, where no list can begin."""
    return _SPECIAL.sub(r"\\\1", text)
