"""An OpenAI-compatible server that answers as a test wants, or misbehaves as models and servers do."""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Act = Callable[[BaseHTTPRequestHandler], None]
"""What a server does with a request."""


def said(content: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


class Server(ABC):
    """A server while it is a context. ``misbehave``: what it does in place of an answer. ``asked``: all requests."""

    def __init__(self) -> None:
        self.misbehave: Act | None = None
        self.asked: list[dict[str, Any]] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.asked.append(asked)
                (model.misbehave or model.answer(asked))(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @abstractmethod
    def answer(self, asked: dict[str, Any]) -> Act:
        """What answers a request."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Model(Server):
    """A model that talks."""

    def answer(self, asked: dict[str, Any]) -> Act:
        return answer(said(self.reply(asked)))

    @abstractmethod
    def reply(self, asked: dict[str, Any]) -> object:
        """What it says to a request."""


def answer(content: bytes, status: int = 200) -> Act:
    def write(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.end_headers()
        request.wfile.write(content)

    return write


def hang(request: BaseHTTPRequestHandler) -> None:
    time.sleep(5)


def drip(request: BaseHTTPRequestHandler) -> None:
    """Answers without an end, a byte at a time."""
    request.send_response(200)
    request.end_headers()
    for _ in range(50):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


MISBEHAVIOUR = {
    "hangs": hang,
    "drips": drip,
    "loops": answer(said("影像" * 500_000)),
    "fails": answer(b"out of memory", 500),
    "redirects": answer(b"", 302),
    "nonsense": answer(b"\xff\xfe{]"),
    "deep": answer(b"[" * 200_000),
    "empty": answer(said("")),
    "nothing": answer(said(None)),
    "list": answer(said(["本系統"])),
    "invents": answer(said("春眠不覺曉，處處聞啼鳥")),
    "tool call": answer(
        json.dumps({"choices": [{"message": {"tool_calls": [{"function": {"name": "rm"}}]}}]}).encode()
    ),
    "no choices": answer(b'{"choices": []}'),
}
