"""How close a text is to the truth, in reading order and regardless of it.

The distance is Levenshtein's, in characters. Both sides are normalised first (``normalised``), so that
neither width and shape of punctuation nor white space counts. Rates are micro averages: ``Score``
objects add up.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from typing import Self

import opencc
from rapidfuzz.distance import Levenshtein

from .joins import joins
from .table_scoring import TableRows, matches

Tables = Sequence[TableRows]

_SAME = {'"': "“”", "'": "‘’", "-": "—–―‐‑", "·": "•・", ".": "．", "「": "﹁", "」": "﹂", "『": "﹃", "』": "﹄"}
_TO_SAME = str.maketrans({variant: one for one, variants in _SAME.items() for variant in variants})
_INVISIBLE = {"Cf", "Cc", "Co"}  # format and control characters, private use


@dataclass(frozen=True)
class Score:
    """Counts of characters, from which the rates follow.

    ``characters``: of the truth. ``distance``: edits from the text to the truth. ``folded``: the same
    after both are folded to Simplified, so that script conversion is no error. ``loose``: folded, and
    without case, punctuation and symbols; ``loose_characters``: what then remains of the truth.
    ``read``: characters of the text. ``shared``: those which the folded truth has as well, at any place.
    ``joins_kept`` of ``joins``: lines of the truth that follow each other in the text too (see ``joins``).
    ``cells_matched``: neighbouring cells that ``cells_wanted`` and ``cells_given``, of the truth and of the tables that
    were read, have in common (see ``table_scoring``).
    """

    characters: int = 0
    distance: int = 0
    folded: int = 0
    loose: int = 0
    loose_characters: int = 0
    read: int = 0
    shared: int = 0
    joins_kept: int = 0
    joins: int = 0
    cells_matched: int = 0
    cells_wanted: int = 0
    cells_given: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    @property
    def cer(self) -> float:
        return self.distance / max(1, self.characters)

    @property
    def folded_cer(self) -> float:
        return self.folded / max(1, self.characters)

    @property
    def loose_cer(self) -> float:
        return self.loose / max(1, self.loose_characters)

    @property
    def bag_f1(self) -> float:
        """F1 of the characters as a bag: blind to their order."""
        both = self.characters + self.read
        return 2 * self.shared / both if both else 1.0

    @property
    def price_of_order(self) -> float:
        """What is lost by the order of the characters and not by the characters themselves."""
        return self.cer - (1 - self.bag_f1)

    @property
    def joins_rate(self) -> float:
        """NaN where there are none."""
        return self.joins_kept / self.joins if self.joins else math.nan

    @property
    def table_f1(self) -> float:
        """F1 of neighbouring cells; NaN where the truth has no tables."""
        return 2 * self.cells_matched / (self.cells_wanted + self.cells_given) if self.cells_wanted else math.nan


def score(text: str, truth: str, *, caseless: bool = False, tables: Tables = (), true_tables: Tables = ()) -> Score:
    """``text`` against ``truth``; ``caseless`` where the truth does not keep the case of the page."""
    kept, asked = joins(_joinable(text), [_joinable(line) for line in truth.splitlines()])
    matched, wanted, given = matches(tables, true_tables)
    text, truth = normalised(text), normalised(truth)
    if caseless:
        text, truth = text.casefold(), truth.casefold()
    fold: Callable[[str], str] = simplified if _is_chinese(truth) else str
    folded_text, folded_truth = fold(text), fold(truth)
    loose_text, loose_truth = _loose(text), _loose(truth)
    return Score(
        characters=len(truth),
        distance=Levenshtein.distance(text, truth),
        folded=Levenshtein.distance(folded_text, folded_truth),
        loose=Levenshtein.distance(loose_text, loose_truth),
        loose_characters=len(loose_truth),
        read=len(text),
        shared=(Counter(folded_text) & Counter(folded_truth)).total(),
        joins_kept=kept,
        joins=asked,
        cells_matched=matched,
        cells_wanted=wanted,
        cells_given=given,
    )


def _joinable(text: str) -> str:
    return simplified(normalised(text)).casefold()


def normalised(text: str) -> str:
    """NFKC, one shape for each quotation mark, dash, dot and bracket, and nothing invisible."""
    text = unicodedata.normalize("NFKC", text).translate(_TO_SAME)
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in _INVISIBLE)


def simplified(text: str) -> str:
    """Each character by itself in Simplified Chinese; the length stays."""
    return "".join(map(_simplified, text))


def _loose(text: str) -> str:
    return "".join(c for c in simplified(text).casefold() if unicodedata.category(c)[0] not in "PS")


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" or c >= "\U00020000" for c in text)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _simplified(character: str) -> str:
    converted: str = _converter().convert(character)
    return converted if len(converted) == 1 else character
