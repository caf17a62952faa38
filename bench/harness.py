"""Systems kept warm side by side, fed the same blocks of pages in turn.

In turn, so that whatever the machine does meanwhile (its clock, its neighbours) hits all of them alike.
Only one system works at a time. Linux only: CPU time and memory come from /proc.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .corpus import Item
from .systems import SYSTEMS, System
from .table_scoring import TableRows

ROOT = Path(__file__).resolve().parent.parent
CORES = os.cpu_count() or 1


class RunnerError(Exception):
    """A system cannot be started, or one of its processes has ended; the message has its last words."""


@dataclass
class Measurement:
    """What was measured of one system.

    ``pages`` were read in ``seconds`` of wall time and ``cpu`` seconds of processor time, all processes
    together; ``rss``: bytes of the largest process; ``stages``: seconds by stage; ``texts``, ``tables``: by page image;
    ``errors``: messages of the pages that could not be read; ``others``: seconds of processor time which
    the rest of the machine took meanwhile.
    """

    system: System
    processes: int
    versions: Mapping[str, str]
    pages: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    rss: int = 0
    others: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    tables: dict[Path, Sequence[TableRows]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.seconds

    def text(self, item: Item) -> str:
        return "\n".join(self.texts[page] for page in item.pages)

    def tables_of(self, item: Item) -> list[TableRows]:
        return [table for page in item.pages for table in self.tables[page]]


def run(
    names: Sequence[str],
    pages: Sequence[Path],
    *,
    folder: Path,
    weights: Path,
    block: int,
    processes: int = CORES,
    report: Callable[[str], None] = lambda message: None,
) -> dict[str, Measurement]:
    """Read ``pages`` with each of the systems, a ``block`` of them at a time, after one that is not counted.

    ``processes``: of each system that has one per core. ``folder`` has the peers' environments and gets the runners'
    logs. Raises RunnerError.
    """
    with ExitStack() as stack:
        running = {}
        for name in names:
            report(f"Starting {name} ...")
            running[name] = stack.enter_context(SystemProcesses(name, SYSTEMS[name], folder, weights, processes))
            running[name].warm_up(pages[0])
        for start in range(0, len(pages), block):
            for system in running.values():
                system.measure(pages[start : start + block])
            done = min(start + block, len(pages))
            speeds = ", ".join(f"{name} {system.measured.pages_per_second:.2f}" for name, system in running.items())
            report(f"{done} of {len(pages)} pages; pages/s so far: {speeds}")
        return {name: system.measured for name, system in running.items()}


class SystemProcesses:
    """The processes of one system; a context manager. ``count``: of those that have one thread; else one per core."""

    def __init__(self, name: str, system: System, folder: Path, weights: Path, count: int = CORES) -> None:
        count, threads = (count, 1) if system.per_core else (1, CORES)
        settings = {**system.settings, "folder": str(weights), "threads": threads}
        command = system.command(folder)
        self._runners = [Runner(command, settings, folder / f"{name}-{number}.log") for number in range(count)]
        try:
            versions = [runner.answer()["versions"] for runner in self._runners]
        except BaseException:
            self._close()
            raise
        self.measured = Measurement(system, count, versions[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def _close(self) -> None:
        for runner in self._runners:
            runner.close()

    def warm_up(self, page: Path) -> None:
        for runner in self._runners:
            runner.read(page)

    def measure(self, pages: Sequence[Path]) -> None:
        """Read ``pages``, shared by all processes, and add to ``measured``."""
        result, waiting = self.measured, deque(pages)
        cpu, machine, started = self._cpu(), _machine_cpu_seconds(), time.perf_counter()
        with ThreadPoolExecutor(len(self._runners)) as pool:
            answers = [
                found for part in pool.map(lambda r: list(_read_waiting(r, waiting)), self._runners) for found in part
            ]
        result.seconds += time.perf_counter() - started
        result.cpu += self._cpu() - cpu
        result.others += max(0.0, _machine_cpu_seconds() - machine - (self._cpu() - cpu))
        result.rss = max(result.rss, *(runner.rss for runner in self._runners))
        result.pages += len(pages)
        for page, answer in answers:
            result.texts[page] = answer.get("text", "")
            result.tables[page] = answer.get("tables", ())
            for stage, seconds in answer.get("stages", {}).items():
                result.stages[stage] = result.stages.get(stage, 0.0) + seconds
            if "error" in answer:
                result.errors.append(f"{page.name}: {answer['error']}")

    def _cpu(self) -> float:
        return sum(runner.cpu for runner in self._runners)


class Runner:
    """One process of a system (see ``runners.protocol``). ``cpu`` and ``rss`` are as of its last answer."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, Any], log: Path) -> None:
        self._name = command[-1]
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, json.dumps(settings)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        self.cpu = 0.0
        self.rss = 0

    def read(self, page: Path) -> dict[str, Any]:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # then there is no answer either, which says more
            print(json.dumps({"page": str(page)}), file=self._process.stdin, flush=True)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line that the process writes. Raises RunnerError if it ends instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            words = self._log.read_text(encoding="utf-8", errors="replace").strip()[-2000:]
            raise RunnerError(f"{self._name} has ended with {self._process.wait()}: {words}")
        answer: dict[str, Any] = json.loads(line)
        self.cpu, self.rss = answer["cpu"], answer["rss"]
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _read_waiting(runner: Runner, waiting: deque[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    while True:
        try:
            page = waiting.popleft()
        except IndexError:
            return
        yield page, runner.read(page)


def _machine_cpu_seconds() -> float:
    """Seconds for which the machine's cores have been busy since it was started."""
    user, nice, system, _idle, _iowait, interrupt, soft, stolen, *_ = (
        int(ticks) for ticks in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + interrupt + soft + stolen) / os.sysconf("SC_CLK_TCK")
