"""How glibc's allocator keeps memory. Elsewhere nothing is done, and nothing has to be."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

LARGE = 16 * 2**20
"""Bytes of a block from which it goes back to the system when it is freed. Page images of A4 at 200 dpi are smaller."""

TOP = 64 * 2**20
"""Bytes at the end of the heap that are kept, since the next page takes as much again."""

MUCH = 950 * 2**20
"""Bytes of a process from which the gaps of its heap are given back after a page, though the next one fills some: of
usual pages it takes fewer, and they would pay 3% of their time for it."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def keep_large_blocks_apart() -> None:
    """By itself glibc moves the bound up to 32 MiB, and images of ever other sizes leave gaps that none fits into."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
        mallopt(M_TRIM_THRESHOLD, TOP)


def trim() -> None:
    """Gives back all that is free."""
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def trim_if_much() -> None:
    """Gives back all that is free, if this process has MUCH."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return
    if pages * os.sysconf("SC_PAGE_SIZE") > MUCH:
        trim()


def _function(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
