"""Characters that fonts draw alike."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.engine.lookalikes import told_apart, with_at_signs
from recognition.engine.recogniser import Text


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("孟子日：「王之好樂", "孟子曰：「王之好樂"),
        ("日：『吾王之好鼓樂", "曰：『吾王之好鼓樂"),
        ("他日，見於王日:「王嘗語", "他日，見於王曰:「王嘗語"),
    ],
)
def test_before_a_quotation_day_is_says(read: str, meant: str) -> None:
    assert told_apart(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        *("三十日：「天氣晴", "5日：「下雨」", "翌日：「出門」", "生日：四月", "今日「特價」"),
        *("訪日：「深化合作」", "國慶日：「休館」", "近日：「他說」", "多日：「缺席」"),
    ],
)
def test_days_stay_days(text: str) -> None:
    assert told_apart(text) == text


def lines_of(*lines: str) -> list[Text]:
    return [
        Text(list(line), np.full(len(line), 0.7), np.arange(len(line)) / len(line), [{}] * len(line)) for line in lines
    ]


def test_if_one_quantity_has_an_at_sign_the_others_have_it_too() -> None:
    read = lines_of("MILK 1L", "@2 X RM 9.40", "03 X RM 7.60", "010xNT$2.65 A", "0 X RM 1.00", "02 PCS", "Tel 02 345")
    told = with_at_signs(read)
    assert list(map(str, told)) == [
        *("MILK 1L", "@2 X RM 9.40", "@3 X RM 7.60", "@10xNT$2.65 A", "0 X RM 1.00", "02 PCS", "Tel 02 345"),
    ]
    assert told[2].others[0] == {"0": 0.7}


def test_quantities_with_zero_stay_where_none_has_an_at_sign() -> None:
    read = lines_of("02 X 9.40", "03 X 7.60", "INFO@SHOP.TW")
    assert with_at_signs(read) == read
