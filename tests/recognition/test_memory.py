"""What a process that reads keeps of what it has read."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from recognition.confinement.wire import Answer, image_of, picture_of
from recognition.engine import heap
from recognition.engine.networks import Networks, open_networks
from recognition.page import PageImage

MIB = 2**20
ROOT = Path(__file__).parents[2]


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
def networks(weights_folder: Path) -> Networks:
    return open_networks("PP-OCRv6_tiny", weights_folder, "openvino", "cpu", 1, {})


LARGE_BLOCKS = """
from recognition.engine import heap
from tests.recognition.test_memory import allocator
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


def test_the_kernels_of_a_few_sizes_of_images_are_kept(networks: Networks, libc: ctypes.CDLL) -> None:
    def used_after(sizes: range) -> int:
        for width in sizes:
            networks.detector(x=[np.zeros((1, 3, 32, width), np.float32)])
        networks.release()
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
