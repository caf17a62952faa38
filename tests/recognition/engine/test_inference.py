"""Networks that one process executes for several others: the real ones, on the processor in place of a card."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from recognition.engine import inference, inference_server, load
from recognition.engine.inference import InferenceClient
from recognition.engine.inference_server import InferenceServer
from recognition.engine.reader import Engine
from recognition.errors import EngineError
from recognition.page import PageImage
from tests.support import synthetic_pages
from tests.support.stack import wait_for

MODEL = "PP-OCRv6_small"
PAGES = [
    synthetic_pages.horizontal(["繁體中文的光學文字辨識系統", "Optical character recognition 2026"]),
    synthetic_pages.horizontal(["可以讀取掃描的文件與照片，", "共 320 元"]),
    synthetic_pages.vertical(["時候既然是深冬，漸近故鄉時，", "冷風吹進船艙中，嗚嗚的響，"]),
]


@pytest.fixture(scope="module")
def networks(weights_folder: Path) -> dict[str, inference_server.Network]:
    return inference_server.open_networks(MODEL, weights_folder, "cpu")


def start(networks: dict[str, inference_server.Network], folder: Path) -> InferenceServer:
    server = InferenceServer(networks, folder / "socket")
    threading.Thread(target=server.serve, daemon=True).start()
    return server


def reader(weights_folder: Path, socket: Path) -> Engine:
    return load(MODEL, folder=weights_folder, server=socket)


def read(engine: Engine, page: int) -> list[tuple[str, tuple[float, ...]]]:
    lines = engine.read(PageImage(np.asarray(PAGES[page])))
    return [(line.raw, line.box) for line in lines]


def test_readers_of_several_pages_get_what_each_would_get_alone(networks, weights_folder, tmp_path) -> None:
    server = start(networks, tmp_path)
    alone = load(MODEL, folder=weights_folder, backend="onnxruntime", threads=2)
    expected = [read(alone, number) for number in range(len(PAGES))]
    engines = [reader(weights_folder, tmp_path / "socket") for _ in PAGES]
    with ThreadPoolExecutor(len(PAGES)) as pool:
        assert list(pool.map(read, engines, range(len(PAGES)))) == expected
    use = server.use()
    assert use.batches <= use.requests
    assert 0 < use.busy <= use.seconds


class Slow:
    """Networks that say of an image how wide it is, and wait until they may answer."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.may_answer = threading.Semaphore(0)

    def __call__(self, batch: np.ndarray) -> list[np.ndarray]:
        self.shapes.append(batch.shape)
        self.may_answer.acquire()
        steps = batch.shape[3] // 8
        return [batch[:, 0, 0, :1].repeat(steps, axis=1), np.full((len(batch), steps), len(batch), np.int32)]


def ask(socket: Path, image: np.ndarray) -> Future[list[np.ndarray]]:
    """What the network says to an image, asked for by a reader of its own; a thread that holds up nobody."""
    future = Future[list[np.ndarray]]()
    answer = lambda: future.set_result(InferenceClient(socket).run("rec", image[None]))  # noqa: E731
    threading.Thread(target=answer, daemon=True).start()
    return future


def test_what_comes_while_the_card_is_busy_is_executed_together_by_width(tmp_path: Path) -> None:
    slow = Slow()
    server = start({"rec": slow}, tmp_path)

    def image(width: int) -> np.ndarray:
        return np.full((3, 48, width), width, np.float32)

    busy = [ask(tmp_path / "socket", image(1000 + 300 * number)) for number in range(inference_server.EXECUTORS)]
    wait_for(lambda: len(slow.shapes) == len(busy))
    widths = [72, 96, 88, 304, 312, 80, 2504]
    asked = [ask(tmp_path / "socket", image(width)) for width in widths]
    with server._arrived:
        assert server._arrived.wait_for(lambda: len(server._waiting) == len(widths), 60)
    for _ in range(len(busy) + len(widths)):
        slow.may_answer.release()
    for width, future in zip(widths, asked, strict=True):
        said, _ = future.result(60)
        assert said.tolist() == [[float(width)] * (width // 8)]  # its own answer, without that to the padding
    assert sorted(slow.shapes[len(busy) :]) == [(1, 3, 48, 2504), (2, 3, 48, 320), (4, 3, 48, 96)]
    assert (server.use().requests, server.use().batches) == (len(busy) + len(widths), len(busy) + 3)


def test_readers_wait_for_a_server_that_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = tmp_path / "socket"
    command = [sys.executable, "-c", SERVE, str(socket)]
    client = InferenceClient(socket)
    for _ in range(2):
        server = subprocess.Popen(command)
        assert client.use().requests == 0
        server.kill()
        server.wait()
    monkeypatch.setattr(inference, "PATIENCE", 0.0)
    with pytest.raises(EngineError, match="no inference server"):
        client.use()


SERVE = """
import sys
from pathlib import Path
from recognition.engine.inference_server import InferenceServer
InferenceServer({}, Path(sys.argv[1])).serve()
"""


def test_a_network_that_fails_says_why_and_the_server_goes_on(tmp_path: Path) -> None:
    def broken(batch: np.ndarray) -> list[np.ndarray]:
        raise MemoryError("the card is full")

    start({"rec": broken}, tmp_path)
    client = InferenceClient(tmp_path / "socket")
    for _ in range(2):
        with pytest.raises(EngineError, match="the card is full"):
            client.run("rec", np.zeros((1, 3, 48, 64), np.float32))


def test_without_a_card_the_server_says_why() -> None:
    if not inference_server.why_no_card():
        pytest.skip("there is a card")
    command = [sys.executable, "-m", "recognition.engine.inference_server", "/nowhere"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Install onnxruntime-gpu" in ended.stderr or "no driver" in ended.stderr
