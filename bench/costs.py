"""Which pages cost more than what is on them: ``python -m bench.costs --corpus DIR``.

One warm process of our pipeline reads each page several times. What a page costs, in processor time, is compared with
what its pixels, lines and characters let expect: a fit over all pages by least absolute deviations, in which a few dear
pages do not count much. The dearest pages are shown with the shares of the steps. A corpus is described in
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from . import corpus, report
from .harness import SystemProcesses
from .systems import OURS

SMALLEST_DEVIATION = 1e-3  # seconds; smaller ones count as much
STEPS = 200  # of the fit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cost:
    """What a page has (``pixels`` in millions) and costs (``seconds`` of processor time). ``stages``: of wall time."""

    name: str
    pixels: float
    lines: int
    characters: int
    seconds: float
    stages: Mapping[str, float]

    @property
    def shares(self) -> str:
        total = sum(self.stages.values())
        longest_first = sorted(self.stages.items(), key=lambda stage: -stage[1])
        return ", ".join(f"{stage} {seconds / total:.0%}" for stage, seconds in longest_first[:3])


def measure(pages: Sequence[Path], folder: Path, weights: Path, rounds: int) -> list[Cost]:
    """The costs of ``pages``: medians of ``rounds``, after a first one that is not counted. Raises RunnerError."""
    seconds: dict[Path, list[float]] = {page: [] for page in pages}
    stages: dict[Path, Mapping[str, float]] = {}
    with SystemProcesses("costs", OURS["ocrsite"], folder, weights, 1) as system:
        measured = system.measured
        for number in range(rounds + 1):
            for page in pages:
                before, stages_before = measured.cpu, dict(measured.stages)
                system.measure([page])
                if number:
                    seconds[page].append(measured.cpu - before)
                stages[page] = {stage: s - stages_before.get(stage, 0.0) for stage, s in measured.stages.items()}
        return [
            _cost(page, measured.texts[page], statistics.median(seconds[page]), stages[page])
            for page in pages
            if measured.texts[page]
        ]


def _cost(page: Path, text: str, seconds: float, stages: Mapping[str, float]) -> Cost:
    with Image.open(page) as image:
        pixels = image.width * image.height / 1e6
    return Cost(page.stem, pixels, len(text.splitlines()), len("".join(text.split())), seconds, stages)


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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = [page for item in corpus.read(arguments.corpus, folder) for page in item.pages]
        costs = measure(pages, folder, arguments.weights.resolve(), arguments.rounds)
    features = np.array([(cost.pixels, cost.lines, cost.characters) for cost in costs], np.float64)
    rates = expected(features, np.array([cost.seconds for cost in costs]))
    ratios = [(cost.seconds / float(row @ rates), cost) for row, cost in zip(features, costs, strict=True)]
    dearest = sorted(ratios, key=lambda each: -each[0])[: arguments.dearest]
    rows = [[cost.name, f"{ratio:.2f}", f"{cost.seconds:.2f}", cost.shares] for ratio, cost in dearest]
    fitted = "{:.3f} s for a million pixels, {:.2f} s for 100 lines, {:.2f} s for 1,000 characters"
    sys.stdout.write(fitted.format(*rates * (1, 100, 1000)) + "\n\n")
    sys.stdout.write(report.table(["page", "cost, as a multiple", "seconds", "steps"], rows) + "\n")


if __name__ == "__main__":
    main()
