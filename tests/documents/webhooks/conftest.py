"""A receiver of webhooks, and a webhook that reaches it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from documents.models import Subject, Webhook
from tests.support.webhooks import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.status)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(kept.body)

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """Who sends hangs up on long answers, as it should."""

    server = Server(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hook(owner: User, receiver: Receiver, settings) -> Webhook:
    """The owner's webhook for everything, at a receiver that this installation allows."""
    settings.OCRSITE_WEBHOOK_HOSTS = [f"127.0.0.1:{receiver.port}"]
    settings.OCRSITE_URL = "https://ocr.example.org"
    return Webhook.objects.create(user=owner, url=receiver.url, subjects=Subject.values)
