"""Two readings side by side."""

from __future__ import annotations

import time

import pytest

from documents import editing
from documents.comparison import compare_lines, compare_pages
from documents.models import Correction, Document, PageResult, Run, State
from recognition.options import Options
from tests.support.documents import line, new_document


def marked(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["台北市"], ["台北市"], [("台北市", "台北市")]),
        (["臺北市"], ["台北市"], [("[臺]北市", "[台]北市")]),
        (["一", "二", "三"], ["一", "三"], [("一", "一"), ("[二]", ""), ("三", "三")]),
        (["一", "三"], ["一", "二", "三"], [("一", "一"), ("", "[二]"), ("三", "三")]),
        (["甲乙"], ["甲丙", "丁"], [("甲[乙]", "甲[丙]"), ("", "[丁]")]),
        ([], [], []),
    ],
)
def test_what_differs_is_marked_on_its_side(before, after, expected):
    assert [(marked(row.before), marked(row.after)) for row in compare_lines(before, after)] == expected


def test_the_same_sign_over_and_over_takes_no_long_time():
    dots, lines = "." * 4000, ["."] * 4000
    begun = time.process_time()
    (row,) = compare_lines([f"{dots}甲{dots}"], [f"{dots}乙{dots}"])
    assert len(compare_lines([*lines, "甲", *lines], [*lines, "乙", *lines])) == 8001
    assert time.process_time() - begun < 5  # one by one it takes far longer
    assert row.differs


def test_of_a_long_line_only_what_differs_is_marked():
    long = "".join(chr(0x4E00 + number) for number in range(1000))
    (row,) = compare_lines([f"{long}甲{long[::-1]}"], [f"{long}乙{long[::-1]}"])
    assert marked(row.after) == f"{long}[乙]{long[::-1]}"


def test_only_pages_that_differ_are_shown():
    pages = [(1, "同", "同"), (2, "舊\n同", "新\n同"), (3, "同", "同")]
    (page,), following = compare_pages(pages, seconds=60)
    assert (page.number, page.differing, len(page.rows), following) == (2, 1, 2, None)


def test_when_the_time_is_over_the_next_page_is_named_and_no_further_one_is_fetched():
    fetched = []

    def pages():
        for number in range(5, 10):
            fetched.append(number)
            yield number, "甲乙\n丙丁", "甲戊\n丙己"

    (page,), following = compare_pages(pages(), seconds=0)
    assert (page.number, following, fetched) == (5, 6, [5, 6])
    assert [marked(row.after) for row in page.rows] == ["[甲戊]", "[丙己]"]  # by whole lines


def test_long_lines_that_have_nothing_in_common_take_no_long_time():
    signs = "的一是在不了有和人這中大為上個國"
    first = "".join(signs[number * number % 16] for number in range(10_000))
    other = "".join(signs[number * 7 % 16] for number in range(10_000))
    begun = time.process_time()
    assert len(compare_lines([first] * 20, [other] * 20)) == 20
    assert time.process_time() - begun < 10  # difflib takes minutes


def test_the_comparison_is_its_owners_alone(receive, as_owner, as_stranger, owner):
    document = receive()
    first = document.current_run
    second = Run.start(document, Options(script="none"), owner)
    for run, text in (first, "臺北"), (second, "台北"):
        run.results.update(text=text, state="done", lines=[line(10, 10, 90, 40, text).to_dict()])
    address = f"{document.get_absolute_url()}compare/?before={first.pk}&after={second.pk}"
    page = as_owner.get(address).content.decode()
    assert "<del>臺</del>北" in page
    assert "<ins>台</ins>北" in page
    assert "As printed" in page  # the option in which they differ
    assert as_stranger.get(address).status_code == 404
    assert as_owner.get(f"{address}&page=2").status_code == 404
    assert as_owner.get(f"{document.get_absolute_url()}compare/?before=nonsense").status_code == 404


@pytest.fixture
def two_runs(owner) -> Document:
    """The current run read three lines, the other one two of them, one otherwise, and one that is nowhere else."""
    document = new_document(owner, "書", "-")
    earlier = Run.objects.create(document=document, options=Options(script="none").to_dict(), state=State.DONE)
    now = [line(0, 0, 90, 20, "甲"), line(0, 40, 90, 60, "乙"), line(0, 80, 90, 100, "多")]
    then = [line(1, 1, 90, 20, "甲"), line(2, 41, 90, 61, "己"), line(0, 120, 90, 140, "丁")]
    page = document.pages.get()
    document.current_run.results.update(lines=[each.to_dict() for each in now], text="甲\n乙\n多")
    PageResult.objects.create(
        run=earlier, page=page, state=State.DONE, lines=[each.to_dict() for each in then], text="甲\n己\n丁"
    )
    return document


def test_lines_are_taken_over_from_either_side_as_corrections(two_runs, as_owner, owner):
    now, then = two_runs.current_run, two_runs.runs.exclude(pk=two_runs.current_run_id).get()
    address = f"/documents/{two_runs.pk}/compare/"
    page = as_owner.get(address, {"before": then.pk, "after": now.pk}).content.decode()
    assert page.count('class="take"') == 2  # of the side that is not the current one

    def take(*pairs: str, side: str = "before") -> str:
        form = {"before": then.pk, "after": now.pk, "page": 1, "side": side, "take": pairs, "seen": ""}
        as_owner.post(f"{address}take/", form)
        return PageResult.objects.get(run=now).text

    assert take("2,2") == "甲\n己\n多"
    assert take("3,") == "甲\n己\n多\n丁"
    assert take(",3") == "甲\n己\n丁"
    assert {each.author for each in Correction.objects.all()} == {owner}
    as_owner.post(
        f"{address}take/",
        {
            "before": then.pk,
            "after": now.pk,
            "page": 1,
            "side": "after",
            "take": "2,2",
            "text": "converted",
            "seen": " ".join(str(number) for number in Correction.objects.values_list("pk", flat=True)),
        },
    )
    assert PageResult.objects.get(run=now).text == "甲\n乙\n丁"


def test_what_somebody_else_has_written_meanwhile_is_not_taken_over(two_runs, as_owner, stranger):
    now, then = two_runs.current_run, two_runs.runs.exclude(pk=two_runs.current_run_id).get()
    result = now.results.select_related("page").get()
    editing.correct(result, "1-2", "丙", author=stranger, seen=None)
    form = {
        "before": then.pk,
        "after": now.pk,
        "page": 1,
        "side": "before",
        "text": "converted",
        "take": "2,2",
        "seen": "",
    }
    answer = as_owner.post(f"/documents/{two_runs.pk}/compare/take/", form, follow=True)
    assert "Somebody else has changed these lines" in answer.content.decode()
    assert PageResult.objects.get(run=now).text == "甲\n丙\n多"
