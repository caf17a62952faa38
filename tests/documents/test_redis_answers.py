"""A Redis that takes connections and never answers, as one does whose machine is overloaded or cut off."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from documents.models import Document

pytestmark = pytest.mark.django_db


class Silent:
    """Listens at ``url``."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(100)
        self._socket.setblocking(False)

    def callers(self) -> int:
        """How many have connected since the last time."""
        callers = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return callers
            callers += 1

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def silent(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    silent = Silent(tmp_path / "silent")
    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "URL", silent.url)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": silent.url}}
    yield silent
    silent.close()


def test_one_request_waits_for_it_and_not_all(as_owner: Client, document: Document, silent: Silent) -> None:
    for address in ("/", f"/documents/{document.pk}/", "/api/v1/documents/", "/api/v1/search/?q=a"):
        assert as_owner.get(address).status_code == 200
    assert silent.callers() == 1


def test_nobody_waits_for_ever_to_log_in(silent: Silent) -> None:
    assert cache.get("attempts", 0) == 0
    assert cache.add("attempts", 1)
    assert silent.callers() == 1
