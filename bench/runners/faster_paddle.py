"""faster-paddle with the PP-OCRv6 weights that it ships, and the order that it gives them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .protocol import Read, Reading, serve, versions


def load(settings: Mapping[str, Any]) -> tuple[Read, Mapping[str, str]]:
    """``settings``: ``size`` of the model (tiny or small) and ``threads``."""
    from faster_paddle import OcrEngine  # type: ignore[import-not-found]  # in its own environment

    engine = OcrEngine(model_size=settings["size"], threads=settings["threads"])

    def read(path: str) -> Reading:
        return Reading(engine.ocr(Path(path).read_bytes())["text"])

    return read, versions("faster-paddle")


if __name__ == "__main__":
    serve(load)
