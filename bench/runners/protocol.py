"""How a runner is spoken to: JSON lines.

The settings come as JSON in the only argument. When everything is loaded, the runner writes
``{"versions": {...}, ...}``; for each line ``{"page": PATH}`` it answers ``{"text": ..., "stages": {...}, ...}``
or ``{"error": ...}``. Each line it writes also has ``cpu`` (seconds of this process and its children so far)
and ``rss`` (the largest resident set of one of them so far, in bytes). The end of input ends it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What a system made of one page. ``stages``: seconds by stage, of those that tell. ``tables``: see
    ``table_scoring``, of those that give any."""

    text: str
    stages: Mapping[str, float] = field(default_factory=dict)
    tables: Sequence[Sequence[Sequence[Mapping[str, Any]]]] = ()


Read = Callable[[str], Reading]
Load = Callable[[Mapping[str, Any]], tuple[Read, Mapping[str, str]]]
"""From settings to a function that reads the page at a path, and the versions of what it is made of."""


def serve(load: Load) -> None:
    """Load, and answer until the input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(content: Mapping[str, Any]) -> None:
        print(json.dumps({**content, **_usage()}), file=out)

    read, versions = load(json.loads(sys.argv[1]))
    answer({"versions": versions})
    for line in sys.stdin:
        try:
            reading = read(json.loads(line)["page"])
            answer({"text": reading.text, "stages": reading.stages, "tables": reading.tables})
        except Exception as error:  # systems raise whatever they please; the others go on
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}"})


def versions(*packages: str) -> dict[str, str]:
    """The installed versions of ``packages``."""
    return {package: version(package) for package in packages}


def _usage() -> dict[str, float]:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "cpu": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        # Not ru_maxrss of this process: it begins with the size of the process that started it.
        "rss": max(_peak(), children.ru_maxrss * 1024),
    }


def _peak() -> int:
    """The largest resident set of this process so far, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024
