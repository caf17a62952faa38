"""Tesseract as Debian ships it: one process a page, one thread each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import Any

from .protocol import Read, Reading, serve


def load(settings: Mapping[str, Any]) -> tuple[Read, Mapping[str, str]]:
    """``settings``: ``languages``, as Tesseract names them."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def tesseract(*arguments: str) -> str:
        return subprocess.run(
            ["tesseract", *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def read(path: str) -> Reading:
        return Reading(tesseract(path, "-", "-l", settings["languages"]))

    return read, {"tesseract": tesseract("--version").split()[1]}


if __name__ == "__main__":
    serve(load)
