"""Where the meanings of scripts differ."""

import pytest

from recognition.scripts import is_basic_han, is_east_asian, is_han, is_kana


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("中", {is_han, is_basic_han, is_east_asian}),
        ("㐀", {is_han, is_basic_han, is_east_asian}),
        ("𠀀", {is_han}),
        ("の", {is_kana, is_east_asian}),
        ("ア", {is_kana, is_east_asian}),
        ("ー", {is_east_asian}),
        ("ㄅ", {is_east_asian}),
        ("。", set()),
        ("A", set()),
        ("한", set()),
        ("😀", set()),
        ("\U000f0000", set()),
    ],
)
def test_each_meaning_has_its_own_characters(character, expected):
    assert {says for says in (is_han, is_basic_han, is_kana, is_east_asian) if says(character)} == expected
