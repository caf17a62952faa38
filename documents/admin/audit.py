"""The audit: everything that anybody did, to read and to download."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from documents.models import Event
from documents.models.audit import EventQuerySet
from documents.views.activity import csv_response, details_of, sentence

from .filters import TimeFilter
from .readonly import ReadOnly


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["time", "sentence"]
    list_filter = ["verb", TimeFilter]
    search_fields = ["actor_name", "title", "document"]
    fields = readonly_fields = ("time", "actor_name", "verb", "title", "document", "owner", "in_words")
    actions = ["as_csv"]

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    @admin.display(description=_("what"))
    def sentence(self, event: Event) -> str:
        return sentence(event)

    @admin.display(description=_("details"))
    def in_words(self, event: Event) -> str:
        return details_of(event) or "—"

    @admin.action(description=_("Download as CSV"), permissions=["view"])
    def as_csv(self, request: HttpRequest, events: EventQuerySet) -> HttpResponseBase:
        return csv_response(events, str(_("activity")))
