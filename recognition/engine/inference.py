"""Networks that another process executes (``inference_server``), and what is said between the two.

On a machine with a graphics card many processes read pages, each its own, and one process has the card. A reader sends
what its network is to see and waits; the server executes together what several of them have sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from recognition.errors import EngineError

from .characters import DOUBTFUL_CHARACTER, LEAST_PROBABLE, MOST_CANDIDATES, Best
from .model_settings import detector_settings, recogniser_settings
from .networks import SURENESS, Networks

Array = npt.NDArray[Any]

PATIENCE = 60.0
"""Seconds within which a server that has gone has to be back; its supervisor starts another one."""

PAUSE = 0.2

TOP = MOST_CANDIDATES + 2
"""Characters of a step that the server gives, the likeliest first: the best one, the candidates, and maybe a blank."""


class Tensor(msgspec.Struct):
    """An array of 32-bit numbers, row by row."""

    kind: Literal["float32", "int32"]
    shape: tuple[int, ...]
    data: bytes


class Use(msgspec.Struct):
    """What a server has done since it started. ``busy``: seconds in which the card was at work."""

    busy: float
    seconds: float
    requests: int
    batches: int


class Request(msgspec.Struct):
    """``network``: which one is to see ``batch``, with one image in it; or a question about the server's use."""

    network: Literal["det", "rec", "use"]
    batch: Tensor | None = None


class Reply(msgspec.Struct):
    """What a network says, its use, or why it says nothing."""

    outputs: list[Tensor] = []
    use: Use | None = None
    error: str = ""


def tensor_of(array: Array) -> Tensor:
    kind: Literal["float32", "int32"] = "float32" if array.dtype.kind == "f" else "int32"
    return Tensor(kind, array.shape, array.astype(kind, copy=False).tobytes())


def array_of(tensor: Tensor) -> Array:
    """The array again, not to be written to. Raises ValueError where the numbers do not fit each other."""
    return np.frombuffer(tensor.data, tensor.kind).reshape(tensor.shape)


class InferenceClient:
    """Asks the server at a Unix socket, from one thread."""

    def __init__(self, address: Path) -> None:
        self._address = address
        self._connection: Connection | None = None

    def run(self, network: Literal["det", "rec"], batch: Array) -> list[Array]:
        """What ``network`` says to ``batch`` (1, 3, height, width). Raises EngineError."""
        return [array_of(output) for output in self._ask(Request(network, tensor_of(batch))).outputs]

    def use(self) -> Use:
        use = self._ask(Request("use")).use
        if use is None:
            raise EngineError("The inference server does not say how much it is used.")
        return use

    def _ask(self, request: Request) -> Reply:
        """The server's reply, from the next server if one goes meanwhile: no request changes anything."""
        message, until = msgspec.msgpack.encode(request), time.monotonic() + PATIENCE
        while True:
            try:
                if self._connection is None:
                    self._connection = Client(str(self._address), "AF_UNIX")
                self._connection.send_bytes(message)
                reply = msgspec.msgpack.decode(self._connection.recv_bytes(), type=Reply)
                break
            except (EOFError, OSError) as error:
                self._connection = None
                if time.monotonic() > until:
                    raise EngineError(f"There is no inference server at {self._address}: {error}") from error
                time.sleep(PAUSE)
        if reply.error:
            raise EngineError(reply.error)
        return reply


def remote_networks(model: str, folder: Path, address: Path) -> Networks:
    """The networks of ``model`` as the server at ``address`` executes them. Raises EngineError."""
    path = folder / model
    client = InferenceClient(address)
    client.use()  # it is there

    def detector(x: Sequence[Array]) -> list[Array]:
        return client.run("det", np.asarray(x[0], np.float32))

    def best(batch: Array) -> Best:
        probabilities, characters = (output[0] for output in client.run("rec", batch))
        return best_of_top(probabilities, characters)

    return Networks(
        detector,
        detector_settings(path / "det"),
        best,
        recogniser_settings(path / "rec"),
        sureness=SURENESS.get(model, 1.0),
    )


def best_of_top(probabilities: Array, characters: Array) -> Best:
    """``Networks.best`` from the likeliest characters of each step, both (steps, TOP)."""
    indices, best = characters[:, 0].astype(np.int64), probabilities[:, 0]
    begins = indices * np.diff(indices, prepend=0)
    others = {}
    for step in np.flatnonzero((begins != 0) & (best < DOUBTFUL_CHARACTER)):
        ranked = zip(characters[step, 1:], probabilities[step, 1:], strict=True)
        found = [(int(character), float(p)) for character, p in ranked if character and p >= LEAST_PROBABLE]
        others[int(step)] = found[:MOST_CANDIDATES]
    return indices, best, others


class Meter:
    """Counts the seconds in which at least one of several threads is inside. Reading it needs no lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._since = 0.0
        self.seconds = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._since = time.perf_counter()
            self._inside += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self.seconds += time.perf_counter() - self._since
