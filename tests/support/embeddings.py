"""An OpenAI-compatible server of a model that knows meanings by the characters of a text, or that misbehaves."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any, Self

Misbehaviour = Callable[[BaseHTTPRequestHandler, list[str]], None]

DIMENSIONS = 256


def embedding(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """Characters and pairs of them, hashed: texts are the nearer the more they share."""
    vector = [0.0] * dimensions
    for gram in [*text, *("".join(pair) for pair in pairwise(text))]:
        vector[zlib.crc32(gram.encode()) % dimensions] += 1.0
    return vector


class EmbeddingModel:
    """A server while it is a context. ``asked``: all texts, in the order of requests. ``refused``: texts that it does
    not take, by a part of them. ``misbehave``: what it does in place of an answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.dimensions = DIMENSIONS
        self.refused = ""
        self.misbehave: Misbehaviour | None = None
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
                model.asked += texts
                if model.misbehave:
                    model.misbehave(self, texts)
                elif model.refused and any(model.refused in text for text in texts):
                    answer(b"too long", 400)(self, texts)
                else:
                    vectors([embedding(text, model.dimensions) for text in texts])(self, texts)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer(content: bytes, status: int = 200) -> Misbehaviour:
    def write(request: BaseHTTPRequestHandler, texts: list[str]) -> None:
        request.send_response(status)
        request.end_headers()
        request.wfile.write(content)

    return write


def vectors(found: list[Any]) -> Misbehaviour:
    data = [{"index": index, "embedding": vector} for index, vector in enumerate(found)]
    return answer(json.dumps({"data": data}).encode())


def hang(request: BaseHTTPRequestHandler, texts: list[str]) -> None:
    time.sleep(5)


def drip(request: BaseHTTPRequestHandler, texts: list[str]) -> None:
    """Answers without an end, a byte at a time."""
    request.send_response(200)
    request.end_headers()
    for _ in range(50):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


def for_each(vector: list[Any]) -> Misbehaviour:
    """The same for every text."""
    return lambda request, texts: vectors([vector] * len(texts))(request, texts)


MISBEHAVIOUR: dict[str, Misbehaviour] = {
    "hangs": hang,
    "drips": drip,
    "fails": answer(b"out of memory", 500),
    "refuses": answer(b"unknown model", 400),
    "redirects": answer(b"", 302),
    "nonsense": answer(b"\xff\xfe{]"),
    "deep": answer(b"[" * 200_000),
    "no data": answer(b'{"data": null}'),
    "texts": answer(b'{"data": ["a", "b"]}'),
    "none": vectors([]),
    "too few": vectors([[1.0, 2.0]]),
    "too many": vectors([[1.0, 2.0]] * 3),
    "ragged": vectors([[1.0], [1.0, 2.0]]),
    "nested": for_each([[1.0]]),
    "words": for_each(["one", "two"]),
    "empty": for_each([]),
    "zero": for_each([0.0, 0.0]),
    "infinite": for_each([float("inf"), 1.0]),
    "no number": for_each([float("nan"), 1.0]),
    "huge": for_each([10**400, 1]),
}
"""To a request for two texts."""
