"""Conversion between Chinese scripts, with OpenCC's dictionaries.

Which characters belong to which script is asked of OpenCC and of the character sets of their
countries, so that there is no table of our own. A character is simplified only if OpenCC converts it,
China's set (GB 2312) has it and Taiwan's (Big5) lacks it: 后, 里, 干, 台 and their like are in both and stay.
What Japan has too (JIS) says nothing about the script; of these, the reformed ones (国, 学) are no more
traditional than the simplified, but old variants (册, 盖) are. Forms that Japan alone has (円, 対, 駅) tell Japanese
where there is no kana.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import cache, partial
from itertools import compress
from typing import Literal

import opencc

from .options import Script
from .scripts import is_han

Kind = Literal["simplified", "reformed", "japanese", "traditional", "kana", "shared", "other"]
Language = Literal["zh-Hant", "zh-Hans", "ja", ""]

KANA_SHARE = 0.1
"""Of the characters of a page; Japanese prose has 0.4 to 0.6, a Chinese page at most a brand name."""

SIMPLIFIED_SHARE = 0.05
"""Of the Han characters of a page; Simplified Chinese prose has about 0.25."""

REFORMED_SHARE = 0.7
"""Of those Han characters of a page that Japan has reformed, how many stand there in their reformed form. In Japanese
all do, but for names; in Traditional Chinese only strays do."""

FROM_SIMPLIFIED = ("s2t", "s2tw", "s2twp")

BREAKS = re.compile("(?<=加)(?=注[意重射资浆水入视塑])|(?<=内)(?=干)")
"""Where OpenCC 1.4.2 takes two words for one: 更加|注重 became 更加註重, because 加注 is a word as well."""

EXCEPTIONS = (
    ("内干外", 1, "乾"),
    ("湿内干", 2, "乾"),
    ("外干内", 1, "乾"),
    ("干散货", 0, "乾"),
    ("干物质", 0, "乾"),
    ("干挂", 0, "乾"),
    ("干混", 0, "乾"),
    ("子丑", 1, "丑"),
)
"""Words that OpenCC 1.4.2 gets wrong: which of their characters becomes what."""

CLAUSES = re.compile(r"\w+|\W+")
SPREAD = re.compile(r"\s+")


def convert_page(texts: Sequence[str], script: Script) -> list[str]:
    """The lines of one page, converted.

    The page is converted as one text, without the line ends and blanks between Han characters, so that a word means the
    same wherever a line breaks, and mapped back onto its lines.

    ``auto`` looks at the page as a whole. Read in Simplified Chinese, it is converted with s2tw: Taiwan's characters,
    and no other words. Japanese is left alone. Any other page keeps its wording and is only rid of stray simplified
    characters (a misread 说, a 国), so 法定程序 stays.
    """
    if script == "none":
        return list(texts)
    if script != "auto":
        return _mapped(texts, partial(_converted, script=script))
    written_in = language("".join(texts))
    if written_in == "ja":
        return list(texts)
    if written_in == "zh-Hans":
        return convert_page(texts, "s2tw")
    return _mapped(texts, _without_strays)


def line_converter(texts: Sequence[str], script: Script) -> Callable[[str], str]:
    """How a single line is converted that stands on a page with ``texts``, as ``convert_page`` converts those."""
    if script == "auto":
        written_in = language("".join(texts))
        if written_in != "zh-Hans":
            return (lambda text: text) if written_in == "ja" else (lambda text: "".join(_without_strays(text)))
        script = "s2tw"
    return lambda text: convert_page([text], script)[0]


def language(text: str) -> Language:
    """What a page is written in, as far as its characters tell; nothing where it has neither Han nor kana."""
    kinds = Counter[Kind]()
    unreformed = 0
    for character, count in Counter(text).items():
        kinds[_kind(character)] += count
        unreformed += count * _is_unreformed(character)
    kana, simplified, reformed = kinds["kana"], kinds["simplified"], kinds["reformed"] + kinds["japanese"]
    han = kinds.total() - kinds["other"] - kana
    if kana and kana >= KANA_SHARE * (kana + han):
        return "ja"
    may_be_japanese = (kinds["japanese"] or kana) and kinds["japanese"] >= simplified
    if may_be_japanese and 0 < reformed >= REFORMED_SHARE * (reformed + unreformed):
        return "ja"
    if simplified > kinds["traditional"] and simplified >= SIMPLIFIED_SHARE * han:
        return "zh-Hans"
    return "zh-Hant" if han else ""


def simplest_form(character: str) -> str:
    """One form for a character in all scripts, for comparing: simplified (臺, 台 and 檯 are 台, 著 and 着 are 着)."""
    form = _converter("t2s").convert("着" if character == "著" else character)  # OpenCC parts these two by context only
    return form if len(form) == len(character) else character


def _mapped(texts: Sequence[str], convert: Callable[[str], list[str]]) -> list[str]:
    """``texts`` with their characters as ``convert`` gives them for the whole; what it leaves out of sight stays."""
    whole = "\n".join(texts)
    hidden = [match.span() for match in SPREAD.finditer(whole) if _spreads(whole, *match.span())]
    shown = [True] * len(whole)
    for start, end in hidden:
        shown[start:end] = [False] * (end - start)
    converted = iter(convert("".join(compress(whole, shown))))
    characters = [next(converted) if is_shown else old for old, is_shown in zip(whole, shown, strict=True)]
    lines, start = [], 0
    for text in texts:
        lines.append("".join(characters[start : start + len(text)]))
        start += len(text) + 1
    return lines


def _spreads(text: str, start: int, end: int) -> bool:
    """Whether the white space from ``start`` to ``end`` stands between Han characters."""
    return start > 0 and end < len(text) and is_han(text[start - 1]) and is_han(text[end])


def _converted(text: str, script: str) -> list[str]:
    """What becomes of each character of ``text``."""
    found: list[str] = []
    for clause in CLAUSES.findall(text):
        if script in FROM_SIMPLIFIED:
            for part in BREAKS.split(clause):
                found += _aligned(part, _converter(script).convert(part))
        else:
            found += _aligned(clause, _converter(script).convert(clause))
    if script in FROM_SIMPLIFIED:
        _correct(text, found)
    return found


def _correct(text: str, found: list[str]) -> None:
    """Puts right what OpenCC gets wrong, among what it ``found`` for each character of ``text``."""
    for word, place, right in EXCEPTIONS:
        start = text.find(word)
        while start >= 0:
            found[start + place] = right
            start = text.find(word, start + 1)


def _aligned(old: str, new: str) -> list[str]:
    """``new`` in as many pieces as ``old`` has characters: what has become of each."""
    if len(old) == len(new):
        return list(new)
    same, other = (_converter("tw2s").convert(text) for text in (old, new))  # in which alike characters are alike
    if (len(same), len(other)) != (len(old), len(new)):
        same, other = old, new
    pieces = [""] * len(old)
    for _, start, end, new_start, new_end in SequenceMatcher(None, same, other, autojunk=False).get_opcodes():
        if start == end:  # something new, which goes with the character before it
            pieces[max(start - 1, 0)] += new[new_start:new_end]
        for index in range(start, end):
            last = index == end - 1
            pieces[index] += new[new_start + index - start : new_end if last else new_start + index - start + 1]
    return pieces


def _without_strays(text: str) -> list[str]:
    """``text`` with its simplified characters in the form that fits their neighbours (头发 to 頭髮)."""
    if not any(_kind(character) in ("simplified", "reformed") for character in text):
        return list(text)
    # Simplified first, because the dictionary of phrases has none in which scripts are mixed.
    simplified = _converter("t2s").convert(text)
    if len(simplified) != len(text):
        simplified = "".join(simplest_form(character) for character in text)
    converted = _converted(simplified, "s2tw")
    return [new if _kind(old) in ("simplified", "reformed") else old for old, new in zip(text, converted, strict=True)]


@cache
def _converter(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


@cache
def _kind(character: str) -> Kind:
    """What the character tells about the script.

    Reformed: simplified in China and Japan alike. Japanese: in Japan alone.
    """
    if "\u3041" <= character <= "\u30ff":
        return "kana"
    if not is_han(character):
        return "other"
    traditional = _converter("s2t").convert(character)
    if traditional != character and _encodes(character, "gb2312") and not _encodes(character, "big5"):
        if not _encodes(character, "shift_jis"):
            return "simplified"
        return "reformed" if _converter("t2jp").convert(traditional) == character else "shared"
    reformed = _converter("jp2t").convert(character) != character and _encodes(character, "shift_jis")
    if reformed and not _encodes(character, "gb2312") and not _encodes(character, "big5"):
        return "japanese"
    return "traditional" if _converter("t2s").convert(character) != character else "shared"


@cache
def _is_unreformed(character: str) -> bool:
    """Whether Japan writes it in another, reformed form."""
    return _kind(character) == "traditional" and _converter("t2jp").convert(character) != character


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
