"""What stands right above a line is read before it, whatever columns it is in."""

from __future__ import annotations

from dataclasses import replace

from recognition.geometry import corners
from recognition.layout.order import precedence
from recognition.page import Line
from tests.support.tables import text

SUM = [
    text("Montant du prélèvement", 90, 100),
    text("La somme à payer sera prélevée sur le compte désigné ci-dessous par la banque", 90, 126),
    text("Prélèvement à partir du", 560, 101),
    text("05 Juillet 2026", 860, 101),
    text("BIC", 560, 160),
]


def test_what_ends_a_row_comes_before_the_line_that_runs_below_it() -> None:
    assert precedence.in_order([[0, 1], [2, 3, 4]], SUM) == [[0], [2, 3], [1], [4]]


def test_a_row_that_runs_below_a_line_comes_after_it_as_a_whole() -> None:
    foot = [
        text("Free SAS", 90, 128),
        text("RCS Paris, siège social au numéro huit de la rue de la ville à Paris", 240, 128),
        text("Au verso, le détail de la facture", 500, 100),
    ]
    assert precedence.in_order([[0, 1], [2]], foot) == [[2], [0, 1]]


def test_a_column_goes_on_below_a_caption() -> None:
    column = [
        text("天地玄黃宇宙洪荒日月盈昃", 90, 100),
        text("圖一　日月盈昃", 90, 400),
        text("辰宿列張寒來暑往秋收冬藏", 90, 426),
    ]
    assert precedence.in_order([[0, 2], [1]], column) == [[0, 2], [1]]


def test_lines_beside_each_other_are_left_in_their_order() -> None:
    columns = [text("天地玄黃宇宙洪荒", 90, 100), text("日月盈昃辰宿列張", 90, 126), text("寒來暑往秋收冬藏", 400, 100)]
    assert precedence.in_order([[0, 1], [2]], columns) == [[0, 1], [2]]


def test_type_of_another_size_and_lines_further_up_are_no_matter() -> None:
    title = replace(SUM[2], polygon=corners((560, 60, 860, 122)))
    far = replace(SUM[2], polygon=corners((560, 60, 860, 80)))
    for upper in (title, far):
        lines: list[Line] = [SUM[0], SUM[1], upper]
        assert precedence.in_order([[0, 1], [2]], lines) == [[0, 1], [2]]
