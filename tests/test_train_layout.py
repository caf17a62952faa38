"""The pages that the order is trained on can be drawn, and weights trained on them be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from recognition.layout.order import successors

ROOT = Path(__file__).parent.parent


def run(module: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, check=True, capture_output=True)


def test_weights_are_trained_on_pages_drawn_by_the_same_seed(tmp_path: Path) -> None:
    kinds = ("leaves", "sheets", "displays", "articles", "records")
    for folder in kinds:
        run(f"bench.{folder}", tmp_path / folder, "--count", "2")
        run(f"bench.{folder}", tmp_path / "again", "--count", "2")
        for page in (tmp_path / folder).iterdir():
            assert page.read_bytes() == (tmp_path / "again" / page.name).read_bytes()
    weights = tmp_path / "weights.npz"
    pages = [tmp_path / folder for folder in kinds]
    check = "--check", tmp_path / "displays"
    run("bench.train_layout", *pages, *check, "--epochs", "1", "--workers", "1", "--out", weights)
    further = "--start", weights, "--epochs", "1", "--workers", "1", "--seeds", "2", "--share", "0.5", "--out", weights
    run("bench.train_layout", tmp_path / "displays", *further)
    (trained,), (shipped, *_) = successors.load(weights), successors.load(successors.WEIGHTS)
    for one, other in zip(trained, shipped, strict=True):
        assert [each.shape for each in one.weights] == [each.shape for each in other.weights]
        assert all(np.isfinite(each).all() for each in one.weights)
