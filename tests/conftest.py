"""What all tests share."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from recognition import weights

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: talks to the database; runs on SQLite and on PostgreSQL (automatic)")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    """The real weights, installed once and kept in the data folder for the next time."""
    folder: Path = settings.OCRSITE_WEIGHTS
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".tests").open("w") as lock:  # of several processes one installs, and the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        weights.install(weights.CATALOGUE, folder)
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Between two tests SQLite's tables are emptied row by row, which the guard of the audit rightly refuses."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS documents_event_no_delete")


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing is slow on purpose; the people of the tests are many and have nothing to hide."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
