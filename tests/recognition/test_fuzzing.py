"""Damaged files of all types are answered in words, whatever is damaged. The long form is ``python -m bench.fuzz``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench import fuzz


def test_every_damaged_file_is_read_or_refused_in_words(tmp_path: Path) -> None:
    answers = Counter[str]()
    assert list(fuzz.run(1, iter(range(60)), tmp_path, answers)) == []
    assert answers["answered"] > 20
    assert answers["file-broken"] > 5
