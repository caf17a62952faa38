"""How texts are compared when people search: what is the same, and what stands where."""

from __future__ import annotations

import random

import pytest

from documents.search.text import TokenizedText, stream


def found(text: str, phrase: str) -> list[str]:
    """The passages of ``text`` that say ``phrase``."""
    return [text[start:end] for start, end in TokenizedText(text).places(phrase)]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("臺北市政府", "台北", ["臺北"]),
        ("台北市政府", "臺北", ["台北"]),
        ("头发很长", "頭髮", ["头发"]),
        ("看著遠方", "看着", ["看著"]),
        ("臺\n北", "台北", ["臺\n北"]),
        ("臺\u3000北", "台北", ["臺\u3000北"]),
        ("ＡＢＣ商店", "abc商店", ["ＡＢＣ商店"]),
        ("abc商店", "ＡＢＣ", ["abc"]),
        ("ｶﾞｲﾄﾞ", "ガイド", ["ｶﾞｲﾄﾞ"]),
        ("㈱中華", "株", ["㈱"]),
        ("Optical Recognition", "recog", ["Recognition"]),
        ("optical recog-\nnition of text", "recognition", ["recog-\nnition"]),
        ("Chiang-\nKai", "kai", ["Kai"]),
        ("concatenate", "cat", []),
        ("hello   world", "hello wor", ["hello   world"]),
        ("hello big world", "hello world", []),
        ("cafe\u0301 noir", "café", ["cafe\u0301"]),
        ("ﬁnance", "finance", ["ﬁnance"]),
        ("第101號", "101", ["101"]),
        ("INV2024001", "2024001", ["2024001"]),
        ("共1,234元", "１，２３４", ["1,234"]),
        ("don’t", "don't", ["don’t"]),
        ("soft\u00adhyphen", "softhyphen", ["soft\u00adhyphen"]),
        ("台台台台台", "台台", ["台台", "台台"]),
        ("😀笑", "😀", ["😀"]),
        ("臺北", "", []),
        ("", "臺", []),
    ],
)
def test_what_says_a_phrase(text, phrase, expected):
    assert found(text, phrase) == expected


@pytest.mark.parametrize("mark", ["'", '"', "*", "-", "(", ":", "^", "%", "_", "，", "。", "\x00", "\x9c"])
def test_marks_are_text_and_no_commands(mark):
    assert bool(found(f"甲{mark}乙", f"甲{mark}乙"))


def test_a_text_says_a_phrase_exactly_if_its_stream_contains_the_phrase_s():
    chance = random.Random(3)
    letters = "台臺北头頭髮发 a1b -\n，éＡｶﾞ"
    some = 0
    for _ in range(3000):
        text = "".join(chance.choices(letters, k=chance.randint(0, 12)))
        phrase = "".join(chance.choices(letters, k=chance.randint(1, 3)))
        if stream(phrase):
            assert (stream(phrase) in stream(text)) == bool(found(text, phrase)), (text, phrase)
            some += stream(phrase) in stream(text)
    assert some > 100


def test_characters_are_found_where_they_stand_among_several_white_spaces() -> None:
    text = "一 二\n三　四\n\n五 六"
    for character in "一二三四五六":
        assert TokenizedText(text).places(character) == [(text.index(character), text.index(character) + 1)]
    assert TokenizedText(text).places("三四五") == [(text.index("三"), text.index("五") + 1)]
