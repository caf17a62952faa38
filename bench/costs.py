"""Which pages cost more than what is on them: ``python -m bench.costs --corpus DIR``.

One warm process of our pipeline reads each page several times. What a page costs, in processor time, is compared with
what it has, by a fit over all pages by least absolute deviations, in which a few dear pages do not count much. The
dearest pages are shown with the shares of the steps. A corpus is described in ``docs/benchmarks.md``.

What a page has is what the arithmetic of a clear one depends on:

- *A share of its own.* Whatever its size, the detector sees it at about the same, and a few of its lines tell how it
  stands.
- *Pixels*, in which it is decoded, cropped, and searched for rules and white.
- *Lines*. Each is cropped, padded, and executed by itself.
- *Squares*: characters as the networks see them. A strip is so long as its characters are wide, and a narrow one is
  half as wide as one that fills a square.
- *Squares of columns*. A column is shown in 48 rows, where a line has 32, and the marks between its characters, which
  its strip hardly shows, are looked at upright once more.

How poor the print is does not belong to it: what that costs is what this measures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition import engine, pipeline
from recognition.options import Options
from recognition.page import Line, PageReading
from recognition.strip import is_narrow

from . import corpus, report

SMALLEST_DEVIATION = 1e-3  # seconds; smaller ones count as much
STEPS = 200  # of the fit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cost:
    """What a page has (``pixels`` in millions, ``squares`` of all its lines and of its ``columns``) and costs.

    ``seconds``: of processor time. ``stages``: seconds of wall time by step.
    """

    name: str
    pixels: float
    lines: int
    squares: float
    columns: float
    seconds: float
    stages: Mapping[str, float]

    @property
    def features(self) -> tuple[float, ...]:
        return 1.0, self.pixels, self.lines, self.squares, self.columns

    @property
    def shares(self) -> str:
        total = sum(self.stages.values())
        longest_first = sorted(self.stages.items(), key=lambda stage: -stage[1])
        return ", ".join(f"{stage} {seconds / total:.0%}" for stage, seconds in longest_first[:3])


def measure(pages: Sequence[Path], weights: Path, rounds: int) -> list[Cost]:
    """The costs of the ``pages`` with text: the least of ``rounds``, after a first one that is not counted.

    Other work on the machine makes a reading slower, never quicker. Raises WeightsError.
    """
    reader = engine.load(folder=weights)
    options = Options.parse({"script": "none", "text_layer": "ignore"})
    seconds: dict[Path, list[float]] = {page: [] for page in pages}
    readings: dict[Path, PageReading] = {}
    for number in range(rounds + 1):
        for page in pages:
            before = time.process_time()
            (readings[page],) = pipeline.recognise(page, options, reader, numbers=[1])
            if number:
                seconds[page].append(time.process_time() - before)
    return [cost(page.stem, readings[page], min(seconds[page])) for page in pages if readings[page].lines]


def cost(name: str, reading: PageReading, seconds: float) -> Cost:
    """What the page of a ``reading`` that took ``seconds`` has."""
    columns = [line for line in reading.lines if line.direction == "vertical-rl"]
    pixels = reading.width * reading.height / 1e6
    return Cost(
        name, pixels, len(reading.lines), squares(reading.lines), squares(columns), seconds, dict(reading.seconds)
    )


def squares(lines: Sequence[Line]) -> float:
    """How many characters that fill a square the ``lines`` are as long as."""
    return sum(0.5 if is_narrow(character) else 1.0 for line in lines for character in "".join(line.raw.split()))


def expected(features: Floats, costs: Floats) -> Floats:
    """(k,): what one of each feature costs; nothing is negative. ``features``: (n, k), how many each page has.

    By least absolute deviations from ``costs`` (n,), by reweighted least squares over each subset of the features
    (Schlossmacher, An Iterative Technique for Absolute Deviations Curve Fitting, 1973).
    """
    best, least = np.zeros(features.shape[1]), float(np.abs(costs).sum())
    for size in range(1, features.shape[1] + 1):
        for subset in map(list, combinations(range(features.shape[1]), size)):
            rates, deviations = np.zeros(size), np.ones(len(costs))
            for _ in range(STEPS):
                weights = 1 / np.sqrt(np.maximum(deviations, SMALLEST_DEVIATION))
                rates = np.linalg.lstsq(features[:, subset] * weights[:, None], costs * weights, rcond=None)[0]
                deviations = np.abs(costs - features[:, subset] @ rates)
            if (rates >= 0).all() and deviations.sum() < least:
                best, least = np.zeros(features.shape[1]), float(deviations.sum())
                best[subset] = rates
    return best


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.costs", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="how often each page counts (default: 2)")
    parser.add_argument("--dearest", type=int, default=10, metavar="N", help="pages to show (default: 10)")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = [page for item in corpus.read(arguments.corpus, Path(folder)) for page in item.pages]
        costs = measure(pages, arguments.weights.resolve(), arguments.rounds)
    features = np.array([cost.features for cost in costs], np.float64)
    rates = expected(features, np.array([cost.seconds for cost in costs]))
    ratios = [(cost.seconds / float(row @ rates), cost) for row, cost in zip(features, costs, strict=True)]
    dearest = sorted(ratios, key=lambda each: -each[0])[: arguments.dearest]
    rows = [[cost.name, f"{ratio:.2f}", f"{cost.seconds:.2f}", cost.shares] for ratio, cost in dearest]
    fitted = (
        "{:.2f} s for a page, {:.3f} for a million pixels, {:.2f} for 100 lines, {:.2f} for 1,000 squares, "
        "{:.2f} more for 1,000 of columns"
    )
    sys.stdout.write(fitted.format(*rates * (1, 1, 100, 1000, 1000)) + "\n\n")
    sys.stdout.write(report.table(["page", "cost, as a multiple", "seconds", "steps"], rows) + "\n")


if __name__ == "__main__":
    main()
