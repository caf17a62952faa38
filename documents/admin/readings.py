"""What recognition wrote, page by page: looked at, never edited by hand."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from documents.messages import explain
from documents.models import Correction, Page, PageResult, Run
from documents.templatetags.reading import described

from .filters import PeriodFilter, SourceFilter
from .readonly import ReadOnly

NEWEST_FIRST = ("-pk",)
"""By number, as the records lie: their own order is that of documents, for which all of them had to be sorted."""


def _decimals(value: float | None, places: int) -> str | None:
    """``value`` with so many decimals, for a list."""
    return None if value is None else f"{value:.{places}f}"


class OptionsInWords:
    """The options of a run as its readers see them: those that are not at their default."""

    @admin.display(description=_("options"))
    def options_in_words(self, run: Run) -> str:
        chosen = [_("%(name)s: %(value)s") % {"name": name, "value": value} for name, value in described(run.options)]
        return " · ".join(chosen) or "—"


@admin.register(Page)
class PageAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["document", "number", "width", "height"]
    list_select_related = ["document"]
    ordering = NEWEST_FIRST
    search_fields = ["document__title"]
    fields = readonly_fields = ("document", "number", "width", "height")


@admin.register(Run)
class RunAdmin(OptionsInWords, ReadOnly, admin.ModelAdmin):
    list_display = ["document", "created", "requested_by", "state", "time_taken"]
    list_filter = ["state", PeriodFilter]
    list_select_related = ["document", "requested_by"]
    search_fields = ["document__title", "requested_by__username"]
    fields = readonly_fields = (
        "document",
        "requested_by",
        "state",
        "created",
        "started",
        "finished",
        "cancelled",
        "options_in_words",
        "engine",
    )

    @admin.display(description=_("seconds"))
    def time_taken(self, run: Run) -> str | None:
        return _decimals(run.seconds, 1)


@admin.register(PageResult)
class PageResultAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["page", "state", "reason", "attempts", "worker", "time_taken", "mean_confidence", "finished"]
    list_filter = ["state", SourceFilter, "finished"]
    list_select_related = ["page__document"]
    ordering = NEWEST_FIRST
    search_fields = ["page__document__title"]
    fields = readonly_fields = (
        "run",
        "page",
        "state",
        "reason",
        "attempts",
        "worker",
        "lease_until",
        "finished",
        "seconds",
        "stages",
        "confidence",
        "rotation",
        "source",
        "warnings",
        "codes",
        "text",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PageResult]:
        """Without what makes a row large, and only the page of one result shows."""
        results: QuerySet[PageResult] = super().get_queryset(request)
        return results.defer("lines", "blocks", "stages", "warnings", "codes", "text")

    @admin.display(description=_("seconds"), ordering="seconds")
    def time_taken(self, result: PageResult) -> str | None:
        return _decimals(result.seconds, 1)

    @admin.display(description=_("mean confidence"), ordering="confidence")
    def mean_confidence(self, result: PageResult) -> str | None:
        return _decimals(result.confidence, 2)

    @admin.display(description=_("reason"))
    def reason(self, result: PageResult) -> str:
        return explain(result.error) if result.error else ""


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["page", "text", "author", "created", "withdrawn"]
    list_filter = ["created"]
    list_select_related = ["page__document", "author"]
    ordering = NEWEST_FIRST
    search_fields = ["page__document__title", "author__username", "text"]
    fields = readonly_fields = ("page", "text", "polygon", "author", "created", "withdrawn")
