"""The whole platform as ``make run`` starts it, on a data folder of its own, for tests from outside."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import redis

from ocrsite.launch import die_with_parent
from ocrsite.processes import HOST, place

ROOT = Path(__file__).parent.parent.parent
USER, PASSWORD = "admin", "seal-and-paper"
FOREIGN = {"DATABASE_URL", "REDIS_URL", "S3_BUCKET", "OCRSITE_DEBUG", "OCRSITE_HTTPS", "ALLOWED_HOSTS"}


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)


def wait_until_it_answers(ask: Callable[[], object], seconds: float = 60) -> None:
    """Waits for a server that was just started; ``ask`` raises OSError or a RedisError as long as it is not there."""

    def answers() -> bool:
        with suppress(OSError, redis.ConnectionError):
            ask()
            return True
        return False

    wait_for(answers, seconds)


def free_port(host: str = HOST) -> int:
    """The number of a port that stays free until it is used: not one of those that the kernel gives to connections."""
    while True:
        number = random.randrange(12_000, 32_000)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as free, suppress(OSError):
            free.bind((host, number))
            return number


def begin(command: Sequence[str], environment: Mapping[str, str], output: IO[str]) -> subprocess.Popen[bytes]:
    """Starts ``command`` in a session of its own, as a terminal would; it is told to stop when this process is gone,
    even if that was killed and could not end its tests in order."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=heed_signals,
    )


def heed_signals() -> None:
    """As in a terminal, even where the tests run in the background or under nohup; and no longer than they."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent()


class Platform:
    """Redis, web, reconciler and workers; ready when this returns. An administrator USER with PASSWORD can log in.

    ``options``: those of ``ocrsite.launch``.
    """

    def __init__(
        self,
        data: Path,
        weights: Path,
        workers: int = 1,
        options: Sequence[str] = (),
        host: str = HOST,
        **environment: str,
    ) -> None:
        self.host = host
        self.port = free_port(host)
        clean = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in FOREIGN}
        mine = {
            "PORT": str(self.port),
            "OCRSITE_DATA": str(data),
            "OCRSITE_WEIGHTS": str(weights),
            "OCRSITE_WORKERS": str(workers),
            "OCRSITE_ADMIN_USER": USER,
            "OCRSITE_ADMIN_PASSWORD": PASSWORD,
            **environment,
        }
        self.data = data
        self.output = data / "output"
        with self.output.open("w") as output:
            self.launcher = begin([sys.executable, "-m", "ocrsite.launch", *options], clean | mine, output)
        try:
            wait_for(lambda: "Ready: " in self.output.read_text() or self.launcher.poll() is not None, 240)
        except AssertionError:
            self.stop()
            raise
        assert self.launcher.poll() is None, self.output.read_text()

    @property
    def url(self) -> str:
        return f"http://{place(self.host, self.port)}"

    def processes(self) -> dict[int, str]:
        """What runs on our data folder, redis-server included: number and command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                variables = (entry / "environ").read_bytes().split(b"\0")  # redis-server writes over its own
                if command and (f"OCRSITE_DATA={self.data}".encode() in variables or str(self.data) in command):
                    found[int(entry.name)] = command
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def find(self, words: str) -> list[int]:
        """The processes whose command line has ``words``."""
        return [number for number, command in self.processes().items() if words in command]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is read meanwhile: what is queued or running stays so, however quick the machine is."""
        workers = self.find("manage.py worker")
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            for worker in workers:
                os.kill(worker, signal.SIGCONT)

    def get(self, path: str) -> int:
        """The status that the site answers with."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        connection.request("GET", path)
        return connection.getresponse().status

    def stop(self) -> None:
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGTERM)
            self.launcher.wait(60)


@contextmanager
def platform(
    weights: Path,
    workers: int = 1,
    options: Sequence[str] = (),
    host: str = HOST,
    prepared: Path | None = None,
    **environment: str,
) -> Iterator[Platform]:
    """A platform that is gone afterwards, with all its data. It begins with a copy of ``prepared``, if there is one."""
    data = Path(tempfile.mkdtemp(prefix="ocrsite-"))  # short: its socket has to fit
    try:
        if prepared:
            shutil.copytree(prepared, data, dirs_exist_ok=True)
        running = Platform(data, weights, workers, options, host, **environment)
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(data)
