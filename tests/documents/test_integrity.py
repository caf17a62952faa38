"""What ``check_archive`` finds, repairs and leaves alone."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage, default_storage
from django.core.management import CommandError, call_command

from documents.maintenance.integrity import Finding, IntegrityCheck
from documents.models import Document, Page
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Bucket(InMemoryStorage):
    """A storage whose files have no paths, as those in a bucket have none."""

    path = Storage.path

    def _relative_path(self, name: str) -> str:
        return name


@pytest.fixture(autouse=True, params=["folder", "bucket"])
def _storages(request: pytest.FixtureRequest, settings, _own_world: None) -> None:
    if request.param == "bucket":
        bucket = {"BACKEND": f"{__name__}.Bucket", "OPTIONS": {}}
        settings.STORAGES = settings.STORAGES | {"default": bucket}


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine) -> Document:
    """Two pages, read, with all their files."""
    document = receive(upload("book.pdf", book(2)))
    run_worker()
    return document


def check(**options: bool | timedelta) -> list[Finding]:
    return list(IntegrityCheck(**{"grace": timedelta(0)} | options).findings())  # type: ignore[arg-type]


def damage(name: str) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"something else"))


def test_an_archive_in_order_has_no_findings(document: Document) -> None:
    check = IntegrityCheck(grace=timedelta(0))
    assert list(check.findings()) == []
    assert (check.checked.originals, check.checked.pages) == (1, 2)
    assert check.checked.bytes == document.bytes


def test_an_original_that_is_missing_or_changed_is_found_for_each_of_its_documents(
    document: Document, receive: Callable[..., Document]
) -> None:
    other = receive(upload("again.pdf", document.first_original.file.read()))
    damage(document.first_original.file.name)
    assert {(f.kind, f.title) for f in check()} >= {("original-changed", "book"), ("original-changed", "again")}
    default_storage.delete(document.first_original.file.name)
    assert {f.document for f in check() if f.kind == "original-missing"} == {str(document.pk), str(other.pk)}


def test_lost_page_images_are_named_and_drawn_again(document: Document) -> None:
    first, second = document.pages.all()
    before = first.image.read()
    default_storage.delete(first.image.name)
    default_storage.delete(second.thumbnail.name)
    assert [(f.kind, f.page, f.repaired) for f in check()] == [("image-missing", 1, False), ("image-missing", 2, False)]
    assert [f.repaired for f in check(repair=True)] == [True, True]
    assert check() == []
    assert Page.objects.get(pk=first.pk).image.read() == before


def test_a_page_that_was_read_and_never_drawn_is_drawn(document: Document) -> None:
    page = document.pages.first()
    for file in (page.image, page.thumbnail):
        default_storage.delete(file.name)
    Page.objects.filter(pk=page.pk).update(image="", thumbnail="", width=None, height=None)
    assert [(f.kind, f.page) for f in check(repair=True)] == [("image-missing", 1)]
    page.refresh_from_db()
    assert page.width > 0
    assert default_storage.exists(page.thumbnail.name)


def test_a_page_whose_original_is_missing_too_remains_a_finding(document: Document) -> None:
    default_storage.delete(document.pages.first().image.name)
    default_storage.delete(document.first_original.file.name)
    assert [(f.kind, f.repaired) for f in check(repair=True)] == [("original-missing", False), ("image-missing", False)]


def test_a_page_that_waits_for_its_turn_lacks_nothing(receive: Callable[..., Document]) -> None:
    receive()
    assert check() == []


def test_missing_rows_are_found(document: Document) -> None:
    Page.objects.filter(document=document, number=2).delete()
    assert "pages-missing" in {f.kind for f in check()}


ORPHANS = [
    "originals/ab/abcd",
    "pages/{document}/9.jpg",
    "pages/6b1f6d3e-0000-4000-8000-000000000000/1.jpg",
    "pages/x/1.jpg",
]


def test_files_that_belong_to_nothing_are_found_and_removed_only_when_asked(document: Document) -> None:
    names = sorted(
        default_storage.save(name.format(document=document.pk), ContentFile(b"what is this")) for name in ORPHANS
    )
    found = check(repair=True)
    assert sorted(f.name for f in found) == names
    assert {(f.kind, f.repaired) for f in found} == {("orphan", False)}
    assert all(f.repaired for f in check(remove_orphans=True))
    assert check() == []


def test_young_files_may_belong_to_an_upload_and_are_left_alone(document: Document) -> None:
    default_storage.save("originals/ab/abcd", ContentFile(b"its rows are about to be written"))
    assert check(grace=timedelta(hours=1), remove_orphans=True) == []
    assert default_storage.exists("originals/ab/abcd")


def test_what_broken_uploads_left_is_cleared_away_after_a_day(settings) -> None:
    old, young = (settings.FILE_UPLOAD_TEMP_DIR / name for name in ("old.upload", "young.upload"))
    for path in (old, young):
        path.write_bytes(b"half a file")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert [(f.kind, f.name) for f in check()] == [("upload-left", str(old))]
    assert [f.repaired for f in check(repair=True)] == [True]
    assert (old.exists(), young.exists()) == (False, True)


def test_the_command_says_it_in_words_and_for_programs_and_by_its_status(document: Document) -> None:
    out = io.StringIO()
    call_command("check_archive", stdout=out)
    assert "1 originals" in out.getvalue()
    assert "no findings" in out.getvalue()
    damage(document.first_original.file.name)
    with pytest.raises(CommandError, match="1 findings remain"):
        call_command("check_archive", stdout=out)
    assert f"original-changed: “book” ({document.pk})" in out.getvalue()
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_archive", json=True, stdout=out)
    report = json.loads(out.getvalue())
    assert report["checked"]["pages"] == 2
    assert [(f["kind"], f["document"]) for f in report["findings"]] == [("original-changed", str(document.pk))]
