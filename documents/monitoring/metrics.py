"""Figures for Prometheus, collected when somebody asks: from the database, from Redis, and the counters of all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import redis
from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from documents import telemetry
from documents.models import UNFINISHED, Delivery, PageResult, Run
from documents.processing import queue

COUNTERS = {
    "pages": "Pages that workers have finished, by state.",
    "stage_seconds": "Seconds of work on pages, by stage.",
    "children_ended": "Confined processes that ended before their time, by the code of the error.",
    "storage_errors": "Requests to the storage that failed, were not answered in time, or found no turn.",
    "webhook_errors": "Tries of webhook messages that failed, by HTTP status; none if nobody answered.",
    "limits_hit": "Requests that were refused for a limit, by limit.",
}


class Platform(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _site()
        yield from _pages()
        yield from _webhooks()
        try:
            yield from _workers()
            yield from _counters()
            reachable = 1
        except redis.RedisError:
            reachable = 0
        yield GaugeMetricFamily("ocrsite_redis_up", "Whether Redis answers.", value=reachable)


def exposition() -> bytes:
    """All figures in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(Platform())
    return generate_latest(registry)


def _site() -> Iterator[Metric]:
    version = GaugeMetricFamily("ocrsite_info", "The version that runs.", labels=["version"])
    version.add_metric([settings.VERSION], 1)
    yield version
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield GaugeMetricFamily("ocrsite_disk_free_bytes", "Free space in the data folder.", value=free)
    reserve = settings.OCRSITE_DISK_RESERVE
    yield GaugeMetricFamily("ocrsite_disk_reserve_bytes", "Free space below which uploads are refused.", value=reserve)


def _pages() -> Iterator[Metric]:
    unfinished = PageResult.objects.filter(state__in=UNFINISHED, run__document__trashed=None).order_by()
    counts = dict(unfinished.values_list("state").annotate(Count("pk")))
    pages = GaugeMetricFamily("ocrsite_pages_unfinished", "Pages waiting or being read.", labels=["state"])
    for state in UNFINISHED:
        pages.add_metric([state], counts.get(state, 0))
    yield pages
    runs = Run.objects.filter(state__in=UNFINISHED, document__trashed=None)
    oldest = runs.aggregate(oldest=Min("created"))["oldest"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    yield GaugeMetricFamily("ocrsite_oldest_run_seconds", "Age of the oldest unfinished run.", value=age)


def _webhooks() -> Iterator[Metric]:
    due = Delivery.objects.due().count()
    yield GaugeMetricFamily("ocrsite_webhooks_due", "Webhook messages that are due.", value=due)
    failing = Delivery.objects.filter(next_try__isnull=False, tries__gt=0).count()
    yield GaugeMetricFamily("ocrsite_webhooks_failing", "Webhook messages that have failed so far.", value=failing)


def _workers() -> Iterator[Metric]:
    calls = GaugeMetricFamily("ocrsite_queue_jobs", "Calls to workers, by queue.", labels=["queue"])
    for name, number in queue.waiting().items():
        calls.add_metric([name], number)
    yield calls
    known = queue.workers()
    yield GaugeMetricFamily("ocrsite_workers", "Workers that are known.", value=len(known))
    memory = GaugeMetricFamily("ocrsite_worker_memory_bytes", "Resident memory of a worker.", labels=["worker"])
    for worker in known:
        memory.add_metric([worker.slot], worker.megabytes * 2**20)
    yield memory


def _counters() -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily] = {}
    for name, labels, value in telemetry.counters():
        if name not in families:
            families[name] = CounterMetricFamily(f"ocrsite_{name}", COUNTERS.get(name, name), labels=list(labels))
        families[name].add_metric(list(labels.values()), value)
    yield from families.values()
