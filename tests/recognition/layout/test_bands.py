"""Vertical columns in rows across the page: tiers, and the fields of records."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest

from recognition.geometry import corners
from recognition.layout import arrange
from recognition.page import Line

NAMES = [
    "王小明",
    "陳美華",
    "林志豪",
    "黃雅婷",
    "張家豪",
    "李淑芬",
    "吳建宏",
    "劉怡君",
    "蔡宗翰",
    "楊佳蓉",
    "許\u3000芳",
    "鄭文玲",
]
SUMS = [
    "壹百元",
    "伍元",
    "貳拾元",
    "參千元",
    "壹萬元",
    "捌百伍拾元",
    "拾元",
    "伍百元",
    "貳千元",
    "壹元",
    "參百元",
    "柒拾元",
]
DISHES = [
    "炒飯",
    "紅燒牛肉",
    "湯",
    "白斬雞",
    "清蒸石斑魚",
    "豆腐",
    "燴三鮮",
    "涼拌黃瓜",
    "茶",
    "八寶飯",
    "蒸蛋",
    "酸辣湯",
]
EM, PITCH = 20, 34


def columns(texts: Sequence[str], top: float, *, em: float = EM, foot: bool = False) -> list[Line]:
    """Vertical lines from the right; ``top``: where they begin, or, at the ``foot``, end."""
    found = []
    for k, text in enumerate(texts):
        right, start = 1000 - PITCH * k, top - em * len(text) if foot else top
        found.append(Line(text, 0.99, corners((right - em, start, right, start + em * len(text))), "vertical-rl"))
    return found


def read(lines: Sequence[Line]) -> list[str]:
    """The texts in the order in which they are read, however they are given."""
    return [line.raw for line in arrange(sorted(lines, key=lambda line: (line.box[0], line.raw))).lines]


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.raw for line in lines]


@pytest.mark.parametrize("tiers", [3, 5, 8])
def test_names_in_tiers_without_rules_are_read_tier_by_tier(tiers: int) -> None:
    lines = [*chain(*(columns(NAMES[k:] + NAMES[:k], 100 + 85 * k) for k in range(tiers - 1)))]
    lines += columns(NAMES[3:9], 100 + 85 * (tiers - 1))
    assert read(lines) == texts(lines)


def test_columns_as_high_as_the_page_stand_beside_tiers() -> None:
    prose = columns(["茲承各界人士踴躍捐輸，共襄盛舉，謹將芳名", "開列於後，以資紀念，並申謝忱。本會同人敬"], 100)
    tiers = [columns(NAMES, 100 + 100 * k) for k in range(4)]
    names = [
        Line(line.raw, 0.99, corners((x0 - 80, y0, x1 - 80, y1)), "vertical-rl")
        for line in chain(*tiers)
        for x0, y0, x1, y1 in [line.box]
    ]
    assert read([*prose, *names]) == texts([*prose, *names])


@pytest.mark.parametrize("tiers", [1, 2, 3])
def test_sums_come_after_the_names_of_their_donors(tiers: int) -> None:
    records: list[Line] = []
    for k in range(tiers):
        names = columns(NAMES[k:] + NAMES[:k], 100 + 240 * k)
        sums = columns(SUMS[k:] + SUMS[:k], 175 + 240 * k)
        records += chain(*zip(names, sums, strict=True))
    assert read(records) == texts(records)


def test_prices_straight_below_dishes_keep_tiers_apart() -> None:
    records: list[Line] = []
    for top in (100, 350):
        for k, dish in enumerate(columns(DISHES, top)):
            price = columns([*[""] * k, SUMS[k]], dish.box[3] + 12)[k]
            records += [dish, price]
    assert read(records) == texts(records)


def test_page_numbers_that_do_not_count_up_come_after_their_entries() -> None:
    pages = ["四三", "二〇七", "九", "一一二", "三〇", "八八", "一九", "二四一", "七", "五六", "一三", "九九"]
    entries, numbers = columns(DISHES, 100), columns(pages, 420, em=17, foot=True)
    index = [*chain(*zip(entries, numbers, strict=True))]
    assert read(index) == texts(index)


def test_tiers_are_kept_apart_where_sums_are_read_with_the_names_above() -> None:
    tiers = [
        columns([NAMES[(k + t) % 12] + SUMS[(k + 3 * t) % 12] for k in range(12)], 100 + 240 * t) for t in range(2)
    ]
    assert read([*chain(*tiers)]) == texts([*chain(*tiers)])


def test_names_of_two_characters_among_those_of_three_are_in_tiers_as_well() -> None:
    names = [name.replace("\u3000", "") for name in NAMES]
    tiers = [columns(names[k:] + names[:k], 100 + 85 * k) for k in range(4)]
    assert read([*chain(*tiers)]) == texts([*chain(*tiers)])


def test_an_address_in_two_rows_of_small_type_is_read_after_the_name_above_it() -> None:
    """The parties to a suit stand beside each other, the address of each well below its name."""
    parties = [("原告", "徐建婷", "住嘉義縣中正區文化街三十八", "號十八樓之一")]
    parties += [
        ("被告", "徐欣華", "住宜蘭縣中正區忠孝街", "七樓之九"),
        ("代理人", "楊志君", "住花蓮縣大安區成功", "三樓"),
    ]
    lines = [Line("九十四年度訴字第二千四百六十號", 0.99, corners((1022, 338, 1045, 675)), "vertical-rl")]
    for k, (label, name, *address) in enumerate(parties):
        right = 1003 - 45 * k
        lines.append(Line(label, 0.99, corners((right - 24, 68, right, 68 + 30 * len(label))), "vertical-rl"))
        lines.append(Line(name, 0.99, corners((right - 24, 248, right, 315)), "vertical-rl"))
        for row, top in zip(address, (right + 8, right - 14), strict=True):
            lines.append(Line(row, 0.99, corners((top - 17, 382, top, 382 + 17 * len(row))), "vertical-rl"))
    assert read(lines)[1:] == [text for party in parties for text in party]
