"""Who did what to a document: the page for its owner, and the file for a spreadsheet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from documents.access import owned
from documents.exports.csv_table import inert
from documents.models import Event
from documents.models.audit import EventQuerySet

EVENTS_A_PAGE = 200

PAUSE = timedelta(minutes=30)
"""Somebody who does nothing for longer has begun another sitting."""

DETAILS = {
    "file": gettext_lazy("file"),
    "folder": gettext_lazy("folder"),
    "format": gettext_lazy("format"),
    "lines": gettext_lazy("lines"),
    "name": gettext_lazy("name"),
    "page": gettext_lazy("page"),
    "numbers": gettext_lazy("pages"),
    "pages": gettext_lazy("pages"),
    "team": gettext_lazy("team"),
    "title": gettext_lazy("title"),
    "url": gettext_lazy("address"),
    "user": gettext_lazy("person"),
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("taken off"),
    "what": gettext_lazy("what was changed"),
}
"""The details that are shown to people, with their names. The file has all of them."""

WHAT = {
    "password": gettext_lazy("password"),
    "recovery_codes": gettext_lazy("recovery codes"),
    "session": gettext_lazy("a session was ended"),
    "totp": gettext_lazy("authenticator app"),
    "webauthn": gettext_lazy("passkey or security key"),
    "factors": gettext_lazy("second factors and passkeys removed"),
    "token_made": gettext_lazy("a token was made"),
    "token_revoked": gettext_lazy("a token was revoked"),
    "retired": gettext_lazy("an account was retired"),
    "webhook_made": gettext_lazy("a webhook was added"),
    "webhook_deleted": gettext_lazy("a webhook was deleted"),
}
"""The ways in, for people and programs, of which one may have been changed."""


@require_GET
def activity(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What happened to a document, the latest first."""
    document = owned(request, pk)
    events = Paginator(Event.objects.about(pk), EVENTS_A_PAGE).get_page(request.GET.get("p"))
    context = {"document": document, "page": events, "sittings": sittings(events)}
    return render(request, "documents/activity.html", context)


@require_GET
def activity_table(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The same as a CSV file, complete."""
    document = owned(request, pk)
    return csv_response(Event.objects.about(pk), f"{document.title} {_('activity')}")


def csv_response(events: EventQuerySet, name: str) -> StreamingHttpResponse:
    """``events`` as a file called ``name``.csv, sent row by row."""
    response = StreamingHttpResponse(_csv(events), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    return response


@dataclass(frozen=True)
class Sitting:
    """What one person did in one go, the latest first."""

    events: Sequence[Event]

    @property
    def last(self) -> Event:
        return self.events[0]

    @property
    def first(self) -> Event:
        return self.events[-1]

    @property
    def rows(self) -> list[tuple[Event, str]]:
        return described(self.events)

    @property
    def acts(self) -> list[tuple[str, int]]:
        """What was done, and how often, in the order in which it was begun."""
        return list(Counter(event.verb_label for event in reversed(self.events)).items())


def sittings(events: Iterable[Event]) -> list[Sitting]:
    """``events``, the latest first, by who did them, parted where that person paused for longer than PAUSE."""
    found: list[list[Event]] = []
    for event in events:
        last = found[-1][-1] if found else None
        if last and _doer(last) == _doer(event) and last.time - event.time <= PAUSE:
            found[-1].append(event)
        else:
            found.append([event])
    return [Sitting(some) for some in found]


def _doer(event: Event) -> tuple[int | None, str]:
    return event.actor_id, event.actor_name


def described(events: Iterable[Event]) -> list[tuple[Event, str]]:
    """Each event with its details in words."""
    return [(event, details_of(event)) for event in events]


def details_of(event: Event) -> str:
    """Those of the details that people care for, in words."""
    return " · ".join(
        _("%(name)s: %(value)s") % {"name": name, "value": _words(event.details[key])}
        for key, name in DETAILS.items()
        if event.details.get(key)
    )


def sentence(event: Event) -> str:
    """Who did what to which document, with the details, in one line."""
    return " · ".join(filter(None, [str(event), details_of(event)]))


def _words(value: object) -> str:
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    return str(WHAT.get(str(value), value))


class _Line:
    """A file for the csv module that gives each row back instead of keeping it."""

    def write(self, row: str) -> str:
        return row


def _csv(events: EventQuerySet) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # without it Excel takes UTF-8 for something else
    yield writer.writerow([_("when"), _("who"), _("what"), _("document"), _("number of the document"), _("details")])
    for event in events.iterator():
        details = "; ".join(f"{key}={value}" for key, value in event.details.items())
        when = timezone.localtime(event.time).isoformat(sep=" ", timespec="seconds")
        cells = [when, event.actor_name, event.verb_label, event.title, event.document or "", details]
        yield writer.writerow([inert(str(cell)) for cell in cells])
