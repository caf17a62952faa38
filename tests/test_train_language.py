"""The model of which characters follow which is made of counts, and only of the packages that are named."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from bench.train_language import Counts, Package, fetched, model
from recognition.engine.language import chinese


def test_what_is_counted_in_one_script_is_known_in_both() -> None:
    counts = Counts()
    for _ in range(5):
        counts.add("銀行在2026年開門，很好。")
    made = model(counts)
    after = made.after(
        np.array([made.number("银"), made.number("銀")]), np.array([made.number("行"), made.number("好")])
    )
    assert after[0] == pytest.approx(after[1])
    assert after[0, 0] > np.log(0.8)
    assert after[0, 1] < np.log(0.1)
    assert np.exp(made.after(np.array([made.number("7")]), np.array([made.number("年")])))[0, 0] > 0.8
    assert np.exp(made.after(np.array([made.number("門")]), np.array([made.number("；")])))[0, 0] > 0.8
    assert np.exp(made.after(np.array([made.number("門")]), np.arange(len(made.share)))).sum() == pytest.approx(1)


def test_pairs_that_are_seldom_seen_are_left_out() -> None:
    counts = Counts()
    for text in ("甲乙", "甲乙", "甲乙", "甲丙"):
        counts.add(text)
    made = model(counts)
    assert made.pairs.tolist() == [made.number("甲") * len(made.share) + made.number("乙")]


def test_the_shipped_model_has_been_made_so() -> None:
    assert chinese().number("國") == chinese().number("国")
    assert len(chinese().pairs) == len(chinese().logarithms) > 100_000


def test_another_file_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    write = "open('texts.zip', 'w').write('others')"
    with pytest.raises(ValueError, match="is not the file"):
        fetched(Package("texts.zip", "0" * 64, (sys.executable, "-c", write)), tmp_path)
