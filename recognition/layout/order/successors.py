"""Which line follows which: a small network scores the pairs, and the best of them become chains.

The network says for each line how likely each candidate is to follow it, and for each candidate how likely
that line is to come before it; "none" is an answer to both. After Quirós and Vidal, "Learning to sort
handwritten text lines in reading order through estimated binary order relations" (2021), with successors in the
place of all that comes later, as in Wang et al., "LayoutReader" (2021). ``bench/train_layout.py`` trains it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recognition.layout import enclosures, key_figures
from recognition.layout.boxes import Floats, Indices, corners_of, tilt_of, turned_back, upright
from recognition.layout.frames import Frame
from recognition.layout.text_cues import goes_on_in, has_leader, is_punctuated
from recognition.page import Line
from recognition.separators import Separators

from . import captions, entries, footnotes, left_out, numbering, precedence, tiers
from .context import context
from .features import Features
from .pairs import Pairs, pairs_of
from .succession import in_succession

WEIGHTS = Path(__file__).with_name("successors.npz")

LIKELY = 0.1
"""Less likely pairs are not joined."""

UNLIKELY = 1e-6
"""No pair is taken to be less likely when it is asked how sure all of them are."""

SURE = 12.0
"""What is barred loses so much of its score, and what comes next by the place of notes gains as much."""

AGREED = 1.5
"""What the cuts say as well gets so much: the drawn pages of the training are harder for the cuts than most are."""

AGREED_OF_PROSE, PUNCTUATED, COLUMN = 4.0, 0.3, 5
"""The same on a vertical page where so large a share of the lines of so many characters has punctuation inside, or
leads on to a number: what is read from tier to tier through the blank between them, as verses are, has none."""

AT_ODDS, ODD_SHARE = 12, 0.1
"""So many lines, and so large a share of them, are few."""


class Network(NamedTuple):
    """A perceptron: ``weights[k]`` (inputs, outputs) and ``biases[k]``, ReLU between its layers.

    ``mean`` and ``scale``: (inputs,), of the features that it was trained on.
    """

    weights: list[Features]
    biases: list[Features]
    mean: Features
    scale: Features

    def __call__(self, features: Features) -> Floats:
        """The scores (p,) of pairs with ``features`` (p, inputs)."""
        values = (features - self.mean) / self.scale
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ weights + biases, 0)
        scores: Floats = (values @ self.weights[-1] + self.biases[-1])[:, 0].astype(np.float64)
        return scores


class Scorer(NamedTuple):
    """The network of the first opinion, and that of the second, which knows the first (see ``context``)."""

    first: Network
    second: Network

    def __call__(self, pairs: Pairs, count: int) -> Floats:
        """The scores (p,) of ``pairs`` among ``count`` lines."""
        likelihoods = likelihoods_of(pairs, self.first(pairs.features), count)
        return self.second(with_context(pairs, likelihoods, count))


@cache
def scorers() -> tuple[Scorer, ...]:
    """Trained apart from each other; their mean is worth more than each of them."""
    return load(WEIGHTS)


def load(path: Path) -> tuple[Scorer, ...]:
    with np.load(path) as data:
        names = sorted({key.split("_")[0] for key in data})
        return tuple(Scorer(_network(data, f"{name}_first_"), _network(data, f"{name}_second_")) for name in names)


def _network(data: Mapping[str, Features], name: str) -> Network:
    layers = range(sum(key.startswith(f"{name}weights") for key in data))
    return Network(
        [data[f"{name}weights{k}"].astype(np.float32) for k in layers],
        [data[f"{name}biases{k}"].astype(np.float32) for k in layers],
        data[f"{name}mean"].astype(np.float32),
        data[f"{name}scale"].astype(np.float32),
    )


class Judgement(NamedTuple):
    """``following``: the line that follows each. ``confidence``: how sure that is, as the mean over all lines of the
    logarithm of how likely that one follows or, after the last line of a chain, none."""

    following: dict[int, int]
    confidence: float


def judge(lines: Sequence[Line], separators: Separators) -> Judgement:
    """What the network says about ``lines``, which come in the order of the cuts."""
    count = len(lines)
    if count < 2:
        return Judgement({}, 0.0)
    pairs = all_pairs(lines, separators)
    agreed = AGREED_OF_PROSE if _goes_by_tiers(lines) else AGREED
    scores = scores_of(pairs, count, scorers(), agreed)
    likelihoods = likelihoods_of(pairs, scores, count)
    following = joined(pairs, likelihoods, count)
    chosen = np.array([following.get(first) for first in pairs.first.tolist()]) == pairs.second
    likely = 1 - np.bincount(pairs.first, _shares(scores, pairs.first, count), minlength=count)
    likely[list(following)] = 0
    likely[pairs.first[chosen]] = likelihoods[chosen]
    return Judgement(following, float(np.log(np.maximum(likely, UNLIKELY)).mean()))


def chains(lines: Sequence[Line], separators: Separators, judgement: Judgement | None = None) -> list[list[int]]:
    """Indices of ``lines``, which come in the order of the cuts, as runs of lines that follow each other.

    ``judgement``: what the network says about them, if it was asked before.
    """
    following = (judgement or judge(lines, separators)).following
    if _differs_little(following, lines):
        following = {a: b for a, b in following.items() if b == a + 1 or _goes_on(lines, a, b)}
    following = left_out.inserted(_into_first_columns(following, lines), lines)
    following = captions.passed_over(entries.with_numbers(following, lines), lines, separators.pictures)
    following = footnotes.passed_over(enclosures.passed_over(following, lines, separators), lines)
    following = key_figures.with_values(following, lines)
    runs = []
    for head in sorted(set(range(len(lines))) - set(following.values())):
        run = [head]
        while (last := run[-1]) in following:
            run.append(following[last])
        runs.append(run)
    return precedence.in_order(numbering.in_order(in_succession(runs, lines, separators), lines), lines)


def _goes_by_tiers(lines: Sequence[Line]) -> bool:
    vertical = [line.raw for line in lines if line.direction == "vertical-rl"]
    long = [raw for raw in vertical if len(raw) >= COLUMN]
    keeps_to_tier = sum(is_punctuated(raw) or has_leader(raw) for raw in long)
    return 2 * len(vertical) > len(lines) and keeps_to_tier > PUNCTUATED * len(long)


def opinion(pairs: Pairs, count: int, of: Sequence[Scorer], agreed: float = AGREED) -> Floats:
    """How likely the second line of each pair follows the first: 0 to 1. ``agreed``: what those get that the cuts say
    as well."""
    return likelihoods_of(pairs, scores_of(pairs, count, of, agreed), count)


def scores_of(pairs: Pairs, count: int, of: Sequence[Scorer], agreed: float) -> Floats:
    """The mean of the scores (p,) that pairs get, and what is known without a network."""
    scores: Floats = np.mean([scorer(pairs, count) for scorer in of], axis=0)
    return scores + agreed * pairs.agreed + SURE * (pairs.noted.astype(float) - pairs.barred)


def with_context(pairs: Pairs, likelihoods: Floats, count: int) -> Features:
    """The features of each pair and what a first opinion says about it."""
    return np.concatenate([pairs.features, context(pairs, likelihoods, count)], axis=1)


def _differs_little(following: dict[int, int], lines: Sequence[Line]) -> bool:
    """Whether ``following`` and the cuts are at odds about a few lines of a horizontal page. The cuts are right then:
    in plain pages with a small table, a form or a label they are surer than the network."""
    odds = sum(second != first + 1 for first, second in following.items())
    horizontal = sum(line.direction == "horizontal" for line in lines)
    return odds <= min(AT_ODDS, ODD_SHARE * (len(lines) - 1)) and 2 * horizontal > len(lines)


def _into_first_columns(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which line, with headings over several columns led into the first one, where the cuts have it."""
    led = set(following.values())
    found = dict(following)
    for heading, second in following.items():
        first = heading + 1
        if second == first or first >= len(lines) or first in led or lines[heading].direction != "horizontal":
            continue
        (left, top, right, bottom), columns = lines[heading].box, (lines[first].box, lines[second].box)
        below = all(left < (a + c) / 2 < right and abs(b - bottom) < bottom - top for a, b, c, _ in columns)
        if below and columns[0][2] < columns[1][0] + (bottom - top):
            found[heading] = first
    return found


def _goes_on(lines: Sequence[Line], a: int, b: int) -> bool:
    """Whether a word that is broken at the end of line ``a`` goes on in ``b``, and not in the next one by the cuts."""
    by_cuts = any(goes_on_in(lines[a].raw, line.raw) for line in lines[a + 1 : a + 2])
    return goes_on_in(lines[a].raw, lines[b].raw) and not by_cuts


def all_pairs(lines: Sequence[Line], separators: Separators) -> Pairs:
    """The candidates of all lines, each seen in the frame of its first line."""
    corners = corners_of(lines)
    tilt = tilt_of(corners)
    corners = turned_back(corners, tilt)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    between = [
        upright(found, tilt)
        for found in (separators.horizontal, separators.vertical, separators.pictures, separators.panels)
    ]
    vertical = np.array([line.direction == "vertical-rl" for line in lines])
    order = np.arange(len(lines))
    parts = [
        pairs_of(Frame.of(boxes, *between, turned=turned), lines, order, vertical == turned, vertical != turned)
        for turned in (False, True)
        if (vertical == turned).any()
    ]
    pairs = Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    tier = tiers.of(lines, separators)
    return pairs._replace(barred=pairs.barred | (tier[pairs.first] != tier[pairs.second]))


def likelihoods_of(pairs: Pairs, scores: Floats, count: int) -> Floats:
    """How likely the second line of each pair follows the first: 0 to 1."""
    likelihoods: Floats = np.sqrt(_shares(scores, pairs.first, count) * _shares(scores, pairs.second, count))
    return likelihoods


def _shares(scores: Floats, groups: Indices, count: int) -> Floats:
    """Softmax over the scores of each group, to which belongs a 0 for none of them."""
    highest = np.zeros(count)
    np.maximum.at(highest, groups, scores)
    powers = np.exp(scores - highest[groups])
    shares: Floats = powers / (np.bincount(groups, powers, minlength=count) + np.exp(-highest))[groups]
    return shares


def joined(pairs: Pairs, likelihoods: Floats, count: int) -> dict[int, int]:
    """The line that follows each: the likeliest pairs first, no line twice, and none after itself."""
    following: dict[int, int] = {}
    taken: set[int] = set()
    chain = list(range(count))

    def head(i: int) -> int:
        while chain[i] != i:
            chain[i] = chain[chain[i]]
            i = chain[i]
        return i

    for k in np.argsort(-likelihoods, kind="stable"):
        if likelihoods[k] < LIKELY:
            break
        first, second = int(pairs.first[k]), int(pairs.second[k])
        if first not in following and second not in taken and head(first) != head(second):
            following[first] = second
            taken.add(second)
            chain[head(second)] = head(first)
    return following
