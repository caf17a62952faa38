"""Doubtful characters told by their neighbours: which Han characters follow which in Chinese.

Poor print leaves several characters that a place may have. Each comes with its probability by its looks; how often it
stands between such neighbours says the rest (Viterbi's algorithm over the places of a line, as in Jelinek, Statistical
Methods for Speech Recognition, 1997). Only doubtful places are looked at, so what is read clearly stays as it is.

All characters are folded to their simplified forms before they are counted or looked up. So one model serves both
scripts, and never decides between two forms of one character. ``bench/train_language.py`` counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition.scripts import is_basic_han, is_kana

from .characters import DOUBTFUL_CHARACTER
from .recogniser import Text

MODEL = Path(__file__).with_name("language.npz")

WEIGHT = 0.5
"""Of what the neighbours say, against the looks: both are logarithms of probabilities."""

POOR_SHARE, FEWEST_DOUBTFUL = 0.05, 5
"""Of the Han characters of a page, how many are doubtful where the print is poor."""

CLEAR, FEWEST_PAIRS, LEAST_LIKELY = 0.9, 20, -7.5
"""Probability of a clear character; pairs of them that show what kind of text it is; and the mean logarithm of their
probability, which is -5.3 to -7.2 in modern and classical prose, and lower in lyrics and lists of names."""

OTHER_FORM = 0.05
"""Probability from which the other form of a doubtful character is taken into account."""

UNKNOWN, NUMBER, LETTER, ELSE = "?", "0", "a", "，"
"""What stands in the model for all characters it does not know, for numbers, Latin words and marks."""

STEP = 1 / 16
"""Of the logarithms, as they are stored."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Language:
    """Probabilities of characters after each other, as logarithms.

    ``numbers``: of the characters that are known, in any form. ``share``: (n,), of each among all. ``kept_back``: (n,),
    what the characters that were not seen after each one have together. ``pairs``: (p,), ascending: of a pair that was
    seen, the number of the first times n plus that of the second. ``logarithms``: (p,), of the second after the first.
    """

    numbers: dict[str, int]
    share: Floats
    kept_back: Floats
    pairs: Numbers
    logarithms: Floats

    @classmethod
    def load(cls, path: Path) -> Language:
        with np.load(path) as data:
            written, folded = str(data["written"]), data["folded"].tolist()
            return cls(
                dict(zip(written, folded, strict=True)),
                data["share"] * -STEP,
                data["kept_back"] * -STEP,
                np.cumsum(data["pairs"], dtype=np.int64),
                data["logarithms"] * -STEP,
            )

    def save(self, path: Path) -> None:
        def stored(logarithms: Floats) -> npt.NDArray[np.uint8]:
            return np.clip(np.rint(logarithms / -STEP), 0, 255).astype(np.uint8)

        np.savez_compressed(
            path,
            written=np.array("".join(self.numbers)),
            folded=np.array(list(self.numbers.values()), np.uint16),
            share=stored(self.share),
            kept_back=stored(self.kept_back),
            pairs=np.diff(self.pairs, prepend=0).astype(np.uint32),
            logarithms=stored(self.logarithms),
        )

    def number(self, character: str) -> int:
        """The number of ``character``, or of the kind of characters that it belongs to."""
        if character.isdigit():
            return self.numbers[NUMBER]
        if character.isascii() and character.isalpha():
            return self.numbers[LETTER]
        return self.numbers.get(character, self.numbers[UNKNOWN if character.isalnum() else ELSE])

    def after(self, first: Numbers, second: Numbers) -> Floats:
        """How likely each of ``second`` (m,) is after each of ``first`` (n,): logarithms (n, m)."""
        keys = first[:, None] * len(self.share) + second
        places = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        unseen = self.kept_back[first][:, None] + self.share[second]
        return np.where(self.pairs[places] == keys, self.logarithms[places], unseen)


@cache
def chinese() -> Language:
    return Language.load(MODEL)


def told_apart(texts: Sequence[Text]) -> list[Text]:
    """The ``texts`` of the lines of a page, with the likeliest of the Han characters that doubtful places may have.

    On clear print the recogniser doubts what is rare, and its neighbours would say so as well; names would be lost.
    So nothing is changed unless many places of the page are doubtful, and the others are such as the model expects.
    """
    return [_likeliest(text) for text in texts] if _is_poor_print(texts) and _is_as_expected(texts) else list(texts)


def other_forms(text: Text) -> list[int]:
    """Where a doubtful character of ``text`` may as well be another form of the same one: 為 and 爲, 内 and 內."""
    return [i for i in range(len(text.characters)) if _may_have_another_form(text, i)]


def _may_have_another_form(text: Text, index: int) -> bool:
    read, numbers = text.characters[index], chinese().numbers
    return any(
        probability >= OTHER_FORM and other != read and numbers[other] == numbers[read]
        for other, probability in _options(text, index).items()
    )


def _is_poor_print(texts: Sequence[Text]) -> bool:
    read = [
        probability
        for text in texts
        for character, probability in zip(text.characters, text.probabilities, strict=True)
        if is_basic_han(character)
    ]
    doubtful = sum(probability < DOUBTFUL_CHARACTER for probability in read)
    return bool(doubtful >= max(FEWEST_DOUBTFUL, POOR_SHARE * len(read)))


def _is_as_expected(texts: Sequence[Text]) -> bool:
    """Whether pairs of clear characters are as likely as they are in the prose of many kinds."""
    language = chinese()
    pairs = [
        (language.number(first), language.number(second))
        for text in texts
        for first, second in pairwise(_clear(text))
        if first and second
    ]
    if len(pairs) < FEWEST_PAIRS:
        return False
    return float(np.mean([language.after(np.array([a]), np.array([b])) for a, b in pairs])) >= LEAST_LIKELY


def _clear(text: Text) -> list[str]:
    """The clear Han characters of ``text``, and nothing in the place of the others."""
    return [
        character if is_basic_han(character) and probability >= CLEAR else ""
        for character, probability in zip(text.characters, text.probabilities, strict=True)
    ]


def _likeliest(text: Text) -> Text:
    """A place keeps its probability, and what was read there becomes the first of its candidates."""
    if any(map(is_kana, text.characters)):
        return text  # Japanese
    options = [_options(text, i) for i in range(len(text.characters))]
    characters, others = list(text.characters), list(text.others)
    for places in _runs(options):
        before = text.characters[places[0] - 1] if places[0] else None
        behind = text.characters[places[-1] + 1] if places[-1] + 1 < len(options) else None
        for i, character in zip(places, _best([options[i] for i in places], before, behind), strict=True):
            rivals = {characters[i]: float(text.probabilities[i]), **others[i]}
            characters[i], others[i] = character, {c: p for c, p in rivals.items() if c != character}
    return replace(text, characters=characters, others=others)


def _options(text: Text, index: int) -> dict[str, float]:
    """The characters that may stand at ``index``, with their probabilities, the one that was read first."""
    read, probability = text.characters[index], float(text.probabilities[index])
    if probability >= DOUBTFUL_CHARACTER or not is_basic_han(read) or read not in (numbers := chinese().numbers):
        return {}
    rivals = {c: p for c, p in text.others[index].items() if is_basic_han(c) and c in numbers}
    return {read: probability, **rivals} if rivals else {}


def _runs(options: Sequence[Any]) -> Iterator[list[int]]:
    """The places with options, those that follow each other together."""
    for has_options, places in groupby(range(len(options)), key=lambda i: bool(options[i])):
        if has_options:
            yield list(places)


def _best(options: Sequence[dict[str, float]], before: str | None, behind: str | None) -> list[str]:
    """The likeliest characters of places that follow each other, one of the ``options`` of each.

    ``before`` and ``behind`` are their neighbours; None at an end of the line.
    """
    language = chinese()
    numbers = [np.array([language.number(character) for character in place]) for place in options]
    looks = [np.log(np.fromiter(place.values(), np.float64)) for place in options]
    start = language.share[numbers[0]] if before is None else language.after(_alone(before), numbers[0])[0]
    scores = looks[0] + WEIGHT * start
    came_from: list[Numbers] = []
    for (first, second), seen in zip(pairwise(numbers), looks[1:], strict=True):
        ways = scores[:, None] + WEIGHT * language.after(first, second)
        came_from.append(ways.argmax(axis=0))
        scores = ways.max(axis=0) + seen
    if behind is not None:
        scores = scores + WEIGHT * language.after(numbers[-1], _alone(behind))[:, 0]
    chosen = [int(scores.argmax())]
    for ways_to in reversed(came_from):
        chosen.append(int(ways_to[chosen[-1]]))
    return [list(place)[i] for place, i in zip(options, reversed(chosen), strict=True)]


def _alone(character: str) -> Numbers:
    return np.array([chinese().number(character)])
