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


def best_of_probabilities(probabilities: Array) -> Best:
    """The best character of each step from ``probabilities`` (steps, characters): see ``Networks.best``."""
    indices = probabilities.argmax(axis=-1)
    best = np.take_along_axis(probabilities, indices[:, None], axis=-1)[:, 0]
    doubtful = [step for step in _beginnings(indices) if best[step] < DOUBTFUL_CHARACTER]
    return indices, best, {step: _candidates(probabilities[step]) for step in doubtful}


def best_of_logits(logits: Array) -> Best:
    """The same from logits (steps, characters)."""
    indices = logits.argmax(axis=-1)
    probabilities, others = _softmax(indices, lambda step: (logits[step], None))
    return indices, probabilities, others


class TwoPartLayer:
    """A last layer that is executed in two parts: for the usual characters at all steps, for all of them at a few.

    A character that is not among the usual ones resembles some of them, but not so much that one of them gets a logit
    of ``clear``. So where one does, no other character needs to be looked at.
    """

    def __init__(self, usual: npt.NDArray[np.int64], clear: float, whole: Callable[[Array], Array]) -> None:
        """``usual``: the numbers of the usual characters, the blank first. ``whole``: from features (steps, features)
        to the logits of all characters (steps, characters)."""
        self._usual = usual
        self._clear = clear
        self._whole = whole

    def best(self, logits: Array, features: Array) -> Best:
        """From the ``logits`` of the usual characters (steps, usual characters), and the ``features`` of all steps."""
        chosen = logits.argmax(axis=-1)
        indices = self._usual[chosen]
        unclear = np.flatnonzero(logits[np.arange(len(logits)), chosen] < self._clear)
        whole = self._whole(features[unclear]) if len(unclear) else logits[:0]
        indices[unclear] = whole.argmax(axis=-1)
        row = dict(zip(unclear.tolist(), whole, strict=True))
        probabilities, others = _softmax(
            indices, lambda step: (row[step], None) if step in row else (logits[step], self._usual)
        )
        return indices, probabilities, others


def _beginnings(indices: Array) -> list[int]:
    """The steps at which a character begins."""
    return [int(step) for step in np.flatnonzero(indices * np.diff(indices, prepend=0))]


def _softmax(
    indices: Array, logits_of: Callable[[int], tuple[Array, Array | None]]
) -> tuple[npt.NDArray[np.float32], Others]:
    """The probabilities of the best characters, and the candidates of doubtful ones. ``logits_of``: of a step, and the
    numbers of their characters if they are not all of them.

    The softmax is computed only at steps where a character begins. The probability of a blank, or of a character that
    continues, is given as 1.
    """
    probabilities = np.ones(len(indices), np.float32)
    others = {}
    for step in _beginnings(indices):
        # One row at a time stays in the processor's cache; all of them at once would be many megabytes.
        logits, numbers = logits_of(step)
        powers = np.exp(logits - logits.max())
        probabilities[step] = 1 / powers.sum()
        if probabilities[step] < DOUBTFUL_CHARACTER:
            others[step] = _candidates(powers * probabilities[step], numbers)
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
