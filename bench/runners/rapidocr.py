"""RapidOCR with the weights that it ships (PP-OCRv6 small), with its own line order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .protocol import Read, Reading, serve, versions


def load(settings: Mapping[str, Any]) -> tuple[Read, Mapping[str, str]]:
    """``settings``: ``engine`` (onnxruntime or openvino) and ``parameters`` in RapidOCR's own names."""
    from rapidocr import EngineType, RapidOCR  # type: ignore[import-not-found]  # in its own environment

    engine = EngineType(settings["engine"])
    parts = {f"{part}.engine_type": engine for part in ("Det", "Cls", "Rec")}
    system = RapidOCR(params={"Global.log_level": "error", **parts, **settings["parameters"]})

    def read(path: str) -> Reading:
        return Reading("\n".join(system(path).txts or ()))

    return read, versions("rapidocr", settings["engine"])


if __name__ == "__main__":
    serve(load)
