"""Doubtful characters of poor print are told by their neighbours; all others stay as they were read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recognition.engine import language
from recognition.engine.language import Language, chinese
from recognition.engine.recogniser import Text

PROSE = "他在上海的時候曾經出洋到日本和歐洲考察各地的銀行，回國以後便立即創設這所大銀行。"
PROSE_OF_TODAY = "他在上海的时候曾经出洋到日本和欧洲考察各地的银行，回国以后便立即创设这所大银行。"


def text_of(characters: str, doubts: dict[int, dict[str, float]]) -> Text:
    """A line whose characters are sure, but for ``doubts``: by index the other candidates. What was read is 0.5."""
    places = range(len(characters))
    probabilities = np.array([0.5 if i in doubts else 0.99 for i in places])
    return Text(
        list(characters), probabilities, (np.array(places) + 0.5) / len(places), [doubts.get(i, {}) for i in places]
    )


def misread(prose: str, at: dict[str, str]) -> Text:
    """``prose`` with characters read as others, which are doubtful: what is right comes second."""
    doubts = {place: {right: 0.2} for place, right in enumerate(prose) if right in at}
    return text_of("".join(at.get(character, character) for character in prose), doubts)


@pytest.mark.parametrize(
    ("prose", "at"),
    [
        pytest.param(PROSE, {"銀": "鉗", "國": "圓", "便": "使", "歐": "毆", "創": "劍"}, id="traditional"),
        pytest.param(PROSE_OF_TODAY, {"银": "钳", "国": "圆", "便": "使", "欧": "殴", "创": "刨"}, id="simplified"),
        pytest.param(PROSE, {"上": "土", "海": "梅", "時": "詩", "候": "侯", "到": "劍"}, id="next to each other"),
    ],
)
def test_poor_print_is_read_as_its_neighbours_have_it(prose: str, at: dict[str, str]) -> None:
    (told,) = language.told_apart([misread(prose, at)])
    assert str(told) == prose
    for place, right in enumerate(prose):
        if right in at:
            assert told.probabilities[place] == 0.5  # it stays doubtful ...
            assert told.others[place] == {at[right]: 0.5}  # ... and people can still choose what was read


def test_on_clear_print_a_rare_name_stays() -> None:
    lines = [text_of("他的父親叫他閏土。", {6: {"聞": 0.3}}), *[text_of(PROSE, {})] * 4]
    assert language.told_apart(lines) == lines


def test_what_is_not_like_prose_stays() -> None:
    rare = "甕蠹鼉豳黼黻彝鬯罍斝觚觶卣盉匜簋簠敦鐎鍪甑甗鬲鼐鼒鑊錡釜" * 2
    lines = [text_of(rare, {i: {"的": 0.3} for i in range(0, len(rare), 9)})]
    assert language.told_apart(lines) == lines


@pytest.mark.parametrize(
    ("characters", "others"),
    [
        pytest.param("買這所大銀行１２", {"7": 0.45}, id="number"),
        pytest.param("這所大銀行，", {"。": 0.45}, id="mark"),
        pytest.param("這所大銀行o", {"的": 0.45}, id="letter"),
        pytest.param("この大銀圓行", {"行": 0.45}, id="Japanese"),
        pytest.param("這所大銀𠮷", {"行": 0.45}, id="character that the model does not know"),
    ],
)
def test_only_han_characters_of_chinese_are_told(characters: str, others: dict[str, float]) -> None:
    line = text_of(characters, {len(characters) - 1: others})
    poor = misread(PROSE, {"銀": "鉗", "國": "圓", "便": "使", "歐": "毆", "創": "劍"})
    told = language.told_apart([line, poor])
    assert told[0].characters == line.characters
    assert str(told[1]) == PROSE


def test_surer_than_doubtful_is_sure() -> None:
    wrong = misread(PROSE, {"銀": "鉗", "國": "圓", "便": "使", "歐": "毆", "創": "劍"})
    wrong.probabilities[PROSE.index("銀")] = 0.85
    (told,) = language.told_apart([wrong])
    assert str(told) == PROSE.replace("銀", "鉗", 1)


def test_probabilities_after_a_character_sum_to_one() -> None:
    everything = np.arange(len(chinese().share))
    after = np.exp(chinese().after(np.array([chinese().number("銀"), chinese().number("乙")]), everything))
    assert after.sum(axis=1) == pytest.approx([1, 1], abs=0.1)  # logarithms are stored in sixteenths


def test_a_stored_model_says_the_same(tmp_path: Path) -> None:
    made = Language(
        {"?": 0, "0": 1, "a": 2, "，": 3, "甲": 4, "乙": 5},
        np.log([0.1, 0.1, 0.1, 0.2, 0.3, 0.2]),
        np.log([1.0, 1.0, 1.0, 1.0, 0.25, 1.0]),
        np.array([4 * 6 + 5]),
        np.log([0.8]),
    )
    made.save(tmp_path / "model.npz")
    stored = Language.load(tmp_path / "model.npz")
    places = np.array([3, 4])
    assert stored.number("乙") == made.number("乙")
    assert stored.after(places, np.array([4, 5])) == pytest.approx(made.after(places, np.array([4, 5])), abs=0.07)
    assert stored.after(places, np.array([5]))[1, 0] == pytest.approx(np.log(0.8), abs=0.04)


@pytest.mark.parametrize(
    ("rivals", "may"), [({"為": 0.4}, True), ({"鳥": 0.4}, False), ({"為": 0.01}, False), ({}, False)]
)
def test_a_doubtful_character_may_be_another_form_of_the_same_one(rivals: dict[str, float], may: bool) -> None:
    assert language.other_forms(text_of("以文字爲準", {3: rivals})) == ([3] if may else [])
    assert language.other_forms(text_of("以文字爲準", {})) == []
