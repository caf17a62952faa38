"""The order of chains of lines: what a rule parts from above, and what the text passes over, comes later."""

from __future__ import annotations

from recognition.geometry import corners
from recognition.layout.order.succession import in_succession
from recognition.page import Line
from recognition.separators import Separators

STEP, SIZE = 30, 20


def line(column: int, row: int) -> Line:
    left, top = 300 * column, STEP * row
    return Line("春天來了河邊的柳樹長", 0.99, corners((left, top, left + 200, top + SIZE)))


PAGE = [*(line(0, row) for row in range(8)), line(0, 9), line(0, 10), *(line(1, row) for row in range(8))]
"""A column, two lines below it, and another column as high as the first, in the order of the cuts."""

RULE = (0.0, 8 * STEP, 500.0, 8 * STEP + 2)


def read(runs: list[list[int]], separators: Separators) -> list[int]:
    return [i for run in in_succession(runs, PAGE, separators) for i in run]


def test_what_is_below_a_rule_under_two_columns_comes_after_both() -> None:
    after_both = [*range(8), *range(10, 18), 8, 9]
    separators = Separators(horizontal=(RULE,))
    assert read([list(range(18))], separators) == after_both
    assert read([list(range(10)), list(range(10, 18))], separators) == after_both
    assert in_succession([list(range(18))], PAGE, separators)[0] == after_both[:16]


def test_a_rule_under_one_column_keeps_what_is_below_it_there() -> None:
    one_column = Separators(horizontal=((0.0, RULE[1], 200.0, RULE[3]),))
    assert read([list(range(18))], one_column) == list(range(18))


def test_what_a_chain_passes_over_comes_after_it_and_the_next_columns() -> None:
    runs = [[0, *range(3, 10)], [1, 2], list(range(10, 18))]
    assert read(runs, Separators()) == [0, *range(3, 18), 1, 2]


def test_chains_that_lead_to_each_other_end() -> None:
    lines = [line(0, 8), line(1, 0), line(0, 0), line(2, 9), line(1, 1), line(1, 2)]
    runs = [[3, 0], [1, 4, 2], [5]]
    assert sorted(i for run in in_succession(runs, lines, Separators()) for i in run) == list(range(6))


def test_the_last_line_by_the_cuts_may_go_on_below_a_rule() -> None:
    lines = [line(0, 9), *(line(1, row) for row in range(3)), line(0, 1)]
    runs = in_succession([[4, 0], [1, 2, 3]], lines, Separators(horizontal=(RULE,)))
    assert sorted(i for run in runs for i in run) == list(range(5))


def test_a_picture_between_a_title_and_its_text_parts_no_article_of_a_grid() -> None:
    """Beside it are articles without one."""
    cells = [(column, row) for row in (0, 12) for column in (0, 1)]
    lines = [line(column, row + n) for column, row in cells for n in ((0, 5, 6, 7), range(8))[column]]
    pictures = tuple((0.0, STEP * (row + 1.0), 200.0, STEP * (row + 4.5)) for row in (0, 12))
    articles = [list(range(4)), list(range(4, 12)), list(range(12, 16)), list(range(16, 24))]
    assert in_succession(articles, lines, Separators(pictures=pictures)) == articles
