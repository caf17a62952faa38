"""OCR of a file that is not to be kept: neither database nor storage hear of it.

The file waits in Redis for a worker, and its text for whoever asked. What is lost there is sent again.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from documents import exports
from documents.telemetry import about
from recognition import raster
from recognition.options import Options

from .engine import confined_reader, warm_engine, watchdog
from .limits import file_limits
from .queue import INTERACTIVE, READ_FILE, get_queue, job_id
from .transcripts import transcript_of

LARGEST = 4 * 2**20
"""Bytes of a file: Redis keeps it in memory."""

SECONDS_TO_LIVE = 120
"""Nobody waits longer than that, for a worker or for a result."""

LONGEST_WAIT = 5
"""Seconds of one question to Redis, whose connections are given up after ten."""


def ask(content: bytes, title: str, options: Options, person: int) -> str:
    """Has a file read before anything else; a handle for ``wait``. Raises redis.RedisError."""
    handle = job_id(person, "file")
    queue = get_queue(INTERACTIVE)
    queue.connection.set(_file(handle), content, ex=SECONDS_TO_LIVE)
    queue.enqueue(
        READ_FILE,
        handle,
        title,
        options.to_dict(),
        job_id=handle,
        ttl=SECONDS_TO_LIVE,
        result_ttl=0,
        failure_ttl=SECONDS_TO_LIVE,
    )
    return handle


def wait(handle: str, seconds: float) -> str:
    """The result as JSON (``ocrsite/1``). Empty: it was not read in time, or cannot be read so; then nobody reads it
    any more. Raises redis.RedisError."""
    connection = get_queue(INTERACTIVE).connection
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        answered: Any = connection.blpop([_result(handle)], min(left, LONGEST_WAIT))
        if answered is not None:
            return bytes(answered[1]).decode()
    connection.delete(_file(handle))
    return ""


def read(handle: str, title: str, options: dict[str, str]) -> None:
    """The job. Only a page that was read is an answer: what is wrong with a file is told when it is taken in."""
    connection = get_queue(INTERACTIVE).connection
    content: Any = connection.getdel(_file(handle))  # bytes
    if content is None:  # nobody waits for it any more
        return
    found = ""
    with closing(confined_reader()):  # which takes a moment, so it comes after the answer
        try:
            with about(file=handle), tempfile.NamedTemporaryFile(prefix="ocrsite-") as file:
                file.write(content)
                file.flush()
                found = _read(Path(file.name), hashlib.sha256(content).hexdigest(), title, Options.parse(options))
        finally:
            with connection.pipeline() as pipe:
                pipe.rpush(_result(handle), found)
                pipe.expire(_result(handle), SECONDS_TO_LIVE)
                pipe.execute()


def _read(path: Path, sha256: str, title: str, options: Options) -> str:
    from recognition import pipeline  # OpenCV and the engines stay out of the web process

    if not raster.is_single_page(path):
        return ""
    engine = warm_engine(options.model)
    with watchdog():
        (reading,) = pipeline.recognise(
            path, options, engine, numbers=[1], limits=file_limits(), files=confined_reader()
        )
    if reading.error is not None:
        return ""
    return exports.as_json(transcript_of(title, [reading], options, engine.metadata(), path, sha256))


def _file(handle: str) -> str:
    return f"ocrsite:file:{handle}"


def _result(handle: str) -> str:
    return f"ocrsite:result:{handle}"
