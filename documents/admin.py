"""The administrator's view: what is in the archive, how its reading went, and a second try."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recognition import jobs

from . import intake
from .messages import explain
from .models import Correction, Document, Event, Page, PageResult, Run, State
from .models.audit import EventQuerySet
from .search import index
from .views.activity import csv_response

admin.site.site_header = _("ocrsite administration")
admin.site.site_title = "ocrsite"


class ReadOnly:
    """What recognition wrote is looked at here, never edited by hand; it goes with its document."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RunInline(ReadOnly, admin.TabularInline):
    model = Run
    fk_name = "document"
    fields = readonly_fields = ("created", "requested_by", "state", "started", "finished", "options")
    show_change_link = True
    extra = 0


@admin.register(Document)
class DocumentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "owner", "kind", "page_count", "state", "failed_pages", "created"]
    list_filter = ["current_run__state", "kind", "created"]
    list_select_related = ["owner", "current_run"]
    search_fields = ["title", "owner__username", "sha256"]
    date_hierarchy = "created"
    fields = (
        "title",
        "owner",
        "stored",
        "sha256",
        "kind",
        "media_type",
        "bytes",
        "page_count",
        "created",
        "current_run",
    )
    readonly_fields = fields[2:]
    autocomplete_fields = ["owner"]
    inlines = [RunInline]
    actions = ["retry_failed_pages"]

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return bool(request.user.is_superuser)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Names the documents; the records that go with them are many, and nobody may delete those by themselves."""
        return [str(document) for document in objs], {str(_("documents")): len(objs)}, set(), []

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        with index.following(obj.pk, []):
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        intake.discard(obj, request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset:
            intake.discard(document, request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        failed = Count("current_run__results", filter=Q(current_run__results__state=State.FAILED))
        documents: QuerySet[Document] = super().get_queryset(request).annotate(failed=failed)
        return documents

    @admin.display(description=_("state"), ordering="current_run__state")
    def state(self, document: Document) -> str:
        return document.current_run.get_state_display() if document.current_run else "—"

    @admin.display(description=_("failed pages"), ordering="failed")
    def failed_pages(self, document: Document) -> int:
        return document.failed  # type: ignore[attr-defined, no-any-return]  # annotated above

    @admin.display(description=_("original file"))
    def stored(self, document: Document) -> str:
        return document.original.name or "—"

    @admin.action(description=_("Read failed pages again"))
    def retry_failed_pages(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        count = 0
        for document in documents.select_related("current_run"):
            run = document.current_run
            if run is not None and (retried := run.retry(request.user)):
                count += retried
                jobs.wake(run)
        text = ngettext("%(count)d page is read again.", "%(count)d pages are read again.", count)
        self.message_user(request, text % {"count": count})


@admin.register(Page)
class PageAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["document", "number", "width", "height"]
    list_select_related = ["document"]
    search_fields = ["document__title"]
    fields = readonly_fields = ("document", "number", "width", "height")


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["document", "created", "requested_by", "state", "seconds"]
    list_filter = ["state", "created"]
    list_select_related = ["document", "requested_by"]
    search_fields = ["document__title", "requested_by__username"]
    date_hierarchy = "created"
    fields = readonly_fields = (
        "document",
        "requested_by",
        "state",
        "created",
        "started",
        "finished",
        "cancelled",
        "options",
        "engine",
    )


@admin.register(PageResult)
class PageResultAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["page", "state", "reason", "attempts", "worker", "seconds", "confidence", "finished"]
    list_filter = ["state", "source", "finished"]
    list_select_related = ["page__document"]
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
        "text",
    )

    @admin.display(description=_("reason"))
    def reason(self, result: PageResult) -> str:
        return explain(result.error) if result.error else ""


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["page", "text", "author", "created", "withdrawn"]
    list_filter = ["created"]
    list_select_related = ["page__document", "author"]
    search_fields = ["page__document__title", "author__username", "text"]
    fields = readonly_fields = ("page", "text", "polygon", "author", "created", "withdrawn")


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["time", "actor_name", "verb", "title", "details"]
    list_filter = ["verb", "time"]
    search_fields = ["actor_name", "title", "document"]
    date_hierarchy = "time"
    fields = readonly_fields = ("time", "actor_name", "verb", "title", "document", "owner", "details")
    actions = ["as_csv"]

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    @admin.action(description=_("Download as CSV"), permissions=["view"])
    def as_csv(self, request: HttpRequest, events: EventQuerySet) -> HttpResponseBase:
        return csv_response(events, str(_("activity")))
