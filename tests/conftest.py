"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

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
    weights.install(weights.CATALOGUE, folder)
    return folder


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing is slow on purpose; the people of the tests are many and have nothing to hide."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
