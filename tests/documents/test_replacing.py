"""Find and replace: what is found, replaced together as corrections, and taken back together."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import editing
from documents.editing import replacing as work
from documents.library import operations
from documents.models import Correction, Document, Event, Folder, RefusedError, Replacement, Run, Verb
from documents.processing import queue
from documents.search import replacing
from documents.search.literal import Literal
from recognition.options import Options
from tests.support.api import holding
from tests.support.documents import new_document
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db


def book(owner: User, *pages: str, title: str = "book", **fields) -> Document:
    """A document whose lines stand below each other."""
    document = new_document(owner, title, *pages, **fields)
    for result in document.current_run.results.all():
        for place, line in enumerate(result.lines):
            top = 40 * place
            line["polygon"] = [[0, top], [100, top], [100, top + 20], [0, top + 20]]
        result.save()
    return document


def found(owner: User, find: str, put: str, **where) -> Replacement:
    return replacing.prepare(Replacement(author=owner, find=find, replacement=put, **where))


def texts(document: Document) -> list[str]:
    results = Document.objects.get(pk=document.pk).current_run.results.order_by("page__number")
    return [result.text for result in results]


@pytest.mark.parametrize(
    ("wanted", "text", "spans"),
    [
        (Literal("己"), "自己己", [(1, 2), (2, 3)]),
        (Literal("aa"), "aaaa", [(0, 2), (2, 4)]),
        (Literal("a.c"), "abc a.c", [(4, 7)]),
        (Literal("Ab"), "ab AB Ab", [(6, 8)]),
        (Literal("Ab", ignore_case=True), "ab AB Ab", [(0, 2), (3, 5), (6, 8)]),
        (Literal("ss", ignore_case=True), "Straße", [(4, 5)]),
        (Literal("s", ignore_case=True), "aße", []),
        (Literal("A,"), "Ａ，A,", [(2, 4)]),
        (Literal("A,", ignore_width=True), "Ａ，A,", [(0, 2), (2, 4)]),
        (Literal("ｱ", ignore_width=True), "ア", [(0, 1)]),
        (Literal("台"), "臺台", [(1, 2)]),
        (Literal("臺", ignore_script=True), "臺台檯", [(0, 1), (1, 2), (2, 3)]),
        (Literal("か"), "か\u3099か", [(2, 3)]),
        (Literal("  "), "a  b", [(1, 3)]),
    ],
)
def test_only_what_was_asked_for_is_the_same(wanted: Literal, text: str, spans: list[tuple[int, int]]) -> None:
    assert wanted.spans(text) == spans
    assert (text in wanted) or not spans


def test_what_is_chosen_becomes_corrections_and_is_taken_back_together(owner: User) -> None:
    document = book(owner, "自己的己\n己所", "己任")
    batch = found(owner, "己", "已", document=document)
    assert [line.before for line in batch.lines.all()] == ["自己的己", "己所", "己任"]
    first = batch.lines.first()
    editing.choose(batch, [first], {f"{first.pk}-3"})
    assert editing.apply_replacement(batch)
    assert texts(document) == ["自己的已\n已所", "已任"]
    assert {correction.author for correction in Correction.objects.all()} == {owner}
    events = Event.objects.filter(verb=Verb.REPLACED).order_by("pk")
    assert [(event.details["page"], event.details["lines"]) for event in events] == [(1, "1-1 1-2"), (2, "2-1")]
    assert not editing.apply_replacement(batch)
    assert editing.undo_replacement(batch)
    assert texts(document) == ["自己的己\n己所", "己任"]
    assert not editing.undo_replacement(batch)


def test_a_correction_that_stood_there_stands_again_after_it_is_taken_back(owner: User) -> None:
    document = book(owner, "自己")
    result = document.current_run.results.get()
    editing.correct(result, "1-1", "自巳", author=owner, seen=None)
    batch = found(owner, "巳", "己", document=document)  # which is what was read
    editing.apply_replacement(batch)
    assert texts(document) == ["自己"]
    editing.undo_replacement(batch)
    assert texts(document) == ["自巳"]


def test_a_line_that_was_changed_meanwhile_is_left_alone_and_named(owner: User, as_owner: Client) -> None:
    document = book(owner, "己一\n己二")
    batch = found(owner, "己", "已", document=document)
    editing.correct(document.current_run.results.get(), "1-1", "己三", author=owner, seen=None)
    editing.apply_replacement(batch)
    assert texts(document) == ["己三\n已二"]
    shown = as_owner.get(f"/replace/{batch.pk}/").content.decode()
    assert "Replaced in 1 line." in shown
    assert "The line has been changed meanwhile." in shown


def test_what_was_changed_afterwards_stays_when_the_rest_is_taken_back(owner: User) -> None:
    document = book(owner, "己一\n己二")
    batch = found(owner, "己", "已", document=document)
    editing.apply_replacement(batch)
    seen = Correction.objects.get(text="已一").pk
    editing.correct(document.current_run.results.get(), "1-1", "已三", author=owner, seen=seen)
    editing.undo_replacement(batch)
    assert texts(document) == ["已三\n己二"]
    assert [line.state for line in batch.lines.all()] == ["kept", "undone"]


def test_nothing_is_written_into_another_run(owner: User) -> None:
    document = book(owner, "己")
    batch = found(owner, "己", "已", document=document)
    old = document.current_run
    document.current_run = Run.objects.create(document=document, options=Options().to_dict())
    document.save()
    editing.apply_replacement(batch)
    assert old.results.get().text == "己"
    assert batch.lines.get().state == "rerun"


def test_who_may_no_longer_edit_replaces_nothing(owner: User, stranger: User) -> None:
    document = book(owner, "己")
    share = operations.share(document, owner, user=stranger, may_edit=True)
    batch = found(stranger, "己", "已", document=document)
    operations.unshare(share, owner)
    editing.apply_replacement(batch)
    assert texts(document) == ["己"]
    assert batch.lines.get().state == "forbidden"


def test_a_folder_is_looked_through_with_those_inside_it_as_far_as_one_may_edit(owner: User, stranger: User) -> None:
    outer = Folder.create(owner, "outer")
    operations.share(outer, owner, user=stranger, may_edit=False)
    book(owner, "己", title="readable", folder=outer)
    editable = book(owner, "己", title="editable", folder=Folder.create(owner, "inner", outer))
    operations.share(editable, owner, user=stranger, may_edit=True)
    elsewhere = book(owner, "己", title="elsewhere")
    operations.share(elsewhere, owner, user=stranger, may_edit=True)
    batch = found(stranger, "己", "已", folder=outer)
    assert [line.result.page.document for line in batch.lines.all()] == [editable]


def test_a_deleted_line_is_not_found_and_a_line_of_nothing_is_deleted(owner: User) -> None:
    document = book(owner, "己\n己二")
    editing.correct(document.current_run.results.get(), "1-2", "", author=owner, seen=None)
    batch = found(owner, "己", "", document=document)
    assert batch.lines.count() == 1
    editing.apply_replacement(batch)
    assert texts(document) == [""]


def test_more_pages_than_are_looked_through_are_refused_in_words(owner: User, as_owner: Client, monkeypatch) -> None:
    monkeypatch.setattr(replacing, "MOST_PAGES", 1)
    document = book(owner, "己", "己")
    sent = {"document": document.pk, "find": "己", "replacement": "已", "where": "document"}
    answer = as_owner.post("/replace/", sent)
    assert answer.status_code == 400
    assert "There are more than 1 pages here" in answer.content.decode()


def test_more_lines_than_are_taken_at_a_time_are_said_to_be_there(owner: User, as_owner: Client, monkeypatch) -> None:
    monkeypatch.setattr(replacing, "MOST_LINES", 1)
    batch = found(owner, "己", "已", document=book(owner, "己\n己"))
    assert batch.lines.count() == 1
    assert "There are more." in as_owner.get(f"/replace/{batch.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_is_large_is_done_by_a_worker_slice_by_slice(owner: User, fake_engine, monkeypatch) -> None:
    monkeypatch.setattr(work, "PAGES_AT_ONCE", 1)
    monkeypatch.setattr(work, "TIME_SLICE", -1.0)
    document = book(owner, "己", "己", "己")
    batch = found(owner, "己", "已", document=document)
    editing.apply_replacement(batch)
    assert texts(document) == ["己", "己", "己"]
    monkeypatch.setattr(work, "TIME_SLICE", 10.0)
    run_worker()
    assert texts(document) == ["已", "已", "已"]
    assert Replacement.objects.get().state == "applied"


@pytest.mark.django_db(transaction=True)
def test_what_the_queue_forgot_is_taken_up_again(owner: User, redis_server, fake_engine, monkeypatch) -> None:
    monkeypatch.setattr(work, "PAGES_AT_ONCE", 0)
    document = book(owner, "己")
    editing.apply_replacement(found(owner, "己", "已", document=document))
    redis_server.flushall()
    assert queue.reconcile() == 1
    assert queue.reconcile() == 0
    run_worker()
    assert texts(document) == ["已"]


def test_finds_are_chosen_over_several_pages_of_the_list(owner: User, as_owner: Client, monkeypatch) -> None:
    monkeypatch.setattr("documents.views.replacing.LINES_A_PAGE", 2)
    document = book(owner, "己一\n己二\n己三")
    sent = {"document": document.pk, "find": "己", "replacement": "已", "where": "document"}
    address = as_owner.post("/replace/", sent).headers["Location"]
    batch = Replacement.objects.get()
    first, _second, third = batch.lines.all()
    shown = as_owner.get(address).content.decode()
    assert "<del>己</del><ins>已</ins>一" in shown
    assert "三" not in shown
    after = as_owner.post(address, {"p": 1, "hit": [f"{first.pk}-0"], "do": "page-2"}).headers["Location"]
    assert "三" in as_owner.get(after).content.decode()
    as_owner.post(address, {"p": 2, "hit": [f"{third.pk}-0"], "do": "apply"})
    assert texts(document) == ["已一\n己二\n已三"]
    as_owner.post(address, {"do": "undo"})
    assert texts(document) == ["己一\n己二\n己三"]


def test_a_replacement_is_nobody_elses(owner: User, as_stranger: Client) -> None:
    batch = found(owner, "己", "已", document=book(owner, "己"))
    assert as_stranger.get(f"/replace/{batch.pk}/").status_code == 404
    assert as_stranger.post(f"/replace/{batch.pk}/", {"do": "apply"}).status_code == 404
    assert as_stranger.get(f"/replace/?document={batch.document_id}").status_code == 404


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"find": "", "replacement": "x"}, "This field is required."),
        ({"find": "a\tb", "replacement": "x"}, "A line has no line breaks or tabs in it."),
        ({"find": "a", "replacement": "a"}, "This is what is looked for."),
        ({"find": "a" * 201, "replacement": "x"}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_replaced_is_said_beside_the_field(owner: User, as_owner: Client, sent: dict, said: str) -> None:
    document = book(owner, "己")
    answer = as_owner.post("/replace/", {"document": document.pk, "where": "document"} | sent)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_no_line_becomes_longer_than_lines_are(owner: User) -> None:
    document = book(owner, "己" * 30)
    with pytest.raises(RefusedError, match="at most 10000 characters"):
        found(owner, "己", "長" * 400, document=document)
    assert not Replacement.objects.exists()


def test_only_the_last_previews_are_kept(owner: User) -> None:
    document = book(owner, "己")
    for _ in range(12):
        found(owner, "己", "已", document=document)
    assert Replacement.objects.count() == 10


def test_programs_look_for_a_text_leave_lines_out_and_undo(owner: User) -> None:
    document = book(owner, "己一\n己二")
    program = holding(owner, "write")
    asked = {"find": "己", "replacement": "已", "document": str(document.pk)}
    made = program.post("/api/v1/replacements/", asked, content_type="application/json")
    assert made.status_code == 201
    address = f"/api/v1/replacements/{made.json()['id']}/"
    first, _second = program.get(f"{address}lines/").json()["results"]
    assert (first["before"], first["after"], first["line"]) == ("己一", "已一", "1-1")
    sent = {"leave_out": [first["number"]]}
    applied = program.post(f"{address}apply/", sent, content_type="application/json").json()
    assert (applied["state"], applied["lines_replaced"]) == ("applied", 1)
    assert texts(document) == ["己一\n已二"]
    assert program.post(f"{address}apply/", sent, content_type="application/json").status_code == 409
    assert program.post(f"{address}undo/").json()["state"] == "undone"
    assert texts(document) == ["己一\n己二"]
    assert program.post(f"{address}undo/").status_code == 409


def test_a_program_may_not_replace_what_its_person_may_only_read(owner: User, stranger: User) -> None:
    document = book(owner, "己")
    operations.share(document, owner, user=stranger, may_edit=False)
    asked = {"find": "己", "replacement": "已", "document": str(document.pk)}
    answer = holding(stranger, "write").post("/api/v1/replacements/", asked, content_type="application/json")
    assert answer.status_code == 403
