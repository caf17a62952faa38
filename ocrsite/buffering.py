"""Requests are received whole before a thread sees them, so that slow clients hold nobody up.

gunicorn keeps the processes; inside each, waitress receives and sends. Its one loop waits for all connections at once,
and its threads get only requests that have arrived, and leave as soon as their answers are in a buffer.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import tempfile
import time
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import ErrorTask
from waitress.utilities import Error, RequestHeaderFieldsTooLarge

CONNECTIONS = 1000
"""Open connections of one process; further ones wait in the system's queue."""

OF_ONE_ADDRESS = 800
"""Of these, those of one address at most: whoever opens a thousand and lets them trickle leaves the rest to others. A
proxy has one address, too, and so has an office."""

IDLE_SECONDS = 75
"""A connection on which nothing moves for so long is closed: longer than a page waits between two looks at progress."""

HEADER_SECONDS = 30
"""A request line with its headers takes no longer, however busily its bytes trickle in."""

LARGEST_HEADERS = 65_536
LARGEST_ANSWER = 2**40
"""Bytes of an answer that may wait to be sent: no thread waits with it, however slowly it is read."""

LARGEST_BODY = 2**32
"""Of one request, which may hold many files; each of them has the platform's own limit."""

GRACE_SECONDS = 10
"""Requests that are being answered may take so long when the process is told to stop."""


NEW_OBJECTS = 50_000
"""After so many of them Python looks which ones nothing refers to any more."""

BEGINNING = 200
"""Bytes of a request that are looked at if the rest of it cannot be understood."""


LOOKS_EVERY = 4 * 2**20
"""Bytes of a body between two looks at the disk."""


def collect_rarely() -> None:
    """Has Python look for objects that nothing refers to only after NEW_OBJECTS, and never among those that are there.

    A page of hits or lines is some ten thousand objects, gone at its end. Python's usual 700 has those that are in use
    looked at again and again (a sixth of a search), and now and then all that was ever imported (0.1 s).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


class InsufficientStorageError(Error):  # type: ignore[misc]
    code = 507
    reason = "Insufficient Storage"


class AddressTooLongError(Error):  # type: ignore[misc]
    code = 414
    reason = "URI Too Long"


WORDS = {
    400: ("bad-request", "This is no request that the server understands.", "伺服器無法解讀這個要求。"),
    413: (
        "body-too-large",
        f"This is more than one request may have: {LARGEST_BODY // 2**30} GiB. Send fewer files at a time.",
        f"這個要求超過 {LARGEST_BODY // 2**30} GiB 的上限。請一次少傳一些檔案。",
    ),
    414: (
        "address-too-long",
        f"This address is too long: at most {LARGEST_HEADERS} bytes are allowed. Choose less at a time.",
        f"網址太長，最多 {LARGEST_HEADERS} 位元組。請一次少選一些項目。",
    ),
    431: (
        "headers-too-large",
        f"The headers of this request are too long: at most {LARGEST_HEADERS} bytes. Delete the cookies of this site.",
        f"這個要求的標頭太長，最多 {LARGEST_HEADERS} 位元組。請刪除這個網站的 Cookie。",
    ),
    501: ("not-implemented", "The server does not know this way of sending.", "伺服器不支援這種傳送方式。"),
    507: (
        "no-space",
        "The server has no room for this upload. Tell your administrator.",
        "伺服器沒有空間存放這次上傳的檔案。請通知管理員。",
    ),
}
"""By status: a code for programs, and sentences for people, whose language nobody has asked for yet."""

PAGE = """<!doctype html><html lang="zh-Hant"><meta charset="utf-8"><title>{status}</title>
<body style="font: 1.1rem/1.6 sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<p>{chinese}</p><p lang="en">{english}</p></body></html>
"""


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Refuses a body without room on the disk: by its ``Content-Length``, before any of it is kept, and as it comes.

    Not each says how large it is, and several that would each fit may come at a time.
    """

    error: Error | None

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.begun = time.monotonic()
        self.beginning = b""
        self.looked_at = 0

    def received(self, data: bytes) -> int:
        told = self.headers_finished
        self.beginning += data[: BEGINNING - len(self.beginning)]
        in_first_line = not told and b"\n" not in self.header_plus + data
        consumed: int = super().received(data)
        if isinstance(self.error, RequestHeaderFieldsTooLarge) and in_first_line:
            self.error = AddressTooLongError("")
        expected = 0 if told else self.content_length
        is_large = expected > self.adj.inbuf_overflow  # smaller ones wait in memory
        has_grown = self.body_bytes_received >= self.looked_at + LOOKS_EVERY
        if self.headers_finished and not self.error and (is_large or has_grown):
            self.looked_at = self.body_bytes_received
            self.error = InsufficientStorageError("") if expected > _room() else None
        if isinstance(self.error, InsufficientStorageError):
            self.completed = True
            self.connection_close = True
        return consumed

    @property
    def is_program(self) -> bool:
        """Whether the request is one to the API, as far as it came."""
        _method, _space, address = self.beginning.partition(b" ")
        return b"/api/" in address.split(b"?")[0]


class Refusal(ErrorTask):  # type: ignore[misc]
    """Answers a request that no thread has seen: a problem document to programs, a page to everybody else."""

    def execute(self) -> None:
        error: Error = self.request.error
        code, english, chinese = WORDS.get(error.code, WORDS[400])
        if self.request.is_program:
            kind = "application/problem+json"
            text = json.dumps(
                {
                    "type": f"urn:ocrsite:problem:{code}",
                    "title": error.reason,
                    "status": error.code,
                    "code": code,
                    "detail": english,
                }
            )
        else:
            kind = "text/html; charset=utf-8"
            text = PAGE.format(status=f"{error.code} {error.reason}", chinese=chinese, english=english)
        body = text.encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", kind), ("Cache-Control", "private, no-store")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser
    error_task_class = Refusal

    def __init__(self, server: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(server, *arguments, **options)
        beside = [channel for channel in server.active_channels.values() if channel.addr[0] == self.addr[0]]
        self.will_close = len(beside) > OF_ONE_ADDRESS

    def write_soon(self, data: bytes) -> int:
        """Keeps what is to be sent, on disk if it is much. Where that has no room, an answer that nobody reads ends."""
        if self.total_outbufs_len > self.adj.outbuf_overflow and _room() < 0:
            raise ClientDisconnected
        return int(super().write_soon(data))

    def close_if_slow(self, now: float) -> None:
        """Closes a connection whose request has begun long ago and still has no end of its headers."""
        request = self.request
        if request is not None and not request.headers_finished and request.begun < now - HEADER_SECONDS:
            self.will_close = True


class BufferedWorker(Worker):  # type: ignore[misc]
    """A process of gunicorn's that serves by waitress."""

    def run(self) -> None:
        tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)  # where large bodies wait
        server = create_server(
            self.wsgi,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=5,
            max_request_header_size=LARGEST_HEADERS,
            max_request_body_size=LARGEST_BODY,
            outbuf_high_watermark=LARGEST_ANSWER,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # Django's settings say which ones it believes
            ident="",
        )
        server.channel_class = Channel
        collect_rarely()
        until = float("inf")
        while time.monotonic() < until:
            self.notify()
            if self.ppid != os.getppid():
                break  # gunicorn is gone
            server.asyncore.loop(timeout=1, use_poll=True, map=server._map, count=1)
            for channel in list(server.active_channels.values()):
                channel.close_if_slow(time.monotonic())
            if not self.alive and until == float("inf"):
                until = time.monotonic() + GRACE_SECONDS
                server.del_channel()
                server.socket.close()
            if not self.alive and not any(channel.requests for channel in server.active_channels.values()):
                break
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)


def _room() -> int:
    """Bytes that the disk of uploads has beside its reserve."""
    return shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free - int(settings.OCRSITE_DISK_RESERVE)
