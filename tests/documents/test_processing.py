"""Workers: what they claim, what survives them, and how progress is told. A real Redis and real RQ workers."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db.models import F
from django.utils import timezone

from documents import editing
from documents.models import MAX_ATTEMPTS, PageResult, Run, State
from documents.processing import heartbeat, page_images, queue, slots, tasks, worker
from recognition import pipeline
from recognition.confinement import ConfinedReader
from recognition.errors import PageError
from recognition.page import Line, PageImage, PageReading
from tests.support import object_storage
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, image_of, upload
from tests.support.stack import wait_for
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = timedelta(minutes=5)


def run_of(document) -> Run:
    return Run.objects.get(document=document)


def test_a_worker_reads_every_page_and_stores_text_images_and_seconds(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(3)))
    run_worker()
    run = run_of(document)
    assert run.state == "done"
    assert run.counts()["done"] == 3
    assert run.engine == {"backend": "fake", "model": "none"}
    assert run.seconds is not None
    for result in run.results.select_related("page"):
        assert result.text == "台北"
        assert result.confidence == pytest.approx(0.9)
        assert result.seconds > 0
        with result.page.image.open() as image:
            assert image_of(image.read()).size == (result.page.width, result.page.height)
        with result.page.thumbnail.open() as small:
            assert image_of(small.read()).width <= page_images.THUMBNAIL[0]


def test_what_was_not_read_as_it_should_be_is_stored(receive, fake_engine: FakeEngine, monkeypatch) -> None:
    blank = Line("     ", 0.99, ((10, 60), (90, 60), (90, 80), (10, 80)))
    found = [Line("台北", 0.9, ((10, 10), (90, 10), (90, 40), (10, 40))), blank]
    monkeypatch.setattr(fake_engine, "read", lambda image: found)
    document = receive(upload("book.pdf", book(1)))
    run_worker()
    (result,) = document.current_run.results.all()
    assert result.text == "台北"
    assert [(warning["code"], warning["box"]) for warning in result.warnings] == [
        ("script-unsupported", [10, 60, 90, 80])
    ]


def test_progress_is_in_the_database_after_every_page(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(3)))
    seen = []
    fake_engine.on_read = lambda image: seen.append(run_of(document).progress())
    run_worker()
    assert [p.done for p in seen] == [0, 1, 2]
    assert [p.counts["running"] for p in seen] == [1, 1, 1]
    assert seen[0].remaining is None
    assert seen[2].remaining is not None
    assert seen[2].pages_per_minute > 0


def test_a_second_delivery_does_nothing(receive, fake_engine: FakeEngine) -> None:
    document = receive()
    run_worker()
    queue.enqueue_workers(run_of(document))
    tasks.work_on_run(str(run_of(document).pk))
    run_worker()
    assert fake_engine.pages_read == 1


def test_a_long_document_makes_room_for_a_short_one(receive, fake_engine: FakeEngine, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "TIME_SLICE", 0.0)
    long, short = receive(upload("long.pdf", book(4))), receive(upload("short.png"))
    done_when_short_ended = []

    def note(image) -> None:
        if run_of(short).counts()["running"]:
            done_when_short_ended.append(run_of(long).counts()["done"])

    fake_engine.on_read = note
    run_worker()
    assert done_when_short_ended == [1]
    assert run_of(long).state == "done"


def test_a_failed_page_does_not_stop_the_others_and_can_be_read_again(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(3)))

    def fail_on_second(image) -> None:
        if fake_engine.pages_read == 2:
            raise PageError("The page is torn.")

    fake_engine.on_read = fail_on_second
    run_worker()
    run = run_of(document)
    assert run.state == "partial"
    failed = run.results.get(state="failed")
    assert failed.page.number == 2
    assert failed.error["code"] == "page-failed"
    assert failed.error["message"] == "The page is torn."

    assert editing.retry(run, None, 2) == 1
    run_worker()
    run.refresh_from_db()
    assert run.state == "done"
    assert run.results.get(page__number=2).error is None


def test_an_unexpected_error_fails_only_its_page(receive, fake_engine: FakeEngine) -> None:
    document = receive()
    fake_engine.on_read = lambda image: 1 // 0  # type: ignore[assignment, return-value]
    run_worker()
    result = run_of(document).results.get()
    assert result.state == "failed"
    assert result.error["code"] == "engine-failed"


def test_pages_of_a_dead_worker_are_taken_back_by_its_successor(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(2)))
    run = run_of(document)
    held = PageResult.objects.claim(run, "desk", LEASE)  # the worker dies with this page in its hands
    assert held is not None
    run_worker("another-desk")
    assert run_of(document).state == "running"
    run_worker("desk")
    assert run_of(document).state == "done"


def test_a_lease_that_ran_out_is_claimed_by_anyone(receive, fake_engine: FakeEngine) -> None:
    document = receive()
    run = run_of(document)
    PageResult.objects.claim(run, "gone", LEASE)
    PageResult.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    run_worker("desk")
    assert run_of(document).state == "done"


def kill_three_workers(run: Run) -> None:
    for _ in range(MAX_ATTEMPTS):
        claimed = PageResult.objects.claim(run, "desk", LEASE)
        assert claimed is not None
        assert claimed.page.number == 1
        assert PageResult.objects.release("desk") == 1


def wait_for_the_last_try(run: Run) -> None:
    put_off = run.results.get(page__number=1)
    assert put_off.was_put_off
    assert timedelta(minutes=4) < put_off.lease_until - timezone.now() < timedelta(minutes=6)
    run.results.filter(pk=put_off.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_page_that_lost_three_workers_by_chance_is_read_later(receive, fake_engine: FakeEngine) -> None:
    run = run_of(receive(upload("book.pdf", book(2))))
    kill_three_workers(run)
    run_worker()
    assert run.counts() == {"queued": 1, "running": 0, "done": 1, "failed": 0}
    wait_for_the_last_try(run)
    run_worker()
    assert run_of(run.document).state == "done"


def test_a_page_that_kills_its_workers_is_marked_failed_in_the_end(receive, fake_engine: FakeEngine) -> None:
    run = run_of(receive(upload("book.pdf", book(2))))
    kill_three_workers(run)
    run_worker()
    wait_for_the_last_try(run)
    assert PageResult.objects.claim(run, "desk", LEASE).attempts == MAX_ATTEMPTS + 1
    assert PageResult.objects.release("desk") == 1
    run_worker()
    assert run_of(run.document).state == "partial"
    failed = run.results.get(state="failed")
    assert failed.page.number == 1
    assert failed.error["code"] == "worker-lost"
    assert "4 times" in failed.error["message"]


def test_a_worker_that_lost_its_lease_cannot_overwrite_the_result(receive, owner) -> None:
    run = run_of(receive())
    slow = PageResult.objects.claim(run, "slow", LEASE)
    PageResult.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = PageResult.objects.claim(run, "quick", LEASE)
    assert slow is not None
    assert quick is not None
    assert quick.finish(PageReading(number=1))
    assert not slow.finish(PageReading(number=1, error=PageError("late")))
    assert run.results.get().state == "done"


def test_no_page_is_claimed_twice(receive) -> None:
    run = run_of(receive(upload("book.pdf", book(3))))
    claimed = [PageResult.objects.claim(run, f"desk-{n}", LEASE) for n in range(4)]
    assert [c.page.number for c in claimed[:3]] == [1, 2, 3]
    assert claimed[3] is None


def test_cancelling_gives_up_waiting_pages_and_counts_them_as_failed(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(3)))
    run = run_of(document)
    fake_engine.on_read = lambda image: editing.cancel(run, None)
    run_worker()
    run = run_of(document)
    assert run.cancelled is not None
    assert run.counts() == {"queued": 0, "running": 0, "done": 1, "failed": 2}
    assert {r.error["code"] for r in run.results.filter(state=State.FAILED)} == {"cancelled"}
    fake_engine.on_read = lambda image: None
    assert editing.retry(run, None) == 2
    run_worker()
    assert run_of(document).state == "done"


def test_a_page_whose_worker_died_is_not_read_again_once_its_run_is_cancelled(receive, fake_engine: FakeEngine) -> None:
    run = run_of(receive(upload("book.pdf", book(3))))
    for name in ("desk", "far away"):
        PageResult.objects.claim(run, name, LEASE)
    editing.cancel(run, None)
    assert PageResult.objects.release("desk") == 1
    PageResult.objects.filter(worker="far away").update(lease_until=timezone.now() - LEASE)
    queue.reconcile()
    run_worker()
    assert fake_engine.pages_read == 0
    assert run_of(run.document).state == "failed"
    assert {result.error["code"] for result in run.results.all()} == {"cancelled"}


def test_an_emptied_redis_loses_nothing(receive, fake_engine: FakeEngine, redis_server) -> None:
    document = receive(upload("book.pdf", book(2)))
    redis_server.flushall()
    run_worker()  # a worker reconciles when it starts
    assert run_of(document).state == "done"


def test_reconciling_twice_adds_no_second_job(receive) -> None:
    receive()
    assert queue.get_queue().count == 1
    assert queue.reconcile() == 0
    assert queue.get_queue().count == 1


def test_a_run_that_somebody_works_on_needs_no_further_job(receive, redis_server) -> None:
    run = run_of(receive(upload("book.pdf", book(2))))
    redis_server.flushall()  # the job has been taken from the queue
    PageResult.objects.claim(run, "desk", LEASE)
    assert queue.reconcile() == 0
    PageResult.objects.release("desk")  # and its worker died
    assert queue.reconcile() == 1


def test_workers_that_are_idle_share_a_run(receive, redis_server) -> None:
    receive(upload("book.pdf", book(3)))
    known = [worker.WarmWorker(name) for name in ("one", "two")]
    for each in known:
        each.register_birth()
    added = [queue.reconcile(), queue.reconcile()]
    for each in known:
        each.register_death()
    assert added == [1, 0]
    assert queue.get_queue().count == 2


def test_whoever_has_fewer_pages_at_work_is_first(receive, owner, stranger, fake_engine: FakeEngine) -> None:
    slow = run_of(receive(upload("slow.pdf", book(3)), owner=owner))
    PageResult.objects.claim(slow, "far away", LEASE)
    tasks.work_on_run(str(slow.pk))  # nobody else waits
    assert slow.counts()["done"] == 2
    other = run_of(receive(upload("other.pdf", book(1)), owner=owner))
    quick = run_of(receive(upload("quick.pdf", book(2)), owner=stranger))
    tasks.work_on_run(str(other.pk))
    assert other.counts()["done"] == 0
    assert queue.get_queue().get_job_ids()[-1].startswith(f"{owner.pk}_{other.pk}")  # it is called again later
    PageResult.objects.claim(quick, "far away", LEASE)  # now each of them has one page at work
    tasks.work_on_run(str(other.pk))
    assert other.counts()["done"] == 1


def test_reconciling_costs_the_same_however_many_documents_wait(
    receive, redis_server, django_assert_num_queries
) -> None:
    run = run_of(receive())
    page = run.results.get().page

    def reconcile_with(waiting: int) -> int:
        redis_server.flushall()
        runs = Run.objects.bulk_create(Run(document=run.document, options={}) for _ in range(waiting))
        PageResult.objects.bulk_create(PageResult(run=each, page=page) for each in runs)
        with django_assert_num_queries(4):
            added = queue.reconcile()
        with django_assert_num_queries(4):
            assert queue.reconcile() == 0
        return added

    assert reconcile_with(9) == 10
    assert reconcile_with(290) == 300


def test_a_put_off_page_calls_no_worker(receive, redis_server) -> None:
    run = run_of(receive())
    kill_three_workers(run)
    assert PageResult.objects.claim(run, "desk", LEASE) is None
    redis_server.flushall()
    assert queue.reconcile() == 0


def test_the_lease_of_a_page_is_renewed_while_it_is_read(receive, fake_engine: FakeEngine, settings) -> None:
    settings.OCRSITE_LEASE_SECONDS = 2
    run = run_of(receive())
    claimed = PageResult.objects.claim(run, "desk", heartbeat.lease())
    with heartbeat.holding(claimed):
        time.sleep(2.5)
        assert PageResult.objects.claim(run, "another-desk", heartbeat.lease()) is None
    time.sleep(2.2)
    assert PageResult.objects.claim(run, "another-desk", heartbeat.lease()) is not None
    assert not claimed.renew(LEASE)


def test_a_worker_that_redis_has_forgotten_is_known_again_at_its_next_heartbeat(redis_server, settings) -> None:
    settings.OCRSITE_LEASE_SECONDS = 1
    known = worker.WarmWorker("desk")
    known.register_birth()
    redis_server.flushall()
    assert queue.workers() == []
    wait_for(lambda: [seen.name for seen in queue.workers()] == [known.name])
    assert 0 < redis_server.ttl(known.key) <= worker.SECONDS_KNOWN
    known.register_death()
    time.sleep(0.5)
    assert queue.workers() == []


def test_no_two_workers_have_the_same_slot(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with slots.own_slot(None) as first, slots.own_slot(None) as second:
        assert first != second
        with pytest.raises(slots.SlotTakenError), slots.own_slot("1"):
            pass
    with slots.own_slot(None) as successor:
        assert successor == first
    settings.DATA_DIR = tmp_path / "another"
    settings.DATA_DIR.mkdir()
    with slots.own_slot("0") as elsewhere:
        assert elsewhere != first


def test_job_payloads_are_json(receive, redis_server) -> None:
    import json
    import zlib

    document = receive()
    (job_id,) = queue.get_queue().job_ids
    data = redis_server.hget(f"rq:job:{job_id}", "data")
    payload = json.loads(zlib.decompress(data))
    assert payload[0] == "documents.processing.tasks.work_on_run"
    assert payload[2] == [str(run_of(document).pk)]


def test_a_worker_that_has_grown_too_large_stops_after_its_job(receive, fake_engine: FakeEngine, settings) -> None:
    settings.OCRSITE_WORKER_MEGABYTES = 1
    receive()
    receive()
    run_worker()
    assert fake_engine.pages_read == 1


def test_a_worker_that_is_asked_to_stop_leaves_after_the_page_at_hand(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(3)))
    # What RQ does on SIGTERM. The signal itself would be for the whole process, in which the tests run too.
    fake_engine.on_read = lambda image: worker.WarmWorker.current.request_stop(signal.SIGTERM, None)
    run_worker()
    assert run_of(document).counts() == {"queued": 2, "running": 0, "done": 1, "failed": 0}
    fake_engine.on_read = lambda image: None
    run_worker()
    assert run_of(document).state == "done"


def test_pages_outlast_a_storage_that_fails_for_long(receive, fake_engine: FakeEngine, monkeypatch) -> None:
    document = receive()

    def full_disk(*args: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "store_images", full_disk)
        for _ in range(MAX_ATTEMPTS + 2):
            with pytest.raises(tasks.StorageError):
                tasks.work_on_run(str(run_of(document).pk))
    assert run_of(document).results.get().state == "queued"
    queue.reconcile()
    run_worker()
    assert run_of(document).state == "done"


def test_the_text_of_a_page_that_cannot_be_drawn_is_kept(receive, fake_engine: FakeEngine, monkeypatch) -> None:
    document = receive()

    def no_pages(*args: object, **kwargs: object) -> None:
        raise MemoryError

    def read_without_drawing(*args: object, **kwargs: object) -> list[PageReading]:
        return [PageReading(number=1, lines=tuple(fake_engine.read(PageImage(np.zeros((50, 50, 3), np.uint8)))))]

    monkeypatch.setattr(pipeline, "recognise", read_without_drawing)
    monkeypatch.setattr(ConfinedReader, "draw", no_pages)
    run_worker()
    result = run_of(document).results.select_related("page").get()
    assert result.text == "台北"
    assert not result.page.image


def test_pictures_larger_than_jpeg_can_be_are_kept_smaller(receive) -> None:
    page = receive().pages.get()
    page_images.store_images(page, PageImage(np.full((70_000, 20, 3), 255, np.uint8)))
    page.refresh_from_db()
    assert (page.width, page.height) == (20, 70_000)
    with page.image.open() as image:
        assert image_of(image.read()).height == 35_000


def test_images_are_stored_once_when_two_runs_draw_a_page_at_once(receive, fake_engine: FakeEngine) -> None:
    page = receive().pages.get()
    twin = type(page).objects.get(pk=page.pk)
    image = PageImage(np.full((50, 40, 3), 255, np.uint8))
    page_images.store_images(page, image)
    page_images.store_images(twin, image)
    page.refresh_from_db()
    folder = Path(page.image.path).parent
    kept = {Path(page.image.path), Path(page.thumbnail.path)}
    assert set(folder.iterdir()) == kept


def test_a_host_that_stores_a_page_late_deletes_nobody_elses_image(receive, settings) -> None:
    with object_storage.server("ocrsite") as address:
        options = {"bucket_name": "ocrsite", "endpoint_url": address, "access_key": "key", "secret_key": "secret"}
        # Neither sees what the other has stored: both have asked for a free name before.
        options |= {"region_name": "us-east-1", "file_overwrite": True}
        settings.STORAGES = settings.STORAGES | {
            "default": {"BACKEND": "ocrsite.storage.BoundedS3Storage", "OPTIONS": options}
        }
        page = receive().pages.get()
        late = type(page).objects.get(pk=page.pk)
        image = PageImage(np.full((50, 40, 3), 255, np.uint8))
        page_images.store_images(page, image)
        page_images.store_images(late, image)
        page.refresh_from_db()
        assert image_of(page.image.read()).size == (40, 50)
        assert page.thumbnail.read()


def test_the_time_between_two_tries_is_not_counted(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(2)))

    def tear_the_second(image: PageImage) -> None:
        if fake_engine.pages_read == 2:
            raise PageError("torn")

    fake_engine.on_read = tear_the_second
    run_worker()
    first = run_of(document)
    assert first.state == "partial"
    long_ago = first.started - timedelta(days=1)
    Run.objects.update(started=long_ago, finished=long_ago)
    run = run_of(document)
    editing.retry(run, None)
    assert run_of(document).progress().pages_per_minute is None
    run_worker()
    assert run_of(document).state == "done"
    assert first.seconds < run_of(document).seconds < 60


def test_a_page_tried_again_while_its_run_goes_on_takes_no_time_from_it(
    receive, fake_engine: FakeEngine, owner
) -> None:
    document = receive(upload("book.pdf", book(3)))
    hour = timedelta(hours=1)

    def tear_the_first(image: PageImage) -> None:
        if fake_engine.pages_read == 1:
            raise PageError("torn")
        if fake_engine.pages_read == 2:
            Run.objects.update(started=F("started") - hour)
            assert editing.retry(run_of(document), owner, 1) == 1

    fake_engine.on_read = tear_the_first
    run_worker()
    run = run_of(document)
    assert (run.state, fake_engine.pages_read) == ("done", 4)
    assert run.seconds > hour.total_seconds()


def test_a_page_tried_again_just_after_its_run_ended_is_timed_by_a_worker_that_is_still_there(
    receive, fake_engine: FakeEngine, owner
) -> None:
    document = receive(upload("book.pdf", book(1)))
    held = run_of(document)  # as a worker has it between two pages
    claimed = PageResult.objects.claim(held, "desk", LEASE)
    held.begin({})
    claimed.finish(PageReading(number=1, error=PageError("torn")))
    editing.retry(run_of(document), owner)
    assert run_of(document).started is None
    held.begin({})
    assert run_of(document).started is not None


def test_a_job_that_somebody_else_wrote_into_the_queue_is_not_run(
    redis_server, tmp_path, fake_engine: FakeEngine
) -> None:
    trace = tmp_path / "trace"
    queue.get_queue().enqueue("os.system", f"touch {trace}")
    ours = queue.get_queue().enqueue(queue.WORK_ON_RUN, "no-run")
    ours._success_callback_name = ours._failure_callback_name = "os.system"
    ours.save()
    run_worker()
    assert not trace.exists()
    assert queue.get_queue().count == 0
