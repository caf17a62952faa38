"""What people correct: whose it is, what becomes of it in a new run, and two editors of one line."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import exports, transcript
from documents.editing import ConflictError, Drawing, LineChange, change, correct, draw
from documents.models import Correction, Document, Run, history
from documents.models.placement import place
from recognition.options import Options
from tests.support.documents import line, result_of
from tests.support.fake_engine import FakeEngine
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_correction_is_what_holds_and_what_was_read_is_kept(document: Document, owner: User) -> None:
    correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    result = result_of(document)
    assert result.text == "臺北\n車站"
    assert result.lines[0]["text"] == "台北"
    export = Run.objects.get().export()
    assert exports.txt(export) == "臺北\n車站\n"
    assert [line.corrected for line in export.pages[0].lines] == ["臺北", None]


def test_a_line_corrected_to_nothing_is_gone_from_the_text(document: Document, owner: User) -> None:
    correct(result_of(document), "1-1", "", author=owner, seen=None)
    assert result_of(document).text == "車站"
    assert exports.txt(Run.objects.get().export()) == "車站\n"


@pytest.mark.parametrize(
    ("version", "expected"), [("corrected", "臺北"), ("converted", "台北\n車站"), ("raw", "台北\n车站")]
)
def test_the_three_texts_of_a_page_are_kept_apart(
    document: Document, owner: User, version: transcript.Version, expected: str
) -> None:
    result = result_of(document)
    result.lines[1]["raw"] = "车站"
    result.save()
    correct(result, "1-1", "臺北", author=owner, seen=None)
    correct(result, "1-2", "", author=owner, seen=None)
    assert result_of(document).text_in(version) == expected


def test_the_second_editor_is_told_and_nothing_is_overwritten(document: Document, owner: User) -> None:
    first = correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    with pytest.raises(ConflictError) as conflict:
        correct(result_of(document), "1-1", "臺中", author=owner, seen=None)
    assert conflict.value.current == first
    assert result_of(document).text == "臺北\n車站"
    correct(result_of(document), "1-1", "臺中", author=owner, seen=first.pk)
    assert result_of(document).text == "臺中\n車站"


def test_writing_the_text_as_it_was_read_takes_the_correction_back(document: Document, owner: User) -> None:
    first = correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    assert correct(result_of(document), "1-1", "台北", author=owner, seen=first.pk) is None
    assert result_of(document).text == "台北\n車站"
    assert Correction.objects.get().withdrawn is not None  # who wrote what when is still known
    assert correct(result_of(document), "1-1", "臺南", author=owner, seen=None) is not None


def test_a_correction_moves_to_the_line_of_a_new_run_that_it_overlaps_most(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    fake_engine.read = lambda image: [line(12, 55, 88, 88, "車占"), line(12, 14, 93, 43, "合北")]  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    moved_to = "1-1" if result_of(document).lines[0]["raw"] == "合北" else "1-2"
    assert result_of(document).placement().texts() == {moved_to: "臺北"}
    assert "臺北" in result_of(document).text
    assert "合北" not in result_of(document).text


def test_a_correction_without_a_line_is_kept_as_unplaced(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    written = correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    fake_engine.read = lambda image: [line(10, 60, 90, 90, "車站")]  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    assert result_of(document).placement().unplaced == [written]
    assert result_of(document).text == "車站"


def test_a_correction_made_while_a_page_is_read_again_is_in_its_text(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    first = result_of(document)
    read = fake_engine.read

    def read_and_be_corrected(image):
        correct(first, "1-1", "臺北", author=owner, seen=None)
        return read(image)

    fake_engine.read = read_and_be_corrected  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    assert result_of(document).text == "臺北\n車站"


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((10, 10, 90, 40), "1-1"),  # the very line
        ((0, 5, 60, 45), "1-1"),  # a piece of it
        ((10, 30, 90, 70), None),  # half-way between two
        ((200, 10, 290, 40), None),  # elsewhere
        ((10, 45, 90, 95), "1-2"),
        ((5, 5, 95, 95), "1-1"),  # all of both: the first
    ],
)
def test_placing_goes_by_overlap(box, expected) -> None:
    correction = Correction(polygon=line(*box).polygon, text="x")
    placement = place(1, [line(10, 10, 90, 40), line(10, 60, 90, 90)], [correction])
    assert list(placement.by_line) == ([] if expected is None else [expected])
    assert placement.unplaced == ([correction] if expected is None else [])


def test_over_http_a_correction_answers_what_holds_and_a_late_one_409(document: Document, as_owner: Client) -> None:
    def write(text: str, seen: int | None):
        changes = json.dumps([{"line": "1", "text": text, "seen": seen}])
        answer = as_owner.post(f"/documents/{document.pk}/pages/1/lines/", {"changes": changes})
        return answer.status_code, answer.json()["lines"][0]

    status, first = write("臺北", None)
    assert (status, first["text"], first["author"]) == (200, "臺北", "owner")
    status, late = write("臺中", None)
    assert (status, late["text"]) == (409, "臺北")
    status, _ = write("臺中", late["seen"])
    assert status == 200
    assert "臺中" in as_owner.get(f"/documents/{document.pk}/export/txt/").getvalue().decode()


def test_of_several_changes_all_are_made_or_none(document: Document, owner: User) -> None:
    result = result_of(document)
    with pytest.raises(ConflictError) as conflict:
        change(result, [LineChange("1-1", "臺北", None), LineChange("1-2", "車", 99)], author=owner)
    assert conflict.value.line_id == "1-2"
    assert not Correction.objects.exists()
    assert change(result, [LineChange("1-1", "臺北", None), LineChange("1-2", "車", None)], author=owner) == [
        "1-1",
        "1-2",
    ]


MOVED = ((200, 100), (300, 100), (300, 130), (200, 130))


def test_a_box_is_moved_with_its_text_and_what_is_written_then_stays_there(document: Document, owner: User) -> None:
    first = line_of(document, "1-1").polygon
    change(result_of(document), [LineChange("1-1", "台北", None, MOVED, "vertical-rl")], author=owner)
    assert (line_of(document, "1-1").polygon, line_of(document, "1-1").direction) == (MOVED, "vertical-rl")
    seen = Correction.objects.get().pk
    written = correct(result_of(document), "1-1", "臺北", author=owner, seen=seen)
    assert (line_of(document, "1-1").polygon, result_of(document).placement().texts()) == (MOVED, {"1-1": "臺北"})
    assert [each.text for each in history(result_of(document), "1-1")] == ["臺北", "台北"]
    rounded = tuple((x + 0.05, y - 0.05) for x, y in first)  # as a browser has it
    change(result_of(document), [LineChange("1-1", "台北", written.pk if written else None, rounded)], author=owner)
    assert line_of(document, "1-1").polygon == first
    assert not Correction.objects.active().exists()


def test_a_moved_box_and_what_was_split_off_go_with_the_place_into_the_next_reading(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    left, right = line(10, 10, 50, 40, "台"), Drawing(line(50, 10, 90, 40).polygon, "北")
    change(result_of(document), [LineChange("1-1", "台", None, left.polygon)], [right], author=owner)
    assert result_of(document).text == "台\n北\n車站"
    fake_engine.read = lambda image: [line(10, 60, 90, 90, "車站"), line(11, 9, 91, 41, "合北")]  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    document.refresh_from_db()
    assert result_of(document).text == "台\n北\n車站"


def test_a_part_of_a_line_that_somebody_frames_is_a_line_of_its_own(document: Document, owner: User) -> None:
    (part,) = draw(result_of(document), [Drawing(line(8, 8, 52, 42).polygon, "台")], author=owner, seen=[])
    assert result_of(document).placement().texts() == {part: "台"}
    assert sorted(result_of(document).text.split()) == ["台", "台北", "車站"]


def line_of(document: Document, line_id: str):
    return result_of(document).placement().lines[line_id]


@pytest.mark.parametrize("number", [0, 3])
def test_a_line_that_does_not_exist_is_404(document: Document, as_owner: Client, number: int) -> None:
    changes = json.dumps([{"line": str(number), "text": "x", "seen": None}])
    answer = as_owner.post(f"/documents/{document.pk}/pages/1/lines/", {"changes": changes})
    assert answer.status_code == 404
