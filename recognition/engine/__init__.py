"""The engine: text lines from a page image, by PaddleOCR's models.

``load`` is meant to be called once per process; one thread at a time may use what it gives. Everything that is
heavy is imported when the first page is read, or by ``Engine.warm``, not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recognition.page import DEFAULT_MODEL

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
) -> Engine:
    """An engine with ``model`` from ``folder`` (see ``recognition.weights``), not yet warm.

    ``backend``: what executes the networks; ``threads``: how many cores it may use; ``settings``: further
    properties of the backend, as its own documentation names them. Raises WeightsError where the model
    is not installed.
    """
    from .networks import metadata, open_networks
    from .reader import Engine

    return Engine(
        metadata(model, folder, backend, device),
        lambda: open_networks(model, folder, backend, device, threads, settings or {}),
    )
