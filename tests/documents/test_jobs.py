"""Workers: what they claim, what survives them, and how progress is told. A real Redis and real RQ workers."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db.models import F
from django.utils import timezone

from documents.models import MAX_ATTEMPTS, PageResult, Run, State
from recognition import jobs, pipeline
from recognition.errors import PageFailed
from recognition.page import Line, PageImage
from recognition.page import PageReading as Reading

from .conftest import Scribe, book, image_of, upload, work

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = timedelta(minutes=5)


def run_of(document) -> Run:
    return Run.objects.get(document=document)


def test_a_worker_reads_every_page_and_stores_text_images_and_seconds(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(3)))
    work()
    run = run_of(document)
    assert run.state == "done"
    assert run.counts()["done"] == 3
    assert run.engine == {"backend": "scribe", "model": "none"}
    assert run.seconds is not None
    for result in run.results.select_related("page"):
        assert result.text == "台北"
        assert result.confidence == pytest.approx(0.9)
        assert result.seconds > 0
        with result.page.image.open() as image:
            assert image_of(image.read()).size == (result.page.width, result.page.height)
        with result.page.thumbnail.open() as small:
            assert image_of(small.read()).width <= jobs.THUMBNAIL[0]


def test_what_was_not_read_as_it_should_be_is_stored(receive, scribe: Scribe, monkeypatch) -> None:
    blank = Line("     ", 0.99, ((10, 60), (90, 60), (90, 80), (10, 80)))
    found = [Line("台北", 0.9, ((10, 10), (90, 10), (90, 40), (10, 40))), blank]
    monkeypatch.setattr(scribe, "read", lambda image: found)
    document = receive(upload("book.pdf", book(1)))
    work()
    (result,) = document.current_run.results.all()
    assert result.text == "台北"
    assert [(warning["code"], warning["box"]) for warning in result.warnings] == [
        ("script-unsupported", [10, 60, 90, 80])
    ]


def test_progress_is_in_the_database_after_every_page(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(3)))
    seen = []
    scribe.on_read = lambda image: seen.append(run_of(document).progress())
    work()
    assert [p.done for p in seen] == [0, 1, 2]
    assert [p.counts["running"] for p in seen] == [1, 1, 1]
    assert seen[0].remaining is None
    assert seen[2].remaining is not None
    assert seen[2].pages_per_minute > 0


def test_a_second_delivery_does_nothing(receive, scribe: Scribe) -> None:
    document = receive()
    work()
    jobs.wake(run_of(document))
    jobs.work_on_run(str(run_of(document).pk))
    work()
    assert scribe.pages_read == 1


def test_a_long_document_makes_room_for_a_short_one(receive, scribe: Scribe, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "SHARE_SECONDS", 0.0)
    long, short = receive(upload("long.pdf", book(4))), receive(upload("short.png"))
    done_when_short_ended = []

    def note(image) -> None:
        if run_of(short).counts()["running"]:
            done_when_short_ended.append(run_of(long).counts()["done"])

    scribe.on_read = note
    work()
    assert done_when_short_ended == [1]
    assert run_of(long).state == "done"


def test_a_failed_page_does_not_stop_the_others_and_can_be_read_again(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(3)))

    def fail_on_second(image) -> None:
        if scribe.pages_read == 2:
            raise PageFailed("The page is torn.")

    scribe.on_read = fail_on_second
    work()
    run = run_of(document)
    assert run.state == "partial"
    failed = run.results.get(state="failed")
    assert failed.page.number == 2
    assert failed.error["code"] == "page-failed"
    assert failed.error["message"] == "The page is torn."

    assert run.retry(None, 2) == 1
    jobs.wake(run)
    work()
    run.refresh_from_db()
    assert run.state == "done"
    assert run.results.get(page__number=2).error is None


def test_an_unexpected_error_fails_only_its_page(receive, scribe: Scribe) -> None:
    document = receive()
    scribe.on_read = lambda image: 1 // 0  # type: ignore[assignment, return-value]
    work()
    result = run_of(document).results.get()
    assert result.state == "failed"
    assert result.error["code"] == "engine-failed"


def test_pages_of_a_dead_worker_are_taken_back_by_its_successor(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(2)))
    run = run_of(document)
    held = PageResult.objects.claim(run, "desk", LEASE)  # the worker dies with this page in its hands
    assert held is not None
    work("another-desk")
    assert run_of(document).state == "running"
    work("desk")
    assert run_of(document).state == "done"


def test_a_lease_that_ran_out_is_claimed_by_anyone(receive, scribe: Scribe) -> None:
    document = receive()
    run = run_of(document)
    PageResult.objects.claim(run, "gone", LEASE)
    PageResult.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work("desk")
    assert run_of(document).state == "done"


def test_a_page_that_kills_its_workers_is_marked_failed_in_the_end(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(2)))
    run = run_of(document)
    for _ in range(MAX_ATTEMPTS):
        claimed = PageResult.objects.claim(run, "desk", LEASE)
        assert claimed is not None
        assert claimed.page.number == 1
        assert PageResult.objects.release("desk") == 1
    work("desk")
    run = run_of(document)
    assert run.state == "partial"
    failed = run.results.get(state="failed")
    assert failed.page.number == 1
    assert failed.error["code"] == "worker-lost"


def test_a_worker_that_lost_its_lease_cannot_overwrite_the_result(receive, owner) -> None:
    run = run_of(receive())
    slow = PageResult.objects.claim(run, "slow", LEASE)
    PageResult.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = PageResult.objects.claim(run, "quick", LEASE)
    assert slow is not None
    assert quick is not None
    assert quick.finish(Reading(number=1))
    assert not slow.finish(Reading(number=1, error=PageFailed("late")))
    assert run.results.get().state == "done"


def test_no_page_is_claimed_twice(receive) -> None:
    run = run_of(receive(upload("book.pdf", book(3))))
    claimed = [PageResult.objects.claim(run, f"desk-{n}", LEASE) for n in range(4)]
    assert [c.page.number for c in claimed[:3]] == [1, 2, 3]
    assert claimed[3] is None


def test_cancelling_gives_up_waiting_pages_and_counts_them_as_failed(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(3)))
    run = run_of(document)
    scribe.on_read = lambda image: run.cancel(None)
    work()
    run = run_of(document)
    assert run.cancelled is not None
    assert run.counts() == {"queued": 0, "running": 0, "done": 1, "failed": 2}
    assert {r.error["code"] for r in run.results.filter(state=State.FAILED)} == {"cancelled"}
    scribe.on_read = lambda image: None
    assert run.retry(None) == 2
    jobs.wake(run)
    work()
    assert run_of(document).state == "done"


def test_a_page_whose_worker_died_is_not_read_again_once_its_run_is_cancelled(receive, scribe: Scribe) -> None:
    run = run_of(receive(upload("book.pdf", book(3))))
    for worker in ("desk", "far away"):
        PageResult.objects.claim(run, worker, LEASE)
    run.cancel(None)
    assert PageResult.objects.release("desk") == 1
    PageResult.objects.filter(worker="far away").update(lease_until=timezone.now() - LEASE)
    jobs.reconcile()
    work()
    assert scribe.pages_read == 0
    assert run_of(run.document).state == "failed"
    assert {result.error["code"] for result in run.results.all()} == {"cancelled"}


def test_an_emptied_redis_loses_nothing(receive, scribe: Scribe, redis_server) -> None:
    document = receive(upload("book.pdf", book(2)))
    redis_server.flushall()
    work()  # a worker reconciles when it starts
    assert run_of(document).state == "done"


def test_reconciling_twice_adds_no_second_job(receive) -> None:
    receive()
    assert jobs.queue().count == 1
    assert jobs.reconcile() == 0
    assert jobs.queue().count == 1


def test_a_run_that_somebody_works_on_needs_no_further_job(receive, redis_server) -> None:
    run = run_of(receive(upload("book.pdf", book(2))))
    redis_server.flushall()  # the job has been taken from the queue
    PageResult.objects.claim(run, "desk", LEASE)
    assert jobs.reconcile() == 0
    PageResult.objects.release("desk")  # and its worker died
    assert jobs.reconcile() == 1


def test_job_payloads_are_json(receive, redis_server) -> None:
    import json
    import zlib

    document = receive()
    (job_id,) = jobs.queue().job_ids
    data = redis_server.hget(f"rq:job:{job_id}", "data")
    payload = json.loads(zlib.decompress(data))
    assert payload[0] == "recognition.jobs.work_on_run"
    assert payload[2] == [str(run_of(document).pk)]


def test_a_worker_that_has_grown_too_large_stops_after_its_job(receive, scribe: Scribe, settings) -> None:
    settings.OCRSITE_WORKER_MEGABYTES = 1
    receive()
    receive()
    work()
    assert scribe.pages_read == 1


def test_a_worker_that_is_asked_to_stop_leaves_after_the_page_at_hand(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(3)))
    # What RQ does on SIGTERM. The signal itself would be for the whole process, in which the tests run too.
    scribe.on_read = lambda image: jobs.WarmWorker.current.request_stop(signal.SIGTERM, None)
    work()
    assert run_of(document).counts() == {"queued": 2, "running": 0, "done": 1, "failed": 0}
    scribe.on_read = lambda image: None
    work()
    assert run_of(document).state == "done"


def test_pages_outlast_a_storage_that_fails_for_long(receive, scribe: Scribe, monkeypatch) -> None:
    document = receive()

    def full_disk(*args: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "store_images", full_disk)
        for _ in range(MAX_ATTEMPTS + 2):
            with pytest.raises(jobs.StorageFailed):
                jobs.work_on_run(str(run_of(document).pk))
    assert run_of(document).results.get().state == "queued"
    jobs.reconcile()
    work()
    assert run_of(document).state == "done"


def test_the_text_of_a_page_that_cannot_be_drawn_is_kept(receive, scribe: Scribe, monkeypatch) -> None:
    document = receive()

    def no_pages(*args: object, **kwargs: object) -> None:
        raise MemoryError

    def read_without_drawing(*args: object, **kwargs: object) -> list[Reading]:
        return [Reading(number=1, lines=tuple(scribe.read(PageImage(np.zeros((50, 50, 3), np.uint8)))))]

    monkeypatch.setattr(pipeline, "recognise", read_without_drawing)
    monkeypatch.setattr(jobs.raster, "pages", no_pages)
    work()
    result = run_of(document).results.select_related("page").get()
    assert result.text == "台北"
    assert not result.page.image


def test_pictures_larger_than_jpeg_can_be_are_kept_smaller(receive) -> None:
    page = receive().pages.get()
    jobs.store_images(page, PageImage(np.full((70_000, 20, 3), 255, np.uint8)))
    page.refresh_from_db()
    assert (page.width, page.height) == (20, 70_000)
    with page.image.open() as image:
        assert image_of(image.read()).height == 35_000


def test_images_are_stored_once_when_two_runs_draw_a_page_at_once(receive, scribe: Scribe) -> None:
    page = receive().pages.get()
    twin = type(page).objects.get(pk=page.pk)
    image = PageImage(np.full((50, 40, 3), 255, np.uint8))
    jobs.store_images(page, image)
    jobs.store_images(twin, image)
    page.refresh_from_db()
    folder = Path(page.image.path).parent
    assert sorted(path.name for path in folder.iterdir()) == ["1-small.jpg", "1.jpg"]
    assert Path(page.image.path).exists()


def test_the_time_between_two_tries_is_not_counted(receive, scribe: Scribe) -> None:
    document = receive(upload("book.pdf", book(2)))

    def tear_the_second(image: PageImage) -> None:
        if scribe.pages_read == 2:
            raise PageFailed("torn")

    scribe.on_read = tear_the_second
    work()
    first = run_of(document)
    assert first.state == "partial"
    long_ago = first.started - timedelta(days=1)
    Run.objects.update(started=long_ago, finished=long_ago)
    run = run_of(document)
    run.retry(None)
    assert run_of(document).progress().pages_per_minute is None
    jobs.wake(run)
    work()
    assert run_of(document).state == "done"
    assert first.seconds < run_of(document).seconds < 60


def test_a_page_tried_again_while_its_run_goes_on_takes_no_time_from_it(receive, scribe: Scribe, owner) -> None:
    document = receive(upload("book.pdf", book(3)))
    hour = timedelta(hours=1)

    def tear_the_first(image: PageImage) -> None:
        if scribe.pages_read == 1:
            raise PageFailed("torn")
        if scribe.pages_read == 2:
            Run.objects.update(started=F("started") - hour)
            assert run_of(document).retry(owner, 1) == 1

    scribe.on_read = tear_the_first
    work()
    run = run_of(document)
    assert (run.state, scribe.pages_read) == ("done", 4)
    assert run.seconds > hour.total_seconds()


def test_a_page_tried_again_just_after_its_run_ended_is_timed_by_a_worker_that_is_still_there(
    receive, scribe: Scribe, owner
) -> None:
    document = receive(upload("book.pdf", book(1)))
    held = run_of(document)  # as a worker has it between two pages
    claimed = PageResult.objects.claim(held, "desk", LEASE)
    held.begin({})
    claimed.finish(Reading(number=1, error=PageFailed("torn")))
    run_of(document).retry(owner)
    assert run_of(document).started is None
    held.begin({})
    assert run_of(document).started is not None
