"""The process that has the graphics card: ``python -m recognition.engine.inference_server``.

Readers send one image each and wait (``inference``). What waits is executed together as far as it has the same size,
so batches reach over pages and documents. There is no delay for a batch to fill: while the card works on one, the next
one comes together, and the busier the card the larger it is.
"""

from __future__ import annotations

import argparse
import logging
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from recognition.errors import EngineError
from recognition.options import DEFAULT_MODEL

from .inference import TOP, Meter, Reply, Request, Use, array_of, tensor_of

Array = npt.NDArray[Any]
Device = Literal["cpu", "gpu"]

EXECUTORS = 2
"""Threads that execute batches: while one sends its answers, the card works for the other."""

MOST_PIXELS = 2**21
"""Of a batch. The recogniser says some 18,000 probabilities for every 8 columns of 48 pixels, which is 400 MB."""

STEPS = (64, 96, 128, 160, 192, 256, 320, 384, 480, 608, 768, 960, 1216, 1536, 1920, 2400)
"""Widths of strips in a batch: narrower ones are padded, as PaddleOCR does. A text depends on its own width only."""

log = logging.getLogger(__name__)


class Network(Protocol):
    """From a batch (n, 3, height, width) to arrays, each with the answers to the n images along its first axis."""

    def __call__(self, batch: Array) -> list[Array]: ...


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A request, and where its answer goes. ``width``: of the batch that it can be executed in."""

    network: str
    image: Array
    width: int
    connection: Connection

    @property
    def key(self) -> tuple[str, int, int]:
        return self.network, self.image.shape[1], self.width

    def reply(self, outputs: Sequence[Array]) -> None:
        """Sends what the network has said to the image, without what it has said to the padding."""
        share = self.image.shape[2] / self.width
        cut = [output[:, : round(output.shape[1] * share)] if share < 1 else output for output in outputs]
        send(self.connection, Reply([tensor_of(output) for output in cut]))


class InferenceServer:
    """Executes ``networks``, by name, for whoever connects to the Unix socket ``address``."""

    def __init__(self, networks: Mapping[str, Network], address: Path) -> None:
        self._networks = networks
        address.unlink(missing_ok=True)  # of a server that was killed
        self._listener = Listener(str(address), "AF_UNIX", backlog=128)
        address.chmod(0o600)
        self._arrived = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._meter = Meter()
        self._started = time.perf_counter()
        self._requests = self._batches = 0

    def serve(self) -> None:
        """Accepts readers until the process ends."""
        for _ in range(EXECUTORS):
            threading.Thread(target=self._execute, daemon=True).start()
        while True:
            threading.Thread(target=self._listen, args=(self._listener.accept(),), daemon=True).start()

    def use(self) -> Use:
        seconds = time.perf_counter() - self._started
        return Use(self._meter.seconds, seconds, self._requests, self._batches)

    def _listen(self, connection: Connection) -> None:
        """Takes the requests of one reader, which waits for each answer before it sends the next one."""
        try:
            while True:
                request = msgspec.msgpack.decode(connection.recv_bytes(), type=Request)
                if request.batch is None:
                    send(connection, Reply(use=self.use()))
                    continue
                (image,) = array_of(request.batch)
                with self._arrived:
                    self._waiting.append(_Waiting(request.network, image, width_of(request.network, image), connection))
                    self._arrived.notify()
        except (EOFError, OSError):
            return
        except (ValueError, msgspec.DecodeError) as error:
            send(connection, Reply(error=f"The inference server does not understand a request: {error}"))
            connection.close()

    def _execute(self) -> None:
        while True:
            batch = self._next()
            try:
                with self._meter:
                    outputs = self._networks[batch[0].network](stacked(batch))
            except Exception as error:  # each provider has its own
                log.exception("A batch of %s cannot be executed", len(batch))
                for waiting in batch:
                    send(waiting.connection, Reply(error=f"The inference server cannot execute a network: {error}"))
                continue
            for number, waiting in enumerate(batch):
                waiting.reply([output[number : number + 1] for output in outputs])

    def _next(self) -> list[_Waiting]:
        """What has waited longest, with what can be executed together with it; the rest goes on gathering."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting)
            oldest = self._waiting[0]
            fitting = [each for each in self._waiting if each.key == oldest.key]
            batch = fitting[: max(1, MOST_PIXELS // (oldest.image.shape[1] * oldest.width))]
            taken = set(map(id, batch))
            self._waiting = [each for each in self._waiting if id(each) not in taken]
            self._requests += len(batch)
            self._batches += 1
            if self._waiting:
                self._arrived.notify()
        return batch


def send(connection: Connection, reply: Reply) -> None:
    """Sends a reply, unless the reader has gone."""
    try:
        connection.send_bytes(msgspec.msgpack.encode(reply))
    except OSError:
        log.info("A reader has gone before its answer")


def width_of(network: str, image: Array) -> int:
    """The width of the batches that ``image`` (3, height, width) goes into; a page is not padded."""
    width = int(image.shape[2])
    return next((step for step in STEPS if step >= width), width) if network == "rec" else width


def stacked(batch: Sequence[_Waiting]) -> Array:
    _, height, width = batch[0].key
    images = np.zeros((len(batch), 3, height, width), np.float32)
    for number, waiting in enumerate(batch):
        images[number, :, :, : waiting.image.shape[2]] = waiting.image
    return images


def open_networks(model: str, folder: Path, device: Device) -> dict[str, Network]:
    """Detector and recogniser of ``model`` on ONNX Runtime. Raises EngineError if ``device`` cannot be used."""
    if device == "gpu" and (reason := why_no_card()):
        raise EngineError(reason)
    try:
        det = _session((folder / model / "det" / "inference.onnx").read_bytes(), device)
        rec = _session(with_top_characters(folder / model / "rec" / "inference.onnx"), device)
    except Exception as error:  # ONNX Runtime has many
        raise EngineError(f"ONNX Runtime cannot open the model {model}: {error}") from error
    return {"det": det, "rec": rec}


def why_no_card() -> str:
    """Why ONNX Runtime cannot use a graphics card here; empty if nothing is known that speaks against it."""
    import onnxruntime as ort

    if "CUDAExecutionProvider" not in ort.get_available_providers():
        return "This build of ONNX Runtime has no CUDA. Install onnxruntime-gpu in place of onnxruntime."
    if not Path("/proc/driver/nvidia").exists():
        return "There is no driver of NVIDIA on this machine, or this container was not given the graphics card."
    return ""


def with_top_characters(path: Path) -> bytes:
    """The recogniser in ``path`` with the TOP likeliest characters of each step as its outputs.

    All probabilities of a strip are megabytes, which would have to be copied from the card.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(path)
    (probabilities,) = (output.name for output in model.graph.output)
    model.graph.initializer.append(helper.make_tensor("top", TensorProto.INT64, [1], [TOP]))
    model.graph.node.extend(
        [
            helper.make_node("TopK", [probabilities, "top"], ["probabilities", "numbers"], axis=-1),
            helper.make_node("Cast", ["numbers"], ["characters"], to=TensorProto.INT32),
        ]
    )
    del model.graph.output[:]
    shape: list[str | int | None] = ["n", "steps", TOP]
    model.graph.output.extend(
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("characters", TensorProto.INT32, shape),
        ]
    )
    return bytes(model.SerializeToString())


def _session(model: bytes, device: Device) -> Network:
    import onnxruntime as ort

    providers: list[Any] = ["CPUExecutionProvider"]
    if device == "gpu":
        ort.preload_dlls()  # CUDA as pip installs it
        # Else cuDNN tries all of its algorithms at every new size, which takes longer than the batch.
        providers.insert(0, ("CUDAExecutionProvider", {"cudnn_conv_algo_search": "HEURISTIC"}))
    session = ort.InferenceSession(model, providers=providers)
    if device == "gpu" and session.get_providers()[0] != "CUDAExecutionProvider":
        raise EngineError("ONNX Runtime cannot use the graphics card; what it says above names the missing library.")
    name = session.get_inputs()[0].name

    def run(batch: Array) -> list[Array]:
        outputs: list[Array] = session.run(None, {name: batch})
        return outputs

    return run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m recognition.engine.inference_server", description=__doc__)
    parser.add_argument("socket", type=Path, help="where readers connect; in a folder that others may not enter")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"(default: {DEFAULT_MODEL})")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="gpu", help="(default: gpu)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        networks = open_networks(arguments.model, arguments.weights, arguments.device)
    except EngineError as error:
        sys.exit(error.message)
    log.info("Ready at %s", arguments.socket)
    InferenceServer(networks, arguments.socket).serve()


if __name__ == "__main__":
    main()
