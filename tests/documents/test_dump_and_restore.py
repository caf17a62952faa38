"""Everything of an instance in a folder, and from there on another database: nothing lost, nothing changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from documents import editing, proposals
from documents.editing import correct
from documents.library import links, operations
from documents.maintenance.contents import CARRIED, LEFT_OUT
from documents.maintenance.dump import dump_archive
from documents.maintenance.manifest import Manifest, TransferError
from documents.maintenance.restore import restore_archive
from documents.models import (
    AccessToken,
    Document,
    Folder,
    Page,
    Preferences,
    QuotaOverride,
    Replacement,
    Run,
    SavedFilter,
    Webhook,
)
from documents.search import replacing
from recognition.options import Options
from tests.support import with_postgres
from tests.support.files import book, upload
from tests.support.worker import run_worker

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.django_db(transaction=True)


def silent(said: str) -> None:
    pass


@pytest.fixture
def archive(receive: Callable[..., Document], fake_engine, owner: User, stranger: User) -> Document:
    """Something in every table that is carried."""
    document = receive(upload("書.pdf", book(2)))
    trashed = receive(upload("twin.pdf", document.first_original.file.read()))
    run_worker()
    result = document.current_run.results.get(page__number=2)
    correct(result, "2-1", "臺北", author=owner, seen=None)
    editing.check(result, author=owner)
    editing.apply_replacement(
        replacing.prepare(Replacement(author=owner, find="台", replacement="臺", document=document))
    )
    editing.rearrange_by_direction(result, "vertical-rl", author=owner, seen=editing.UNCONDITIONAL)
    proposals.offer(result, proposals.Offer("2-1", "臺中", "a model"), owner)
    editing.run_again(document, Options(direction="vertical-rl"), owner)  # not read yet
    team = Group.objects.create(name="會計")
    team.permissions.add(Permission.objects.get(codename="view_document"))
    stranger.groups.add(team)
    stranger.user_permissions.add(Permission.objects.get(codename="change_page"))
    operations.move(document, Folder.create(owner, "2026", Folder.create(owner, "發票")), owner)
    editing.tag(document, owner, add=["掃描"])
    operations.share(document, owner, team=team, may_edit=True)
    links.make(document, owner, days=7)
    operations.trash(trashed, owner)
    AccessToken.issue(owner, "script", "read", timedelta(days=1))
    Webhook.objects.create(user=owner, url="https://example.org/hook")
    Preferences.remember(owner, Options(script="none"))
    QuotaOverride.objects.create(team=team, megabytes=500)
    SavedFilter.objects.create(owner=owner, name="mine", query="state=done")
    EmailAddress.objects.create(user=owner, email="owner@example.org")
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": encrypt("JBSWY3DP")})
    account = SocialAccount.objects.create(user=owner, provider="openid_connect", uid="17")
    app = SocialApp.objects.create(provider="openid_connect", name="school", client_id="us")
    SocialToken.objects.create(app=app, account=account, token="…")
    LogEntry.objects.create(
        user=owner, content_type=ContentType.objects.get_for_model(Page), object_id="1", action_flag=CHANGE
    )
    return document


def tables(folder: Path) -> dict[str, str]:
    """The SHA-256 of every table, and of the list of files."""
    manifest = Manifest.read(folder)
    return {name: part.sha256 for name, part in manifest.tables.items()} | {"files": manifest.files.sha256}


def test_every_table_is_carried_or_named_as_left_out(db) -> None:
    everything = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert everything == set(CARRIED) | set(LEFT_OUT)
    assert not set(CARRIED) & set(LEFT_OUT)


def test_an_archive_goes_from_one_database_to_the_other_and_back_unchanged(
    archive: Document, tmp_path: Path, migrated: Path
) -> None:
    """From the database of this test, through PostgreSQL, to SQLite."""
    first = dump_archive(tmp_path / "first", silent)
    assert not first.problems
    assert [label for label, part in first.tables.items() if not part.rows] == []
    with with_postgres.server() as server:
        url = server.url
        instance(tmp_path / "server", tmp_path / "first", tmp_path / "second", DATABASE_URL=url, PGUSER="postgres")
    (tmp_path / "file").mkdir()
    shutil.copy(migrated, tmp_path / "file" / "db.sqlite3")
    instance(tmp_path / "file", tmp_path / "second", tmp_path / "third")
    assert tables(tmp_path / "second") == tables(tmp_path / "first")
    assert tables(tmp_path / "third") == tables(tmp_path / "first")
    original = tmp_path / "file" / "media" / archive.first_original.file.name
    assert sha256(original.read_bytes()).hexdigest() == archive.first_original.sha256


MOVE = """
import pathlib, sys, threading
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from documents.models import Folder, Tag
from documents.search.models import Entry
from documents.maintenance.dump import dump_archive

source, target = sys.argv[1:]
call_command("migrate", verbosity=0)
call_command("ensure_admin")
call_command("import_archive", source)

def write():
    Tag.named("written during the export")
    connection.close()

def report(said):
    if said.startswith("documents.Run:"):  # the tags have their turn later
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()

dump_archive(pathlib.Path(target), report)
assert Tag.objects.filter(name="written during the export").exists()
Folder.create(User.objects.get(username="owner"), "after"), Tag.named("after")  # numbers after those carried
assert Entry.objects.filter(document__title="書").count() == 3, "the index was not made again"
"""


def instance(data: Path, source: Path, target: Path, **variables: str) -> None:
    """A new instance, in a process of its own, that takes in ``source`` and writes ``target``."""
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PGUSER")}
    environment = clean | {"OCRSITE_DATA": str(data), "OCRSITE_ADMIN_PASSWORD": "seal and paper"} | variables
    program = f"import django; django.setup()\n{MOVE}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(source), str(target)],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "ocrsite.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def emptied() -> None:
    """As a new instance is, with the administrator whom the set-up makes."""
    call_command("flush", interactive=False, verbosity=0)
    User.objects.create_superuser("admin", password="made by the set-up")


def test_the_administrator_of_the_set_up_gives_way(archive: Document, tmp_path: Path) -> None:
    dump_archive(tmp_path / "archive", silent)
    emptied()
    restore_archive(tmp_path / "archive", silent)
    assert sorted(User.objects.values_list("username", flat=True)) == ["owner", "stranger"]
    assert Document.objects.get(title="書").current_run.results.count() == 2


def test_second_factors_are_good_in_an_instance_with_another_key(archive: Document, tmp_path: Path, settings) -> None:
    dump_archive(tmp_path / "archive", silent)
    emptied()
    settings.SECRET_KEY = "the other instance's"
    restore_archive(tmp_path / "archive", silent)
    kept = Authenticator.objects.get().data["secret"]
    assert (decrypt(kept), "JBSWY3DP" in kept) == ("JBSWY3DP", False)


@pytest.mark.parametrize("make", [lambda: Group.objects.create(name="team"), lambda: User.objects.create_user("guest")])
def test_an_instance_in_use_is_refused(archive: Document, tmp_path: Path, make: Callable[[], object]) -> None:
    dump_archive(tmp_path / "archive", silent)
    emptied()
    make()
    with pytest.raises(CommandError, match="not empty"):
        call_command("import_archive", tmp_path / "archive")
    assert not Document.objects.exists()


def alter_table(folder: Path) -> None:
    with (folder / "documents.Tag.jsonl").open("a") as file:
        file.write("{}\n")


def alter_file(folder: Path) -> None:
    next(path for path in folder.glob("files/originals/*/*")).write_bytes(b"something else")


def lose_file(folder: Path) -> None:
    next(path for path in folder.glob("files/originals/*/*")).unlink()


def lose_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def change_manifest(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (alter_table, r"documents\.Tag\.jsonl is damaged"),
        (alter_file, "SHA-256 differs"),
        (lose_file, "not complete"),
        (lose_manifest, "never finished"),
        (change_manifest(format="ocrsite-archive/0"), "no archive of the format"),
        (change_manifest(migrations={"documents": "0001_initial"}), "documents 0001_initial there"),
    ],
)
def test_a_damaged_or_foreign_archive_is_refused_and_nothing_is_written(
    archive: Document, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    dump_archive(tmp_path / "archive", silent)
    damage(tmp_path / "archive")
    emptied()
    with pytest.raises(TransferError, match=message):
        restore_archive(tmp_path / "archive", silent)
    assert not Document.objects.exists()
    assert [user.username for user in User.objects.all()] == ["admin"]


def test_an_archive_that_contradicts_itself_is_refused_as_a_whole(archive: Document, tmp_path: Path) -> None:
    dump_archive(tmp_path / "archive", silent)
    path = tmp_path / "archive" / "documents.Run.jsonl"
    path.write_text("")
    manifest = json.loads((tmp_path / "archive" / "manifest.json").read_text())
    manifest["tables"]["documents.Run"]["sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    change_manifest(**manifest)(tmp_path / "archive")
    emptied()
    with pytest.raises(TransferError, match="contradicts itself"):
        restore_archive(tmp_path / "archive", silent)
    assert [user.username for user in User.objects.all()] == ["admin"]


def test_what_a_broken_import_left_in_storage_does_not_stop_the_next(archive: Document, tmp_path: Path) -> None:
    name = archive.first_original.file.name
    dump_archive(tmp_path / "archive", silent)
    emptied()
    with default_storage.open(name, "wb") as file:
        file.write(b"%PDF")
    restore_archive(tmp_path / "archive", silent)
    with default_storage.open(name) as file:
        assert sha256(file.read()).hexdigest() == archive.first_original.sha256


def test_a_file_that_is_missing_is_told_and_the_rest_is_carried(archive: Document, tmp_path: Path, capsys) -> None:
    default_storage.delete(archive.first_original.file.name)
    with pytest.raises(CommandError, match=rf"(?s)complete but.*missing: .*the original of 書 \({archive.pk}\)"):
        call_command("export_archive", tmp_path / "archive")
    emptied()
    call_command("import_archive", tmp_path / "archive")
    assert "As in the instance it comes from: missing:" in capsys.readouterr().err
    assert Run.objects.filter(document=archive.pk).count() == 2


def test_an_original_that_has_changed_is_told(archive: Document, tmp_path: Path) -> None:
    default_storage.delete(archive.first_original.file.name)
    with default_storage.open(archive.first_original.file.name, "wb") as file:
        file.write(b"something else")
    problems = dump_archive(tmp_path / "archive", silent).problems
    assert len([problem for problem in problems if problem.startswith("SHA-256 differs")]) == 2


def test_only_a_new_folder_is_written_to_and_only_its_owner_reads_it(archive: Document, tmp_path: Path) -> None:
    dump_archive(tmp_path / "archive", silent)
    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700
    with pytest.raises(CommandError, match="not empty"):
        call_command("export_archive", tmp_path / "archive")
