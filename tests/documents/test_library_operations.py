"""What people do with documents as a whole: tags, folders, shares, the trash, and the same bytes again."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from documents import editing, originals
from documents.ingest import intake
from documents.library import operations
from documents.models import Document, Event, Folder, RefusedError, Share
from documents.processing import queue
from recognition.options import Options
from tests.support.documents import make
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, picture, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db


def test_a_title_is_kept_clean_and_never_empty(owner: User) -> None:
    document = make(owner)
    editing.rename(document, " 說明書\x00\n", owner)
    assert Document.objects.get().title == document.title == "說明書"
    for title in ("", "\x00", "x" * 256):
        with pytest.raises(RefusedError):
            editing.rename(document, title, owner)


def test_tags_are_put_on_and_taken_off(owner: User) -> None:
    document = make(owner)
    editing.tag(document, owner, add=["信件", "1939"])
    editing.tag(document, owner, add=["信件"], remove=["1939", "never there"])
    assert [tag.name for tag in document.tags.all()] == ["信件"]
    added = Event.objects.filter(verb="tagged").order_by("pk").values_list("details__added", flat=True)
    assert list(added) == [["1939", "信件"], []]


def test_a_tag_that_is_wanted_is_not_taken_off_however_it_is_spelt(owner: User) -> None:
    document = make(owner)
    editing.tag(document, owner, add=["invoice", "letter"])
    editing.tag(document, owner, add=["Invoice"], remove=["invoice", "letter", "no\0tag"])
    assert [tag.name for tag in document.tags.all()] == ["invoice"]


def test_a_document_goes_only_into_folders_that_its_mover_may_fill(owner: User, stranger: User) -> None:
    document, theirs = make(owner), Folder.create(stranger, "theirs")
    share = Share.objects.create(folder=theirs, user=owner)
    with pytest.raises(RefusedError):
        operations.move(document, theirs, owner)
    operations.share(theirs, stranger, user=owner, may_edit=True)
    assert Share.objects.get() == share
    operations.move(document, theirs, owner)
    assert Document.objects.visible_to(stranger).get() == document
    operations.move(document, None, owner)
    assert not Document.objects.visible_to(stranger).exists()


def test_sharing_and_taking_back_is_noted(owner: User, stranger: User) -> None:
    document = make(owner)
    share = operations.share(document, owner, user=stranger, may_edit=False)
    operations.unshare(share, owner)
    assert not Document.objects.visible_to(stranger).exists()
    verbs = Event.objects.filter(document=document.pk).values_list("verb", "details__user")
    assert set(verbs) == {("shared", "stranger"), ("unshared", "stranger")}
    with pytest.raises(RefusedError):
        operations.share(document, owner, user=owner, may_edit=True)


def test_an_empty_folder_goes_at_once_and_a_full_one_only_when_asked(owner: User, stranger: User) -> None:
    outer = Folder.create(owner, "outer")
    inner = Folder.create(owner, "inner", outer)
    mine, theirs = make(owner, "a", folder=inner), make(stranger, "b", folder=inner)
    for folder in (outer, inner):
        with pytest.raises(RefusedError):
            operations.delete_folder(folder, owner, with_contents=False)
    operations.delete_folder(outer, owner, with_contents=True)
    assert not Folder.objects.exists()
    assert list(Document.objects.trash_of(owner)) == [mine]
    assert Document.objects.visible_to(stranger).get() == theirs
    operations.delete_folder(Folder.create(owner, "empty"), owner, with_contents=False)


def test_a_folder_that_has_just_been_moved_or_deleted_is_deleted_as_it_is_now(owner: User) -> None:
    outer, folder = Folder.create(owner, "outer"), Folder.create(owner, "folder")
    document = make(owner, "a", folder=folder)
    seen = [Folder.objects.get(pk=folder.pk) for _ in range(3)]  # by requests that have just begun
    folder.move(outer)
    with pytest.raises(RefusedError, match="not empty"):
        operations.delete_folder(seen[0], owner, with_contents=False)
    operations.delete_folder(seen[1], owner, with_contents=True)
    assert list(Document.objects.trash_of(owner)) == [document]
    assert list(Folder.objects.all()) == [outer]
    with pytest.raises(RefusedError, match="gone"):
        operations.delete_folder(seen[2], owner, with_contents=True)


@pytest.mark.django_db(transaction=True)
def test_the_trash_stops_reading_and_restoring_goes_on_with_it(receive, fake_engine: FakeEngine, owner: User) -> None:
    document = receive(upload("book.pdf", book(3)))
    fake_engine.on_read = lambda image: operations.trash(document, owner)
    run_worker()
    assert fake_engine.pages_read == 1
    assert queue.reconcile() == 0
    fake_engine.on_read = lambda image: None
    editing.restore(document, owner)
    run_worker()
    assert fake_engine.pages_read == 3
    assert document.runs.get().state == "done"


def test_the_trash_is_emptied_after_its_time_and_what_was_restored_stays(
    receive, owner: User, settings, django_capture_on_commit_callbacks
) -> None:
    settings.OCRSITE_TRASH_DAYS = 7
    old, new, restored = (receive(upload(f"{name}.png", picture(name))) for name in ("舊", "新", "回"))
    for document in (old, new, restored):
        operations.trash(document, owner)
    gone, kept = old.first_original.file, new.first_original.file
    Document.objects.exclude(pk=new.pk).update(trashed=timezone.now() - timedelta(days=7, minutes=1))
    editing.restore(restored, owner)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("reconcile")
    assert set(Document.objects.all()) == {new, restored}
    assert not gone.storage.exists(gone.name)
    assert kept.storage.exists(kept.name)


def test_a_document_is_thrown_away_and_restored_once(receive, owner: User) -> None:
    document = receive()
    for change in (operations.trash, operations.trash, editing.restore, editing.restore):
        change(document, owner)
    verbs = Event.objects.filter(verb__in=["trashed", "restored"]).values_list("verb", flat=True)
    assert sorted(verbs) == ["restored", "trashed"]


def test_the_same_bytes_ask_first_and_are_kept_again_without_being_sent(receive, owner: User, stranger: User) -> None:
    first = receive(upload("a.png"))
    with pytest.raises(intake.DuplicateError) as met:
        receive(upload("b.png"), duplicates="ask")
    assert met.value.documents == [first]
    second = intake.receive_again(first, name="b.png", owner=owner, options=Options())
    assert (second.title, second.pages.count()) == ("b", 1)
    assert second.first_original.file.name == first.first_original.file.name
    assert second.first_original.file.read() == picture()


def test_what_a_person_cannot_see_is_no_duplicate(receive, owner: User, stranger: User) -> None:
    first = receive(upload("a.png"))
    second = receive(upload("a.png"), owner=stranger, duplicates="ask")
    operations.trash(first, owner)
    third = receive(upload("a.png"), duplicates="ask")
    assert len({first.pk, second.pk, third.pk}) == 3


class SlowToDelete(FileSystemStorage):
    """Storage that lets others go first when it is to delete something."""

    before_delete = staticmethod(lambda: None)

    def delete(self, name: str) -> None:
        self.before_delete()
        super().delete(name)


@pytest.mark.django_db(transaction=True)
def test_an_original_outlives_its_last_document_if_the_same_bytes_are_just_coming(
    receive, owner: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"BACKEND": f"{__name__}.SlowToDelete"}
    }
    first = receive(upload("a.png"))
    uploads = []

    def upload_again() -> None:
        """Until it is through: a database in memory refuses at once where others would wait."""
        while not uploads:
            try:
                uploads.append(intake.receive(upload("b.png"), name="b", owner=owner, options=Options()))
            except OperationalError:
                time.sleep(0.05)
        connection.close()

    other = threading.Thread(target=upload_again)

    def start_the_other() -> None:
        other.start()
        other.join(0.5)

    monkeypatch.setattr(SlowToDelete, "before_delete", staticmethod(start_the_other))
    originals.discard(first, owner)
    monkeypatch.undo()
    other.join(20)
    (second,) = uploads
    assert second.first_original.file.storage.exists(second.first_original.file.name)


def test_what_was_just_taken_out_of_the_trash_is_not_deleted_for_good(receive, owner: User) -> None:
    document = receive()
    operations.trash(document, owner)
    chosen = Document.objects.trash_of(owner).get()
    editing.restore(document, owner)
    assert not operations.delete_for_good(chosen, owner)
    operations.trash(document, owner)
    assert not operations.delete_for_good(chosen, owner)
    chosen = Document.objects.trash_of(owner).get()
    assert operations.delete_for_good(chosen, owner)
    assert not operations.delete_for_good(chosen, owner)
    assert list(Event.objects.filter(verb="deleted").values_list("actor_name", flat=True)) == ["owner"]
