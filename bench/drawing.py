"""The command of the modules that draw pages with known structure."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path


def run(description: str | None, name: str, count: int, draw: Callable[[random.Random], object]) -> None:
    """Draws pages into a folder that the caller names, each as ``<name>_<seed>_<number>.json``.

    ``count``: of pages without ``--count``. ``draw``: gives a page, the same for the same state of chance.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for n in range(options.count):
        path = options.out / f"{name}_{options.seed}_{n:04d}.json"
        drawn = draw(random.Random(f"{options.seed}-{n}"))
        path.write_text(json.dumps(drawn, ensure_ascii=False), encoding="utf-8")
