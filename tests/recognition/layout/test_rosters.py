"""Lists of parts and players, read pair by pair."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recognition.geometry import corners
from recognition.layout import sequence
from recognition.layout.frames import Frame
from recognition.layout.neighbours import Neighbours
from recognition.layout.order import rosters
from recognition.layout.text_cues import list_cues
from recognition.page import Line

PARTS = ["父親", "鄰家的老人", "店主", "第二個郵差", "女兒", "說書的人", "更夫", "燈光與布景", "茶客", "縣太爺"]
PLAYERS = ["王小明", "陳美華", "林志豪", "黃雅婷", "張家豪、李大同", "李淑芬", "吳建宏", "劉怡君", "蔡宗翰", "楊佳蓉"]
EM, PITCH = 20, 34


def at(text: str, row: int, x: float, align: str) -> Line:
    """A line that starts at ``x``, or ends there."""
    start = x - EM * len(text) if align == "right" else x
    return Line(text, 0.99, corners((start, row * PITCH, start + EM * len(text), row * PITCH + EM)))


def pairs(x: float, width: float, aligns: tuple[str, str], gap: float, shift: int = 0) -> list[Line]:
    """Parts and players from ``x``; the players begin, or end, at ``x + width`` where their side is aligned so."""
    place = {("right", "left"): (x + width / 2 - gap, x + width / 2), ("left", "right"): (x, x + width)}[aligns]
    found = []
    for row, part in enumerate(PARTS):
        player = PLAYERS[(row + shift) % len(PLAYERS)]
        found += [at(part, row, place[0], aligns[0]), at(player, row, place[1], aligns[1])]
    return found


def roster_of(lines: list[Line]) -> rosters.Roster:
    none = np.zeros((0, 4))
    frame = Frame(np.array([line.box for line in lines], dtype=np.float64), none, none, none, none)
    page = Neighbours(frame, np.zeros(len(lines), dtype=bool))
    return rosters.find(page, np.array([list_cues(line.raw) for line in lines]))


def read(lines: list[Line]) -> list[int]:
    mixed = sorted(range(len(lines)), key=lambda k: (lines[k].box[0], k))
    return [mixed[k] for k in sequence([lines[k] for k in mixed])]


@pytest.mark.parametrize("aligns", [("right", "left"), ("left", "right")])
def test_parts_are_followed_by_their_players(aligns: tuple[str, str]) -> None:
    lines = pairs(100, 400, aligns, 20)
    assert read(lines) == list(range(len(lines)))


@pytest.mark.parametrize("aligns", [("right", "left"), ("left", "right")])
def test_of_two_lists_side_by_side_each_is_read_by_itself(aligns: tuple[str, str]) -> None:
    lines = pairs(100, 400, aligns, 20) + pairs(560, 400, aligns, 20, shift=3)
    order = read(lines)
    follows = sum(b == a + 1 for a, b in pairwise(order))
    assert follows >= len(lines) - 2


@pytest.mark.parametrize(
    "columns",
    [
        [
            "床前看月光 疑是地上霜 舉頭望明月 低頭思故鄉 春眠不覺曉",
            "處處聞啼鳥 夜來風雨聲 花落知多少 白日依山盡 黃河入海流",
        ],
        ["醬油 白砂糖 雞蛋 中筋麵粉 沙拉油 蔥", "12 340 5 1,250 66 80"],  # rows of a table, which are told elsewhere
        ["紅豆湯 茶 炒青菜 牛肉麵 酸辣湯餃", "滷肉飯 魚丸 豆花 鍋貼十個 炒飯", "湯包 粥 蛋餅 蘿蔔糕 米粉"],
    ],
)
def test_columns_that_start_at_the_left_are_no_pairs(columns: list[str]) -> None:
    lines = [
        at(text, row, 100 + 240 * column, "left")
        for column, texts in enumerate(columns)
        for row, text in enumerate(texts.split())
    ]
    assert not len(roster_of(lines).first)


AMOUNTS = ["2 大匙", "120 公克", "3 顆", "1/2 茶匙", "4 cups", "15 ml"]
GOODS = ["醬油", "白砂糖", "雞蛋", "鹽", "高湯", "麻油"]
STEPS = [
    "雞蛋打散後加入一半的高湯拌勻過濾，",
    "蒸鍋的水燒開後轉小火放入蒸十分，鍋",
    "蓋留一條縫，取出後淋上醬油和麻油。",
]
STEPS *= 2


@pytest.mark.parametrize("columns", [[AMOUNTS, GOODS], [AMOUNTS, GOODS, STEPS], [STEPS, AMOUNTS, GOODS]])
def test_amounts_are_followed_by_what_they_are_of_even_beside_running_text(columns: list[list[str]]) -> None:
    places = [100, *np.cumsum([100 + EM * max(map(len, texts)) + 20 for texts in columns])]
    lines = [
        at(text, row, place, "left")
        for texts, place in zip(columns, places, strict=False)
        for row, text in enumerate(texts)
    ]
    first = len(GOODS) * columns.index(AMOUNTS)
    amounts = list(range(first, first + len(AMOUNTS)))
    goods = [i + len(AMOUNTS) for i in amounts]
    found = roster_of(lines)
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == list(
        zip(amounts, goods, strict=True)
    )
    assert sorted(found.after.tolist()) == [-1, *amounts[1:]]


def test_numbers_that_belong_to_the_words_before_them_lead_no_pairs() -> None:
    columns = [GOODS, AMOUNTS, GOODS, AMOUNTS]
    lines = [at(text, row, 100 + 200 * k, "left") for k, texts in enumerate(columns) for row, text in enumerate(texts)]
    assert not len(roster_of(lines).first)
