"""The engine: text lines from a page image, by PaddleOCR's models.

Call ``load`` once per process. An engine serves one thread at a time. Heavy libraries are imported with the first
page, or by ``Engine.warm``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recognition.options import DEFAULT_MODEL

if TYPE_CHECKING:
    from .reader import Engine

Backend = Literal["openvino", "onnxruntime", "paddle"]
DEFAULT_BACKEND: Backend = "openvino"

__all__ = ["DEFAULT_BACKEND", "Backend", "Engine", "load"]


def load(
    model: str = DEFAULT_MODEL,
    *,
    folder: Path,
    backend: Backend = DEFAULT_BACKEND,
    device: str = "cpu",
    threads: int = 1,
    settings: Mapping[str, str] | None = None,
    server: Path | None = None,
) -> Engine:
    """An engine with ``model`` from ``folder`` (see ``recognition.weights``), not yet warm.

    ``backend``: the library that executes the networks. ``threads``: how many cores it may use. ``settings``: further
    properties of the backend, by the names in its own documentation. ``server``: the socket of an
    ``inference_server``, which then executes the networks; it has ``model`` and uses ONNX Runtime on ``device``. Raises
    WeightsError if the model is not installed.
    """
    from .inference import remote_networks
    from .networks import metadata, open_networks
    from .reader import Engine

    if server is not None:
        return Engine(metadata(model, folder, "onnxruntime", device), lambda: remote_networks(model, folder, server))
    return Engine(
        metadata(model, folder, backend, device),
        lambda: open_networks(model, folder, backend, device, threads, settings or {}),
    )
