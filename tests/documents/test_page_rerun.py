"""OCR of one page of a book again, with other options."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from documents import editing
from documents.editing import UnfinishedError, correct, rearrange, run_page_again
from documents.models import Document, PageResult, Run, State
from recognition.errors import PageError
from recognition.options import Options
from recognition.page import Line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

BOX = ((10.0, 10.0), (90.0, 10.0), (90.0, 40.0), (10.0, 40.0))


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A book of three pages that was read once."""
    received = receive(upload("book.pdf", book(3)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def again(document: Document, number: int, owner: User, options: Options | None = None) -> Run:
    assert document.current_run is not None
    run = run_page_again(document.current_run, number, options or Options(script="t2s"), owner)
    run_worker()
    document.refresh_from_db()
    return Run.objects.get(pk=run.pk)


def texts(run: Run) -> list[str]:
    return list(run.results.order_by("page__number").values_list("text", flat=True))


def test_only_that_page_is_read_and_the_others_are_taken_over(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    first = document.current_run
    fake_engine.read = lambda image: [Line("國家", 0.8, BOX)]  # type: ignore[method-assign]
    run = again(document, 2, owner)
    assert texts(run) == ["台北", "国家", "台北"]
    assert texts(first) == ["台北"] * 3
    assert document.current_run == run
    assert (run.state, run.based_on, run.page_number) == ("done", first, 2)
    assert run.results.get(page__number=2).options == Options(script="t2s").to_dict()
    assert run.results.get(page__number=1).options is None
    assert run.options == first.options
    old, new = (each.results.get(page__number=3) for each in (first, run))
    left_out = {"_state", "id", "run_id"}
    assert {k: v for k, v in vars(old).items() if k not in left_out} == {
        k: v for k, v in vars(new).items() if k not in left_out
    }


def test_corrections_and_edited_orders_of_the_other_pages_stay(document: Document, owner: User) -> None:
    third = document.current_run.results.select_related("page").get(page__number=3)
    correct(third, "3-1", "臺北", author=owner, seen=None)
    rearrange(third, ["3-1"], author=owner, seen=0)
    run = again(document, 2, owner)
    assert texts(run) == ["台北", "台北", "臺北"]
    assert run.results.get(page__number=3).page.arrangements.count() == 1
    kept = run.results.select_related("page").get(page__number=3)
    correct(kept, "3-1", "臺南", author=owner, seen=kept.placement().by_line["3-1"].pk)
    assert [texts(each)[2] for each in Run.objects.all()] == ["臺南", "臺南"]


def test_a_page_remembers_its_options_when_another_one_is_read_again(document: Document, owner: User) -> None:
    again(document, 2, owner, Options(direction="horizontal"))
    run = again(document, 3, owner, Options(direction="vertical-rl"))
    options = run.results.order_by("page__number").values_list("options", flat=True)
    assert [each and each["direction"] for each in options] == [None, "horizontal", "vertical-rl"]


def test_progress_counts_the_pages_taken_over_as_read_but_not_as_work(document: Document, owner: User) -> None:
    run = run_page_again(document.current_run, 2, Options(), owner)
    progress = run.progress()
    assert (progress.total, progress.settled, progress.recent) == (3, 2, 0)
    run = again(document, 2, owner) if run.is_finished else run
    run_worker()
    Run.objects.filter(pk=run.pk).update(state=State.RUNNING)  # as it was until the last page was through
    assert Run.objects.get(pk=run.pk).progress().recent == 1


def test_a_page_that_fails_the_second_time_is_kept_in_the_earlier_reading(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    def tear(image) -> None:
        raise PageError("torn")

    first = document.current_run
    fake_engine.on_read = tear
    run = again(document, 2, owner)
    assert run.state == "partial"
    assert texts(first) == ["台北"] * 3
    fake_engine.on_read = lambda image: None
    editing.retry(run, owner, 2)
    run_worker()
    assert texts(run) == ["台北"] * 3


def test_a_run_that_still_goes_on_is_not_taken_over(receive, owner: User) -> None:
    document = receive(upload("book.pdf", book(2)))
    with pytest.raises(UnfinishedError):
        run_page_again(document.current_run, 1, Options(), owner)
    assert Run.objects.count() == 1


def test_the_lines_of_the_other_pages_do_not_pass_through_python(
    document: Document, owner: User, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(29):
        run_page_again(document.current_run, 2, Options(), owner)
    assert PageResult.objects.count() == 6
