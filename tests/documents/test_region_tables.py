"""A region of a page that is read as a table."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from documents import editing
from documents.models import Document
from documents.processing import interactive
from recognition.geometry import BBox, corners
from recognition.options import Options
from recognition.page import Block, Cell, Table
from tests.support.blocks import blocks_of, grid
from tests.support.documents import line, result_of
from tests.support.fake_engine import FakeEngine
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

FRAME: BBox = (10, 85, 180, 180)
LONG, SHORT = line(20, 90, 170, 112, "品名單價"), line(20, 130, 70, 152, "咖啡")
OUTSIDE = line(20, 10, 180, 50, "價目表")
READ = [
    line(20, 90, 70, 112, "品名"),
    line(110, 90, 170, 112, "單價"),
    line(21, 131, 70, 152, "加啡"),
    line(110, 130, 170, 152, "一百"),
]


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A page whose table was read as two lines, one of them over both columns."""
    fake_engine.read = lambda image: [OUTSIDE, LONG, SHORT]  # type: ignore[method-assign]
    received = receive()
    run_worker()
    return Document.objects.get(pk=received.pk)


def drawn(*texts: str) -> editing.DrawnTable:
    """What was read in the frame, with ``texts`` for its four lines."""
    lines = [editing.Drawing(each.polygon, text) for each, text in zip(READ, texts, strict=True)]
    cells = [Cell(each.box, (n,)) for n, each in enumerate(READ)]
    return editing.DrawnTable(FRAME, lines, [each.text for each in READ], Table((tuple(cells[:2]), tuple(cells[2:]))))


def keep(document: Document, owner: User, *texts: str) -> None:
    seen = list(document.pages.get().corrections.values_list("pk", flat=True))
    editing.keep_table(result_of(document), drawn(*texts), author=owner, seen=seen, arrangement=0)


def test_a_region_read_as_a_table_becomes_one(document: Document, owner: User) -> None:
    keep(document, owner, "品名", "單價", "咖啡", "一百")
    assert grid(document) == [["品名", "單價"], ["咖啡", "一百"]]
    assert result_of(document).text == "價目表\n品名\n單價\n咖啡\n一百"
    assert [block.type for block in blocks_of(document) if any(each.text for each in block.lines)][1:] == ["table"]


def test_what_somebody_wrote_over_a_line_of_the_table_stays(document: Document, owner: User) -> None:
    editing.correct(result_of(document), "1-3", "熱咖啡", author=owner, seen=None)
    keep(document, owner, "品名", "單價", "加啡", "一百")
    assert grid(document)[1] == ["熱咖啡", "一百"]


def test_a_line_that_the_author_empties_is_deleted(document: Document, owner: User) -> None:
    keep(document, owner, "品名", "單價", "咖啡", "")
    assert grid(document) == [["品名", "單價"], ["咖啡", ""]]


def test_a_line_where_nothing_was_read_goes_to_its_cell(document: Document, owner: User) -> None:
    below = editing.Drawing(corners((115, 154, 150, 160)), "起")
    editing.draw(result_of(document), [below], author=owner, seen=())
    seen = list(document.pages.get().corrections.values_list("pk", flat=True))
    drawn_now = drawn("品名", "單價", "咖啡", "一百")
    (*row, last) = drawn_now.table.rows[1]
    taller = replace(drawn_now, table=Table((drawn_now.table.rows[0], (*row, replace(last, box=(110, 130, 170, 165))))))
    editing.keep_table(result_of(document), taller, author=owner, seen=seen, arrangement=0)
    assert grid(document) == [["品名", "單價"], ["咖啡", "一百 起"]]


def test_a_correction_that_the_author_has_not_seen_is_not_lost(document: Document, owner: User, stranger: User) -> None:
    editing.correct(result_of(document), "1-2", "品名　單價", author=stranger, seen=None)
    with pytest.raises(editing.ConflictError):
        editing.keep_table(
            result_of(document), drawn("品名", "單價", "咖啡", "一百"), author=owner, seen=[], arrangement=0
        )
    seen = list(document.pages.get().corrections.values_list("pk", flat=True))
    with pytest.raises(editing.ArrangementConflictError):
        editing.keep_table(
            result_of(document), drawn("品名", "單價", "咖啡", "一百"), author=stranger, seen=seen, arrangement=7
        )
    assert result_of(document).text == "價目表\n品名　單價\n咖啡"


def test_a_worker_reads_a_region_as_a_table(document: Document, fake_engine: FakeEngine) -> None:
    fake_engine.read = lambda image: READ  # type: ignore[method-assign]
    page = document.pages.get()
    handle = interactive.ask(page, Options(region=corners((0, 0, 200, 200)), layout="table"), 0, person=1)
    run_worker()
    answer = interactive.answer(page, handle)
    assert answer.table is not None
    found = Block.from_dict(answer.table).table
    assert found is not None
    assert [[cell.lines for cell in row] for row in found.rows] == [[(0,), (1,)], [(2,), (3,)]]


def test_the_page_takes_what_a_browser_sends(document: Document, as_owner: Client) -> None:
    block = Block("table", FRAME, (0, 1), Table(((Cell(READ[0].box, (0,)), Cell(READ[1].box, (1,))),))).to_dict()
    lines = [each.to_dict() | {"read": each.text} for each in READ[:2]]
    address = reverse("documents:table", args=[document.pk, 1])
    sent = {"drawings": json.dumps(lines), "seen": "[]", "arrangement": 0}
    assert as_owner.post(address, sent | {"table": json.dumps(block)}).json() == {"seen": 1}
    assert grid(document) == [["品名", "單價"]]
    for broken in ({}, block | {"box": [0, 0, 1]}, block | {"table": []}, block | {"table": [[{"lines": [9]}]]}, [], 3):
        assert as_owner.post(address, sent | {"table": json.dumps(broken)}).status_code == 400
    assert as_owner.post(address, sent | {"table": json.dumps(block)}).status_code == 409
