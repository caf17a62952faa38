"""Recognition: from strips of pixels to characters, by PaddleOCR's recogniser.

Strips are read one by one, at widths rounded up slightly. On a CPU, batches gain nothing, because one line keeps the
matrix units busy, and they cost padding. Besides, the text of a line then does not depend on its neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition.page import Doubt, Pixels

from .characters import DOUBTFUL_CHARACTER, Best, Others
from .lines import LineCrop, resized
from .networks import Networks

SQUEEZE = 0.7  # a line is first read at this part of its width, and less high as well
SECOND_PASS_BELOW = 0.96  # confidence of a horizontal line below which it is read again at full size
SECOND_PASS_BELOW_VERTICAL = 0.93  # ... of a vertical one, whose doubtful characters are looked at in any case
NARROW_CHARACTER = 17.0  # pixels of a strip: narrower ones, on average, are read less surely
SECOND_PASS_BELOW_NARROW = 0.98  # ... of a line with such characters
QUOTATION_MARKS = frozenset("「」『』")  # a squeezed strip hardly shows whether one is single or double
DIGITS = frozenset("0123456789")  # nothing else in their line shows that one is wrong
AROUND = 8.0  # heights of the strip that are read again on each side of such a character ...
MOST_IN_PARTS = 0.7  # ... unless that is more than this part of the line
SURE = 0.9  # probability from which a character stays, whatever another reading of the line says
LEAST_SHOWN = 0.02  # probability of a candidate that people are offered ...
MOST_SHOWN = 4  # ... and how many they are offered
WIDTH_STEP = 32  # pixels to which widths are rounded up: each one costs memory, for the kernels made for it ...
LARGER_STEPS = (640, 1280)  # ... and from each of these on, they are rounded up to steps of twice the size
MAX_STRIP_WIDTH = 2400  # pixels; a wider strip is read in pieces
USUAL_WIDTH = 1216  # pixels; most lines of a column of text are no longer when they are first read
MIN_STRIP_WIDTH = 16  # pixels


@dataclass(frozen=True, eq=False)
class Text:
    """Characters in reading order, each with its probability and its centre as a fraction of the line.

    ``others``: for each, what it may be instead, with their probabilities, the likeliest first; nothing for those
    that are sure.
    """

    characters: Sequence[str]
    probabilities: npt.NDArray[np.float64]
    centres: npt.NDArray[np.float64]
    others: Sequence[Mapping[str, float]]

    def __str__(self) -> str:
        return "".join(self.characters)

    @property
    def confidence(self) -> float:
        return float(self.probabilities.mean()) if len(self.probabilities) else 0.0

    @property
    def confidence_without_spacing(self) -> float:
        """The confidence without spaces that part no words: those at an end of the line or beside a wide character.

        Whether there is one between Han and Latin characters is a matter of style, and rarely certain.
        """
        around = ["\u3000", *self.characters, "\u3000"]
        parts = [
            not character.isspace() or not (_is_wide(before) or _is_wide(behind))
            for before, character, behind in zip(around, self.characters, around[2:], strict=False)
        ]
        kept = self.probabilities[parts]
        return float(kept.mean()) if len(kept) else 0.0

    def doubtful(self, characters: frozenset[str]) -> list[int]:
        """Where one of ``characters`` stands with a probability below DOUBTFUL_CHARACTER."""
        found = enumerate(zip(self.characters, self.probabilities, strict=True))
        return [i for i, (character, p) in found if p < DOUBTFUL_CHARACTER and character in characters]

    def with_surer(self, other: Text, first: int = 0, stop: int | None = None) -> Text:
        """This text, with single characters from ``other``, a text of the same line, where they are more probable.

        Only characters that are not SURE are replaced, one for one. ``first``, ``stop``: of which characters ``other``
        is a text, if it is one of a part.
        """
        characters, probabilities, others = list(self.characters), self.probabilities.copy(), list(self.others)
        opcodes = SequenceMatcher(None, self.characters[first:stop], other.characters, autojunk=False).get_opcodes()
        for tag, start, end, other_start, other_end in opcodes:
            if tag != "replace" or end - start != other_end - other_start:
                continue
            for i, j in zip(range(first + start, first + end), range(other_start, other_end), strict=True):
                if probabilities[i] < SURE and other.probabilities[j] > probabilities[i]:
                    rivals = {characters[i]: float(probabilities[i]), **others[i]}
                    characters[i], probabilities[i] = other.characters[j], other.probabilities[j]
                    others[i] = {each: p for each, p in rivals.items() if each != characters[i]}
        return Text(characters, probabilities, self.centres, others)

    def doubts(self) -> tuple[Doubt, ...]:
        """The characters with a probability below DOUBTFUL_CHARACTER.

        Spaces are not among them: between Han and Latin characters many are unsure, and nobody looks for them.
        """
        starts = accumulate(map(len, self.characters), initial=0)
        found = zip(self.characters, starts, self.probabilities, self.others, strict=False)  # a start more than others
        return tuple(
            Doubt(start, float(probability), _shown(others))
            for character, start, probability, others in found
            if probability < DOUBTFUL_CHARACTER and not character.isspace()
        )


class Recogniser:
    """Reads lines with the recogniser of ``networks``."""

    def __init__(self, networks: Networks) -> None:
        self._height = networks.recogniser_settings.height
        self._reduced_height = networks.reduced_height or self._height
        self._characters = networks.recogniser_settings.characters
        self._sureness = networks.sureness
        self._best = networks.best
        self._best_fast = networks.best_fast or networks.best

    def warm(self) -> None:
        """Reads blank strips of the usual widths, since each takes more than twice the time when it is the first."""
        for best_of, height in ((self._best_fast, self._reduced_height), (self._best, self._height)):
            for width in sorted({padded_width(width) for width in range(1, USUAL_WIDTH + 1)}):
                best_of(np.zeros((1, 3, height, width), np.float32))

    def full_width(self, crop: LineCrop) -> int:
        """Pixels of a line's strip at full height."""
        return crop.width(self._height)

    def strip(self, crop: LineCrop) -> Pixels:
        """The strip of a line at full height, in proportion."""
        return crop.strip(max(MIN_STRIP_WIDTH, self.full_width(crop)), self._height)

    def read(self, crop: LineCrop) -> Text:
        """The text of a line of any length: by the fast pass, and if that is doubtful, by the full pass as well."""
        return self.looked_at_again(crop, self.read_fast(crop))

    def read_fast(self, crop: LineCrop, *, is_noisy: bool = False) -> Text:
        """The fast pass, on fewer pixels than the network was trained with, and by the quicker network if there is one.

        Clear print needs no more. Noisy pages lose by that network.
        """
        strip = crop.strip(self._squeezed_width(crop), self._reduced_height)
        return self._text(strip, self._best if is_noisy else self._best_fast)

    @property
    def has_reduced_height(self) -> bool:
        """Whether the fast pass sees fewer rows than ``read_squeezed``."""
        return self._reduced_height < self._height

    def read_squeezed(self, crop: LineCrop) -> Text:
        """The text of a line in all rows, at the width of the fast pass.

        Columns often hold handwriting and worn type, which lose by fewer rows, and are hardly clearer at full width.
        """
        return self.read_strip(crop.strip(self._squeezed_width(crop), self._height))

    def _squeezed_width(self, crop: LineCrop) -> int:
        return max(MIN_STRIP_WIDTH, round(self.full_width(crop) * SQUEEZE))

    def looked_at_again(
        self, crop: LineCrop, text: Text, *, is_noisy: bool = False, places: Sequence[int] = ()
    ) -> Text:
        """``text``, which the fast pass has read from ``crop``, improved by the full pass where it is in doubt.

        That is the whole line, or in a horizontal one what is around single characters that matter: quotation marks,
        digits, and those in ``places``.
        """
        if self.is_doubtful(crop, text, is_noisy=is_noisy):
            return self.best_of(crop, text)
        places = [] if crop.quad.vertical else sorted({*places, *text.doubtful(QUOTATION_MARKS | DIGITS)})
        return self._with_surer_parts(crop, text, places) if places else text

    def _with_surer_parts(self, crop: LineCrop, text: Text, places: Sequence[int]) -> Text:
        """``text`` with what the full pass is surer of around the characters in ``places``, in ascending order."""
        width, reach = self.full_width(crop), AROUND * self._height
        parts: list[tuple[int, int]] = []
        for centre in text.centres[places] * width:
            start, end = max(0, round(centre - reach)), min(width, round(centre + reach))
            if parts and start < parts[-1][1]:
                start = parts.pop()[0]
            parts.append((start, end))
        if sum(end - start for start, end in parts) > MOST_IN_PARTS * width:
            return self.best_of(crop, text)
        strip = self.strip(crop)
        for start, end in parts:
            first, stop = np.searchsorted(text.centres, (start / width, end / width)).tolist()
            text = text.with_surer(self.read_strip(np.ascontiguousarray(strip[:, start:end])), first, stop)
        return text

    def is_doubtful(self, crop: LineCrop, text: Text, *, is_noisy: bool = False) -> bool:
        """Whether ``text``, which the fast pass has read from ``crop``, is doubtful as a whole.

        On a noisy page doubtful spacing is a sign of poor print, too.
        """
        confidence = text.confidence if crop.quad.vertical or is_noisy else text.confidence_without_spacing
        threshold = SECOND_PASS_BELOW_VERTICAL if crop.quad.vertical else SECOND_PASS_BELOW
        narrow = len(text.characters) * NARROW_CHARACTER > self.full_width(crop)
        return confidence < (SECOND_PASS_BELOW_NARROW if narrow else threshold) * self._sureness

    def read_full(self, crop: LineCrop) -> Text:
        """The full pass: the text of a line at full size."""
        return self.read_strip(self.strip(crop))

    def best_of(self, crop: LineCrop, text: Text) -> Text:
        """``text`` or the text of the full pass, whichever has more confidence.

        Where the line is horizontal, with those characters of the other that are surer. Columns gained nothing by that.
        """
        other, best = sorted((text, self.read_full(crop)), key=lambda text: text.confidence)
        return best if crop.quad.vertical else best.with_surer(other)

    def read_strip(self, strip: Pixels) -> Text:
        """The text of a ``strip`` (height, width, 3; RGB) at its own size."""
        return self._text(strip, self._best)

    def read_strip_fast(self, strip: Pixels) -> Text:
        """The text of a strip of full height, as the fast pass reads a horizontal line."""
        return self._text(resized(strip, _squeezed(strip), self._reduced_height), self._best_fast)

    def read_strip_low(self, strip: Pixels, *, is_noisy: bool = False) -> Text:
        """The text of a strip of full height in the rows of the fast pass, at its own width."""
        low = resized(strip, int(strip.shape[1]), self._reduced_height)
        return self._text(low, self._best if is_noisy else self._best_fast)

    def read_strip_squeezed(self, strip: Pixels) -> Text:
        """The same as ``read_squeezed``, of a strip of full height. Of what it cannot read it says little, where
        ``read_strip_fast`` invents characters."""
        return self.read_strip(resized(strip, _squeezed(strip), self._height))

    def _text(self, strip: Pixels, best_of: Callable[[npt.NDArray[np.float32]], Best]) -> Text:
        """What a network, which gives the best characters of a batch, reads in a strip."""
        height, width = strip.shape[:2]
        if width > MAX_STRIP_WIDTH:
            at = _gap(strip)
            return _concatenated(self._text(strip[:, :at], best_of), self._text(strip[:, at:], best_of), at / width)
        padded = padded_width(width)
        batch = np.zeros((1, 3, height, padded), np.float32)
        batch[0, :, :, :width] = strip[:, :, ::-1].transpose(2, 0, 1)  # the network was trained with blue first
        batch[0, :, :, :width] /= 127.5
        batch[0, :, :, :width] -= 1.0
        return self._decoded(*best_of(batch), padded / width)

    def _decoded(
        self, indices: npt.NDArray[Any], probabilities: npt.NDArray[Any], candidates: Others, stretch: float
    ) -> Text:
        """Text from the best character of each step (greedy CTC).

        A character repeated in adjacent steps counts once; 0 is the blank between characters (Graves et al.,
        Connectionist Temporal Classification, 2006). ``stretch``: padded width divided by the width of the line.
        """
        changes = np.flatnonzero(indices[1:] != indices[:-1]) + 1
        starts, ends = np.concatenate([[0], changes]), np.concatenate([changes, [len(indices)]])
        said = indices[starts] != 0
        starts, ends = starts[said], ends[said]
        centres = np.clip((starts + ends) / 2 / len(indices) * stretch, 0.0, 1.0)
        others = [{self._characters[each]: p for each, p in candidates.get(start, ())} for start in starts.tolist()]
        characters = [self._characters[index] for index in indices[starts].tolist()]
        return Text(characters, probabilities[starts].astype(np.float64), centres, others)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def padded_width(width: int) -> int:
    """Pixels of the strip as which one that is ``width`` pixels wide is shown to a network."""
    step = WIDTH_STEP << sum(width > bound for bound in LARGER_STEPS)
    return -(-width // step) * step


def _shown(others: Mapping[str, float]) -> tuple[str, ...]:
    """Those of ``others`` that a person is offered."""
    return tuple(each for each, probability in others.items() if probability >= LEAST_SHOWN)[:MOST_SHOWN]


def _gap(strip: Pixels) -> int:
    """The best column to split a strip at: near its middle, where the pixels differ least."""
    third = int(strip.shape[1]) // 3
    grey = strip[:, third : 2 * third].mean(axis=2)
    return third + int(np.argmin(grey.max(axis=0) - grey.min(axis=0)))


def _concatenated(first: Text, second: Text, share: float) -> Text:
    """Two parts of a line as one. ``share``: the first part's fraction of the length."""
    return Text(
        [*first.characters, *second.characters],
        np.concatenate([first.probabilities, second.probabilities]),
        np.concatenate([first.centres * share, share + second.centres * (1 - share)]),
        [*first.others, *second.others],
    )


def _squeezed(strip: Pixels) -> int:
    """The width of ``strip`` for the fast pass."""
    return max(MIN_STRIP_WIDTH, round(int(strip.shape[1]) * SQUEEZE))
