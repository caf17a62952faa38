"""Requests are received whole before a thread sees them, so that slow clients hold nobody up.

gunicorn keeps the processes; inside each, waitress receives and sends. Its one loop waits for all connections at once,
and its threads get only requests that have arrived, and leave as soon as their answers are in a buffer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.utilities import Error

CONNECTIONS = 1000
"""Open connections of one process; further ones wait in the system's queue."""

IDLE_SECONDS = 75
"""A connection on which nothing moves for so long is closed: longer than a page waits between two looks at progress."""

HEADER_SECONDS = 30
"""A request line with its headers takes no longer, however busily its bytes trickle in."""

LARGEST_HEADERS = 65_536
LARGEST_BODY = 2**32
"""Of one request, which may hold many files; each of them has the platform's own limit."""

GRACE_SECONDS = 10
"""Requests that are being answered may take so long when the process is told to stop."""


class InsufficientStorageError(Error):  # type: ignore[misc]
    code = 507
    reason = "Insufficient Storage"


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Refuses a body by its ``Content-Length``, before any of it is kept, if the disk has no room for it."""

    error: Error | None

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.begun = time.monotonic()

    def received(self, data: bytes) -> int:
        told = self.headers_finished
        consumed: int = super().received(data)
        is_large = self.content_length > self.adj.inbuf_overflow  # smaller ones wait in memory
        if self.headers_finished and not told and not self.error and is_large and self.content_length > _room():
            self.error = InsufficientStorageError("The server has no room for this upload. Tell your administrator.")
            self.completed = True
            self.connection_close = True
        return consumed


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser

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
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # Django's settings say which ones it believes
            ident="",
        )
        server.channel_class = Channel
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
