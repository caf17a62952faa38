"""Two readings side by side."""

from __future__ import annotations

import time

import pytest

from documents.comparison import compare_lines, compare_pages
from documents.models import Run
from recognition.page import Options


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
        run.results.update(text=text, state="done")
    address = f"{document.get_absolute_url()}compare/?before={first.pk}&after={second.pk}"
    page = as_owner.get(address).content.decode()
    assert "<del>臺</del>北" in page
    assert "<ins>台</ins>北" in page
    assert as_stranger.get(address).status_code == 404
    assert as_owner.get(f"{address}&page=2").status_code == 404
    assert as_owner.get(f"{document.get_absolute_url()}compare/?before=nonsense").status_code == 404
