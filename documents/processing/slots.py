"""Where a worker runs: a name that no two live workers have, and that the successor of a dead one has again."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from django.conf import settings


class SlotTakenError(Exception):
    """Another worker has this slot."""


@contextmanager
def own_slot(number: str | None) -> Iterator[str]:
    """Takes slot ``number`` of this host, or the first free one, for as long as the process lives; its full name.

    Raises SlotTakenError.
    """
    for each in [number] if number is not None else map(str, count()):
        name = f"{socket.gethostname()}-{each}-{host_id()}"
        if (lock := _lock(name)) is not None:
            with lock:
                yield name
            return
    raise SlotTakenError(f"Another worker has slot {number} here. Give each its own --slot, or leave it out.")


def host_id() -> str:
    """Tells hosts of the same name apart, and containers and data folders of one host.

    A machine has another one after each start; what its workers held then ends with their leases.
    """
    parts = [str(settings.DATA_DIR)]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        parts += [os.readlink(f"/proc/self/ns/{kind}") for kind in ("pid", "mnt")]  # noqa: PTH115  # no path in there
    except OSError:
        parts.append(uuid.uuid4().hex)  # shared with nobody, a successor included
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _lock(name: str) -> IO[str] | None:
    """The open file that stands for a slot, or None if a live process has it: the kernel lets go of a dead one's."""
    folder = settings.DATA_DIR / "run"
    folder.mkdir(exist_ok=True)
    file = (folder / f"worker-{name}.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
