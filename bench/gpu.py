"""One graphics card beside all cores: ``python -m bench.gpu --corpus DIR``.

The same pipeline reads the same pages twice: as it does by default, one process per core that executes its networks
itself, and with an inference server that has the card, for which many processes read. A corpus is described in
``docs/benchmarks.md``. Without a card that can be used it says why, and the server executes the networks on the
processor: the figures then are those of the server alone.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from recognition.engine.inference import InferenceClient, Use
from recognition.engine.inference_server import why_no_card
from recognition.errors import EngineError
from recognition.options import DEFAULT_MODEL

from . import corpus, report
from .harness import CORES, ROOT, Measurement, SystemProcesses
from .systems import OURS, System

READERS_PER_CORE = 4
"""A reader waits for the card most of the time."""

LOADED_WITHIN = 120.0  # seconds

log = logging.getLogger("bench.gpu")


@dataclass(frozen=True)
class Row:
    """What the table says of one way to read. ``use``: of the server while the pages were read."""

    name: str
    measured: Measurement
    cer: float | None
    use: Use | None = None
    server_bytes: int = 0
    card_megabytes: int | None = None

    def cells(self) -> list[str]:
        use, measured = self.use, self.measured
        memory = f"{measured.processes} x {measured.rss / 2**20:.0f}"
        return [
            self.name,
            f"{measured.pages_per_second:.2f}",
            f"{use.busy / use.seconds:.0%}" if use else "",
            f"{use.requests / max(1, use.batches):.1f}" if use else "",
            "" if self.cer is None else f"{100 * self.cer:.2f}%",
            f"{measured.cpu / measured.pages:.2f}",
            f"{memory} + {self.server_bytes / 2**20:.0f}" if use else memory,
            "" if self.card_megabytes is None else str(self.card_megabytes),
        ]


HEAD = ["", "pages/s", "card busy", "images a batch", "CER", "CPU s/page of readers", "RSS, MiB", "card, MiB"]


@contextmanager
def inference_server(weights: Path, folder: Path, device: Literal["cpu", "gpu"]) -> Iterator[tuple[Path, int]]:
    """A server with the default model; its socket and its process. Raises EngineError if it does not start."""
    socket = folder / "socket"
    command = [sys.executable, "-m", "recognition.engine.inference_server", str(socket), "--device", device]
    with (folder / "server.log").open("w") as errors:
        server = subprocess.Popen([*command, "--weights", str(weights)], cwd=ROOT, stdout=errors, stderr=errors)
    try:
        until = time.monotonic() + LOADED_WITHIN
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > until:
                raise EngineError((folder / "server.log").read_text().strip()[-2000:])
            time.sleep(0.1)
        yield socket, server.pid
    finally:
        server.kill()
        server.wait()


def usable_device() -> Literal["cpu", "gpu"]:
    """The card if there is one; else the processor, and a warning that says why."""
    if reason := why_no_card():
        log.warning("No graphics card: %s The server executes the networks on the processor instead.", reason)
        return "cpu"
    return "gpu"


def by_itself(pages: Sequence[Path], folder: Path, weights: Path) -> Measurement:
    """Our pipeline as it is by default."""
    with SystemProcesses("cpu", OURS["ocrsite"], folder, weights) as processes:
        processes.warm_up(pages[0])
        processes.measure(pages)
        return processes.measured


def by_server(
    name: str, pages: Sequence[Path], folder: Path, weights: Path, device: Literal["cpu", "gpu"], readers: int
) -> Row:
    """Our pipeline with ``readers`` processes and one server."""
    settings = {"model": DEFAULT_MODEL, "backend": "onnxruntime"}
    with tempfile.TemporaryDirectory() as private, inference_server(weights, Path(private), device) as (socket, server):
        system = System("ocrsite", "our pipeline with an inference server", settings=settings | {"server": str(socket)})
        with SystemProcesses("readers", system, folder, weights, readers) as processes:
            processes.warm_up(pages[0])
            client = InferenceClient(socket)
            before = client.use()
            processes.measure(pages)
            after = client.use()
            use = Use(*(getattr(after, field) - getattr(before, field) for field in Use.__struct_fields__))
            return Row(name, processes.measured, None, use, resident(server), card_megabytes())


def resident(process: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def card_megabytes() -> int | None:
    """Memory of the first card that is in use; None if nobody says it."""
    question = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return int(answer.split()[0])


def cer(items: Sequence[corpus.Item], measured: Measurement) -> float | None:
    """The character error rate over the pages whose text is known."""
    found = report.scores(items, {"": measured})[""].get(report.ALL)
    return found.cer if found else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--pages", type=int, metavar="N", help="files of each category (default: all)")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="how often the pages are read (default: 1)")
    readers = READERS_PER_CORE * CORES
    parser.add_argument("--readers", type=int, default=readers, metavar="N", help=f"processes (default: {readers})")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    weights, device = arguments.weights.resolve(), usable_device()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items = corpus.read(arguments.corpus, folder, arguments.pages)
        pages = [page for item in items for page in item.pages] * arguments.rounds
        itself = by_itself(pages, folder, weights)
        served = by_server(f"server on {device}", pages, folder, weights, device, arguments.readers)
        rows = [Row("processor", itself, cer(items, itself)), replace(served, cer=cer(items, served.measured))]
    for error in (*itself.errors, *served.measured.errors):
        log.warning("%s", error)
    sys.stdout.write(f"{report.machine()}, {len(pages)} pages\n\n{report.table(HEAD, [row.cells() for row in rows])}\n")


if __name__ == "__main__":
    main()
