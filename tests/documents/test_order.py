"""The reading order, edited by people."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from documents.editing import ArrangementConflictError, Drawing, correct, draw, rearrange, rearrange_by_direction
from documents.models import Document, PageResult, Run
from recognition.options import Options
from tests.support.documents import line, result_of
from tests.support.fake_engine import FakeEngine
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

GRID = {
    text: (60 * x, 60 * y, 60 * x + 40, 60 * y + 40)
    for y, row in enumerate(["甲乙", "丙丁"])
    for x, text in enumerate(row)
}


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A page of four single characters, two by two, which could be read either way."""
    fake_engine.read = lambda image: [line(*box, text) for text, box in GRID.items()]  # type: ignore[method-assign]
    received = receive()
    run_worker()
    return Document.objects.get(pk=received.pk)


def test_the_order_that_a_person_gives_holds_for_text_and_exports(document: Document, owner: User) -> None:
    assert result_of(document).text == "甲\n乙\n丙\n丁"
    rearrange(result_of(document), ["1-4", "1-1", "1-2", "1-3"], author=owner, seen=0)
    assert result_of(document).text == "丁\n甲\n乙\n丙"
    assert document.current_run.export().text == "丁\n甲\n乙\n丙"
    assert [line["text"] for line in result_of(document).lines] == list("甲乙丙丁")  # as they were read


def test_a_page_is_ordered_by_the_direction_in_which_it_is_written(document: Document, owner: User) -> None:
    rearrange_by_direction(result_of(document), "vertical-rl", author=owner, seen=0)
    assert result_of(document).text == "乙\n丁\n甲\n丙"
    rearrange_by_direction(result_of(document), "horizontal", author=owner, seen=1)
    assert result_of(document).text == "甲\n乙\n丙\n丁"


def test_the_order_as_read_comes_back(document: Document, owner: User) -> None:
    rearrange_by_direction(result_of(document), "vertical-rl", author=owner, seen=0)
    rearrange(result_of(document), None, author=owner, seen=1)
    assert result_of(document).text == "甲\n乙\n丙\n丁"
    assert result_of(document).page.arrangements.last().is_as_read


def test_the_second_who_mends_an_order_is_told(document: Document, owner: User, stranger: User) -> None:
    rearrange(result_of(document), ["1-4", "1-1", "1-2", "1-3"], author=owner, seen=0)
    with pytest.raises(ArrangementConflictError):
        rearrange(result_of(document), ["1-1", "1-3", "1-2", "1-4"], author=stranger, seen=0)
    assert result_of(document).text == "丁\n甲\n乙\n丙"


def test_a_line_of_another_page_has_no_place_in_an_order(document: Document, owner: User) -> None:
    with pytest.raises(ValueError, match="2-1"):
        rearrange(result_of(document), ["2-1", "1-1"], author=owner, seen=0)


def test_a_line_that_the_order_does_not_name_follows_its_neighbour(document: Document, owner: User) -> None:
    rearrange(result_of(document), ["1-4", "1-3", "1-2", "1-1"], author=owner, seen=0)
    below = Drawing(line(0, 120, 40, 160).polygon, "戊")
    draw(result_of(document), [below], author=owner, seen=())
    assert result_of(document).text == "丁\n戊\n丙\n乙\n甲"  # on the page it comes after 丁


def test_drawn_lines_can_be_moved(document: Document, owner: User) -> None:
    (line_id,) = draw(result_of(document), [Drawing(line(0, 120, 40, 160).polygon, "戊")], author=owner, seen=())
    rearrange(result_of(document), [line_id, "1-1", "1-2", "1-3", "1-4"], author=owner, seen=0)
    assert result_of(document).text == "戊\n甲\n乙\n丙\n丁"


def test_correcting_a_line_leaves_the_order(document: Document, owner: User) -> None:
    rearrange_by_direction(result_of(document), "vertical-rl", author=owner, seen=0)
    correct(result_of(document), "1-1", "田", author=owner, seen=None)
    assert result_of(document).text == "乙\n丁\n田\n丙"


def test_the_next_reading_keeps_the_order_unless_a_direction_was_asked_for(document: Document, owner: User) -> None:
    rearrange(result_of(document), ["1-4", "1-1", "1-2", "1-3"], author=owner, seen=0)
    Run.start(document, Options(), owner)
    run_worker()
    assert result_of(document).text == "丁\n甲\n乙\n丙"
    Run.start(document, Options(direction="vertical-rl"), owner)
    run_worker()
    assert result_of(document).text == "乙\n丁\n甲\n丙"


def test_a_page_that_lies_on_its_side_is_ordered_upright(document: Document, owner: User) -> None:
    """Turned by 90 degrees clockwise, what is at the lower left is at the top left."""
    lying = result_of(document)
    PageResult.objects.filter(pk=lying.pk).update(rotation=90)
    rearrange_by_direction(result_of(document), "horizontal", author=owner, seen=0)
    assert result_of(document).text == "丙\n甲\n丁\n乙"
