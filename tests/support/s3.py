"""A storage elsewhere: a real server on a real socket that speaks as much of S3 as keeps and gives objects."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEYS = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1", "bucket_name": "bucket"}


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as keeps and gives objects; ``/bucket/broken`` fails."""

    objects: dict[str, bytes] = {}

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        found = self.objects.get(self.path)
        self.send_response(500 if self.path.endswith("broken") else 200 if found is not None else 404)
        self.send_header("Content-Length", str(len(found or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(found or b"")

    def do_DELETE(self) -> None:
        self.objects.pop(self.path, None)
        self.send_response(204)
        self.end_headers()

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def in_bucket(address: str) -> dict[str, Any]:
    """An entry of Django's STORAGES."""
    return {
        "BACKEND": "ocrsite.storage.BoundedS3Storage",
        "OPTIONS": KEYS | {"endpoint_url": address, "file_overwrite": False},
    }


def objects() -> dict[str, bytes]:
    return Bucket.objects


@contextmanager
def serve_bucket() -> Iterator[str]:
    """The address of an empty bucket."""
    Bucket.objects.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
