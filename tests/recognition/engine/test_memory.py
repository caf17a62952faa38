"""What a process that reads keeps of what it has read."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from recognition.confinement.wire import Answer, image_of, picture_of
from recognition.engine import detector, heap, networks
from recognition.engine.detector import Detector
from recognition.engine.networks import Networks, open_networks
from recognition.engine.reader import Engine
from recognition.engine.recogniser import MAX_STRIP_WIDTH, padded_width
from recognition.page import PageImage
from tests.support import synthetic_pages

MIB = 2**20
ROOT = Path(__file__).parents[3]


class Mallinfo(ctypes.Structure):
    """``hblkhd``: bytes of blocks that are kept apart. ``uordblks``: bytes in use in the heap."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks")),
        *((name, ctypes.c_size_t) for name in ("uordblks", "fordblks", "keepcost")),
    ]


def allocator() -> ctypes.CDLL:
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallinfo2"):
        libc.mallinfo2.restype = Mallinfo
        libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        libc.free.argtypes = [ctypes.c_void_p]
    return libc


@pytest.fixture
def libc() -> ctypes.CDLL:
    libc = allocator()
    if not hasattr(libc, "mallinfo2"):
        pytest.skip("This system has another allocator than that of glibc 2.33 or later.")
    return libc


@pytest.fixture
def opened(weights_folder: Path) -> Networks:
    return open_networks("PP-OCRv6_tiny", weights_folder, "openvino", "cpu", 1, {})


LARGE_BLOCKS = """
from recognition.engine import heap
from tests.recognition.engine.test_memory import allocator
libc = allocator()
heap.keep_large_blocks_apart()
for size in (heap.LARGE + 2**20, heap.LARGE):  # by itself glibc would take the second one from the heap
    before = libc.mallinfo2().hblkhd
    block = libc.malloc(size)
    print(libc.mallinfo2().hblkhd - before >= size)
    libc.free(block)
    print(libc.mallinfo2().hblkhd == before)
"""


@pytest.mark.usefixtures("libc")
def test_large_blocks_go_back_to_the_system_whatever_was_freed_before() -> None:
    """In a process of its own, since in one that has run other tests there are gaps that they fit into."""
    found = subprocess.run([sys.executable, "-c", LARGE_BLOCKS], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.split() == ["True"] * 4


def test_a_process_with_much_memory_gives_the_gaps_of_its_heap_back(
    libc: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    heap.keep_large_blocks_apart()  # and no smaller ones
    blocks = [libc.malloc(MIB) for _ in range(64)]
    for block in blocks:
        ctypes.memset(block, 1, MIB)
    for block in blocks[::2]:
        libc.free(block)
    full = resident()
    monkeypatch.setattr(heap, "MUCH", 2**40)
    heap.trim_if_much()
    kept = resident()
    monkeypatch.setattr(heap, "MUCH", 0)
    heap.trim_if_much()
    given_back = kept - resident()
    for block in blocks[1::2]:
        libc.free(block)
    assert kept > full - MIB
    assert given_back > 24 * MIB


def test_the_kernels_of_a_few_sizes_of_images_are_kept(opened: Networks, libc: ctypes.CDLL) -> None:
    def used_after(sizes: range) -> int:
        for width in sizes:
            opened.detector(x=[np.zeros((1, 3, 32, width), np.float32)])
        opened.release()
        return int(libc.mallinfo2().uordblks)

    before = used_after(range(32, 416, 32))
    assert used_after(range(416, 1024, 32)) - before < 16 * MIB


def test_networks_are_opened_without_paddleocr(weights_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("paddleocr", "paddlex"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it fails
    assert open_networks("PP-OCRv6_tiny", weights_folder, "openvino", "cpu", 1, {}).recogniser_settings.height == 48


def test_a_page_image_that_another_process_draws_is_not_copied() -> None:
    image = PageImage(np.arange(60 * 80 * 3, dtype=np.uint8).reshape(60, 80, 3)[:, ::2])
    message = msgspec.msgpack.encode(Answer(picture=picture_of(image)))
    picture = msgspec.msgpack.decode(message, type=Answer).picture
    assert picture is not None
    received = image_of(picture)
    assert np.array_equal(received.pixels, image.pixels)
    assert np.shares_memory(received.pixels, np.frombuffer(message, np.uint8))


def test_strips_have_few_widths_and_little_padding() -> None:
    """Each width of them costs a network four to seven megabytes."""
    padded = {width: padded_width(width) for width in range(1, MAX_STRIP_WIDTH + 1)}
    assert len(set(padded.values())) <= 40
    assert all(width <= shown < width + max(32, width / 10) for width, shown in padded.items())


def test_the_last_layer_is_asked_about_few_numbers_of_rows(weights_folder: Path) -> None:
    asked = []

    def execute(_: object) -> networks.Runner:
        def run(x: list[networks.Array]) -> list[networks.Array]:
            asked.append(len(x[0]))
            return [x[0][:, :5] + 1]

        return run

    model = networks.recogniser_network(weights_folder / "PP-OCRv6_small")
    _, best = networks._in_two_parts(model, 14.0, execute)
    for steps in range(1, 60):
        best(np.zeros((steps, networks.USUAL_CHARACTERS), np.float32), np.eye(steps, 120, dtype=np.float32))
    assert len(asked) == 59
    assert set(asked) == {1, 2, 4, 8, 16, 32, 64}


@pytest.mark.parametrize(
    ("width", "height", "scale", "count"),
    [
        (1280, 1280, 1.0, 1),
        (2001, 2001, 1280 / 2001, 1),
        (1600, 1000, 1.0, 1),
        (1600, 1600, 1.0, 2),
        (5000, 7000, 1.0, 30),
    ],
)
def test_what_the_detector_sees_at_once_is_bounded(width: int, height: int, scale: float, count: int) -> None:
    """It takes 120 bytes for each pixel."""
    tiles = list(detector._tiles(width, height, scale))
    shown = [(right - left) * (bottom - top) * scale**2 for left, top, right, bottom in tiles]
    seen = np.zeros((height, width), np.bool_)
    for left, top, right, bottom in tiles:
        seen[top:bottom, left:right] = True
    assert seen.all()
    assert max(shown) <= 1.01 * detector.MOST_SHOWN
    assert len(tiles) == count


def test_an_engine_that_is_warm_has_seen_the_size_of_a_full_page(opened: Networks) -> None:
    sizes = list[tuple[int, ...]]()

    def runner(x: list[networks.Array]) -> list[networks.Array]:
        sizes.append(x[0].shape)
        return [np.zeros((1, 1, *x[0].shape[2:]), np.float32)]

    engine = Engine({}, lambda: replace(opened, detector=runner))
    engine.warm()
    warm = set(sizes)
    sizes.clear()
    page = np.full((2339, 1654, 3), 255, np.uint8)
    page[::100] = 0  # from edge to edge
    Detector(runner, opened.detector_settings, opened.release).detect(page)
    assert sizes
    assert set(sizes) <= warm


@pytest.mark.parametrize("model", ["PP-OCRv6_small", "PP-OCRv6_tiny"])
def test_a_detector_without_transposed_convolutions_says_the_same(weights_folder: Path, model: str) -> None:
    """ONNX Runtime executes the network as it came."""
    page = synthetic_pages.horizontal(["光學文字辨識", "繁體中文"], size=40).convert("RGB").resize((320, 192))
    batch = np.array(page, np.float32).transpose(2, 0, 1)[None] / 64 - 2
    f32 = {"INFERENCE_PRECISION_HINT": "f32"}
    ours, original = (
        open_networks(model, weights_folder, backend, "cpu", 1, settings).detector(x=[batch])[0]
        for backend, settings in (("openvino", f32), ("onnxruntime", {}))
    )
    assert ours.shape == original.shape
    assert np.ptp(original) > 0.5
    assert ours == pytest.approx(original, abs=1e-3)
