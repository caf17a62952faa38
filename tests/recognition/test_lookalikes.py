"""Characters that fonts draw alike."""

from __future__ import annotations

import pytest

from recognition.engine.lookalikes import told_apart


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
