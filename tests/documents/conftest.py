"""An owner, a stranger, a real Redis, private storage, and an engine that answers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from documents.ingest import intake
from documents.models import Document
from documents.processing.engine import warm_engine
from recognition.options import Options
from tests.support.documents import line
from tests.support.fake_engine import FakeEngine
from tests.support.files import upload
from tests.support.worker import run_worker


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
    for name in ("REQUESTS", "SEARCHES", "REGIONS"):  # a test does in a minute what people do in a day
        setattr(settings, f"OCRSITE_USER_{name}_A_MINUTE", 10**9)


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


@pytest.fixture
def receive(owner: User, django_capture_on_commit_callbacks) -> Callable[..., Document]:
    """Takes a file in for the owner and calls workers, as a committed request does."""

    def take(file: SimpleUploadedFile | None = None, options: Options | None = None, **more: object) -> Document:
        file = file or upload()
        wanted = {"owner": owner, "options": options or Options()} | more
        with django_capture_on_commit_callbacks(execute=True):
            return intake.receive(file, name=file.name or "", **wanted)

    return take


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """The worker's engine for this test."""
    engine = FakeEngine()
    monkeypatch.setattr("recognition.engine.load", lambda *args, **options: engine)
    warm_engine.cache_clear()
    yield engine
    warm_engine.cache_clear()


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A page that was read as two lines."""
    fake_engine.read = lambda image: [line(10, 10, 90, 40), line(10, 60, 90, 90, "車站")]  # type: ignore[method-assign]
    received = receive()
    run_worker()
    return Document.objects.get(pk=received.pk)
