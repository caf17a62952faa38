"""Lists of documents: sorted as a person wants, and read page by page however many there are.

A page begins where the last one ended (keyset paging), so that a late page costs no more than the first and nothing
is shown twice or skipped while documents come in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial, reduce
from operator import add
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from documents.models import (
    UNFINISHED,
    Document,
    DocumentFilters,
    Event,
    Folder,
    Page,
    PageResult,
    Reach,
    Run,
    RunState,
    Share,
    State,
    Verb,
    Work,
)
from documents.models.archive import SOME, DocumentQuerySet, Listed
from documents.models.checks import COUNTED
from documents.models.folders import composed, within

SIZE = 25
MOST_COUNTED = 1000
MOST_NEW = 99
NEW_WITHIN = timedelta(days=30)
MOST_FOLDERS_COUNTED = 100
"""Folders of which a list says how far they are; a condition for each goes into one query."""

STATE = "current_run__state"

SORTS = {
    "-created": "created",
    "created": "created",
    "title": "title",
    "-title": "title",
    "-pages": "page_count",
    "pages": "page_count",
    "state": STATE,
    "-trashed": "trashed",
}
"""What a list can be sorted by: the name in addresses, and the field; a minus stands for downwards."""

Place = tuple[Any, UUID]
"""Where a page of a list begins or ends: the value that it is sorted by, and the key of a document."""


def _moment(text: str) -> datetime | None:
    """OverflowError for one that is out of the calendar in another time zone, as databases see it."""
    moment = parse_datetime(text)
    return moment and moment.astimezone(UTC)


SHOWN = (
    *("owner__username", "title", "page_count", "created", "trashed", "folder__owner", "folder__name", "folder__path"),
    *(f"current_run__{name}" for name in ("state", "cancelled", "started", "finished", "worked", *COUNTED)),
)
"""What a list reads of documents, their owners, folders and runs."""

PARSERS: dict[str, Callable[[str], Any]] = {"created": _moment, "trashed": _moment, "page_count": int}
"""How a field's value is read from an address, where it is no text."""


@dataclass(frozen=True)
class KeysetPage:
    """One page of a list. ``before``, ``after``: the places where the neighbouring pages end and begin; "" for none.

    ``total``: how many documents there are on all pages, up to MOST_COUNTED + 1; None if that was not looked up.
    """

    documents: list[Document]
    before: str
    after: str
    total: int | None

    @cached_property
    def busy(self) -> bool:
        """Whether anything on it is still going on."""
        return any(document.current_run and document.current_run.state in UNFINISHED for document in self.documents)


def chosen(documents: DocumentQuerySet, filters: DocumentFilters) -> DocumentQuerySet:
    """Those of ``documents`` that ``filters`` leave in.

    If few in the archive have the state or the tag, PostgreSQL looks these up first. Left to itself it reads all
    documents to count them; SQLite does well as it is.
    """
    known: list[tuple[str, str, QuerySet[Any, Any]]] = []
    if filters.state:
        known.append(("state", "current_run", Run.objects.filter(state=filters.state).values("pk")))
    if filters.tag:
        tagged = Document.tags.through.objects.filter(tag__name__iexact=composed(filters.tag))
        known.append(("tag", "pk", tagged.values("document")))
    for name, field, values in known:
        found = values.order_by()
        if connection.vendor == "postgresql" and not found[SOME : SOME + 1].exists():
            documents = documents.filter(Listed(F(field), found.query))
            answered: dict[str, Any] = {name: ""}
            filters = replace(filters, **answered)
    return documents.matching(filters)


def bounded_count(documents: DocumentQuerySet) -> int:
    """How many there are, counted up to one more than MOST_COUNTED."""
    return documents.order_by()[: MOST_COUNTED + 1].count()


def read(
    documents: DocumentQuerySet,
    reach: Reach,
    sort: str = "-created",
    *,
    after: str = "",
    before: str = "",
    most: int = SIZE + 1,
) -> KeysetPage:
    """A page of ``documents``, for the person of ``reach``: the first one, or that next to a place that one named.

    Numbers come first, ``most`` of them: what a list shows is looked up for one page only, however many documents have
    to be sorted to find it.
    """
    field, downwards = SORTS[sort], sort.startswith("-")
    backwards = bool(before)
    place = _place(field, before or after)
    following = _by_state if field == STATE else partial(_by, field)
    keys = following(documents, place, upwards=downwards == backwards, most=most)
    is_all = place is None and (len(keys) < most or most > MOST_COUNTED)
    more, shown = len(keys) > SIZE, keys[:SIZE]
    if backwards:
        shown.reverse()
    rows = Document.objects.select_related("current_run", "owner", "folder").only(*SHOWN).in_bulk(shown)
    found = [rows[key] for key in shown if key in rows]  # one may be deleted meanwhile
    _annotate(found, reach)
    first, last = (_cursor(field, found[0]), _cursor(field, found[-1])) if found else ("", "")
    return KeysetPage(
        found,
        before=first if (more if backwards else place is not None) else "",
        after=last if (backwards or more) else "",
        total=len(keys) if is_all or not keys else None,
    )


def _by(field: str, rows: DocumentQuerySet, place: Place | None, *, upwards: bool, most: int) -> list[UUID]:
    """The keys of the first ``most`` rows from ``place`` on."""
    sign = "" if upwards else "-"
    if place is not None:
        rows = rows.filter(_beyond(field, place, upwards=upwards))
    return list(rows.order_by(f"{sign}{field}", f"{sign}pk").values_list("pk", flat=True)[:most])


def _by_state(rows: DocumentQuerySet, place: Place | None, *, upwards: bool, most: int) -> list[UUID]:
    """As ``_by``, one state after the other: sorted by it, all runs would have to be looked at.

    Nearly all runs are done. So their state is hidden from indexes: databases then go through the documents until the
    page is full, and do not collect all that are done before.
    """
    found: list[UUID] = []
    for state in sorted(RunState.values, reverse=not upwards):
        known = Coalesce(STATE, Value("")) if state == RunState.DONE else F(STATE)
        here = rows.alias(state=known).filter(state=state)
        if place is not None:
            value, pk = place
            if (state < value) if upwards else (state > value):
                continue
            if state == value:
                here = here.filter(pk__gt=pk) if upwards else here.filter(pk__lt=pk)
        found += here.order_by("pk" if upwards else "-pk").values_list("pk", flat=True)[: most - len(found)]
        if len(found) == most:
            break
    return found


def annotate_work(folders: Sequence[Folder], *, however_many: bool) -> bool:
    """Adds to each of ``folders`` its ``work``: how much of the text in it is checked; None where that is not counted.

    For folders that their reader may look into: who sees a folder sees all that is in it. Unless ``however_many``
    documents there are, more than MOST_COUNTED are not counted; then returns False.
    """
    countable = 0 < len(folders) <= MOST_FOLDERS_COUNTED
    is_counted = not countable or however_many or bounded_count(_inside(folders)) <= MOST_COUNTED
    counted = _work_by_path(folders) if countable and is_counted else []
    for folder in folders:
        inside = [work for path, work in counted if path.startswith(folder.path)]
        folder.work = reduce(add, inside) if inside else None  # type: ignore[attr-defined]
    return is_counted


def _inside(folders: Sequence[Folder]) -> DocumentQuerySet:
    """The documents in ``folders`` and below them."""
    below = Folder.objects.filter(within(folder.path for folder in folders))
    return Document.objects.filter(folder__in=below.values("pk"), trashed=None)


def _work_by_path(folders: Sequence[Folder]) -> list[tuple[str, Work]]:
    """Of each folder at or below ``folders`` that has text in it."""
    documents = _inside(folders).filter(current_run__lines_total__isnull=False).order_by()
    sums = [Sum(f"current_run__{name}", default=0) for name in ("lines_total", "lines_unchecked", "lines_doubtful")]
    rows = documents.values("folder__path").annotate(total=sums[0], unchecked=sums[1], doubtful=sums[2])
    return [(row["folder__path"], Work(row["total"], row["unchecked"], row["doubtful"])) for row in rows]


def count_new(reach: Reach, few: Sequence[UUID] | None) -> int:
    """How many documents others share with somebody who has not opened them yet, up to MOST_NEW + 1.

    Of shared folders, what has come within NEW_WITHIN: they may hold whole archives. ``few``: see ``few_in_reach``.
    """
    if few == []:
        return 0
    shared = Document.objects.of_others(reach, since=timezone.now() - NEW_WITHIN)
    found = shared.among(few).filter(~Exists(_views(reach.user.pk)))
    return found.order_by()[: MOST_NEW + 1].count()


def _views(reader: int | None) -> QuerySet[Event]:
    return Event.objects.filter(document=OuterRef("pk"), actor=reader, verb=Verb.VIEWED)


def _beyond(field: str, place: Place, *, upwards: bool) -> Q:
    """What comes after a place, in the direction of reading: a range, which an index serves, without its beginning."""
    value, pk = place
    way, back = ("gte", "lte") if upwards else ("lte", "gte")
    return Q(**{f"{field}__{way}": value}) & ~Q(**{field: value, f"pk__{back}": pk})


def _cursor(field: str, document: Document) -> str:
    """A document's place in the order: value and key."""
    value: Any = document
    for part in field.split("__"):
        value = getattr(value, part)
    shown = value.isoformat() if isinstance(value, datetime) else value
    return f"{shown}~{document.pk}"


def _place(field: str, cursor: str) -> Place | None:
    """What ``_cursor`` wrote; None for anything else, so that an old or mistyped address shows the first page."""
    text, _, key = cursor.rpartition("~")
    parse = PARSERS.get(field, str)
    try:
        value, pk = parse(text), UUID(key)
    except (ValueError, OverflowError):
        return None
    return None if value is None or "\0" in text else (value, pk)


def _annotate(documents: Sequence[Document], reach: Reach) -> None:
    """Adds what a list shows of each document: pages done and failed, tags, whether there is a picture, whether it is
    shared, whether it is another's and its reader has never opened it, and whether they may look into its folder.
    """
    reader = reach.user.pk
    runs = [document.current_run for document in documents if document.current_run]
    unlike = [run.pk for run in runs if run.state != RunState.DONE]  # where this is not true of all pages alike
    settled = PageResult.objects.filter(run__in=unlike, state__in=[State.DONE, State.FAILED])
    counts = {(run, state): n for run, state, n in settled.values_list("run", "state").annotate(Count("id")).order_by()}
    others = [document.pk for document in documents if document.owner_id != reader]
    opened_before = set(
        Event.objects.filter(document__in=others, actor=reader, verb=Verb.VIEWED)
        .values_list("document", flat=True)
        .order_by()  # by the numbers of the documents, not through all that the user ever did
    )
    drawn = Page.objects.filter(document__in=documents, number=1).exclude(thumbnail="")
    pictured = set(drawn.values_list("document", flat=True).order_by())
    shared = set(Share.objects.filter(document__in=documents).values_list("document", flat=True).order_by())
    tags = defaultdict(list)
    tagged = Document.tags.through.objects.filter(document__in=documents).order_by("tag__name")
    for pk, name in tagged.values_list("document", "tag__name"):
        tags[pk].append(name)
    prefetch_related_objects([document for document in documents if document.pk not in pictured], "originals")
    for document in documents:
        run = document.current_run
        is_done = run is not None and run.state == RunState.DONE
        done = document.page_count if is_done else counts.get((document.current_run_id, State.DONE), 0)
        document.pages_done = done  # type: ignore[attr-defined]
        document.pages_failed = counts.get((document.current_run_id, State.FAILED), 0)  # type: ignore[attr-defined]
        document.has_thumbnail = document.pk in pictured  # type: ignore[attr-defined]
        document.is_new = document.owner_id != reader and document.pk not in opened_before  # type: ignore[attr-defined]
        document.is_shared = document.pk in shared  # type: ignore[attr-defined]
        document.tag_names = tags[document.pk]  # type: ignore[attr-defined]
        document.folder_is_open = document.folder is not None and reach.opens(document.folder)  # type: ignore[attr-defined]
