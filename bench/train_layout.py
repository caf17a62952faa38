"""Train the networks that say which line follows which (``recognition.layout.order.successors``).

    python -m bench.train_layout PAGES... [--check PAGES...] [--seeds 1 2 3] [--out FILE]

PAGES: folders of pages whose structure is known: for each <stem>.json with {"flows": [{"lines": [{"text", "box":
[left, top, right, bottom], "vertical"}]}]}, where lines of one flow follow each other, and the picture <stem>.jpg
or, in its place, "separators": {"horizontal", "vertical", "pictures"}, if there are any.
Each page is seen as detection would give it: boxes a little off, lines in pieces or lost, some pages without their
rules and pictures. Networks of several seeds give their mean; what they keep of each kind of other pages (--check) is
told. NumPy alone trains them, in minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import corners
from recognition.layout.detection import find_separators
from recognition.layout.order import cuts, successors
from recognition.layout.order.pairs import Pairs
from recognition.layout.order.successors import WEIGHTS, Network, Scorer, all_pairs
from recognition.page import Line, PageImage
from recognition.separators import Separators

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]

HIDDEN = 64, 32
BATCH = 4
"""Pages between two steps of the optimiser."""

OFF, LOST, CUT, BARE = 0.12, 0.015, 0.02, 0.25
"""By how much of its height each side of a box is off; shares of lines that are lost or cut in two, and of pages
without rules and pictures."""


class Example(NamedTuple):
    """A page of some ``kind`` as the networks see it: pairs, whether the second line of each follows the first (p,),
    and how many lines there are."""

    kind: str
    pairs: Pairs
    follows: npt.NDArray[np.bool_]
    lines: int


@dataclass(frozen=True)
class Drawn:
    """A page with its truth. ``flows``: lines that follow each other, flow by flow."""

    kind: str
    flows: tuple[tuple[Line, ...], ...]
    separators: Separators


def drawn_page(path: Path) -> Drawn | None:
    """None for a file that describes no page."""
    truth = json.loads(path.read_text(encoding="utf-8"))
    if "flows" not in truth:
        return None
    flows = tuple(tuple(line_from(line) for line in flow["lines"]) for flow in truth["flows"])
    if not path.with_suffix(".jpg").exists():
        named = truth.get("separators", {})
        separators = Separators(**{name: tuple(map(tuple, boxes)) for name, boxes in named.items()})
    else:
        picture = cv2.cvtColor(cv2.imread(str(path.with_suffix(".jpg"))), cv2.COLOR_BGR2RGB)
        separators = find_separators(PageImage(np.asarray(picture, dtype=np.uint8)))
    return Drawn(truth.get("family", ""), flows, separators)


def examples(path: Path, copies: int, seed: int) -> list[Example]:
    """A page as it is seen by the network, each time otherwise disturbed."""
    chance = np.random.default_rng([seed, zlib.crc32(path.name.encode())])
    page = drawn_page(path)
    seen = [example(page, chance) for _ in range(copies)] if page else []
    return [each for each in seen if each is not None]


def line_from(line: dict[str, Any]) -> Line:
    count = len(line["text"])
    return Line(
        line["text"],
        0.99,
        corners(tuple(line["box"])),
        "vertical-rl" if line["vertical"] else "horizontal",
        positions=tuple((k + 0.5) / count for k in range(count)),
    )


def disturbed(line: Line, grown: float, chance: np.random.Generator) -> list[Line]:
    """The line as detection may give it: not at all, in two pieces, or with a box that is a little off.

    ``grown``: by how much of its height each side is off on the whole page.
    """
    if chance.random() < LOST:
        return []
    left, top, right, bottom = line.box
    size = min(right - left, bottom - top)
    off = (chance.uniform(-OFF, OFF, 4) + np.array([-grown, -grown, grown, grown])) * size
    box = left + off[0], top + off[1], max(right + off[2], left + off[0] + 2), max(bottom + off[3], top + off[1] + 2)
    if chance.random() > CUT or len(line.raw) < 6:
        return [replace(line, polygon=corners(box))]
    middle = chance.integers(2, len(line.raw) - 2)
    share = middle / len(line.raw)
    ends = list(box), list(box)
    axis = 1 if line.direction == "vertical-rl" else 0
    at = box[axis] + share * (box[axis + 2] - box[axis])
    ends[0][axis + 2], ends[1][axis] = at - 0.1 * size, at + 0.1 * size
    texts = line.raw[:middle], line.raw[middle:]
    return [
        Line(text, line.confidence, corners((a, b, c, d)), line.direction)
        for text, (a, b, c, d) in zip(texts, ends, strict=True)
    ]


def example(page: Drawn, chance: np.random.Generator) -> Example | None:
    grown = chance.uniform(-OFF, OFF)
    flows = [[part for line in flow for part in disturbed(line, grown, chance)] for flow in page.flows]
    known = [(line, n) for n, flow in enumerate(flows) for line in flow]
    if len(known) < 2:
        return None
    shuffled = chance.permutation(len(known))
    origins, lines = zip(*cuts.ordered([known[k][0] for k in shuffled]), strict=True)
    rank = [int(shuffled[origin]) for origin in origins]  # where each line stands in the truth
    places = sorted(range(len(lines)), key=lambda i: (rank[i], i))
    successor = {a: b for a, b in pairwise(places) if known[rank[a]][1] == known[rank[b]][1]}
    parting = Separators() if chance.random() < BARE else page.separators.without_text(lines)
    pairs = all_pairs(lines, parting)
    follows = np.array([successor.get(int(a)) == b for a, b in zip(pairs.first, pairs.second, strict=True)])
    return Example(page.kind, pairs._replace(features=pairs.features.astype(np.float16)), follows, len(lines))


class Perceptron:
    """Weights and biases, and one step of learning (Adam; Kingma and Ba, 2015)."""

    def __init__(self, weights: list[Floats], biases: list[Floats]) -> None:
        self.weights, self.biases = weights, biases
        self.moments = [(np.zeros_like(each), np.zeros_like(each)) for each in self.weights + self.biases]
        self.steps = 0

    @classmethod
    def by_chance(cls, inputs: int, chance: np.random.Generator) -> Perceptron:
        sizes = [inputs, *HIDDEN, 1]
        weights: list[Floats] = [
            (chance.normal(0, (2 / a) ** 0.5, (a, b)) * (0.1 if b == 1 else 1)).astype(np.float32)
            for a, b in pairwise(sizes)
        ]
        return cls(weights, [np.zeros(b, np.float32) for b in sizes[1:]])

    def forward(self, features: Floats) -> list[Floats]:
        """The values of all layers, features first and scores (p, 1) last."""
        values = [features]
        for k, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            value = values[-1] @ weights + biases
            values.append(value if k == len(HIDDEN) else np.maximum(value, 0))
        return values

    def gradients(self, values: Sequence[Floats], slope: Floats) -> list[Floats]:
        """Those of weights, then biases, for the ``slope`` (p, 1) of the loss at the scores."""
        weights: list[Floats] = []
        biases: list[Floats] = []
        for k in reversed(range(len(self.weights))):
            weights.insert(0, values[k].T @ slope)
            biases.insert(0, slope.sum(axis=0))
            slope = (slope @ self.weights[k].T) * (values[k] > 0)
        return weights + biases

    def step(self, gradients: Sequence[Floats], rate: float, decay: float = 1e-4) -> None:
        self.steps += 1
        for values, slope, (mean, square) in zip(self.weights + self.biases, gradients, self.moments, strict=True):
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            scaled = mean / (1 - 0.9**self.steps) / (np.sqrt(square / (1 - 0.999**self.steps)) + 1e-8)
            values -= np.float32(rate) * (scaled + np.float32(decay) * values)


def loss(page: Example, scores: Floats) -> tuple[float, Floats]:
    """The cross-entropy of each line's successor and predecessor, and its slope at ``scores`` (p,)."""
    total, slope = 0.0, np.zeros_like(scores)
    for groups in (page.pairs.first, page.pairs.second):
        highest = np.zeros(page.lines, np.float32)
        np.maximum.at(highest, groups, scores)
        powers, none = np.exp(scores - highest[groups]), np.exp(-highest)
        sums = np.bincount(groups, powers, minlength=page.lines) + none
        shares = powers / sums[groups]
        lone = np.bincount(groups[page.follows], minlength=page.lines) == 0
        total -= float(np.log(shares[page.follows] + 1e-9).sum() + np.log((none / sums)[lone] + 1e-9).sum())
        slope += (shares - page.follows).astype(np.float32)
    return total, slope


class Course(NamedTuple):
    """How a network learns: over how many ``epochs``, at which ``rate``, by which ``seed`` of chance."""

    epochs: int
    rate: float
    seed: int


def train(
    pages: Sequence[Example], inputs: Sequence[Floats] | Sequence[Halves], course: Course, start: Network | None = None
) -> Network:
    """The network for pages whose pairs have these ``inputs``, page by page (p, k). ``start``: one that learns on."""
    epochs, rate, seed = course
    chance = np.random.default_rng(seed)
    mean: Floats
    scale: Floats
    if start:
        mean, scale = start.mean, start.scale
        model = Perceptron([each.copy() for each in start.weights], [each.copy() for each in start.biases])
    else:
        mean = np.asarray(np.mean([values.mean(axis=0, dtype=np.float32) for values in inputs], axis=0))
        squares = [((values.astype(np.float32) - mean) ** 2).mean(axis=0) for values in inputs]
        scale = np.asarray(np.sqrt(np.mean(squares, axis=0)) + 1e-3, dtype=np.float32)
        model = Perceptron.by_chance(inputs[0].shape[1], chance)
    steps = epochs * -(-len(pages) // BATCH)
    for epoch in range(epochs):
        total = 0.0
        order = chance.permutation(len(pages))
        for at in range(0, len(pages), BATCH):
            summed: list[Floats] = []
            for k in order[at : at + BATCH]:
                values = model.forward((inputs[k].astype(np.float32) - mean) / scale)
                cost, slope = loss(pages[k], values[-1][:, 0])
                total += cost
                weighed = (slope / np.float32(pages[k].lines ** 0.5))[:, None]
                gradients = model.gradients(values, weighed)
                summed = [a + b for a, b in zip(summed, gradients, strict=True)] if summed else gradients
            progress = model.steps / steps
            model.step(summed, rate * min(1.0, (model.steps + 1) / 50) * (0.51 + 0.5 * float(np.cos(np.pi * progress))))
        sys.stdout.write(f"epoch {epoch + 1}: loss {total / sum(page.lines for page in pages):.4f} a line\n")
        sys.stdout.flush()
    return Network(model.weights, model.biases, mean, scale)


def contexts(pages: Sequence[Example], first: Network) -> list[Halves]:
    """What the second network sees of each page, given the first one."""
    found = []
    for page in pages:
        likelihoods = successors.likelihoods_of(page.pairs, first(page.pairs.features), page.lines)
        found.append(successors.with_context(page.pairs, likelihoods, page.lines).astype(np.float16))
    return found


def trained(pages: Sequence[Example], course: Course, start: Scorer | None = None) -> Scorer:
    first = train(pages, [page.pairs.features for page in pages], course, start.first if start else None)
    later = course._replace(seed=course.seed + 1)
    return Scorer(first, train(pages, contexts(pages, first), later, start.second if start else None))


def between(start: Scorer, learned: Scorer, share: float) -> Scorer:
    """The scorer whose weights are that ``share`` of the way from those of ``start`` to those of what it learned.

    It keeps more of what the start knew, at little loss of what was learned (Wortsman et al., "Robust fine-tuning of
    zero-shot models", 2022).
    """

    def mixed(some: Sequence[Floats], others: Sequence[Floats]) -> list[Floats]:
        return [((1 - share) * one + share * other).astype(np.float32) for one, other in zip(some, others, strict=True)]

    return Scorer(
        *(
            one._replace(weights=mixed(one.weights, other.weights), biases=mixed(one.biases, other.biases))
            for one, other in zip(start, learned, strict=True)
        )
    )


def kept(pages: Sequence[Example], scorers: Sequence[Scorer]) -> dict[str, float]:
    """By kind of page, the share of lines that are followed by the one that follows them in truth: 0 to 1."""
    counts: dict[str, npt.NDArray[np.intp]] = defaultdict(lambda: np.zeros(2, dtype=np.intp))
    for page in pages:
        following = successors.joined(page.pairs, successors.opinion(page.pairs, page.lines, scorers), page.lines)
        wanted = page.pairs.first[page.follows], page.pairs.second[page.follows]
        counts[page.kind] += [sum(following.get(int(a)) == b for a, b in zip(*wanted, strict=True)), len(wanted[0])]
    return {kind: right / max(1, count) for kind, (right, count) in sorted(counts.items())}


def arrays(scorers: Sequence[Scorer]) -> dict[str, Halves]:
    """The arrays of all networks, as ``successors.load`` reads them."""
    named: dict[str, Floats] = {}
    for n, scorer in enumerate(scorers):
        for network, name in ((scorer.first, f"{n}_first_"), (scorer.second, f"{n}_second_")):
            named |= {f"{name}mean": network.mean, f"{name}scale": network.scale}
            named |= {f"{name}weights{k}": weights for k, weights in enumerate(network.weights)}
            named |= {f"{name}biases{k}": biases for k, biases in enumerate(network.biases)}
    return {name: values.astype(np.float16) for name, values in named.items()}


def tell(what: str, shares: Mapping[str, float]) -> None:
    told = ", ".join(f"{kind} {100 * share:.1f}" for kind, share in shares.items())
    sys.stdout.write(f"{what} keep least of {min(shares, key=lambda kind: shares[kind], default='')}: {told}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--check", nargs="*", type=Path, default=[], help="other pages, to compare networks by")
    parser.add_argument("--beside", type=Path, help="weights of networks that are kept beside the new ones")
    parser.add_argument("--start", type=Path, help="weights of networks that learn on, one for each seed")
    parser.add_argument(
        "--share", nargs="+", type=float, help="how far each of these goes from there to what it learns"
    )
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--copies", type=int, default=1, help="how often each page is seen, each time disturbed anew")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as workers:

        def examples_of(folders: Sequence[Path], copies: int) -> list[Example]:
            paths = [path for folder in folders for path in sorted(folder.glob("*.json"))]
            found = workers.map(examples, paths, repeat(copies), repeat(options.seeds[0]), chunksize=4)
            return [each for of_page in found for each in of_page]

        pages, checks = examples_of(options.pages, options.copies), examples_of(options.check, 1)
    sys.stdout.write(f"{len(pages)} pages, {sum(len(page.follows) for page in pages)} pairs\n")
    scorers = list(successors.load(options.beside)) if options.beside else []
    starts: Sequence[Scorer | None] = [None] * len(options.seeds)
    if options.start:
        starts = successors.load(options.start)
    shares = options.share or [1.0] * len(options.seeds)
    for seed, start, share in zip(options.seeds, starts, shares, strict=True):
        learned = trained(pages, Course(options.epochs, options.rate, seed), start)
        scorers.append(between(start, learned, share) if start else learned)
        tell(f"Networks of seed {seed}", kept(checks, scorers[-1:]))
    tell("All together", kept(checks, scorers))
    np.savez_compressed(options.out, **arrays(scorers))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
