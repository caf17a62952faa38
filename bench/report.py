"""What was measured, as tables in Markdown."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .corpus import Item
from .harness import CORES, Measurement
from .scoring import Score, score

Scores = Mapping[str, Mapping[str, Score]]
"""By system, then by category; the category ALL has the sum."""

ALL = "all"

BY_CATEGORY: dict[str, Callable[[Score], float]] = {
    "CER by category": lambda s: s.cer,
    "Folded CER by category": lambda s: s.folded_cer,
    "Bag F1 by category": lambda s: s.bag_f1,
    "Joins kept by category": lambda s: s.joins_rate,
    "Price of order by category": lambda s: s.price_of_order,
    "Table F1 by category": lambda s: s.table_f1,
}


def scores(items: Sequence[Item], measured: Mapping[str, Measurement]) -> Scores:
    """Scores of the items whose text is known; empty if there are none."""
    return {name: _by_category(items, system) for name, system in measured.items()}


def _by_category(items: Sequence[Item], system: Measurement) -> dict[str, Score]:
    found: dict[str, Score] = {}
    for item in items:
        if item.truth is not None:
            result = score(
                system.text(item),
                item.truth,
                caseless=item.caseless,
                tables=system.tables_of(item),
                true_tables=item.tables,
            )
            for category in (item.category, ALL):
                found[category] = found.get(category, Score()) + result
    return found


def markdown(items: Sequence[Item], measured: Mapping[str, Measurement]) -> str:
    """All tables. The first of the systems is the one that the others are compared with."""
    parts = [conditions(items, measured), speed(measured)]
    if any(item.truth is not None for item in items):
        found = scores(items, measured)
        parts += [accuracy(found), *(by_category(found, title, rate) for title, rate in BY_CATEGORY.items())]
    parts += [stages(name, system) for name, system in measured.items() if system.stages]
    parts += [errors(name, system) for name, system in measured.items() if system.errors]
    return "\n\n".join(parts) + "\n"


def conditions(items: Sequence[Item], measured: Mapping[str, Measurement]) -> str:
    """When, where, with what, and how quiet it was."""
    others = sum(system.others for system in measured.values())
    available = sum(system.seconds for system in measured.values()) * CORES
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}",
        f"{len(items)} files, {sum(len(item.pages) for item in items)} pages, "
        f"{next(iter(measured.values())).pages} page readings by each system",
        f"The rest of the machine took {others / available:.0%} of the processor time meanwhile",
    ]
    lines += [f"{name}: {system.system.description} ({_versions(system)})" for name, system in measured.items()]
    return "\n".join(f"- {line}" for line in lines)


def machine() -> str:
    information = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line.split(":")[1].strip() for line in information.splitlines() if line.startswith("model name")]
    special = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {flag} " in f"{information} "]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = f"{names[0] if names else platform.machine()} ({', '.join(special)})"
    return f"{processor}, {CORES} cores, {memory:.0f} GiB, {platform.platform(terse=True)}"


def _versions(system: Measurement) -> str:
    return ", ".join(f"{package} {version}" for package, version in system.versions.items())


def speed(measured: Mapping[str, Measurement]) -> str:
    first = next(iter(measured.values())).pages_per_second
    rows = [
        [
            name,
            f"{system.processes}",
            f"{system.pages_per_second:.2f}",
            f"{first / system.pages_per_second:.2f}",
            f"{system.cpu / system.pages:.2f}",
            f"{system.rss / 2**20:.0f}",
        ]
        for name, system in measured.items()
    ]
    compared = f"{next(iter(measured))} is faster by"
    return "### Speed\n\n" + table(
        ["system", "processes", "pages/s, all cores", compared, "CPU s/page", "RSS of a process, MiB"], rows
    )


def accuracy(found: Scores) -> str:
    rows = []
    for name, categories in found.items():
        total = categories[ALL]
        rates = (
            total.cer,
            total.folded_cer,
            total.loose_cer,
            total.bag_f1,
            total.joins_rate,
            total.price_of_order,
            total.table_f1,
        )
        rows.append([name, *map(_percent, rates)])
    head = ["system", "CER", "folded", "loose", "bag F1", "joins kept", "price of order", "table F1"]
    return "### Accuracy over all pages\n\n" + table(head, rows)


def by_category(found: Scores, title: str, rate: Callable[[Score], float]) -> str:
    categories = next(iter(found.values()))
    names = sorted(categories, key=lambda category: (category == ALL, category))
    rows = [
        [name, f"{categories[name].characters}", *(_percent(rate(of_one[name])) for of_one in found.values())]
        for name in names
    ]
    return f"### {title}\n\n" + table(["category", "characters", *found], rows)


def stages(name: str, system: Measurement) -> str:
    total = sum(system.stages.values())
    longest_first = sorted(system.stages.items(), key=lambda stage: -stage[1])
    rows = [
        [stage, f"{1000 * seconds / system.pages:.1f}", f"{seconds / total:.1%}"] for stage, seconds in longest_first
    ]
    return f"### Where the time of {name} goes\n\n" + table(["stage", "ms/page", "share"], rows)


def errors(name: str, system: Measurement) -> str:
    return f"### Pages that {name} could not read\n\n" + "\n".join(f"- {error}" for error in system.errors)


def _percent(rate: float) -> str:
    return "" if math.isnan(rate) else f"{100 * rate:.2f}%"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))
