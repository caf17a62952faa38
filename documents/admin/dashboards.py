"""Pages of the administration that are about no single record: queue and workers, usage, settings in force."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import redis
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.messages import explain
from documents.models import Document, PageResult, State
from documents.models.quotas import bytes_by_owner, page_use, rounded
from documents.processing import queue as work_queue

PACE_MINUTES = 10
FAILURE_DAYS = 7
MONTHS = 6
END_OF_TIME = datetime.max.replace(tzinfo=UTC)

SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
IN_FORCE = re.compile(r"OCRSITE_|DATABASE|REDIS_URL|CACHES|STORAGES|EMAIL_|MAIL_|DEFAULT_FROM|SOCIALACCOUNT_PROVIDERS")
OTHERS_IN_FORCE = ("DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "HTTPS", "TIME_ZONE", "LANGUAGE_CODE", "DATA_DIR")
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass
class Use:
    """What one person or team keeps and has had read; ``months``: pages by month, the oldest first."""

    name: str
    documents: int = 0
    bytes: int = 0
    months: list[float] = field(default_factory=lambda: [0.0] * MONTHS)

    def add(self, member: Use) -> None:
        self.documents += member.documents
        self.bytes += member.bytes
        self.months = [rounded(sum(pages)) for pages in zip(self.months, member.months, strict=True)]


def queue(request: HttpRequest) -> HttpResponse:
    """Whether pages are being read, by whom, how fast, and what fails."""
    _require(request, "documents.view_document")
    now = timezone.now()
    results = PageResult.objects.filter(run__document__trashed=None).order_by()
    waiting = results.filter(state=State.QUEUED)
    done = results.filter(state=State.DONE, finished__gte=now - timedelta(minutes=PACE_MINUTES)).count()
    running = results.filter(state=State.RUNNING).select_related("page__document")
    try:
        workers, queues = work_queue.workers(), work_queue.waiting()
    except redis.RedisError:
        workers, queues = None, None
    context = {
        "title": _("Queue and workers"),
        "waiting": waiting.count(),
        "oldest": waiting.order_by("run__created").select_related("run__document").first(),
        "running": running.order_by("worker"),
        "pace": done / PACE_MINUTES,
        "workers": workers,
        "queues": queues,
        "failures": _failures(now - timedelta(days=FAILURE_DAYS)),
        "days": FAILURE_DAYS,
        "minutes": PACE_MINUTES,
    }
    return _show(request, "queue", context)


def usage(request: HttpRequest) -> HttpResponse:
    """What people and teams keep, and how many pages they have had read in the last months."""
    _require(request, "auth.view_user")
    months = _last_months()
    people = _uses_of_people(months)
    teams = _uses_of_teams(people)
    context = {
        "title": _("Usage"),
        "months": months,
        "tables": [
            (_("By person"), people.values()),
            (_("By team, all members together"), teams.values()),
        ],
    }
    return _show(request, "usage", context)


def settings_in_force(request: HttpRequest) -> HttpResponse:
    """The settings as this web process has them, without their secrets."""
    if not request.user.is_superuser:
        raise PermissionDenied
    names = [name for name in dir(settings) if name.isupper() and (IN_FORCE.match(name) or name in OTHERS_IN_FORCE)]
    shown = [(name, masked(getattr(settings, name), name)) for name in names]
    return _show(request, "settings", {"title": _("Settings in force"), "settings": shown})


def masked(value: Any, name: str = "") -> Any:
    """``value`` with what is secret in it replaced by dots: by the names of things, and by their place in URLs."""
    if SECRET.search(name.upper()) and value and not isinstance(value, bool | int):
        return "•••"
    if isinstance(value, dict):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return CREDENTIALS.sub("•••@", value) if isinstance(value, str) else value


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _show(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"admin/dashboards/{name}.html", admin.site.each_context(request) | context)


def _failures(since: datetime) -> list[tuple[str, int]]:
    """Failed pages by reason, the most frequent first."""
    failed = PageResult.objects.filter(state=State.FAILED, finished__gte=since).order_by()
    counted = failed.values_list("error__code").annotate(n=Count("pk")).order_by("-n")
    return [(explain({"code": code, "message": code}), count) for code, count in counted]


def _last_months() -> list[datetime]:
    """The first days of the last months, the oldest first."""
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = [month]
    while len(months) < MONTHS:
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    return months[::-1]


def _uses_of_people(months: list[datetime]) -> dict[int, Use]:
    """A few queries, however many people there are; those who are gone have no name."""
    names = User.objects.order_by("username").values_list("pk", "username")
    uses: dict[int, Use] = defaultdict(lambda: Use("—"), {pk: Use(name) for pk, name in names})
    for pk, documents in Document.objects.order_by().values_list("owner").annotate(n=Count("*")):
        uses[pk].documents = documents
    for pk, size in bytes_by_owner().items():
        uses[pk].bytes = size
    for pk, month, pages in _pages_by_month(months):
        uses[pk].months[month] = rounded(pages)
    return uses


def _uses_of_teams(people: Mapping[int, Use]) -> dict[int, Use]:
    """The sums of their members: whoever is in two teams counts in both."""
    uses = {pk: Use(name) for pk, name in Group.objects.order_by("name").values_list("pk", "name")}
    for team, person in Group.user_set.through.objects.values_list("group", "user"):
        uses[team].add(people[person])
    return uses


def _pages_by_month(months: list[datetime]) -> Iterator[tuple[int, int, float]]:
    """Who read in which of the ``months`` how many pages.

    A query for each month: to tell the months of events apart takes databases nearly as long as to add up their pages.
    The last month has an end as well, or SQLite would look through the events of all times by who did them.
    """
    for number, (month, following) in enumerate(pairwise([*months, END_OF_TIME])):
        used = page_use(month).filter(actor__isnull=False, time__lt=following)
        for actor, pages in used.values_list("actor").annotate(Sum("pages")):
            yield actor, number, pages
