"""The engine of this process, the confined process that parses files for it, and the guard of what runs in it."""

from __future__ import annotations

import faulthandler
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from documents.telemetry import count_child
from recognition.confinement import ConfinedReader

from .limits import page_limits

if TYPE_CHECKING:
    from recognition.engine import Engine


@functools.lru_cache(maxsize=1)
def warm_engine(model: str) -> Engine:
    """The engine, loaded once per process (and once more when somebody asks for another model).

    Where an inference server has the default model on a graphics card, other models are executed here.
    """
    from recognition import engine  # OpenCV and the engines stay out of the web process

    if settings.OCRSITE_INFERENCE_SOCKET and model == settings.OCRSITE_MODEL:
        server = Path(settings.OCRSITE_INFERENCE_SOCKET)
        return engine.load(model, folder=settings.OCRSITE_WEIGHTS, device="gpu", server=server)
    return engine.load(
        model, backend=settings.OCRSITE_ENGINE, folder=settings.OCRSITE_WEIGHTS, device=settings.OCRSITE_DEVICE
    )


@contextmanager
def watchdog() -> Iterator[None]:
    """Ends this process if what is inside takes longer than a page may.

    A native call that hangs cannot be interrupted from Python, but faulthandler's C thread can end the
    process. Its supervisor starts another one, which returns the page to the queue.
    """
    faulthandler.dump_traceback_later(settings.OCRSITE_PAGE_TIMEOUT, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@functools.cache
def confined_reader() -> ConfinedReader:
    """Parses files for the one thread of this process that reads; ``close`` it when a file is done with."""
    return ConfinedReader(page_limits(), count_child)
