"""Conversion between Chinese scripts, with OpenCC's dictionaries.

Which characters belong to which script is asked of OpenCC and of the character sets of their
countries, so that there is no table of our own. A character is simplified only if OpenCC converts it,
China's set (GB 2312) has it and Taiwan's (Big5) lacks it: 后, 里, 干, 台 and their like are in both and stay.
What Japan has too (JIS) says nothing about the script; of these, the reformed ones (国, 学) are no more
traditional than the simplified, but old variants (册, 盖) are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Literal

import opencc

from .page import Script

Kind = Literal["simplified", "reformed", "traditional", "kana", "shared", "other"]
Language = Literal["zh-Hant", "zh-Hans", "ja", ""]

KANA_SHARE = 0.1
"""Of the characters of a page; Japanese prose has 0.4 to 0.6, a Chinese page at most a brand name."""

SIMPLIFIED_SHARE = 0.05
"""Of the Han characters of a page; Simplified Chinese prose has about 0.25."""


def convert_page(texts: Sequence[str], script: Script) -> list[str]:
    """The lines of one page, converted.

    ``auto`` looks at the page as a whole. Read in Simplified Chinese, it is converted with s2twp,
    Taiwan's characters and words. Japanese is left alone. Any other page keeps its wording and is only
    rid of stray simplified characters (a misread 说, a 国), so 法定程序 stays.
    """
    if script == "none":
        return list(texts)
    if script != "auto":
        return [_converter(script).convert(text) for text in texts]
    written_in = language("".join(texts))
    if written_in == "ja":
        return list(texts)
    if written_in == "zh-Hans":
        return convert_page(texts, "s2twp")
    return [_without_strays(text) for text in texts]


def language(text: str) -> Language:
    """What a page is written in, as far as its characters tell; nothing where it has neither Han nor kana."""
    kinds = Counter[Kind]()
    for character, count in Counter(text).items():
        kinds[_kind(character)] += count
    kana, simplified = kinds["kana"], kinds["simplified"]
    han = kinds.total() - kinds["other"] - kana
    if kana and kana >= KANA_SHARE * (kana + han):
        return "ja"
    if simplified > kinds["traditional"] and simplified >= SIMPLIFIED_SHARE * han:
        return "zh-Hans"
    return "zh-Hant" if han else ""


def simplest_form(character: str) -> str:
    """One form for a character in all scripts, for comparing: simplified (臺, 台 and 檯 are 台, 著 and 着 are 着)."""
    form = _converter("t2s").convert("着" if character == "著" else character)  # OpenCC parts these two by context only
    return form if len(form) == len(character) else character


def _without_strays(text: str) -> str:
    """``text`` with its simplified characters in the form that fits their neighbours (头发 to 頭髮)."""
    if not any(_kind(character) in ("simplified", "reformed") for character in text):
        return text
    # Simplified first, because the dictionary of phrases has none in which scripts are mixed.
    converted = _converter("s2tw").convert(_converter("t2s").convert(text))
    if len(converted) != len(text):
        converted = "".join(_converter("s2tw").convert(character) for character in text)
    return "".join(
        new if _kind(old) in ("simplified", "reformed") else old for old, new in zip(text, converted, strict=True)
    )


@cache
def _converter(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


@cache
def _kind(character: str) -> Kind:
    """What the character tells about the script; reformed: simplified in China and Japan alike."""
    if "\u3041" <= character <= "\u30ff":
        return "kana"
    if not ("\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"):
        return "other"
    traditional = _converter("s2t").convert(character)
    if traditional != character and _encodes(character, "gb2312") and not _encodes(character, "big5"):
        if not _encodes(character, "shift_jis"):
            return "simplified"
        return "reformed" if _converter("t2jp").convert(traditional) == character else "shared"
    return "traditional" if _converter("t2s").convert(character) != character else "shared"


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
