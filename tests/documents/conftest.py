"""An owner, a stranger, a real Redis, private storage, and an engine that answers at once."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from documents.ingest import intake
from documents.models import Document
from documents.processing import worker
from documents.processing.engine import warm_engine
from recognition.page import Line, Options, PageImage
from tests import drawing


@pytest.fixture(autouse=True)
def _own_world(redis_server: redis.Redis, settings, tmp_path: Path) -> None:
    """Every test has an empty queue and empty storage."""
    redis_server.flushall()
    settings.STORAGES = {
        "default": {
            "BACKEND": "ocrsite.local_storage.LocalStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": settings.RQ_QUEUES["recognition"]["URL"]}}
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner", password="correct horse")


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stranger", password="battery staple")


@pytest.fixture
def as_owner(owner: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner)
    return client


@pytest.fixture
def as_stranger(stranger: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(stranger)
    return client


def picture(text: str = "測試", suffix: str = "PNG") -> bytes:
    """A small drawn page as the bytes of an image file."""
    out = io.BytesIO()
    drawing.horizontal([text]).save(out, suffix)
    return out.getvalue()


def upload(name: str = "page.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content)


def book(pages: int) -> bytes:
    """A PDF of drawn pages."""
    images = [drawing.horizontal([f"第{n + 1}頁"]) for n in range(pages)]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=200)
    return out.getvalue()


@pytest.fixture
def receive(owner: User, django_capture_on_commit_callbacks) -> Callable[..., Document]:
    """Takes a file in for the owner and calls workers, as a committed request does."""

    def take(file: SimpleUploadedFile | None = None, options: Options | None = None, **more: object) -> Document:
        file = file or upload()
        wanted = {"owner": owner, "options": options or Options()} | more
        with django_capture_on_commit_callbacks(execute=True):
            return intake.receive(file, name=file.name or "", **wanted)

    return take


class Scribe:
    """An engine for tests of what surrounds it: reads the same line on every page, or does as told."""

    def __init__(self, on_read: Callable[[PageImage], None] = lambda image: None) -> None:
        self.on_read = on_read
        self.pages_read = 0
        self.seconds: dict[str, float] = {}

    def metadata(self) -> dict[str, str]:
        return {"backend": "scribe", "model": "none"}

    def warm(self) -> None:
        pass

    def orientation(self, image: PageImage) -> int:
        return 0

    def read_line(self, image: PageImage, direction: str) -> Line | None:
        return None

    def read(self, image: PageImage) -> list[Line]:
        self.pages_read += 1
        self.on_read(image)
        return [Line("台北", 0.9, ((10, 10), (90, 10), (90, 40), (10, 40)))]


@pytest.fixture
def scribe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scribe]:
    """The worker's engine for this test."""
    scribe = Scribe()
    monkeypatch.setattr("recognition.engine.load", lambda *args, **options: scribe)
    warm_engine.cache_clear()
    yield scribe
    warm_engine.cache_clear()


def work(slot: str = "desk") -> None:
    """A worker that reads until nothing is left in line."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        worker.run_worker(slot, burst=True)
    finally:  # RQ's worker takes the signals of its process, which here is that of the tests
        for number, handler in before.items():
            signal.signal(number, handler)


def image_of(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))
