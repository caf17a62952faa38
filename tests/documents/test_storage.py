"""A storage elsewhere that works, fails, or never answers: a real server on a real socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from ocrsite.errors import StorageAwayError
from ocrsite.storage import BoundedS3Storage
from tests.support.fake_engine import FakeEngine
from tests.support.s3 import KEYS, serve_bucket
from tests.support.worker import run_worker


@pytest.fixture
def bucket() -> Iterator[str]:
    with serve_bucket() as address:
        yield address


@pytest.fixture
def frozen() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def _impatient(settings) -> None:
    settings.OCRSITE_STORAGE_SECONDS = 1
    settings.OCRSITE_STORAGE_REQUESTS = 3


def storage(url: str) -> BoundedS3Storage:
    return BoundedS3Storage(endpoint_url=url, file_overwrite=False, **KEYS)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def test_what_is_kept_comes_back_as_it_was(bucket: str) -> None:
    there = storage(bucket)
    name = there.save("pages/1.jpg", ContentFile(b"picture"))
    assert there.exists(name)
    with there.open(name) as file:
        assert file.read() == b"picture"
    assert not there.exists("pages/2.jpg")
    with pytest.raises(FileNotFoundError):
        there.open("pages/2.jpg")


def test_a_storage_that_fails_is_away(bucket: str) -> None:
    with pytest.raises(StorageAwayError):
        storage(bucket).exists("broken")


@pytest.mark.usefixtures("_impatient")
def test_a_storage_that_is_gone_is_noticed_at_once() -> None:
    with within(10), pytest.raises(StorageAwayError):
        storage("http://127.0.0.1:9").exists("pages/1.jpg")


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("deed", [lambda s: s.exists("x"), lambda s: s.open("x"), lambda s: s.delete("x")])
def test_a_storage_that_never_answers_is_given_up(frozen: str, deed: Callable[[BoundedS3Storage], object]) -> None:
    with within(12), pytest.raises(StorageAwayError):
        deed(storage(frozen))


@pytest.mark.usefixtures("_impatient")
def test_only_so_many_requests_wait_for_a_storage_that_hangs(frozen: str, settings) -> None:
    settings.OCRSITE_STORAGE_SECONDS = 4
    there = storage(frozen)

    def ask(number: int) -> float:
        begun = time.monotonic()
        with pytest.raises(StorageAwayError):
            there.exists(f"pages/{number}.jpg")
        return time.monotonic() - begun

    with ThreadPoolExecutor(12) as pool:
        waited = sorted(pool.map(ask, range(12)))
    assert waited[8] < 4 < waited[9]  # nine found no turn, and three waited for an answer


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_impatient")
def test_pages_that_need_no_file_answer_while_the_storage_hangs(
    frozen: str, receive, fake_engine: FakeEngine, as_owner: Client, settings
) -> None:
    document = receive()
    run_worker()
    options = KEYS | {"endpoint_url": frozen}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "ocrsite.storage.BoundedS3Storage", "OPTIONS": options}
    }
    for address in ("/health/", "/", f"/documents/{document.pk}/"):
        with within(5):
            assert as_owner.get(address).status_code == 200
    picture = as_owner.get(f"/documents/{document.pk}/original/")
    assert picture.status_code == 503
    assert picture["Retry-After"] == "10"
    assert "The storage does not answer" in picture.content.decode()
    program = as_owner.get(f"/api/v1/documents/{document.pk}/original/")
    assert program.status_code == 503
    assert program.json()["code"] == "storage-unavailable"
