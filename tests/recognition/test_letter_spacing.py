"""Letter-spaced labels, and rows with leaders, are one line each."""

import pytest

from recognition.letter_spacing import joined
from recognition.page import Doubt, Line


def piece(raw, left, top=100, right=None, **values):
    right = right or left + 50
    corners = (left, top), (right, top), (right, top + 40), (left, top + 40)
    return Line(raw, 0.9, corners, positions=tuple((i + 0.5) / len(raw) for i in range(len(raw))), **values)


def texts(lines, rules=()):
    return sorted(line.raw for line in joined(lines, rules))


@pytest.mark.parametrize(
    ("pieces", "label"),
    [
        pytest.param([("買", 80), ("受", 180), ("人", 280)], "買受人", id="three characters"),
        pytest.param([("說", 80), ("明", 220)], "說明", id="two characters by themselves"),
        pytest.param(
            [("統", 80), ("一", 180), ("編", 280), ("號：04595257", 380, 100, 800)], "統一編號：04595257", id="answer"
        ),
        pytest.param([("地", 80), ("址：", 220, 100, 300)], "地址：", id="a colon"),
    ],
)
def test_pieces_of_a_label_are_put_together(pieces, label):
    assert texts([piece(*each) for each in reversed(pieces)]) == [label]


@pytest.mark.parametrize(
    ("pieces", "rules"),
    [
        pytest.param([("說", 80), ("明", 220)], [(170, 0, 174, 500)], id="a rule between them"),
        pytest.param([("甲", 80), ("乙", 220), ("丙", 500)], [], id="uneven distances"),
        pytest.param([("說", 80), ("明", 400)], [], id="too far apart"),
        pytest.param([("說", 80), ("明", 220, 140)], [], id="another row"),
        pytest.param([("一", 80), ("二", 180), ("1", 80, 160), ("2", 180, 160)], [], id="entries below"),
        pytest.param([("說", 80), ("明天再去", 150, 100, 320)], [], id="text behind it"),
        pytest.param([("1", 80), ("2", 180), ("3", 280)], [], id="numbers"),
    ],
)
def test_other_characters_stay_apart(pieces, rules):
    assert texts([piece(*each) for each in pieces], rules) == sorted(each[0] for each in pieces)


def test_a_label_has_the_places_and_doubts_of_its_pieces():
    doubtful = piece("址：臺北", 220, right=420, doubts=(Doubt(2, 0.5, ("台",)),))
    (line,) = joined([piece("地", 80), doubtful])
    assert line.box == (80, 100, 420, 140)
    assert [round(80 + place * 340) for place in line.positions] == [105, 245, 295, 345, 395]
    assert [(doubt.index, doubt.candidates) for doubt in line.doubts] == [(3, ("台",))]


def test_a_row_with_a_leader_is_one_line():
    rows = [
        ("第一章　緒論....", 80, 100, 400),
        (".12", 900, 100, 960),
        ("Index…", 80, 180, 300),
        ("··iv", 900, 180, 960),
    ]
    assert texts([piece(*each) for each in reversed(rows)]) == ["Index…··iv", "第一章　緒論.....12"]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([("第一章....", 80, 100, 400), ("12", 900, 100, 960)], id="no leader before the number"),
        pytest.param([("第一章", 80, 100, 400), (".12", 900, 100, 960)], id="no leader behind the text"),
        pytest.param([("第一章....", 80, 100, 400), (".12", 900, 180, 960)], id="another row"),
        pytest.param([("a.", 80, 100, 400), ("b", 500, 100, 560), (".12", 900, 100, 960)], id="text between them"),
        pytest.param([("A ends.", 80, 100, 400), (".NET", 900, 100, 960)], id="a word with a dot"),
    ],
)
def test_other_lines_of_a_row_stay_apart(pieces):
    assert texts([piece(*each) for each in pieces]) == sorted(each[0] for each in pieces)


def test_cells_stay_apart():
    cells = [("No.", 80, 100, 400), (".27", 900, 100, 960)]
    assert texts([piece(*each) for each in cells], [(600, 0, 604, 500)]) == [".27", "No."]
