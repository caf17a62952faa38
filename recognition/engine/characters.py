"""The best character of each step of a strip, its probability, and what else it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Others = Mapping[int, Sequence[tuple[int, float]]]
Best = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], Others]

DOUBTFUL_CHARACTER = 0.8  # probability below which a character has other candidates ...
LEAST_PROBABLE = 0.002  # ... as far as they are as likely as this ...
MOST_CANDIDATES = 10  # ... and no more than these
CACHED_ROWS = 8  # whose numbers stay in the processor's cache; those of all steps would be many megabytes


def best_of_probabilities(probabilities: Array) -> Best:
    """The best character of each step from ``probabilities`` (steps, characters): see ``Networks.best``."""
    indices = probabilities.argmax(axis=-1)
    best = np.take_along_axis(probabilities, indices[:, None], axis=-1)[:, 0]
    doubtful = [step for step in _beginnings(indices).tolist() if best[step] < DOUBTFUL_CHARACTER]
    return indices, best, {step: _candidates(probabilities[step]) for step in doubtful}


def best_of_logits(logits: Array) -> Best:
    """The same from logits (steps, characters)."""
    indices = logits.argmax(axis=-1)
    steps = _beginnings(indices)
    probabilities = np.ones(len(indices), np.float32)
    probabilities[steps], others = _softmax(logits, steps)
    return indices, probabilities, others


class TwoPartLayer:
    """A last layer that is executed in two parts: for the usual characters at all steps, for the others at a few.

    A character that is not among the usual ones resembles some of them, but not so much that one of them gets a logit
    of ``clear``. So where one does, no other character needs to be looked at.
    """

    def __init__(
        self, usual: npt.NDArray[np.int64], others: npt.NDArray[np.int64], clear: float, rest: Callable[[Array], Array]
    ) -> None:
        """``usual``: the numbers of the usual characters, the blank first; ``others``: of the others. ``rest``: from
        features (steps, features) to the logits of the others (steps, others)."""
        self._usual = usual
        self._others = others
        self._numbers = np.concatenate([usual, others])
        self._clear = clear
        self._rest = rest

    def best(self, logits: Array, features: Array) -> Best:
        """From the ``logits`` of the usual characters (steps, usual characters), and the ``features`` of all steps."""
        chosen = logits.argmax(axis=-1)
        highest = logits[np.arange(len(logits)), chosen]
        indices = self._usual[chosen]
        is_unclear = highest < self._clear
        unclear = np.flatnonzero(is_unclear)
        rest = self._rest(features[unclear]) if len(unclear) else logits[:0]
        chosen = rest.argmax(axis=-1)
        is_other = rest[np.arange(len(rest)), chosen] > highest[unclear]
        indices[unclear[is_other]] = self._others[chosen[is_other]]
        steps = _beginnings(indices)
        clear_steps, unclear_steps = steps[~is_unclear[steps]], steps[is_unclear[steps]]
        probabilities = np.ones(len(indices), np.float32)
        probabilities[clear_steps], candidates = _softmax(logits, clear_steps, self._usual)
        rows = np.arange(len(unclear_steps))
        whole = np.concatenate([logits[unclear_steps], rest[np.searchsorted(unclear, unclear_steps)]], axis=1)
        probabilities[unclear_steps], more = _softmax(whole, rows, self._numbers)
        return indices, probabilities, {**candidates, **{int(unclear_steps[row]): found for row, found in more.items()}}


def _beginnings(indices: Array) -> npt.NDArray[np.int64]:
    """The steps at which a character begins."""
    return np.flatnonzero((indices != 0) & (np.concatenate([[0], indices[:-1]]) != indices))


def _softmax(
    logits: Array, rows: npt.NDArray[np.int64], numbers: Array | None = None
) -> tuple[npt.NDArray[np.float32], dict[int, list[tuple[int, float]]]]:
    """The probabilities of the best characters in ``rows``, and by row the candidates of doubtful ones.

    ``numbers``: of the characters in ``logits`` (rows, characters), if they are not all of them. This is asked only of
    rows in which a character begins; the probability of a blank, or of a character that continues, is given as 1.
    """
    probabilities, others = np.empty(len(rows), np.float32), {}
    for start in range(0, len(rows), CACHED_ROWS):
        part = rows[start : start + CACHED_ROWS]
        powers = logits[part]
        powers -= powers.max(axis=1, keepdims=True)
        np.exp(powers, out=powers)
        found = 1 / powers.sum(axis=1)
        probabilities[start : start + CACHED_ROWS] = found
        for i in np.flatnonzero(found < DOUBTFUL_CHARACTER):
            others[int(part[i])] = _candidates(powers[i] * found[i], numbers)
    return probabilities, others


def _candidates(probabilities: Array, numbers: Array | None = None) -> list[tuple[int, float]]:
    """The likeliest characters of a step after the best one, without the blank, and their probabilities.

    ``probabilities``: of all characters, or of those with these ``numbers``.
    """
    count = min(MOST_CANDIDATES + 2, len(probabilities))
    most = np.argpartition(probabilities, -count)[-count:]
    ranked = most[np.argsort(probabilities[most])[::-1]]
    likely = [each for each in ranked[1:] if each and probabilities[each] >= LEAST_PROBABLE][:MOST_CANDIDATES]
    return [(int(each if numbers is None else numbers[each]), float(probabilities[each])) for each in likely]
