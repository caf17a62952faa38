"""Options to tick below a question, in rows, among the columns of a page."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from recognition.layout import arrange, sequence
from recognition.layout.frames import Frame
from recognition.layout.neighbours import Neighbours
from recognition.layout.order import options
from recognition.page import Line
from recognition.separators import Separators
from tests.support.tables import across, text

QUESTIONS = "您多久使用一次圖書館的服務？", "您通常借閱哪一類書籍？", "您從何處得知本館消息？"
OPTIONS = (
    ("□ 每天都去", "□ 每週一次", "□ 每月一次", "□ 很少使用"),
    ("□ 文學小說", "□ 歷史地理", "□ 自然科學", "□ 期刊雜誌", "□ 兒童讀物"),
    ("□ 親友介紹", "□ 網路搜尋", "□ 路過看見", "□ 學校老師"),
)


def questionnaire(left: float = 100, abreast: int = 2, pitch: float = 36) -> list[Line]:
    """Numbered questions, each with its options in rows below it, in reading order."""
    lines, y = [], 100.0
    for number, (question, answers) in enumerate(zip(QUESTIONS, OPTIONS, strict=True), 1):
        lines.append(text(f"{number}. {question}", left, y))
        for k, option in enumerate(answers):
            lines.append(text(option, left + 30 + k % abreast * 380, y + pitch * (1 + k // abreast)))
        y += pitch * (2.5 + (len(answers) - 1) // abreast)
    return lines


def kept(lines: Sequence[Line]) -> float:
    """The share of neighbours of ``lines`` that still are when these come in any order."""
    shuffled = random.Random(5).sample(range(len(lines)), len(lines))
    order = [shuffled[k] for k in sequence([lines[i] for i in shuffled])]
    return sum(b == a + 1 for a, b in pairwise(order)) / (len(lines) - 1)


def test_options_in_rows_follow_their_question_row_by_row() -> None:
    assert kept(questionnaire(abreast=2)) == 1
    assert kept(questionnaire(abreast=3)) == 1


def test_options_of_questions_in_two_columns_of_the_page_stay_in_their_columns() -> None:
    left, right = questionnaire(abreast=1), questionnaire(left=700, abreast=1)
    assert kept([*left, *right]) == 1


def test_questions_and_options_between_rules_to_write_on_are_no_table() -> None:
    lines = questionnaire()
    rules = [across(y, 100, 1000) for y in (60, 80, lines[-1].box[3] + 40, lines[-1].box[3] + 80)]
    assert not any(block.type == "table" for block in arrange(lines, separators=Separators(tuple(rules))).blocks)


def test_options_with_nothing_below_them_lead_to_no_line_above() -> None:
    lines = [text(OPTIONS[0][k], 130 + k % 2 * 380, 100 + 36 * (k // 2)) for k in range(4)]
    nothing = np.empty((0, 4))
    boxes = np.array([line.box for line in lines])
    page = Neighbours(Frame(boxes, nothing, nothing, nothing, nothing), np.zeros(4, dtype=bool))
    found = options.reading_on(page, [line.raw for line in lines])
    assert np.argwhere(found).tolist() == [[0, 1], [1, 2], [2, 3]]


def test_options_whose_boxes_were_not_all_recognised_are_read_row_by_row() -> None:
    lines = [
        replace(line, raw=line.raw.replace("□", "", 1)) if k % 3 else line for k, line in enumerate(questionnaire())
    ]
    assert sum(line.raw.startswith(" ") for line in lines) > 5
    assert kept(lines) == 1
