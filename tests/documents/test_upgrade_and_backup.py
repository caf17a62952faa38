"""A site of version 0.1.0 is upgraded with all that is in it; and a site goes back to an earlier point in time."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documents.maintenance.backup import back_up, restore
from documents.maintenance.snapshots import SnapshotError, Snapshots
from tests.support import object_storage, with_postgres
from tests.support.stack import FOREIGN, ROOT

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MONTH = timedelta(days=30)

LOOK = """
import json
from django.contrib.auth.models import User
from documents import exports
from documents.models import Document, PartialUpload, QuotaOverride
from documents.search import index
list(index.rebuild())
reader, owner = User.objects.get(username="reader"), User.objects.get(username="owner")
letter = Document.objects.visible_to(reader).get()
print(json.dumps({
    "text": letter.current_run.export().text,
    "json": [line["text"] for line in json.loads(exports.as_json(letter.current_run.export()))["pages"][0]["lines"]],
    "tags": [tag.name for tag in letter.tags.all()],
    "found": index.Entry.objects.filter(document=letter).exists(),
    "states": sorted(run.state for document in Document.objects.all() for run in document.runs.all()),
    "override": QuotaOverride.objects.get().pages_a_day,
    "unfinished": PartialUpload.objects.get().name,
    "tokens": owner.access_tokens.count(),
}))
"""


def ran(data: Path, *command: str, **more: str) -> str:
    """What a command of the platform prints that works on a data folder, and with ``more`` variables."""
    clean = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment = clean | {"OCRSITE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "ocrsite.settings"} | more
    shown = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def seen(data: Path, **more: str) -> dict[str, Any]:
    return dict(json.loads(ran(data, "manage.py", "shell", "--no-imports", "-c", LOOK, **more)))


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a site that was upgraded from 0.1.0. Copy it before you change it."""
    data = tmp_path_factory.mktemp("site")
    ran(data, "-m", "tests.support.release_0_1_0")
    ran(data, "manage.py", "migrate", "--no-input")
    return data


@pytest.fixture
def site(upgraded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(upgraded, tmp_path / "site")


@pytest.fixture
def database(site: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(site / "db.sqlite3", timeout=30)) as connection:
        yield connection


def test_the_pages_of_events_can_be_taken_back_and_their_guards_stay(site: Path, database: sqlite3.Connection) -> None:
    for migration in ("0034", "0035"):
        ran(site, "manage.py", "migrate", "--no-input", "documents", migration)
        guards = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'documents_event'"
        )
        assert {name for (name,) in guards} == {"documents_event_no_update", "documents_event_no_delete"}


def test_an_upgraded_site_has_all_that_was_in_it(upgraded: Path) -> None:
    assert seen(upgraded) == {
        "text": "臺北市立圖書館\n民國三十九年",
        "json": ["臺北市立圖書館", "民國三十九年"],
        "tags": ["待校正"],
        "found": True,
        "states": ["done", "queued"],
        "override": 10,
        "unfinished": "半份.pdf",
        "tokens": 1,
    }


def test_a_backup_is_restored_by_command(site: Path, tmp_path: Path) -> None:
    assert "1 new files" in ran(site, "manage.py", "backup", str(tmp_path / "backup"))
    assert "0 new files, 0 new bytes" in ran(site, "manage.py", "backup", str(tmp_path / "backup"))
    other = tmp_path / "other"
    assert "Restored as of" in ran(other, "manage.py", "restore", str(tmp_path / "backup"))
    assert seen(other)["text"] == "臺北市立圖書館\n民國三十九年"
    assert (other / "secret-key").read_text() == (site / "secret-key").read_text()
    assert "1 originals" in ran(other, "manage.py", "check_archive", "--repair")


def titles(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "db.sqlite3")) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM documents_document ORDER BY title")]


def test_each_point_in_time_can_be_restored_and_costs_what_has_changed(
    site: Path, database: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    database.execute("CREATE TABLE much AS SELECT randomblob(4000000) AS content")
    whole = back_up(site, folder, NOON, MONTH)
    database.execute("UPDATE documents_document SET title = '改名' WHERE title = '未讀'")
    database.commit()
    changed = back_up(site, folder, NOON + timedelta(minutes=5), MONTH)
    assert 0 < changed.bytes < whole.bytes / 20
    first = restore(folder, tmp_path / "first", NOON + timedelta(minutes=4))
    assert first == NOON
    assert titles(tmp_path / "first") == ["未讀", "致友人書"]
    restore(folder, tmp_path / "newest")
    assert titles(tmp_path / "newest") == ["改名", "致友人書"]


def test_a_backup_made_while_others_write_is_whole(site: Path, database: sqlite3.Connection, tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(site / "db.sqlite3", timeout=30)) as connection:
            number = 0
            while not over.is_set():
                number += 1
                connection.execute("UPDATE documents_document SET title = ?", [f"{number}"])
                connection.commit()
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(30)
    try:
        for number in range(5):
            back_up(site, tmp_path / "backup", NOON + timedelta(minutes=number), MONTH)
    finally:
        over.set()
        writer.join()
    for number in range(5):
        target = tmp_path / f"{number}"
        restore(tmp_path / "backup", target, NOON + timedelta(minutes=number))
        one, other = titles(target)
        assert one == other  # one transaction changed both


def test_a_file_that_was_deleted_comes_back_with_its_time(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    (original,) = (site / "media").rglob("originals/*/*")
    name, content = original.relative_to(site / "media"), original.read_bytes()
    back_up(site, folder, NOON, MONTH)
    original.unlink()
    back_up(site, folder, NOON + timedelta(days=1), MONTH)
    restore(folder, tmp_path / "before", NOON)
    assert (tmp_path / "before" / "media" / name).read_bytes() == content
    back_up(site, folder, NOON + timedelta(days=40), MONTH)
    restore(folder, tmp_path / "later")
    assert not (tmp_path / "later" / "media" / name).exists()


def test_of_days_before_yesterday_the_last_backup_stays(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    for hours in (0, 1, 2, 26, 27, 28, 30):
        back_up(site, folder, NOON + timedelta(hours=hours), MONTH)
    assert [(taken - NOON) // timedelta(hours=1) for taken in Snapshots(folder).times()] == [2, 26, 27, 28, 30]
    back_up(site, folder, NOON + timedelta(days=35), MONTH)
    assert Snapshots(folder).times() == [NOON + timedelta(days=35)]
    restore(folder, tmp_path / "other")  # no chunk that is needed has gone
    assert titles(tmp_path / "other") == ["未讀", "致友人書"]


def test_a_damaged_backup_is_not_restored(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(site, folder, NOON, MONTH)
    chunk = max((folder / "chunks").rglob("*/*"), key=lambda path: path.stat().st_size)
    chunk.write_bytes(chunk.read_bytes()[:-20])
    with pytest.raises(SnapshotError, match=r"missing|damaged"):
        restore(folder, tmp_path / "other")
    assert not (tmp_path / "other" / "db.sqlite3").exists()


def test_nothing_is_restored_over_a_site(site: Path, tmp_path: Path) -> None:
    back_up(site, tmp_path / "backup", NOON, MONTH)
    with pytest.raises(SnapshotError, match="There is a database"):
        restore(tmp_path / "backup", site)
    with pytest.raises(SnapshotError, match="no snapshot of that time"):
        restore(tmp_path / "backup", tmp_path / "other", NOON - timedelta(minutes=1))


def test_postgresql_and_s3_are_restored_as_the_guide_says(tmp_path: Path) -> None:
    with with_postgres.server() as postgres, object_storage.server("ocrsite", "copy", "other") as url:
        storage = {"S3_ENDPOINT_URL": url, "S3_BUCKET": "ocrsite", "PGUSER": "postgres", **object_storage.KEYS}
        there = storage | {"DATABASE_URL": postgres.url}
        data = tmp_path / "data"
        ran(data, "-m", "tests.support.release_0_1_0", **there)
        ran(data, "manage.py", "migrate", "--no-input", **there)

        def tool(program: str, *arguments: str) -> None:
            connection = {"PGHOST": str(postgres.folder), "PGUSER": "postgres"}
            command = [str(with_postgres.server_programs() / program), *arguments]
            subprocess.run(command, env=os.environ | connection, check=True)

        tool("pg_dump", "--format=custom", f"--file={tmp_path / 'ocrsite.dump'}", "postgres")
        object_storage.copy(url, "ocrsite", "copy")
        tool("createdb", "other")
        tool("pg_restore", "--no-owner", "--dbname=other", str(tmp_path / "ocrsite.dump"))
        object_storage.copy(url, "copy", "other")
        here = storage | {"DATABASE_URL": postgres.url.removesuffix("postgres") + "other", "S3_BUCKET": "other"}
        assert seen(data, **here)["text"] == "臺北市立圖書館\n民國三十九年"
        assert "1 originals" in ran(data, "manage.py", "check_archive", "--repair", **here)
        assert "with SQLite" in refused(data, "manage.py", "backup", str(tmp_path / "backup"), **here)


def refused(data: Path, *command: str, **more: str) -> str:
    with pytest.raises(AssertionError) as error:
        ran(data, *command, **more)
    return str(error.value)
