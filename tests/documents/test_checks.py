"""Proof-reading: which lines, pages and documents a person has checked."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import editing
from documents.exports.ocrsite_json import as_json
from documents.models import Document, Event, Folder, Page, PageCheck, PageResult, Replacement, Run, State, Verb
from documents.search import replacing
from recognition.options import Options
from recognition.page import Doubt, Line, PageReading
from tests.support.api import holding
from tests.support.documents import line, new_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(owner: User) -> Document:
    """A page of three lines, of which the last is doubtful."""
    document = new_document(owner, "book", "一\n二\n三")
    result = document.current_run.results.get()
    read = [line(0, 40 * place, 100, 40 * place + 20, text) for place, text in enumerate("一二三")]
    sure = [Line(each.raw, 0.99, each.polygon) for each in read[:2]]
    result.lines = [each.to_dict() for each in [*sure, read[2]]]
    result.save()
    result.refresh_text()
    return document


def result_of(document: Document) -> PageResult:
    return Document.objects.get(pk=document.pk).current_run.results.select_related("page", "run").get()


def checked(document: Document) -> list[bool]:
    return [line.checked for line in Document.objects.get(pk=document.pk).current_run.export().pages[0].lines]


def left(document: Document) -> tuple[int, int, int]:
    """Of the run: all lines, unchecked ones, and doubtful ones."""
    work = Document.objects.get(pk=document.pk).current_run.work
    return work.total, work.unchecked, work.doubtful


def read_again(document: Document, *lines: Line) -> Run:
    """Another run, current from now on, which has read ``lines``."""
    run = Run.start(document, Options(), None)
    result = run.results.get()
    PageResult.objects.filter(pk=result.pk).update(state=State.RUNNING, worker="desk", attempts=1)
    result = PageResult.objects.select_related("page", "run").get(pk=result.pk)
    assert result.finish(PageReading(number=1, lines=lines))
    return run


def test_nothing_is_checked_until_somebody_says_so(document: Document) -> None:
    assert checked(document) == [False, False, False]
    assert left(document) == (3, 3, 1)


def test_a_corrected_line_counts_as_checked_until_that_is_undone(document: Document, owner: User) -> None:
    written = editing.correct(result_of(document), "1-3", "參", author=owner, seen=None)
    assert checked(document) == [False, False, True]
    assert left(document) == (3, 2, 0)
    editing.correct(result_of(document), "1-3", "三", author=owner, seen=written.pk)
    assert left(document) == (3, 3, 1)


def test_a_page_is_checked_as_a_whole_and_that_is_taken_back(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner)
    assert checked(document) == [True, True, True]
    assert left(document) == (3, 0, 0)
    assert result_of(document).work.is_complete
    editing.uncheck(result_of(document), author=owner)
    assert left(document) == (3, 3, 1)
    verbs = Event.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [Verb.CHECKED, Verb.UNCHECKED]


def test_only_what_its_reader_saw_is_checked(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner, texts={"1-1": "一", "1-2": "弍"})
    assert checked(document) == [True, False, False]
    with pytest.raises(LookupError):
        editing.check(result_of(document), author=owner, texts={"1-9": "一"})


def test_a_deleted_line_is_no_work(document: Document, owner: User) -> None:
    editing.correct(result_of(document), "1-3", "", author=owner, seen=None)
    assert left(document) == (2, 2, 0)


def test_a_page_without_text_is_checked_by_a_look(owner: User) -> None:
    document = new_document(owner, "empty", "")
    result_of(document).refresh_text()
    assert left(document) == (1, 1, 0)
    editing.check(result_of(document), author=owner, texts={})
    assert left(document) == (1, 0, 0)
    editing.uncheck(result_of(document), author=owner)
    assert left(document) == (1, 1, 0)


def test_a_new_run_unchecks_what_it_reads_otherwise_and_nothing_else(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner)
    first = document.current_run
    same, other = line(2, 1, 101, 21, "一"), line(0, 41, 100, 61, "弍")
    elsewhere = line(0, 400, 100, 420, "三")
    read_again(document, same, other, elsewhere)
    assert checked(document) == [True, False, False]
    assert left(document)[:2] == (3, 2)
    editing.check(result_of(document), author=owner, texts={"1-2": "弍"})
    Document.objects.filter(pk=document.pk).update(current_run=first)
    assert checked(document) == [True, True, True]


def test_nothing_read_where_there_was_checked_text_is_unchecked(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner)
    read_again(document)
    assert left(document) == (1, 1, 0)


def test_find_and_replace_checks_nothing_and_unchecks_nothing(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner, texts={"1-1": "一"})
    for find in "一二":
        batch = Replacement(author=owner, find=find, replacement=f"{find}月", document=document)
        editing.apply_replacement(replacing.prepare(batch))
    assert checked(document) == [True, False, False]
    editing.undo_replacement(Replacement.objects.get(find="一"))
    assert checked(document) == [True, False, False]


def test_what_is_checked_stays_so_when_the_page_is_turned(document: Document, owner: User) -> None:
    Page.objects.update(width=200, height=300)
    editing.check(result_of(document), author=owner, texts={"1-1": "一"})
    editing.turn_pages(document, [document.pages.get().pk], 90, actor=owner)
    assert checked(document) == [True, False, False]


def test_pages_from_before_are_counted_later(document: Document) -> None:
    PageResult.objects.update(lines_total=None, lines_unchecked=None, lines_doubtful=None)
    Run.objects.update(lines_total=None, lines_unchecked=None, lines_doubtful=None)
    assert document.current_run.results.get().work is None
    assert editing.count_uncounted() == 1
    assert left(document) == (3, 3, 1)
    assert editing.count_uncounted() == 0


def test_lists_say_how_far_documents_and_folders_are_and_choose_by_it(
    document: Document, owner: User, as_owner: Client
) -> None:
    outer = Folder.create(owner, "outer")
    Document.objects.filter(pk=document.pk).update(folder=Folder.create(owner, "inner", outer))
    editing.check(result_of(document), author=owner, texts={"1-1": "一"})
    Run.objects.update(state="done")
    assert "33% checked" in as_owner.get("/").content.decode()
    folder = as_owner.get(f"/?folder={outer.pk}")
    assert folder.context["folder"].work.percent == 33
    assert [each.title for each in as_owner.get("/?checked=no").context["page"].documents] == ["book"]
    assert not as_owner.get("/?checked=yes").context["page"].documents
    editing.check(result_of(document), author=owner)
    assert [each.title for each in as_owner.get("/?checked=yes").context["page"].documents] == ["book"]
    assert as_owner.get("/search/?q=一&checked=no").context["hits"].total == 0
    assert as_owner.get("/search/?q=一&checked=yes").context["hits"].total == 1


def test_the_viewer_is_told_what_is_checked(document: Document, as_owner: Client) -> None:
    address = f"/documents/{document.pk}/pages/1/check/"
    answer = as_owner.post(address, {"lines": json.dumps({"1": "一", "2": "二"})}).json()
    assert answer["checked"] == ["1", "2"]
    assert answer["page"] == answer["document"] == {"total": 3, "unchecked": 1, "doubtful": 1}
    answer = as_owner.post(address, {"lines": json.dumps({"1": "一"}), "undo": "1"}).json()
    assert answer["checked"] == ["2"]
    for nonsense in ("", "[]", '{"1": 1}', '{"9": "一"}'):
        assert as_owner.post(address, {"lines": nonsense}).status_code == 404


def test_programs_check_pages_and_see_what_is_checked_and_doubtful(document: Document, owner: User) -> None:
    result = result_of(document)
    result.lines[0]["doubts"] = [[0, 0.42, "二", "丁"]]
    result.save()
    program = holding(owner, "write")
    address = f"/api/v1/documents/{document.pk}/pages/1/"
    sent = {"lines": {"1-1": "一"}}
    page = program.put(f"{address}check/", sent, content_type="application/json").json()
    assert [line["checked"] for line in page["lines"]] == [True, False, False]
    assert not page["checked"]
    assert page["lines"][0]["doubts"] == [{"index": 0, "confidence": 0.42, "candidates": ["二", "丁"]}]
    assert program.put(f"{address}check/", {}, content_type="application/json").json()["checked"]
    found = program.get(f"/api/v1/documents/{document.pk}/").json()
    assert (found["lines"], found["lines_unchecked"]) == (3, 0)
    assert not program.delete(f"{address}check/").json()["checked"]
    wrong = program.put(f"{address}check/", {"lines": {"1-9": "x"}}, content_type="application/json")
    assert wrong.status_code == 400


def test_the_json_export_says_what_is_checked_and_doubtful(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner, texts={"1-1": "一"})
    exported = json.loads(as_json(Document.objects.get().current_run.export()))
    assert [line["checked"] for line in exported["pages"][0]["lines"]] == [True, False, False]
    assert exported["pages"][0]["checked"] is False


def test_doubts_are_kept_small_and_come_back(document: Document) -> None:
    doubtful = Line("台比", 0.8, ((0, 0), (9, 0), (9, 9), (0, 9)), doubts=(Doubt(1, 0.456, ("北", "此")),))
    kept = doubtful.to_dict()
    assert kept["doubts"] == [[1, 0.46, "北", "此"]]
    assert Line.from_dict(kept).doubts == (Doubt(1, 0.46, ("北", "此")),)
    assert "doubts" not in Line("台北", 0.9, doubtful.polygon).to_dict()


def test_marks_go_with_their_page(document: Document, owner: User) -> None:
    editing.check(result_of(document), author=owner)
    document.delete()
    assert not PageCheck.objects.exists()
