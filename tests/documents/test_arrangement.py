"""Blocks that people changed: kinds, order, rows and columns of tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from documents import editing
from documents.exports import txt
from documents.models import Document, Event, PageResult, Run, Verb
from documents.search.query import search
from recognition.geometry import corners, expanded
from recognition.options import Options
from recognition.page import Block
from tests.support.blocks import blocks_of, grid
from tests.support.documents import line, result_of
from tests.support.fake_engine import FakeEngine
from tests.support.files import picture, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

PRICES = ["品名", "單價", "咖啡", "一百", "紅茶", "八十"]


HEADING = line(20, 10, 180, 50, "價目表")
SHORT = [
    line(20 + 90 * (n % 2), 90 + 40 * (n // 2), 70 + 90 * (n % 2), 112 + 40 * (n // 2), text)
    for n, text in enumerate(PRICES)
]


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A heading, and a block of six short lines in two columns."""
    fake_engine.read = lambda image: [HEADING, *SHORT]  # type: ignore[method-assign]
    received = receive(upload(content=picture("")))  # what the engine reads is not in the picture
    run_worker()
    known = [Block("title", HEADING.box, (0,)), Block("text", (20, 90, 160, 192), (1, 2, 3, 4, 5, 6))]
    PageResult.objects.update(blocks=[block.to_dict() for block in known])
    return Document.objects.get(pk=received.pk)


def shape(document: Document) -> list[tuple[str, str]]:
    return [(block.type, " ".join(line.text for line in block.lines)) for block in blocks_of(document)]


def made_table(document: Document, owner: User) -> None:
    editing.retype_block(result_of(document), "1-b2", "table", author=owner, seen=0)


def test_a_block_becomes_one_of_another_kind(document: Document, owner: User) -> None:
    assert editing.retype_block(result_of(document), "1-b1", "caption", author=owner, seen=0) == 1
    assert shape(document)[0] == ("caption", "價目表")
    event = Event.objects.get(verb=Verb.ARRANGED)
    assert event.details == {"page": 1, "block": "1-b1", "change": "kind", "kind": "caption"}


def test_what_becomes_a_table_has_the_grid_of_its_lines(document: Document, owner: User) -> None:
    made_table(document, owner)
    assert grid(document) == [["品名", "單價"], ["咖啡", "一百"], ["紅茶", "八十"]]
    assert txt(document.current_run.export()) == "價目表\n品名\t單價\n咖啡\t一百\n紅茶\t八十\n"
    editing.retype_block(result_of(document), "1-b2", "text", author=owner, seen=1)
    assert shape(document) == [("title", "價目表"), ("text", " ".join(PRICES))]


def test_a_moved_block_takes_its_lines_along(document: Document, owner: User) -> None:
    editing.move_block(result_of(document), "1-b2", 1, author=owner, seen=0)
    assert [kind for kind, _ in shape(document)] == ["text", "title"]
    assert result_of(document).text == "\n".join([*PRICES, "價目表"])
    with pytest.raises(ValueError, match="2 blocks"):
        editing.move_block(result_of(document), "1-b1", 3, author=owner, seen=1)


def test_changes_of_blocks_hold_in_the_next_reading_too(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    made_table(document, owner)
    editing.move_block(result_of(document), "1-b2", 1, author=owner, seen=1)
    shifted = [replace(each, polygon=corners(expanded(each.box, 2))) for each in [HEADING, *SHORT]]
    fake_engine.read = lambda image: shifted  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    assert grid(document) == [["品名", "單價"], ["咖啡", "一百"], ["紅茶", "八十"]]
    assert [kind for kind, _ in shape(document)] == ["table", "title"]
    assert result_of(document).text == "\n".join([*PRICES, "價目表"])


def test_a_line_that_only_the_next_reading_has_finds_its_cell(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    made_table(document, owner)
    fake_engine.read = lambda image: [HEADING, *SHORT, line(112, 186, 158, 191, "元")]  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    assert grid(document)[2] == ["紅茶", "八十 元"]


def test_rows_and_columns_come_and_go(document: Document, owner: User) -> None:
    made_table(document, owner)
    editing.change_grid(result_of(document), "1-b2", "add-row", 1, author=owner, seen=1)
    editing.change_grid(result_of(document), "1-b2", "add-column", 2, author=owner, seen=2)
    empty = ["", "", ""]
    assert grid(document) == [["品名", "單價", ""], empty, ["咖啡", "一百", ""], ["紅茶", "八十", ""]]
    editing.change_grid(result_of(document), "1-b2", "delete-column", 2, author=owner, seen=3)
    editing.change_grid(result_of(document), "1-b2", "delete-row", 1, author=owner, seen=4)
    assert grid(document) == [["品名", "單價"], ["咖啡", "一百"], ["紅茶", "八十"]]


def test_the_text_of_a_row_that_is_taken_away_stays_beside_the_table(document: Document, owner: User) -> None:
    made_table(document, owner)
    editing.change_grid(result_of(document), "1-b2", "delete-row", 0, author=owner, seen=1)
    assert shape(document) == [("title", "價目表"), ("text", "品名 單價"), ("table", "咖啡 一百 紅茶 八十")]
    with pytest.raises(ValueError, match="no such row"):
        editing.change_grid(result_of(document), "1-b3", "delete-row", 2, author=owner, seen=2)
    with pytest.raises(ValueError, match="no table"):
        editing.change_grid(result_of(document), "1-b1", "add-row", 0, author=owner, seen=2)


def test_the_second_who_changes_a_block_is_told(document: Document, owner: User, stranger: User) -> None:
    made_table(document, owner)
    with pytest.raises(editing.ArrangementConflictError):
        editing.retype_block(result_of(document), "1-b1", "header", author=stranger, seen=0)
    assert shape(document)[0] == ("title", "價目表")


def test_changes_are_taken_back_one_after_the_other(document: Document, owner: User) -> None:
    made_table(document, owner)
    editing.move_block(result_of(document), "1-b2", 1, author=owner, seen=1)
    editing.arrange_as_before(result_of(document), 1, author=owner, seen=2)
    assert [kind for kind, _ in shape(document)] == ["title", "table"]
    editing.arrange_as_before(result_of(document), 0, author=owner, seen=3)
    assert [kind for kind, _ in shape(document)] == ["title", "text"]
    with pytest.raises(LookupError):
        editing.arrange_as_before(result_of(document), 9, author=owner, seen=4)


def test_a_line_that_is_moved_and_moved_back_leaves_its_block_whole(document: Document, owner: User) -> None:
    ids = [f"1-{n}" for n in range(1, 8)]
    editing.rearrange(result_of(document), [*ids[1:3], ids[0], *ids[3:]], author=owner, seen=0)
    assert [kind for kind, _ in shape(document)] == ["text", "title", "text"]
    editing.rearrange(result_of(document), ids, author=owner, seen=1)
    assert [kind for kind, _ in shape(document)] == ["title", "text"]


def test_a_correction_changes_its_cell(document: Document, owner: User) -> None:
    made_table(document, owner)
    editing.correct(result_of(document), "1-5", "一百二", author=owner, seen=None)
    assert grid(document)[1] == ["咖啡", "一百二"]


def test_what_is_drawn_into_an_empty_cell_stands_there(document: Document, owner: User) -> None:
    made_table(document, owner)
    editing.change_grid(result_of(document), "1-b2", "add-row", 3, author=owner, seen=1)
    cell = blocks_of(document)[1].table[3][1]  # type: ignore[index]
    editing.draw(result_of(document), [editing.Drawing(corners(cell.box), "免費")], author=owner, seen=())
    assert grid(document)[2:] == [["紅茶", "八十"], ["", "免費"]]


def test_a_snippet_tells_blocks_rows_and_cells_apart(document: Document, owner: User) -> None:
    made_table(document, owner)
    assert [piece.text for piece in search(owner, "咖啡").hits[0].pieces] == [
        "價目表 · 品名 單價 · ",
        "咖啡",
        " 一百 · 紅茶 八十",
    ]
