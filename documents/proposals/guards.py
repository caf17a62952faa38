"""What may become a proposal, and what a person has to look at one by one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

LEAST_ALIKE = 0.5
"""By ``SequenceMatcher``: below this a text is not a correction of the line but another text."""

SPARE = 4
"""Characters by which a short line may grow, on top of a quarter of its length."""

_NUMERALS = "0123456789〇零一二三四五六七八九十百千萬万億亿兩廿卅壹貳參肆伍陸柒捌玖拾佰仟"
_LATIN_NAME = re.compile(r"\b[A-Z][\w'’-]+")
_TITLES = "先生|女士|小姐|太太|夫人|君|氏|公|翁|教授|博士|老師|醫師|律師|經理|主任|局長|院長|校長|總統|部長"
_TITLED_NAME = re.compile(rf"([\u4e00-\u9fff]{{1,4}})(?={_TITLES})")
_WRAPPED = re.compile(r"\A(?:```\w*\s*(.*?)\s*```|「(.*)」|“(.*)”|\"(.*)\")\Z", re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """``text``: what is proposed. ``refusal``: why nothing is, as a code. ``guarded``: what needs a person's look."""

    text: str = ""
    refusal: str = ""
    guarded: tuple[str, ...] = ()


def judge(before: str, answer: object) -> Verdict:
    """What the ``answer`` of a model to the line ``before`` is worth. The text is ``before`` if it agrees with it."""
    if not isinstance(answer, str):
        return Verdict(refusal="no-text")
    text = _bare(answer, before)
    if not text:
        return Verdict(refusal="empty")
    if len(text.splitlines()) > 1:
        return Verdict(refusal="several-lines")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        return Verdict(refusal="no-text")
    if len(text) > longest(before):
        return Verdict(refusal="too-long")
    if text != before and SequenceMatcher(None, before, text, autojunk=False).ratio() < LEAST_ALIKE:
        return Verdict(refusal="another-text")
    return Verdict(text, guarded=tuple(_guarded(before, text)))


def longest(before: str) -> int:
    """How many characters a correction of the line ``before`` may have."""
    return len(before) * 5 // 4 + SPARE


def _bare(answer: str, before: str) -> str:
    """The answer without the fences and quotation marks that models put around a line that has none."""
    text = answer.strip()
    wrapped = _WRAPPED.match(text)
    if wrapped and not _WRAPPED.match(before):
        text = next(inner for inner in wrapped.groups() if inner is not None).strip()
    return text


def _guarded(before: str, text: str) -> list[str]:
    found = []
    if _numerals(before) != _numerals(text):
        found.append("digits")
    if _names(before) != _names(text):
        found.append("names")
    return found


def _numerals(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character in _NUMERALS)


def _names(text: str) -> Counter[str]:
    """Words that look like names: capitalised Latin ones, and the characters before a title."""
    plain = unicodedata.normalize("NFKC", text)
    return Counter([*_LATIN_NAME.findall(plain), *_TITLED_NAME.findall(plain)])
