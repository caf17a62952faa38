"""Pages of the administration that are about no single record: queue and workers, usage, settings in force."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.messages import explain
from documents.models import Document, PageResult, State
from documents.models.quotas import kept_originals, page_use, rounded
from documents.processing import queue as work_queue

PACE_MINUTES = 10
FAILURE_DAYS = 7
MONTHS = 6

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
    people = dict(User.objects.order_by("username").values_list("pk", "username"))
    teams = dict(Group.objects.order_by("name").values_list("pk", "name"))
    context = {
        "title": _("Usage"),
        "months": months,
        "tables": [
            (_("By person"), _uses(people, "owner", "actor", months)),
            (_("By team, all members together"), _uses(teams, "owner__groups", "actor__groups", months)),
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


def _uses(names: dict[int, str], owner: str, actor: str, months: list[datetime]) -> Iterable[Use]:
    """Three queries, however many there are: ``owner`` and ``actor`` lead from documents and events to them."""
    uses: dict[int, Use] = defaultdict(lambda: Use("—"), {pk: Use(name) for pk, name in names.items()})
    kept = Document.objects.order_by().values_list(owner).annotate(n=Count("pk"))
    for pk, documents in kept.filter(**{f"{owner}__isnull": False}):
        uses[pk].documents = documents
    owned = kept_originals(f"document__{owner}").filter(**{f"document__{owner}__isnull": False})
    for pk, size, *_rest in owned.iterator():
        uses[pk].bytes += size
    for pk, *pages in _pages_by_month(actor, months):
        uses[pk].months = [rounded(each) for each in pages]
    return uses.values()


def _pages_by_month(actor: str, months: list[datetime]) -> QuerySet[Any]:
    """Of each person or team the pages read in each of the ``months``.

    By comparing moments: SQLite would ask Python for the month of each event.
    """
    used = page_use(months[0]).filter(**{f"{actor}__isnull": False})
    ends = [Q(time__lt=month) for month in months[1:]] + [Q()]
    sums = {
        f"month{number}": Sum("pages", filter=Q(time__gte=month) & end)
        for number, (month, end) in enumerate(zip(months, ends, strict=True))
    }
    found: QuerySet[Any, Any] = used.values(actor).annotate(**sums).values_list(actor, *sums)
    return found
