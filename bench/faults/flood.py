"""A flood: people send many hostile files at once, while another one works. What does it cost the other one?

The platform is the one that ``make run`` starts, with the real engine. Every process has a limit of memory.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import resource
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support import hostile_files, synthetic_pages
from tests.support.stack import ROOT, Platform, platform

from .site import until

MEMORY = 10 * 2**30
"""Bytes of address space of every process of the platform, so that a mistake cannot take the machine down."""

HEAD = (
    "| Files | Without a reason | Web processes grew | Largest child | Largest worker | Slowest /health/, list "
    "| Speed of another person |\n|---|---|---|---|---|---|---|"
)
ADDRESSES = "/health/", "/api/v1/documents/"
SENDERS = 25
AGAIN = {429, 503}
"""Answers after which a file is sent once more."""

PATIENCE = 3600.0


def hostile() -> dict[str, Callable[[], bytes]]:
    """One of each kind, by name; the quickly refused first. Pictures have 119 megapixels."""
    return {
        "markup": lambda: b"<!--" * 1024,
        "webp": lambda: hostile_files.blank_webp(10_900, 10_917),
        "pdf-deflated-twice": lambda: hostile_files.deflated_twice(700),
        "jpeg-700-scans": lambda: hostile_files.progressive_jpeg(700),
        "png": lambda: hostile_files.blank_png(10_900, 10_917),
        "tiff": lambda: _blank(10_900, 10_917, "TIFF", compression="tiff_adobe_deflate"),
        "jpeg": lambda: _blank(10_900, 10_917, "JPEG", quality=10),
        "pdf-drawing-itself": hostile_files.form_that_draws_itself,
    }


def _blank(width: int, height: int, format_name: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, format_name, **options)
    return out.getvalue()


@dataclass
class Cost:
    """What a flood did.

    ``grown``: MB by which all web processes grew together. ``child``, ``worker``: MB of the largest one. ``slowest``:
    seconds of an answer, by address; ``usual``: the same in calm. ``calm``, ``flooded``: pages a second of the other
    person. ``unanswered``: requests of theirs that failed. ``reasons``: how often each kind of file ended how.
    """

    grown: float = 0
    child: float = 0
    worker: float = 0
    calm: float = 0
    flooded: float = 0
    unanswered: int = 0
    slowest: dict[str, float] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    def row(self) -> str:
        """A line of the table under HEAD."""
        health, list_ = (self.slowest.get(path, 0) for path in ADDRESSES)
        usual = max(self.usual.values(), default=0)
        return (
            f"| {sum(self.reasons.values())} | {self.unexplained} | {self.grown:.0f} MB | {self.child:.0f} MB "
            f"| {self.worker:.0f} MB | {health:.2f} s, {list_:.2f} s ({usual:.2f} s in calm) "
            f"| {self.flooded / self.calm:.0%} |"
        )

    def ends(self) -> str:
        """How the files ended, one kind a line."""
        return "\n".join(
            f"{kind}: {reason or 'nobody knows'}, {n}" for (kind, reason), n in sorted(self.reasons.items())
        )

    @property
    def holds(self) -> bool:
        """Whether memory stayed within its bounds, each file has its reason, and every request its answer."""
        return not (self.unexplained or self.unanswered) and self.grown < 200 and max(self.child, self.worker) < 3000

    @property
    def unexplained(self) -> int:
        return sum(number for (_, reason), number in self.reasons.items() if not reason)


class Person:
    """Somebody with a token."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def ask(self, path: str, body: bytes | None = None, content_type: str = "") -> Any:
        """What an answer in JSON says. Raises urllib.error.HTTPError."""
        return json.loads(self.fetch(path, body, content_type))

    def fetch(self, path: str, body: bytes | None = None, content_type: str = "", timeout: float = 120) -> bytes:
        """The answer. Raises urllib.error.HTTPError."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content_type}
        request = urllib.request.Request(f"{self._url}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return bytes(answer.read())

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """The document, or the problem if it is refused; a server that is busy is asked again."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        for _ in range(600):
            try:
                (document,) = self.ask("/api/v1/documents/", body, f"multipart/form-data; boundary={boundary}")
                return dict(document)
            except urllib.error.HTTPError as error:
                problem = json.load(error)
                if error.code not in AGAIN:
                    return dict(problem)
                time.sleep(1)
        return {}

    def document(self, number: str) -> dict[str, Any]:
        return dict(self.ask(f"/api/v1/documents/{number}/"))

    def outcome(self, document: dict[str, Any]) -> str:
        """How a file ended: the code of its problem or of its page's, or "done"; empty if nobody knows."""
        if "code" in document or not document:
            return str(document.get("code", ""))
        page = self.ask(f"/api/v1/documents/{document['id']}/pages/1/")
        return str(page["error"]["code"]) if page["error"] else page["state"] if page["state"] == "done" else ""


def run(files: int, pages: int, seconds: int, accounts: int = 1) -> Cost:
    """``files``: hostile files, of all kinds in turn; ``pages``: of the other person's document.

    ``seconds``: OCRSITE_PAGE_PROCESSOR_SECONDS. ``accounts``: of those who send the files, by turns.
    """
    cost = Cost()
    contents = [(name, make()) for name, make in list(hostile().items())[:files]]
    weights = Path(os.environ.get("OCRSITE_WEIGHTS", ROOT / "var" / "weights"))
    with limited(), platform(weights, workers=2, OCRSITE_PAGE_PROCESSOR_SECONDS=str(seconds)) as running:
        reader, *senders = people(running, 1 + accounts)
        book = scanned(pages)
        with watched(running, reader, cost):
            calm = _read(reader, book)
        cost.usual, cost.slowest = cost.slowest, {}
        with watched(running, reader, cost), ThreadPoolExecutor(SENDERS * accounts) as pool:
            sent = [
                pool.submit(sender.upload, f"{number}.bin", content)
                for number, (_, content), sender in zip(
                    range(files), _endlessly(contents), cycle(senders), strict=False
                )
            ]
            cost.flooded = pages / _read(reader, book)
            documents = [each.result() for each in sent]
            until(lambda: _finished(senders, documents), PATIENCE, "the flood is over")
        cost.calm = 2 * pages / (calm + _read(reader, book))  # before and after, as other work on the machine varies
        for document, (name, _), sender in zip(documents, _endlessly(contents), cycle(senders), strict=False):
            cost.reasons[name, sender.outcome(document)] += 1
    return cost


@contextmanager
def limited() -> Iterator[None]:
    """Processes that are started within have a limit of memory."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def people(running: Platform, number: int) -> list[Person]:
    """So many."""
    script = (
        "from datetime import timedelta; from django.contrib.auth.models import User;"
        "from documents.models import AccessToken;"
        "print(*(AccessToken.issue(User.objects.create(username=name), 'flood', 'write', timedelta(days=1))[1]"
        f" for name in range({number})))"
    )
    environment = os.environ | {"OCRSITE_DATA": str(running.data)}
    shown = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Person(running.url, token) for token in shown.stdout.split()]


def scanned(pages: int) -> bytes:
    sheets = [
        synthetic_pages.horizontal([f"第{number}頁的第{line}行文字" for line in range(8)]) for number in range(pages)
    ]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=200)
    return out.getvalue()


def _read(reader: Person, book: bytes) -> float:
    """Seconds until a document of the reader is read."""
    begun = time.monotonic()
    document = reader.upload("book.pdf", book)
    until(lambda: reader.document(document["id"])["status"] == "done", PATIENCE, "the reader's document is read")
    return time.monotonic() - begun


def _endlessly(contents: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """All of them again and again; each time a little different, as a file that is sent twice would be one file."""
    number = 0
    while True:
        for name, content in contents:
            yield name, content + b"\n" * number
        number += 1


def _finished(senders: Sequence[Person], documents: Sequence[dict[str, Any]]) -> bool:
    """Whether the documents, which ``senders`` have sent by turns, are read, as far as that is possible."""
    time.sleep(1)
    return all(
        sender.document(document["id"])["status"] not in ("queued", "running")
        for document, sender in zip(documents, cycle(senders), strict=False)
        if "id" in document
    )


@contextmanager
def watched(running: Platform, reader: Person, cost: Cost) -> Iterator[None]:
    """Measures memory and answers until the end."""
    over = threading.Event()
    web = set(running.find("gunicorn"))
    before = sum(map(_resident, web))

    def weigh() -> None:
        while not over.wait(0.5):
            cost.grown = max(cost.grown, sum(map(_resident, web)) - before)
            for number, command in _ours(running).items():
                parses = "confinement.nursery" in command or command.startswith("pdfto")  # or Poppler for it
                kind = "child" if parses else "worker" if " worker " in command else ""
                if kind:
                    setattr(cost, kind, max(getattr(cost, kind), _resident(number)))

    def answers(path: str, ask: Callable[[], object]) -> None:
        while not over.wait(0.25):
            begun = time.monotonic()
            try:
                ask()
            except (OSError, http.client.HTTPException):
                cost.unanswered += 1
            cost.slowest[path] = max(cost.slowest.get(path, 0), time.monotonic() - begun)

    threads = [
        threading.Thread(target=weigh),
        *(threading.Thread(target=answers, args=(path, partial(reader.fetch, path))) for path in ADDRESSES),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ours(running: Platform) -> dict[int, str]:
    """The platform's processes, those that parse files included: these know nothing of its environment."""
    parents = {}
    commands = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            commands[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    ours = {running.launcher.pid}
    while more := {number for number, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return {number: commands[number] for number in ours if number in commands}


def _resident(number: int) -> float:
    """MB of a process in memory; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except (FileNotFoundError, ProcessLookupError):
        return 0
