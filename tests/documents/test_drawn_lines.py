"""Lines that people draw where OCR found nothing, and lines that they delete."""

from __future__ import annotations

import json

import jsonschema
import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import exports
from documents.editing import ConflictError, Drawing, correct, draw, take_back
from documents.models import Correction, Document, PageResult, Run
from documents.search import query
from recognition.options import Options
from recognition.page import Line
from tests.support.documents import line, result_of
from tests.support.fake_engine import FakeEngine
from tests.support.json_schema import SCHEMA
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

TOP, MIDDLE, BOTTOM = (10, 10, 90, 40), (10, 60, 90, 90), (10, 110, 90, 140)


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A page whose first and third line were read, and whose second was missed."""
    reads(fake_engine, line(*TOP), line(*BOTTOM, "車站"))
    received = receive()
    run_worker()
    return Document.objects.get(pk=received.pk)


def reads(fake_engine: FakeEngine, *lines: Line) -> None:
    fake_engine.read = lambda image: list(lines)  # type: ignore[method-assign]


def read_again(document: Document, owner: User) -> PageResult:
    Run.start(document, Options(), owner)
    run_worker()
    return result_of(document)


def drawing(box: tuple[float, float, float, float] = MIDDLE, text: str = "火") -> Drawing:
    return Drawing(line(*box).polygon, text)


def drawn(document: Document, owner: User, *drawings: Drawing, seen: tuple[int, ...] = ()) -> list[str]:
    return draw(result_of(document), drawings or [drawing()], author=owner, seen=seen)


def stands(result: PageResult) -> list[tuple[str, str | None]]:
    """Id and correction of each line, in order."""
    lines = result.transcript(result.edits()).lines
    return [(line.id, line.corrected) for line in lines]


def test_a_drawn_line_stands_where_it_belongs_in_text_and_exports(document: Document, owner: User) -> None:
    (line_id,) = drawn(document, owner)
    number = Correction.objects.get().pk
    assert line_id == f"1-c{number}"
    assert stands(result_of(document)) == [("1-1", None), (line_id, "火"), ("1-2", None)]
    assert result_of(document).text == "台北\n火\n車站"
    assert exports.txt(document.current_run.export()) == "台北\n火\n車站\n"
    data = json.loads(exports.as_json(document.current_run.export()))
    jsonschema.validate(data, SCHEMA)
    made = data["pages"][0]["lines"][1]
    assert (made["id"], made["text"], made["raw"], made["corrected"]) == (line_id, "火", "", "火")
    assert made["polygon"] == [[10, 60], [90, 60], [90, 90], [10, 90]]


def test_a_drawn_line_keeps_its_id_when_it_is_corrected(document: Document, owner: User) -> None:
    (line_id,) = drawn(document, owner)
    first = Correction.objects.get()
    second = correct(result_of(document), line_id, "火車", author=owner, seen=first.pk)
    assert (line_id, "火車") in stands(result_of(document))
    assert result_of(document).text == "台北\n火車\n車站"
    assert take_back(result_of(document), line_id, author=owner, seen=second.pk) == first
    assert result_of(document).text == "台北\n火\n車站"


def test_drawing_is_undone_by_taking_it_back(document: Document, owner: User) -> None:
    (line_id,) = drawn(document, owner)
    take_back(result_of(document), line_id, author=owner, seen=Correction.objects.get().pk)
    assert stands(result_of(document)) == [("1-1", None), ("1-2", None)]
    assert Correction.objects.get().withdrawn is not None


def test_where_the_next_reading_has_a_line_the_drawn_one_becomes_its_correction(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    (line_id,) = drawn(document, owner)
    earlier = result_of(document)
    reads(fake_engine, line(*TOP), line(12, 58, 88, 91, "人"), line(*BOTTOM, "車站"))
    assert stands(read_again(document, owner)) == [("1-1", None), ("1-2", "火"), ("1-3", None)]
    assert (line_id, "火") in stands(earlier)  # nothing has changed there


def test_where_the_next_reading_misses_it_too_a_drawn_line_stays(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    (line_id,) = drawn(document, owner)
    assert stands(read_again(document, owner)) == [("1-1", None), (line_id, "火"), ("1-2", None)]


def test_what_is_drawn_over_a_line_corrects_it(document: Document, owner: User) -> None:
    assert drawn(document, owner, drawing((8, 8, 93, 42), "臺北")) == ["1-1"]
    assert stands(result_of(document)) == [("1-1", "臺北"), ("1-2", None)]


def test_what_says_the_same_as_the_line_beneath_leaves_no_trace(document: Document, owner: User) -> None:
    assert drawn(document, owner, drawing(TOP, "台北"), drawing()) == ["1-1", f"1-c{Correction.objects.get().pk}"]


def test_what_is_drawn_over_a_correction_that_was_not_seen_is_refused_as_a_whole(
    document: Document, owner: User, stranger: User
) -> None:
    other = correct(result_of(document), "1-1", "臺北", author=stranger, seen=None)
    with pytest.raises(ConflictError) as conflict:
        drawn(document, owner, drawing(), drawing(TOP, "北"))
    assert conflict.value.current == other
    assert result_of(document).text == "臺北\n車站"
    drawn(document, owner, drawing(), drawing(TOP, "北"), seen=(other.pk,))
    assert result_of(document).text == "北\n火\n車站"


def test_a_wrong_box_is_taken_away_and_brought_back(document: Document, owner: User) -> None:
    earlier = correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    gone = correct(result_of(document), "1-1", "", author=owner, seen=earlier.pk)
    assert stands(result_of(document)) == [("1-1", ""), ("1-2", None)]
    assert result_of(document).text == "車站"
    assert take_back(result_of(document), "1-1", author=owner, seen=gone.pk) == earlier
    assert result_of(document).text == "臺北\n車站"


def test_a_right_box_is_drawn_in_place_of_a_wrong_one(document: Document, owner: User) -> None:
    correct(result_of(document), "1-1", "", author=owner, seen=None)
    (line_id,) = drawn(document, owner, drawing((8, 8, 150, 42), "臺北市"))
    assert sorted(stands(result_of(document))) == [("1-1", ""), ("1-2", None), (line_id, "臺北市")]
    assert result_of(document).text == "臺北市\n車站"
    correct(result_of(document), line_id, "", author=owner, seen=Correction.objects.last().pk)
    assert result_of(document).text == "車站"


def test_taking_all_of_it_back_leaves_the_line_as_it_was_read(document: Document, owner: User) -> None:
    gone = correct(result_of(document), "1-1", "", author=owner, seen=None)
    (line_id,) = drawn(document, owner, drawing((8, 8, 93, 42), "臺北"))
    correct(result_of(document), line_id, "", author=owner, seen=Correction.objects.last().pk)
    take_back(result_of(document), "1-1", author=owner, seen=gone.pk)
    assert sorted(stands(result_of(document))) == [("1-1", None), ("1-2", None), (line_id, "")]
    assert result_of(document).text == "台北\n車站"


@pytest.fixture
def erased(document: Document, owner: User, fake_engine: FakeEngine) -> str:
    """A line that was drawn and taken away, and that the next reading has found after all."""
    (line_id,) = drawn(document, owner)
    correct(result_of(document), line_id, "", author=owner, seen=Correction.objects.last().pk)
    reads(fake_engine, line(*TOP), line(12, 58, 88, 91, "人"), line(*BOTTOM, "車站"))
    read_again(document, owner)
    return line_id


def test_bringing_a_drawn_line_back_changes_no_line_that_was_read(
    document: Document, owner: User, stranger: User, erased: str
) -> None:
    correct(result_of(document), "1-2", "人人", author=stranger, seen=None)
    seen = result_of(document).placement().by_line[erased].pk
    back = correct(result_of(document), erased, "火", author=owner, seen=seen)
    lines = [("1-1", None), ("1-2", "人人"), ("1-3", None)]
    assert sorted(stands(result_of(document))) == [*lines, (erased, "火")]
    again = correct(result_of(document), erased, "", author=owner, seen=back.pk if back else None)
    assert sorted(stands(result_of(document))) == [*lines, (erased, "")]
    assert take_back(result_of(document), erased, author=owner, seen=again.pk if again else 0) == back
    assert sorted(stands(result_of(document))) == [*lines, (erased, "火")]


def test_what_is_drawn_anew_at_the_same_place_has_the_line_that_draw_tells(
    document: Document, owner: User, erased: str
) -> None:
    seen = tuple(Correction.objects.values_list("pk", flat=True))
    assert drawn(document, owner, drawing(text="火車"), seen=seen) == [erased]
    assert sorted(stands(result_of(document))) == [("1-1", None), ("1-2", None), ("1-3", None), (erased, "火車")]


def test_what_is_drawn_exactly_over_a_line_that_was_taken_away_brings_it_back(document: Document, owner: User) -> None:
    gone = correct(result_of(document), "1-1", "", author=owner, seen=None)
    assert drawn(document, owner, drawing(TOP, "臺北"), seen=(gone.pk if gone else 0,)) == ["1-1"]
    assert stands(result_of(document)) == [("1-1", "臺北"), ("1-2", None)]


def test_a_correction_that_would_hold_on_another_line_is_refused(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    reads(fake_engine, line(*TOP), line(*TOP, "北"))
    with pytest.raises(ConflictError):
        correct(read_again(document, owner), "1-2", "臺北", author=owner, seen=None)
    assert stands(result_of(document)) == [("1-1", None), ("1-2", None)]


def test_a_line_without_extent_is_corrected_too(document: Document, owner: User, fake_engine: FakeEngine) -> None:
    reads(fake_engine, line(10, 10, 90, 10))
    correct(read_again(document, owner), "1-1", "臺北", author=owner, seen=None)
    assert stands(result_of(document)) == [("1-1", "臺北")]


def test_who_takes_back_has_to_have_seen_what_holds(document: Document, owner: User, stranger: User) -> None:
    first = correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    second = correct(result_of(document), "1-1", "臺南", author=stranger, seen=first.pk)
    with pytest.raises(ConflictError) as conflict:
        take_back(result_of(document), "1-1", author=owner, seen=first.pk)
    assert conflict.value.current == second


@pytest.mark.parametrize("line_id", ["1-0", "1-3", "1-c0", "2-1", "x"])
def test_a_line_that_is_not_there_cannot_be_changed(document: Document, owner: User, line_id: str) -> None:
    with pytest.raises(LookupError):
        correct(result_of(document), line_id, "x", author=owner, seen=None)


def test_what_was_drawn_is_found_at_once(document: Document, owner: User, as_owner: Client) -> None:
    line = {"polygon": [[10, 60], [90, 60], [90, 90], [10, 90]], "text": "葡萄", "direction": "horizontal"}
    answer = as_owner.post(f"/documents/{document.pk}/pages/1/lines/", {"drawings": json.dumps([line])})
    assert answer.status_code == 200
    (added,) = answer.json()["lines"]
    assert added["key"] in answer.json()["items"]
    assert answer.json()["drawn"] == [added["key"]]
    assert [key for block in answer.json()["blocks"] for key in block["lines"]] == ["1", added["key"], "2"]
    assert query.search(owner, "葡萄").total == 1


@pytest.mark.parametrize("spoil", [{"text": "a\0"}, {"text": "a\ud800"}, {"polygon": [[10**400, 1]] * 4}])
def test_a_line_that_no_database_keeps_is_refused(document: Document, as_owner: Client, spoil: dict) -> None:
    line = {"polygon": [[10, 60], [90, 60], [90, 90], [10, 90]], "text": "a", "direction": "horizontal"}
    answer = as_owner.post(f"/documents/{document.pk}/pages/1/lines/", {"drawings": json.dumps([line | spoil])})
    assert answer.status_code == 400


@pytest.mark.parametrize("spoil", [{"seen": f"[{'9' * 5000}]"}, {"seen": "[" * 100_000}, {"changes": "9" * 5000}])
def test_what_no_json_reader_reads_is_refused(document: Document, as_owner: Client, spoil: dict[str, str]) -> None:
    line = {"polygon": [[10, 60], [90, 60], [90, 90], [10, 90]], "text": "a", "direction": "horizontal"}
    address = f"/documents/{document.pk}/pages/1"
    assert as_owner.post(f"{address}/lines/", {"drawings": json.dumps([line])} | spoil).status_code == 400
    if "changes" in spoil:
        assert as_owner.post(f"{address}/order/", {"seen": "0", "lines": spoil["changes"]}).status_code == 400
