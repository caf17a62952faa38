"""What operators ask: whether the site is alive, whether it is ready, and its figures. A real Redis and workers."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
import redis
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from documents import telemetry
from documents.monitoring import metrics, readiness
from documents.processing import worker
from recognition import raster
from recognition.confinement import ConfinedReader, ProcessLimits
from recognition.errors import TooMuchMemoryError
from tests.support import hostile_files
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.stack import ROOT
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anybody() -> Client:
    return Client()


@pytest.fixture
def model(settings, weights_folder: Path) -> None:
    settings.OCRSITE_WEIGHTS = weights_folder


def figures(client: Client, token: str = "sesame") -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("address", ["/health/", "/healthz"])
def test_the_web_process_says_that_it_lives_and_asks_nobody(anybody: Client, address, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = anybody.get(address)
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_a_site_with_all_its_parts_is_ready(anybody: Client, model: None) -> None:
    known = worker.WarmWorker("desk")
    known.register_birth()
    answer = anybody.get("/readyz")
    known.register_death()
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"ready": True, "parts": dict.fromkeys(readiness.CHECKS, "ok")}


def test_what_is_missing_is_named(anybody: Client, settings, tmp_path: Path) -> None:
    settings.OCRSITE_WEIGHTS = tmp_path
    settings.OCRSITE_DISK_RESERVE = 10**15
    answer = anybody.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert parts["workers"] == "No worker is running."
    assert "not installed" in parts["weights"]
    assert "less than the reserve" in parts["disk"]
    assert parts["database"] == parts["redis"] == parts["storage"] == "ok"


def test_a_part_that_hangs_is_given_up_and_not_asked_twice(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    over, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        over.wait(30)

    monkeypatch.setattr(readiness, "PATIENCE", 0.3)
    monkeypatch.setattr(readiness, "CHECKS", {"storage": hang})
    monkeypatch.setattr(readiness, "_asked", {})
    for _ in range(3):
        answer = anybody.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"]["storage"].startswith("No answer within")
    over.set()
    assert asked == [1]


def test_metrics_need_their_token(anybody: Client, settings) -> None:
    assert anybody.get("/metrics").status_code == 404
    settings.OCRSITE_METRICS_TOKEN = "sesame"
    assert anybody.get("/metrics").status_code == 401
    assert anybody.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401


def test_metrics_tell_of_queue_pages_workers_and_stages(
    anybody: Client, settings, receive, fake_engine: FakeEngine, redis_server: redis.Redis
) -> None:
    settings.OCRSITE_METRICS_TOKEN = "sesame"
    receive(upload("book.pdf", book(3)))
    before = figures(anybody)
    assert before["ocrsite_pages_unfinished", "queued"] == 3
    assert before["ocrsite_queue_jobs", "recognition"] == 1
    assert before["ocrsite_oldest_run_seconds",] > 0
    run_worker()
    known = worker.WarmWorker("desk")
    known.register_birth()
    known.stay_known()
    after = figures(anybody)
    known.register_death()
    assert after["ocrsite_pages_unfinished", "queued"] == 0
    assert after["ocrsite_pages_total", "done"] == 3
    assert after["ocrsite_stage_seconds_total", "raster"] > 0
    assert after["ocrsite_workers",] == 1
    assert after["ocrsite_worker_memory_bytes", "desk"] > 2**20
    assert after["ocrsite_redis_up",] == 1


def test_each_request_has_an_id_that_the_log_names(anybody: Client, caplog: pytest.LogCaptureFixture) -> None:
    given = anybody.get("/health/", headers={"x-request-id": "from-proxy.1"})
    assert given["X-Request-ID"] == "from-proxy.1"
    made = anybody.get("/health/", headers={"x-request-id": "a b\r\nX: 1"})
    assert len(made["X-Request-ID"]) == 32
    with telemetry.about(request="r1"), telemetry.about(run="n1"):
        record = logging.LogRecord("documents", logging.WARNING, "", 0, "第%s頁", (3,), None)
        line = json.loads(telemetry.JsonFormatter().format(record))
    assert line["message"] == "第3頁"
    assert (line["level"], line["logger"], line["request"], line["run"]) == ("WARNING", "documents", "r1", "n1")
    assert "request" not in json.loads(telemetry.JsonFormatter().format(record))


def test_alerts_and_dashboard_ask_for_figures_that_there_are(anybody: Client, settings) -> None:
    settings.OCRSITE_METRICS_TOKEN = "sesame"
    for name in metrics.COUNTERS:
        telemetry.count(name, label="any")
    known = {name for name, *_ in figures(anybody)}
    labelled = {"ocrsite_worker_memory_bytes"}  # one for each worker
    for example in ("alerts.yml", "dashboard.json"):
        asked = set(re.findall(r"ocrsite_\w+", (ROOT / "docs" / "examples" / example).read_text()))
        assert len(asked) > 8
        assert asked - labelled <= known


def test_a_file_that_asks_for_too_much_is_counted(tmp_path: Path, anybody: Client, settings) -> None:
    settings.OCRSITE_METRICS_TOKEN = "sesame"
    path = hostile_files.saved(tmp_path, "large.png", hostile_files.blank_png(10_000, 9_000))
    before = figures(anybody).get(("ocrsite_children_ended_total", "too-much-memory"), 0)
    limits = ProcessLimits(memory=700 * 2**20)
    with ConfinedReader(limits, telemetry.count_child) as reader, pytest.raises(TooMuchMemoryError):
        reader.draw(path, 1, raster.Limits())
    assert figures(anybody)["ocrsite_children_ended_total", "too-much-memory"] == before + 1
