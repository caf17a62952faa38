"""The folder that a scanner fills: what is taken, when, once, and what becomes of the files."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from documents.ingest import intake
from documents.ingest.watch_folder import After, Filing, Outcome, Taken, WatchFolder
from documents.library import operations
from documents.models import Document, Folder, QuotaOverride
from recognition.options import Options
from tests.support.files import picture, upload
from tests.support.stack import heed_signals, wait_for

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder


@pytest.fixture
def open_watch_folder(scans: Path, owner: User) -> Callable[..., WatchFolder]:
    def make(**given) -> WatchFolder:
        arguments = {"recursive": False, "settle": 0, "after": After.MOVE} | given
        return WatchFolder(scans, Filing(owner, Options()), **arguments)

    return make


def take_all(watched: WatchFolder) -> list[Taken | None]:
    return [watched.take(path) for path in watched.ready()]


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_file_becomes_a_document_and_moves_aside(scans: Path, open_watch_folder, owner: User) -> None:
    (scans / "報告.png").write_bytes(picture())
    assert [taken.outcome for taken in take_all(open_watch_folder())] == [Outcome.IMPORTED]
    document = Document.objects.get()
    assert (document.title, document.owner) == ("報告", owner)
    assert tree(scans) == ["imported/報告.png"]


def test_a_file_that_cannot_be_read_moves_aside_with_the_reason(scans: Path, open_watch_folder) -> None:
    (scans / "letter.png").write_bytes(b"PK\x03\x04 a ZIP archive, whatever its name")
    assert [taken.outcome for taken in take_all(open_watch_folder())] == [Outcome.FAILED]
    assert tree(scans) == ["failed/letter.png", "failed/letter.png.reason.txt"]
    assert "a ZIP archive, which cannot be read" in (scans / "failed" / "letter.png.reason.txt").read_text()
    assert not Document.objects.exists()


def test_what_the_owner_has_already_is_not_taken_twice(scans: Path, open_watch_folder, receive) -> None:
    receive(upload("known.png", picture("舊")))
    (scans / "again.png").write_bytes(picture("舊"))
    (taken,) = take_all(open_watch_folder())
    assert str(taken).endswith("again.png: there already: known")
    assert Document.objects.count() == 1
    assert tree(scans) == ["imported/again.png"]


def test_what_only_a_stranger_has_is_taken(scans: Path, open_watch_folder, receive, stranger: User) -> None:
    Document.objects.filter(pk=receive(upload("theirs.png", picture("舊"))).pk).update(owner=stranger)
    (scans / "mine.png").write_bytes(picture("舊"))
    assert [taken.outcome for taken in take_all(open_watch_folder())] == [Outcome.IMPORTED]


def test_a_scanner_that_begins_anew_with_its_numbers_overwrites_nothing(scans: Path, open_watch_folder) -> None:
    watched = open_watch_folder()
    for text in ("一", "二", "三"):
        (scans / "scan0001.png").write_bytes(picture(text))
        take_all(watched)
    assert tree(scans) == ["imported/scan0001-2.png", "imported/scan0001-3.png", "imported/scan0001.png"]
    assert Document.objects.count() == 3


def test_a_file_that_still_grows_is_let_be(scans: Path, open_watch_folder, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("documents.ingest.watch_folder.time.monotonic", lambda: now)
    watched, path, whole = open_watch_folder(settle=10), scans / "a.png", picture()
    path.write_bytes(whole[:100])
    assert watched.ready() == []
    now += 9
    path.write_bytes(whole)
    assert watched.ready() == []
    now += 9
    assert watched.ready() == []
    assert watched.waiting
    now += 1
    assert watched.ready() == [path]


def test_what_is_written_to_while_it_is_taken_is_taken_again(
    scans: Path, open_watch_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, path, receive = open_watch_folder(), scans / "a.png", intake.receive
    path.write_bytes(picture())

    def receive_slowly(file, **given) -> Document:
        path.write_bytes(picture("後來"))
        return receive(file, **given)

    monkeypatch.setattr(intake, "receive", receive_slowly)
    take_all(watched)
    assert tree(scans) == ["a.png"]
    monkeypatch.setattr(intake, "receive", receive)
    take_all(watched)
    assert tree(scans) == ["imported/a.png"]


@pytest.mark.parametrize("name", ["長" * 83 + ".png", "x" * 251 + ".png", "長" * 85], ids=["han", "latin", "bare"])
def test_a_name_of_any_length_has_its_reason(scans: Path, open_watch_folder, name: str) -> None:
    for _ in range(2):  # the second needs a number besides
        (scans / name).write_bytes(b"no picture")
        assert [taken.outcome for taken in take_all(open_watch_folder())] == [Outcome.FAILED]
    kept = sorted((scans / "failed").iterdir())
    reasons = [path for path in kept if path.name.endswith(".txt")]
    assert len(kept) == 4
    assert len(reasons) == 2
    assert all("cannot be read" in path.read_text() or "known type" in path.read_text() for path in reasons)
    assert (scans / "failed" / name).exists()


def test_a_file_that_somebody_has_open_for_writing_is_waited_for(scans: Path, open_watch_folder) -> None:
    watched, path, whole = open_watch_folder(), scans / "a.png", picture()
    program = "import sys; file = open(sys.argv[1], 'wb'); file.write(sys.stdin.buffer.read(100)); file.flush(); "
    program += "print('half', flush=True); file.write(sys.stdin.buffer.read()); file.close()"
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    writer.stdin.write(whole[:100])
    assert writer.stdout.readline() == b"half\n"
    assert take_all(watched) == [None]
    assert watched.waiting
    writer.stdin.write(whole[100:])
    writer.stdin.close()
    writer.wait()
    take_all(watched)
    assert tree(scans) == ["imported/a.png"]


def test_what_looks_like_half_a_file_is_given_time(
    scans: Path, open_watch_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network share, where nobody sees that a writer only pauses."""
    now = 100.0
    monkeypatch.setattr("documents.ingest.watch_folder.time.monotonic", lambda: now)
    watched, path, whole = open_watch_folder(settle=10), scans / "a.png", picture()
    path.write_bytes(whole[: len(whole) // 2])
    watched.ready()
    now += 10
    assert take_all(watched) == [None]
    now += 60
    assert take_all(watched) == []
    path.write_bytes(whole)  # it goes on after a minute
    watched.ready()
    now += 10
    assert [taken.outcome for taken in take_all(watched) if taken] == [Outcome.IMPORTED]
    path = scans / "b.png"
    path.write_bytes(whole[: len(whole) // 2])
    watched.ready()
    now += 10
    assert take_all(watched) == [None]
    now += 120
    assert [taken.outcome for taken in take_all(watched) if taken] == [Outcome.FAILED]
    assert tree(scans) == ["failed/b.png", "failed/b.png.reason.txt", "imported/a.png"]


def test_an_old_file_that_is_broken_is_not_waited_for(scans: Path, open_watch_folder, monkeypatch) -> None:
    now = 100.0
    monkeypatch.setattr("documents.ingest.watch_folder.time.monotonic", lambda: now)
    watched, path = open_watch_folder(settle=10), scans / "a.png"
    path.write_bytes(picture()[:100])
    os.utime(path, (1, 1))
    watched.ready()
    now += 10
    assert [taken.outcome for taken in take_all(watched) if taken] == [Outcome.FAILED]


NAMES = [
    ".hidden.png",
    "~$a.png",
    "a.png.part",
    "Thumbs.db",
    "sub/b.png",
    "imported/c.png",
    "failed/d.png",
    ".git/e.png",
]


@pytest.mark.parametrize(("recursive", "expected"), [(False, []), (True, ["sub/b.png"])])
def test_only_what_is_meant_is_taken(scans: Path, open_watch_folder, recursive: bool, expected: list[str]) -> None:
    for name in NAMES:
        (scans / name).parent.mkdir(exist_ok=True)
        (scans / name).write_bytes(picture())
    found = [path.relative_to(scans).as_posix() for path in open_watch_folder(recursive=recursive).ready()]
    assert found == expected


def test_files_below_keep_their_place(scans: Path, open_watch_folder) -> None:
    (scans / "二月").mkdir()
    (scans / "二月" / "a.png").write_bytes(picture())
    take_all(open_watch_folder(recursive=True))
    assert tree(scans) == ["imported/二月/a.png"]


@pytest.mark.parametrize(("after", "left"), [(After.DELETE, []), (After.KEEP, ["a.png"])])
def test_files_can_be_deleted_or_left_where_they_are(
    scans: Path, open_watch_folder, after: After, left: list[str]
) -> None:
    (scans / "a.png").write_bytes(picture())
    watched = open_watch_folder(after=after)
    assert len(take_all(watched)) == 1
    assert tree(scans) == left
    assert take_all(watched) == []


def test_a_file_that_another_importer_is_at_is_left_to_it(scans: Path, open_watch_folder) -> None:
    path = scans / "a.png"
    path.write_bytes(picture())
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert take_all(open_watch_folder()) == [None]
    path.unlink()
    assert open_watch_folder().take(path) is None
    assert not Document.objects.exists()


def test_trouble_of_ours_leaves_the_file_for_later(
    scans: Path, open_watch_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scans / "a.png").write_bytes(picture())
    watched = open_watch_folder()

    def fail(*args, **given) -> Document:
        raise DatabaseError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(intake, "receive", fail)
        with pytest.raises(DatabaseError):
            take_all(watched)
    assert tree(scans) == ["a.png"]
    assert [taken.outcome for taken in take_all(watched)] == [Outcome.IMPORTED]


def test_a_file_that_could_not_be_tagged_and_shared_is_taken_as_a_whole_later(
    scans: Path, owner: User, monkeypatch: pytest.MonkeyPatch, redis_server: redis.Redis
) -> None:
    team = Group.objects.create(name="會計")
    (scans / "a.png").write_bytes(picture())
    filing = Filing(owner, Options(), tags=("掃描",), teams=(team,))
    watched = WatchFolder(scans, filing, recursive=False, settle=0, after=After.MOVE)

    def fail(*args, **given) -> None:
        raise DatabaseError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(operations, "share", fail)
        with pytest.raises(DatabaseError):
            take_all(watched)
    assert not Document.objects.exists()
    assert not redis_server.keys("rq:job:*")
    assert [taken.outcome for taken in take_all(watched)] == [Outcome.IMPORTED]
    document = Document.objects.get()
    assert [tag.name for tag in document.tags.all()] == ["掃描"]
    assert [share.team for share in document.shares.all()] == [team]
    assert document.first_original.file.read() == picture()


def test_a_full_quota_leaves_the_files_until_there_is_room(scans: Path, owner: User) -> None:
    override = QuotaOverride.objects.create(user=owner, pages_a_day=1)
    for name in ("a", "b"):
        (scans / f"{name}.png").write_bytes(picture(name))
    with pytest.raises(CommandError, match=r"b\.png stays where it is, and all after it"):
        call_command("import_folder", scans, owner="owner", settle=0)
    assert tree(scans) == ["b.png", "imported/a.png"]
    override.delete()
    call_command("import_folder", scans, owner="owner", settle=0)
    assert tree(scans) == ["imported/a.png", "imported/b.png"]


def test_the_command_files_tags_and_shares_what_it_takes(scans: Path, owner: User, capsys) -> None:
    team = Group.objects.create(name="會計")
    Folder.create(owner, "發票")
    (scans / "a.png").write_bytes(picture("甲"))
    (scans / "b.txt").write_text("just a note")
    with pytest.raises(CommandError, match="1 files were not imported"):
        call_command(
            "import_folder",
            scans,
            owner="owner",
            settle=0,
            folder="發票/2026",
            tag=["掃描"],
            team=["會計"],
            script="none",
        )
    document = Document.objects.get()
    assert str(document.folder.parent) == "發票"
    assert [tag.name for tag in document.tags.all()] == ["掃描"]
    assert [share.team for share in document.shares.all()] == [team]
    assert document.current_run.options["script"] == "none"
    assert "imported: 1, there already: 0, failed: 1" in capsys.readouterr().out
    assert tree(scans) == ["failed/b.txt", "failed/b.txt.reason.txt", "imported/a.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"owner": "nobody"}, "no user nobody"),
        ({"owner": "owner", "team": ["nobodies"]}, "no team nobodies"),
    ],
)
def test_unknown_people_are_refused_before_anything_is_touched(scans: Path, owner, arguments, message) -> None:
    (scans / "a.png").write_bytes(picture())
    with pytest.raises(CommandError, match=message):
        call_command("import_folder", scans, **arguments)
    assert tree(scans) == ["a.png"]


def test_two_watching_importers_take_each_file_once_and_stop_when_told(
    tmp_path: Path, scans: Path, migrated: Path
) -> None:
    """As people run them: two processes on one folder, with an instance of their own."""
    (tmp_path / "data").mkdir()
    shutil.copy(migrated, tmp_path / "data" / "db.sqlite3")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"OCRSITE_DATA": str(tmp_path / "data"), "OCRSITE_ADMIN_PASSWORD": "seal and paper"}
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "ensure_admin"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    watch = [*manage, "import_folder", str(scans), "--owner", "admin", "--watch", "--settle", "0"]
    importers = [
        subprocess.Popen(watch, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=heed_signals)
        for _ in range(2)
    ]
    assert [importer.stdout.readline() for importer in importers] == [f"Watching {scans}.\n"] * 2
    for number in range(8):
        (scans / f".{number}.png").write_bytes(picture(f"第{number}頁"))
        (scans / f".{number}.png").rename(scans / f"{number}.png")
    wait_for(lambda: len(list((scans / "imported").glob("*"))) == 8)
    for importer in importers:
        importer.send_signal(signal.SIGTERM)
    said = "".join(importer.communicate(timeout=30)[0] for importer in importers)
    assert [importer.returncode for importer in importers] == [0, 0]
    assert sorted(line.split(": ")[1] for line in said.splitlines() if line.startswith(str(scans))) == ["imported"] * 8


def test_links_are_not_followed(scans: Path, tmp_path: Path, open_watch_folder) -> None:
    (tmp_path / "secret.png").write_bytes(picture())
    (scans / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(scans / "pipe.png")
    watched = open_watch_folder()
    assert take_all(watched) == []
    assert not watched.waiting


def test_nothing_is_moved_out_of_the_folder(scans: Path, tmp_path: Path, open_watch_folder) -> None:
    elsewhere = tmp_path / "programs"
    elsewhere.mkdir()
    (scans / "failed").symlink_to(elsewhere)
    (scans / "evil.py").write_text("print()")
    with pytest.raises(OSError, match="leads out of the folder"):
        take_all(open_watch_folder())
    assert tree(elsewhere) == []
    assert (scans / "evil.py").exists()
