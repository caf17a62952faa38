"""Several people and workers at one document at the same moment; on PostgreSQL, since SQLite has one writer anyway."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.utils import timezone

from documents import editing, models, originals
from documents.editing import ConflictError, UnfinishedError
from documents.ingest import intake
from documents.library import operations
from documents.models import Document, Folder, PageResult, RefusedError, Run, Subject, Webhook
from documents.processing import tasks
from documents.processing.heartbeat import lease
from documents.search.models import Entry
from recognition.options import Options
from recognition.page import Line, PageReading
from tests.support.documents import new_document
from tests.support.files import upload
from tests.support.search import rebuilt

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_needs_postgresql", "_quick_reading"),
]

Deed = Callable[[Document, User], None]

PAGES = 4
SECONDS = 2.5


@pytest.fixture
def _needs_postgresql(db) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


@pytest.fixture
def _quick_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers read something else each time, and at once."""
    chance = random.Random(1)

    def read(run: Run, claimed: PageResult, original: object) -> PageReading:
        box = ((0, 0), (100, 0), (100, 20), (0, 20))
        return PageReading(number=claimed.page.number, lines=[Line(f"讀{chance.randrange(10**6)}", 0.9, box)])

    monkeypatch.setattr(tasks, "recognise_page", read)
    monkeypatch.setattr(tasks, "draw", lambda original, number: None)
    monkeypatch.setattr("documents.processing.queue.enqueue_workers", lambda run, queue="": None)


@pytest.fixture
def document(owner: User) -> Document:
    made = new_document(owner, "一書", *(f"第{number}頁\n內文" for number in range(PAGES)))
    made.runs.update(state="done", finished=timezone.now())
    return made


def edit(document: Document, owner: User) -> None:
    """Corrects a line of the current reading."""
    run = Run.objects.get(document=document, pk=Document.objects.get(pk=document.pk).current_run_id)
    result = run.results.select_related("page__document").get(page__number=random.randint(1, PAGES))
    number = result.page.number
    held = result.placement().by_line.get(f"{number}-1")
    try:
        text = f"改{random.randrange(10**6)}"
        editing.correct(result, f"{number}-1", text, author=owner, seen=held.pk if held else None)
    except (ConflictError, LookupError):  # somebody was quicker, or the page is just being read
        pass


def run_page_again(document: Document, owner: User) -> None:
    run = Run.objects.select_related("document__current_run").filter(document=document).order_by("-created")[0]
    time.sleep(random.random() / 50)  # as between the click on a page and the next one
    with suppress(UnfinishedError):
        editing.run_page_again(run, random.randint(1, PAGES), Options(), owner)


def make_current(document: Document, owner: User) -> None:
    run = random.choice(list(document.runs.all()[:5]))
    editing.make_current(run, owner)


def work(document: Document, owner: User) -> None:
    for run in Run.objects.filter(document=document, state__in=models.UNFINISHED):
        while claimed := PageResult.objects.claim(run, f"desk-{threading.get_ident()}", lease()):
            tasks.read_page(run, claimed, None)  # type: ignore[arg-type]


@contextmanager
def at_once(*deeds: Deed, document: Document, owner: User) -> Iterator[None]:
    """Has each of ``deeds`` done over and over by a thread of its own until the block ends; no error may come of it."""
    troubles: list[BaseException] = []
    over = threading.Event()

    def go_on(deed: Deed) -> None:
        try:
            while not over.is_set():
                deed(document, owner)
        except BaseException as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go_on, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert troubles == []


def test_the_index_has_the_current_texts_whatever_is_done_at_once(document: Document, owner: User) -> None:
    with at_once(edit, edit, run_page_again, run_page_again, work, work, document=document, owner=owner):
        time.sleep(SECONDS)
    work(document, owner)
    assert document.runs.count() > 3
    assert rebuilt() == 0


def test_the_index_follows_the_reading_that_is_made_current_meanwhile(document: Document, owner: User) -> None:
    with at_once(edit, run_page_again, make_current, work, document=document, owner=owner):
        time.sleep(SECONDS)
    work(document, owner)
    assert rebuilt() == 0


def cancel_or_retry(document: Document, owner: User) -> None:
    for run in Run.objects.filter(document=document):
        random.choice([editing.cancel, editing.retry])(run, owner)


def test_a_document_is_deleted_for_good_while_it_is_read_and_changed(owner: User) -> None:
    Webhook.objects.create(user=owner, url="https://example.org/", subjects=Subject.values)

    def unless_gone(deed: Deed) -> Deed:
        def try_it(document: Document, owner: User) -> None:
            with suppress(ObjectDoesNotExist):
                deed(document, owner)

        return try_it

    deeds = [unless_gone(deed) for deed in (work, work, edit, cancel_or_retry)]
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        document = new_document(owner, "一書", *(f"第{number}頁" for number in range(30)))
        editing.run_again(document, Options(), owner)
        with at_once(*deeds, document=document, owner=owner):
            time.sleep(random.uniform(0.05, 0.2))
            operations.trash(document, owner)
            operations.delete_for_good(Document.objects.get(pk=document.pk), owner)
        assert not Document.objects.exists()
        assert not Entry.objects.exists()


def test_no_picture_of_a_page_stays_that_was_made_while_its_document_was_deleted(
    document: Document, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = document.pages.get(number=1)
    page.image.name = page.thumbnail.name = "pages/1.jpg"
    kept: list[bool] = []

    def keep() -> None:
        kept.append(page.keep_images())
        connection.close()

    worker = threading.Thread(target=keep)

    def meanwhile(*args: object) -> None:
        worker.start()
        worker.join(0.3)

    monkeypatch.setattr(originals, "record", meanwhile)  # by then it is known which files are to go
    originals.discard(document, owner)
    worker.join()
    assert kept == [False]


def test_of_copies_that_come_in_at_once_one_is_taken_where_duplicates_are_refused(owner: User) -> None:
    refused: list[intake.DuplicateError] = []

    def send() -> None:
        try:
            file = upload("page.png")
            intake.receive(file, name="page.png", owner=owner, options=Options(), duplicates="ask")
        except intake.DuplicateError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Document.objects.filter(owner=owner).count() == 1
    assert len(refused) == 3


def test_of_two_folders_that_get_the_same_name_at_once_one_is_refused(document: Document, owner: User) -> None:
    refused: list[str] = []

    def name_one(document: Document, owner: User) -> None:
        name = f"案卷{int(time.time() * 5)}"
        try:
            folder = Folder.create(owner, f"{threading.get_ident()}-{time.monotonic_ns()}")
            folder.rename(name)
            Folder.create(owner, f"{name}號")
        except RefusedError as error:
            refused.append(str(error))

    with at_once(name_one, name_one, name_one, document=document, owner=owner):
        time.sleep(SECONDS)
    assert set(refused) == {"There is a folder of this name already."}


def test_new_tags_are_put_on_several_documents_at_once(document: Document, owner: User) -> None:
    both = [document, new_document(owner, "二書", "內文")]

    def words() -> list[str]:
        """New ones ten times a second, the same for all, in any order."""
        names = [f"{kind}{int(time.time() * 10)}" for kind in "甲乙丙"]
        return random.sample(names, len(names))

    def tag_selection(document: Document, owner: User) -> None:
        add = words()
        with transaction.atomic():
            for each in both:
                editing.tag(each, owner, add=add)

    def tag_one(document: Document, owner: User) -> None:
        editing.tag(random.choice(both), owner, add=words())

    with at_once(tag_selection, tag_one, tag_one, document=document, owner=owner):
        time.sleep(SECONDS)
    assert rebuilt() == 0
