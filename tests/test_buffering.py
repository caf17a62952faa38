"""Slow clients hold nobody up, and an upload that the disk has no room for is refused before it is sent."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from ocrsite.processes import HOST
from tests.support.stack import free_port, wait_for, wait_until_it_answers

ROOT = Path(__file__).parent.parent
APP = """
import gc
import time

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/slow":
        open("begun", "w").close()
        time.sleep(2)
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/large":
        return (b"x" * 2**20 for _ in range(40))
    if environ["PATH_INFO"] == "/collector":
        return [f"{gc.get_threshold()[0]}".encode()]
    return [f"{len(body)}".encode()]
"""


class Served:
    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process

    def ask(self, path: str = "/", body: bytes | None = None, source: str = HOST) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=20, source_address=(source, 0))
        connection.request("POST" if body is not None else "GET", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A small application behind our worker; ``param``: settings for its environment."""
    (tmp_path / "app.py").write_text(APP)
    port = free_port()
    environment = os.environ | {
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "ocrsite.settings",
        "OCRSITE_DATA": str(tmp_path / "data"),
        **getattr(request, "param", {}),
    }
    command = [sys.executable, "-m", "gunicorn", "app:application", "--bind", f"{HOST}:{port}", "--threads", "2"]
    command += ["--worker-class", "ocrsite.buffering.BufferedWorker", "--workers", "1", "--config", "/dev/null"]
    command += ["--no-control-socket"]
    process = subprocess.Popen(command, env=environment, cwd=tmp_path)
    running = Served(port, process)
    wait_until_it_answers(running.ask)
    yield running
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_what_is_in_use_is_not_looked_at_again_and_again(served: Served) -> None:
    assert served.ask("/collector") == (200, b"50000")


def test_five_hundred_half_sent_requests_hold_nobody_up(served: Served) -> None:
    with ExitStack() as stack:
        for number in range(500):
            slow = stack.enter_context(socket.create_connection((HOST, served.port)))
            half = (
                b"GET / HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"
            )
            slow.sendall(half)
        assert served.ask() == (200, b"0")
        assert served.ask(body=b"x" * 3_000_000) == (200, b"3000000")


def test_one_address_does_not_take_all_connections(served: Served) -> None:
    with ExitStack() as stack:
        for _ in range(1100):
            stack.enter_context(socket.create_connection((HOST, served.port))).sendall(b"GET / HTTP/1.1\r\n")
        assert served.ask(source="127.0.0.2") == (200, b"0")


def test_a_client_that_does_not_read_its_answer_holds_nobody_up(served: Served) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            deaf = stack.enter_context(socket.create_connection((HOST, served.port)))
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        assert served.ask() == (200, b"0")


def test_a_large_download_that_is_not_read_holds_nobody_up(served: Served) -> None:
    with ExitStack() as stack:
        for _ in range(4):
            deaf = stack.enter_context(socket.create_connection((HOST, served.port)))
            deaf.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert served.ask() == (200, b"0")
        assert len(served.ask("/large")[1]) == 40 * 2**20


@pytest.mark.parametrize("served", [{"OCRSITE_DISK_RESERVE": str(2**60)}], indirect=True)
def test_a_large_download_that_is_not_read_ends_where_the_disk_is_full(served: Served) -> None:
    with socket.create_connection((HOST, served.port)) as deaf:
        deaf.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1)
        assert sum(map(len, iter(lambda: deaf.recv(2**20), b""))) < 40 * 2**20
    assert served.ask() == (200, b"0")


@pytest.mark.parametrize("served", [{"OCRSITE_DISK_RESERVE": str(2**60)}], indirect=True)
def test_an_upload_that_the_disk_has_no_room_for_is_refused_at_once(served: Served) -> None:
    with socket.create_connection((HOST, served.port), timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(10_000), b""))
    assert answer.startswith(b"HTTP/1.1 507 Insufficient Storage")
    assert b"no room for this upload" in answer


@pytest.mark.parametrize("served", [{"OCRSITE_DISK_RESERVE": str(2**60)}], indirect=True)
def test_an_upload_that_does_not_say_its_size_is_refused_as_soon_as_the_disk_is_full(served: Served) -> None:
    with socket.create_connection((HOST, served.port), timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):  # the server need not hear all of it
            for _ in range(8):
                client.sendall(b"100000\r\n" + b"x" * 2**20 + b"\r\n")
        answer = client.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 507 Insufficient Storage")


def test_a_request_that_is_being_answered_is_finished_when_the_process_stops(served: Served, tmp_path: Path) -> None:
    connection = http.client.HTTPConnection(HOST, served.port, timeout=20)
    connection.request("GET", "/slow")
    wait_for((tmp_path / "begun").exists)
    served.process.send_signal(signal.SIGTERM)
    assert connection.getresponse().status == 200
    assert served.process.wait(20) == 0


@pytest.mark.parametrize("path", ["/documents/", "/ocr/api/v1/documents/"])
def test_what_no_thread_has_seen_is_refused_in_words_too(served: Served, path: str) -> None:
    for head, status, words in [
        (f"GET {path}?a={'x' * 70_000} HTTP/1.1\r\nHost: a\r\n\r\n", 414, "address is too long"),
        (f"GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {'x' * 70_000}\r\n\r\n", 431, "Delete the cookies"),
        (f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {2**33}\r\n\r\n", 413, "4 GiB"),
        (f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n", 400, "understands"),
    ]:
        with socket.create_connection((HOST, served.port), timeout=20) as line:
            line.sendall(head.encode())
            answer = http.client.HTTPResponse(line)
            answer.begin()
            text = answer.read().decode()
        assert (answer.status, words in text) == (status, True)
        assert answer.headers.get_content_type() == ("application/problem+json" if "api" in path else "text/html")
