"""SQLite has one writer at a time. Reading waits for none, and long work leaves the others their turn."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from documents.models import AccessToken, Document, Event, Scope, Verb
from documents.models import paced as paced_items
from documents.search import index
from tests.support.documents import new_document
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL locks rows"),
]


@pytest.fixture
def writer(db) -> Iterator[sqlite3.Connection]:
    """Somebody else who writes, and does not finish."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, uri=True)
    yield other
    other.close()


def test_reading_by_token_waits_for_nobody_who_writes(
    document: Document, owner: User, writer: sqlite3.Connection
) -> None:
    token, secret = AccessToken.issue(owner, "scanner", Scope.READ, timedelta(days=1))
    program = Client(headers={"authorization": f"Bearer {secret}"})
    address = f"/api/v1/documents/{document.pk}/"
    connection.cursor().execute("PRAGMA busy_timeout = 600000")  # whoever waits would wait for long
    writer.execute("BEGIN IMMEDIATE")
    for part in ("", "pages/1/", "export/txt/", "original/"):
        assert program.get(f"{address}{part}").status_code == 200
    assert program.get("/api/v1/search/?q=車站").status_code == 200
    writer.execute("ROLLBACK")
    assert not Event.objects.filter(verb__in=[Verb.VIEWED, Verb.EXPORTED]).exists()
    call_command("reconcile")  # what was not waited for is noted now
    assert list(Event.objects.filter(actor=owner, document=document.pk).values_list("verb", flat=True).order_by("id"))[
        -3:
    ] == [Verb.VIEWED, Verb.EXPORTED, Verb.DOWNLOADED]
    call_command("reconcile")
    assert Event.objects.filter(verb=Verb.EXPORTED).count() == 1
    assert connection.cursor().execute("PRAGMA busy_timeout").fetchone() == (600000,)
    program.get(address)
    token.refresh_from_db()
    assert token.last_used


def test_whoever_writes_while_others_do_not_finish_is_asked_to_come_back(
    document: Document, as_owner: Client, writer: sqlite3.Connection
) -> None:
    connection.cursor().execute("PRAGMA busy_timeout = 100")
    writer.execute("BEGIN IMMEDIATE")
    line = next(iter(document.current_run.results.get().placement().lines)).partition("-")[2]
    where = f"/documents/{document.pk}/pages/1/lines/"
    change = {"changes": json.dumps([{"line": line, "text": "改", "seen": None}])}
    answer = as_owner.post(where, change, headers={"accept": "application/json"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["message"]
    login = Client().post(
        "/accounts/login/", {"login": "owner", "password": "correct horse"}, headers={"accept": "text/html"}
    )
    assert (login.status_code, "busy" in login.content.decode()) == (503, True)
    writer.execute("ROLLBACK")
    assert as_owner.post(where, change).status_code == 200


def on_disk(folder: Path) -> dict[str, str]:
    """The environment of a process whose database is a copy of this one, in a file."""
    file = folder / "db.sqlite3"
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")
    return os.environ | {"OCRSITE_DATA": str(folder), "DATABASE_URL": f"sqlite:///{file}"}


def test_long_work_leaves_others_their_turn(owner: User, tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + number % 3000) for number in range(30_000))
    for number in range(60):
        new_document(owner, f"{number}", text)
    index.Entry.objects.all().delete()
    environment = on_disk(tmp_path)
    work = subprocess.Popen([sys.executable, "manage.py", "rebuild_search"], env=environment, stderr=subprocess.DEVNULL)
    written_at: set[int] = set()
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None, timeout=20)) as other:
        while work.poll() is None:
            other.execute("BEGIN IMMEDIATE")
            written_at |= set(other.execute("SELECT count(*) FROM search_entry").fetchone())
            other.execute("COMMIT")
    assert work.returncode == 0
    assert len(written_at - {0, 120}) > 2  # somebody else wrote in the middle of it, several times


def test_a_long_document_is_indexed_in_parts(receive: Callable[..., Document], fake_engine, monkeypatch) -> None:
    document = receive(upload("book.pdf", book(5)))
    run_worker()
    index.Entry.objects.all().delete()
    monkeypatch.setattr(index, "PART", 2)
    assert sum(changed for _, changed in index.rebuild()) >= 6
    assert index.Entry.objects.filter(document=document).count() == 6
    assert sum(changed for _, changed in index.rebuild()) == 0


def test_paced_work_gives_every_item_and_rests_outside_of_transactions_only(db, monkeypatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr("documents.models.sqlite.BUSY", -1.0)
    monkeypatch.setattr("documents.models.sqlite.time.sleep", rests.append)
    assert list(paced_items(range(3))) == [0, 1, 2]
    assert len(rests) == 3


@pytest.mark.parametrize("damage", ["malformed", "not a database"])
def test_a_damaged_database_is_said_in_one_sentence(document: Document, tmp_path: Path, damage: str) -> None:
    environment = on_disk(tmp_path)
    file = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
    content = bytearray(file.read_bytes())
    content[: 100 if damage == "not a database" else 0] = b"x" * (100 if damage == "not a database" else 0)
    content[4096:] = b"\0" * (len(content) - 4096)
    file.write_bytes(content)
    ended = subprocess.run(
        [sys.executable, "manage.py", "rebuild_search"], env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "restore it from a backup" in ended.stderr or "還原" in ended.stderr


def test_a_folder_that_cannot_be_written_to_is_said_in_one_sentence() -> None:
    environment = os.environ | {"OCRSITE_DATA": "/proc/ocrsite"}
    ended = subprocess.run([sys.executable, "-m", "ocrsite.launch"], env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "The data folder /proc/ocrsite cannot be written to" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (DatabaseError("database disk image is malformed"), 503, "damaged"),
        (OperationalError("attempt to write a readonly database"), 503, "cannot write to its data folder"),
        (OSError(errno.EROFS, "Read-only file system"), 503, "cannot write to its data folder"),
    ],
)
def test_what_the_server_lacks_is_said_on_a_page(
    as_owner: Client, error: Exception, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr("documents.models.archive.DocumentQuerySet.in_reach", fail)
    answer = as_owner.get("/", headers={"accept": "text/html"})
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


@pytest.mark.parametrize("lost", [True, False], ids=["missing", "torn"])
def test_a_lost_or_torn_original_is_said_wherever_it_is_needed(
    receive: Callable[..., Document], as_owner: Client, fake_engine, lost: bool
) -> None:
    document = receive(upload("book.pdf", book(2)))
    kept = document.first_original
    original = Path(kept.file.path)
    if lost:
        original.unlink()
    else:
        os.truncate(original, kept.bytes // 2)
    run_worker()
    code = "original-missing" if lost else "original-damaged"
    results = document.current_run.results.all()
    assert [(result.state, result.error["code"], result.attempts) for result in results] == [("failed", code, 1)] * 2
    words = "missing from the archive" if lost else "is damaged"
    page = as_owner.get(f"/documents/{document.pk}/original/", headers={"accept": "text/html"})
    assert (page.status_code < 500, words in page.content.decode()) == (True, True)
    problem = as_owner.get(f"/api/v1/documents/{document.pk}/original/")
    assert (problem.status_code, problem.json()["code"]) == (422, code)
