"""The blocks of a page: kept with what was read, and true to what people made of its lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import jsonschema
import pytest
from django.contrib.auth.models import User

from documents import blocks, exports
from documents.editing import Drawing, correct, draw, rearrange
from documents.models import Document, PageResult
from documents.transcript import TranscriptBlock, TranscriptLine, as_read
from recognition.geometry import BBox, corners
from recognition.page import Block, Cell, Line, PageReading, Table
from tests.support.documents import result_of
from tests.support.fake_engine import FakeEngine
from tests.support.json_schema import SCHEMA
from tests.support.worker import run_worker

TEXTS = ["目錄", "品名", "單價", "茶葉", "香茗", "350", "完"]
BOXES: list[BBox] = [(10, 10 + 30 * k, 90, 30 + 30 * k) for k in range(7)]
TABLE = Table(
    (
        (Cell((0, 40, 50, 60), (1,)), Cell((50, 40, 100, 60), (2,))),
        (Cell((0, 60, 50, 180), (3, 4), rowspan=2), Cell((50, 60, 100, 180), (5,))),
        (Cell((50, 180, 100, 185)),),
    )
)
BLOCKS = (
    Block("title", (0, 0, 100, 35), (0,)),
    Block("table", (0, 40, 100, 185), (1, 2, 3, 4, 5), TABLE),
    Block("figure", (0, 185, 100, 188)),
    Block("text", (0, 188, 100, 215), (6,)),
)
READ = [Line(text, 0.9, corners(box)) for text, box in zip(TEXTS, BOXES, strict=True)]


def ids(found: Sequence[TranscriptBlock]) -> list[tuple[str, list[str]]]:
    return [(block.type, [line.id for line in block.lines]) for block in found]


def cells(block: TranscriptBlock) -> list[list[str]]:
    return [["/".join(line.text for line in cell.lines) for cell in row] for row in block.table or ()]


def test_blocks_hold_the_lines_that_were_read() -> None:
    found = blocks.placed(3, BLOCKS, as_read(3, READ))
    assert [block.id for block in found] == ["3-b1", "3-b2", "3-b3", "3-b4"]
    assert ids(found) == [
        ("title", ["3-1"]),
        ("table", ["3-2", "3-3", "3-4", "3-5", "3-6"]),
        ("figure", []),
        ("text", ["3-7"]),
    ]
    assert cells(found[1]) == [["品名", "單價"], ["茶葉/香茗", "350"], [""]]


def test_a_page_that_was_read_before_there_were_blocks_has_none() -> None:
    assert blocks.placed(1, (), as_read(1, READ)) == []


def test_blocks_follow_the_order_of_lines_and_figures_stay_behind_what_they_followed() -> None:
    lines = as_read(1, READ)
    found = blocks.placed(1, BLOCKS, [lines[6], *lines[:6]])
    assert [block.type for block in found] == ["text", "title", "table", "figure"]


def drawn(number: int, text: str, box: BBox) -> TranscriptLine:
    return TranscriptLine(f"1-c{number}", Line("", 1.0, corners(box)), text)


def test_a_drawn_line_goes_to_the_cell_that_it_lies_in() -> None:
    lines = as_read(1, READ)
    found = blocks.placed(1, BLOCKS, [*lines[:6], drawn(8, "盒", (60, 181, 90, 184)), lines[6]])
    assert cells(found[1])[2] == ["盒"]
    assert ids(found)[1][1][-1] == "1-c8"


def test_a_drawn_line_outside_of_tables_is_a_block_where_it_is_read() -> None:
    lines = as_read(1, READ)
    found = blocks.placed(1, BLOCKS, [lines[0], drawn(9, "副題", (10, 36, 90, 39)), *lines[1:]])
    assert ids(found)[1] == ("text", ["1-c9"])


def test_every_line_is_in_one_block() -> None:
    lines = [*as_read(1, READ), drawn(7, "一", (0, 300, 9, 309)), drawn(8, "盒", (60, 181, 90, 184))]
    held = [line.id for block in blocks.placed(1, BLOCKS, lines) for line in block.lines]
    assert sorted(held) == sorted(line.id for line in lines)


def test_blocks_come_back_from_what_is_stored() -> None:
    stored = json.loads(json.dumps([block.to_dict() for block in BLOCKS]))
    assert tuple(Block.from_dict(block) for block in stored) == BLOCKS


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A page that was read, with blocks."""
    received = receive()
    run = received.current_run
    result = PageResult.objects.claim(run, "desk", timedelta(minutes=1))
    assert result is not None
    result.finish(PageReading(1, 100, 220, tuple(READ), BLOCKS))
    return Document.objects.get(pk=received.pk)


def page_of(document: Document) -> dict:
    data = json.loads(exports.as_json(document.current_run.export()))
    jsonschema.validate(data, SCHEMA)
    page: dict = data["pages"][0]
    return page


def texts(page: dict) -> list[list[str]]:
    (table,) = (block["table"] for block in page["blocks"] if block["table"])
    return [[cell["text"] for cell in row] for row in table["rows"]]


@pytest.mark.django_db(transaction=True)
def test_json_has_blocks_and_tables(document: Document) -> None:
    page = page_of(document)
    assert [block["type"] for block in page["blocks"]] == ["title", "table", "figure", "text"]
    assert texts(page) == [["品名", "單價"], ["茶葉香茗", "350"], [""]]
    assert page["blocks"][1]["table"]["rows"][1][0] == {
        "text": "茶葉香茗",
        "rowspan": 2,
        "colspan": 1,
        "box": [0, 60, 50, 180],
        "lines": ["1-4", "1-5"],
    }


@pytest.mark.django_db(transaction=True)
def test_a_corrected_line_changes_its_cell(document: Document, owner: User) -> None:
    correct(result_of(document), "1-6", "360", author=owner, seen=None)
    assert texts(page_of(document))[1] == ["茶葉香茗", "360"]


@pytest.mark.django_db(transaction=True)
def test_a_line_drawn_into_an_empty_cell_fills_it(document: Document, owner: User) -> None:
    draw(result_of(document), [Drawing(corners((60, 181, 90, 184)), "盒")], author=owner, seen=())
    assert texts(page_of(document))[2] == ["盒"]


@pytest.mark.django_db(transaction=True)
def test_a_mended_order_moves_blocks(document: Document, owner: User) -> None:
    rearrange(result_of(document), [f"1-{n}" for n in (7, 1, 2, 3, 4, 5, 6)], author=owner, seen=0)
    assert [block["type"] for block in page_of(document)["blocks"]] == ["text", "title", "table", "figure"]


@pytest.mark.django_db(transaction=True)
def test_an_older_page_has_no_blocks(receive, fake_engine: FakeEngine) -> None:
    received = receive()
    run_worker()
    PageResult.objects.update(blocks=[])
    assert page_of(Document.objects.get(pk=received.pk))["blocks"] == []
