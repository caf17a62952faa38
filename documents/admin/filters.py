"""Filters of the administration's lists that look at no row to know what there is to choose.

Django's own look through the whole table: for the days of ``date_hierarchy``, and for all values of a field.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta
from typing import Any, get_args

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.models import Document, Original, PageResult
from recognition.page import Source
from recognition.raster import KINDS

SOURCES = (*get_args(Source), "import")

_PERIOD = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


class PeriodFilter(admin.SimpleListFilter):
    """By year, then by month of that year, then by day of that month. ``field``: of the moment, with an index."""

    title = _("period")
    parameter_name = "period"
    field = "created"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        moments = model_admin.model._default_manager.order_by(self.field).values_list(self.field, flat=True)
        ends = moments.first(), moments.last()
        if None in ends:
            return []
        first, last = (timezone.localtime(moment) for moment in ends)
        found = [f"{year}" for year in range(first.year, last.year + 1)]
        if period := _period(self.value()):
            year, month, _day = period
            found += [f"{year}-{each:02}" for each in range(1, 13)]
            found += [f"{year}-{month:02}-{day:02}" for day in range(1, _days(year, month) + 1)] if month else []
        shown = [each for each in sorted(found) if f"{first:%F}"[: len(each)] <= each <= f"{last:%F}"[: len(each)]]
        return [(each, each) for each in shown]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        period = _period(self.value())
        if period is None:
            return rows
        year, month, day = period
        start = timezone.make_aware(datetime(year, month or 1, day or 1))  # noqa: DTZ001  # that is what it does
        days = 1 if day else _days(year, month) if month else 366 if _days(year, 2) == 29 else 365
        return rows.filter(**{f"{self.field}__gte": start, f"{self.field}__lt": start + timedelta(days=days)})


class TimeFilter(PeriodFilter):
    field = "time"


class KindFilter(admin.SimpleListFilter):
    """Documents with a file of a kind."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind.upper()) for kind in KINDS]

    def queryset(self, request: HttpRequest, documents: QuerySet[Document]) -> QuerySet[Document]:
        if not self.value():
            return documents
        return documents.filter(Exists(Original.objects.filter(document=OuterRef("pk"), kind=self.value())))


class SourceFilter(admin.SimpleListFilter):
    """Pages by where their text comes from."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(source, source) for source in SOURCES]

    def queryset(self, request: HttpRequest, results: QuerySet[PageResult]) -> QuerySet[PageResult]:
        return results.filter(source=self.value()) if self.value() else results


def _period(text: str | None) -> tuple[int, int, int] | None:
    """Year, month and day; 0 for those that are not named. None if it is no period."""
    found = _PERIOD.fullmatch(text or "")
    if not found:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    if not (year and month <= 12 and (not day or day <= _days(year, month))):
        return None
    return year, month, day


def _days(year: int, month: int) -> int:
    return monthrange(year, month)[1]
