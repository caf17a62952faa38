"""Documents in pieces for retrieval."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from documents import blocks
from documents.exports.chunks import as_json_lines, as_markdown_chunks, chunks, text_of
from documents.transcript import Transcript, TranscriptPage, as_read
from recognition.geometry import BBox, center, contains, corners
from recognition.page import Block, BlockType, Cell, Line, Table


def line(text: str, top: float, height: float = 20, left: float = 10) -> Line:
    return Line(text, 0.9, corners((left, top, left + height * len(text), top + height)))


def page(number: int, read: list[Line], found: list[Block]) -> TranscriptPage:
    standing = as_read(number, read)
    return TranscriptPage(number, 800, 1000, "done", standing, blocks.placed(number, found, standing))


def block(kind: BlockType, *numbers: int, table: Table | None = None) -> Block:
    return Block(kind, (0, 0, 9, 9), numbers, table)


def document() -> Transcript:
    """Two pages: headings of two sizes, text, a page number, and a table whose rows are long."""
    one = [
        line("年度報告", 10, 40),
        line("第一章　概況", 60, 30),
        *(line(f"本年度第{k}項工作已經完成，詳見附表所列各欄。", 100 + 30 * k) for k in range(6)),
        line("1", 900),
    ]
    first = page(1, one, [block("title", 0), block("title", 1), block("text", *range(2, 8)), block("page-number", 8)])
    two = [line("第二章　決算", 10, 30)]
    rows = []
    for k in range(4):
        two += [line(f"科目{k}" * 4, 50 + 30 * k), line(f"{k},000", 50 + 30 * k, left=500)]
        rows.append([Cell((0, 0, 9, 9), [2 * k + 1]), Cell((0, 0, 9, 9), [2 * k + 2])])
    second = page(2, two, [block("title", 0), block("table", *range(1, 9), table=Table(rows))])
    return Transcript("報告", 2, {}, {}, [first, second], id="d1", url="https://ocr.example.org/documents/d1/")


def written(size: int = 300) -> list[dict[str, Any]]:
    return [json.loads(text) for text in as_json_lines(document().chosen(size=size)).splitlines()]


def test_chunks_stand_under_their_headings_and_leave_page_numbers_out() -> None:
    first, second = written(1000)
    assert first["headings"] == ["年度報告", "第一章　概況"]
    assert second["headings"] == ["年度報告", "第二章　決算"]
    assert (first["pages"], second["pages"]) == ([1], [2])
    assert "科目0科目0科目0科目0\t0,000" in second["text"].splitlines()
    assert not any(found["id"] == "1-9" for found in first["lines"])
    assert second["link"] == "https://ocr.example.org/documents/d1/?page=2&line=1"


@pytest.mark.parametrize("size", [100, 300, 1000, 10_000])
def test_the_boxes_of_a_chunk_give_its_text_back(size: int) -> None:
    pages = {page.number: page for page in document().pages}
    seen: list[str] = []
    for chunk in written(size):
        inside: list[str] = []
        for found in chunk["lines"]:
            box: BBox = tuple(found["box"])
            here = [each for each in pages[found["page"]].lines if contains(box, center(each.line.box))]
            assert [each.id for each in here] == [found["id"]]
            inside += [each.text for each in here]
        assert re.sub(r"\s", "", chunk["text"]) == re.sub(r"\s", "", "".join(inside))
        seen += [found["id"] for found in chunk["lines"]]
    every = [each.id for page in pages.values() for each in page.lines if each.id != "1-9"]
    assert seen == every  # each once, in reading order


def test_neither_lines_nor_rows_are_cut_and_chunks_are_no_larger_than_asked() -> None:
    found = chunks(document().chosen(size=40))
    assert len(found) > 6
    for chunk in found:
        assert (
            sum(unit.length for unit in chunk.units) <= 40
            or len([u for u in chunk.units if u.block.type != "title"]) == 1
        )
        assert chunk.units[-1].block.type != "title"  # a heading stays with what follows
    rows = [text for chunk in found for _, part in chunk.blocks if part.table for text in text_of(part).splitlines()]
    assert rows == [f"{f'科目{k}' * 4}\t{k},000" for k in range(4)]


def test_markdown_chunks_say_where_they_come_from() -> None:
    text = as_markdown_chunks(document().chosen(size=1000))
    about = [json.loads(found) for found in re.findall(r"^<!-- (.*) -->$", text, re.MULTILINE)]
    assert [found["chunk"] for found in about] == [1, 2]
    assert about[1]["lines"][0] == {"id": "2-1", "page": 2, "box": [10.0, 10.0, 190.0, 40.0]}
    assert "## 第二章　決算" in text
    assert re.search(r"^\| 科目0科目0科目0科目0 \| 0,000 \|$", text, re.MULTILINE)


def test_an_empty_document_has_no_chunks() -> None:
    empty = Transcript("空", 1, {}, {}, [TranscriptPage(1, 800, 1000, "done")])
    assert as_json_lines(empty) == ""
    assert as_markdown_chunks(empty).strip() == ""
