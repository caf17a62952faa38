"""Runs: one recognition each of a whole document."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.transcript import Origin, Transcript, TranscriptOriginal
from recognition.options import Options

from .archive import Document
from .checks import COUNTED, Work
from .edits import edits_by_page
from .results import UNFINISHED, PageResult, Reader, State
from .webhooks import announce_run


class RunState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    PARTIAL = "partial", _("partly failed")
    FAILED = "failed", _("failed")


@dataclass(frozen=True)
class Progress:
    """How far a run is: pages by state, and the wall time since its first page was begun or it was tried again.

    ``states``: the state of each page in order, by its first letter: q(ueued), r(unning), d(one), f(ailed).
    ``recent``: the pages that were done in that time; 0 of a run that is finished, whose pace nobody asks for.
    """

    counts: dict[str, int]
    states: str
    recent: int
    elapsed: timedelta

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts[State.DONE]

    @property
    def failed(self) -> int:
        return self.counts[State.FAILED]

    @property
    def settled(self) -> int:
        """Pages that are done or have failed."""
        return self.done + self.failed

    @property
    def remaining(self) -> timedelta | None:
        """Time left at the pace so far; None before the first page is through."""
        if not self.recent:
            return None
        return self.elapsed / self.recent * (self.total - self.settled)

    @property
    def pages_per_minute(self) -> float | None:
        seconds = self.elapsed.total_seconds()
        return 60 * self.recent / seconds if self.recent and seconds > 0 else None


class Run(models.Model):
    """One recognition of one document with frozen options."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="runs", verbose_name=_("document"))
    options = models.JSONField(_("options"))
    engine = models.JSONField(_("engine"), default=dict, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    created = models.DateTimeField(_("requested"), default=timezone.now, db_index=True)
    started = models.DateTimeField(_("started"), null=True, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)
    cancelled = models.DateTimeField(_("cancelled"), null=True, blank=True)
    worked = models.FloatField(_("seconds of work"), default=0.0)
    state = models.CharField(_("state"), max_length=8, choices=RunState.choices, default=RunState.QUEUED, db_index=True)
    based_on = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("based on"),
        help_text=_("whose results of the other pages it has taken over"),
    )
    reader = models.CharField(_("read by"), max_length=8, choices=Reader.choices, default=Reader.ENGINE)
    page_number = models.PositiveIntegerField(
        _("page read again"), null=True, blank=True, help_text=_("where it is one page only")
    )

    lines_total = models.PositiveIntegerField(_("lines to check"), null=True, editable=False)
    lines_unchecked = models.PositiveIntegerField(_("unchecked lines"), null=True, editable=False)
    lines_doubtful = models.PositiveIntegerField(_("doubtful lines"), null=True, editable=False)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return f"{self.document} · {self.created:%Y-%m-%d %H:%M}"

    @classmethod
    def start(cls, document: Document, options: Options, requested_by: User | None) -> Run:
        """A new run over all pages, current when it is done; whoever calls this wakes the workers."""
        with transaction.atomic():
            run = cls.objects.create(document=document, options=options.to_dict(), requested_by=requested_by)
            PageResult.objects.bulk_create([PageResult(run=run, page=page) for page in document.pages.all()])
            run.await_turn()
        return run

    def await_turn(self) -> None:
        """Has the run become the current one when it is done; at once if the document has no text that it replaces.

        Until then everybody sees the text that there is. Call it inside a transaction.
        """
        document = self.document
        if PageResult.objects.filter(run=document.current_run_id, state=State.DONE).exists():
            document.next_run = self
            document.save(update_fields=["next_run"])
        else:
            self.take_over()

    def take_over(self) -> None:
        """Makes the run the current one. Call it inside a transaction."""
        document = self.document
        document.current_run = self
        if document.next_run_id == self.pk:
            document.next_run = None
        document.save(update_fields=["current_run", "next_run"])

    @property
    def state_label(self) -> str:
        """The state in words. Django's ``get_state_display`` goes through all choices each time, for a list of runs."""
        return str(RunState(self.state).label)

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def seconds(self) -> float | None:
        """Wall time from the first page's claim to the last page's end, without the time between two tries."""
        return self.worked if self.finished and self.started else None

    def counts(self) -> dict[str, int]:
        """Pages by state; every state is named, so the values add up to the document's pages."""
        found = dict(self.results.values_list("state").annotate(Count("id")).order_by())
        return {state: found.get(state, 0) for state in State.values}

    @property
    def work(self) -> Work | None:
        """How much of what has been read so far is checked; None before anything was read or counted."""
        if self.lines_total is None or self.lines_unchecked is None:
            return None
        return Work(self.lines_total, self.lines_unchecked, self.lines_doubtful or 0)

    def count_lines(self) -> None:
        """Sums up how much of its pages is checked; call it while the document is locked."""
        sums = self.results.aggregate(**{name: Sum(name) for name in COUNTED})
        Run.objects.filter(pk=self.pk).update(**sums)

    def progress(self, states: Sequence[str] | None = None) -> Progress:
        """Two small queries, however large the pages' results are: open pages ask every second.

        ``states``: of the pages in their order, for those who know them.
        """
        started = self.started or timezone.now()
        recent = self.results.filter(state=State.DONE, finished__gte=started)
        if states is None:
            states = list(self.results.order_by("page__number").values_list("state", flat=True))
        return Progress(
            counts={state: states.count(state) for state in State.values},
            states="".join(state[0] for state in states),
            recent=0 if self.is_finished else recent.count(),
            elapsed=(self.finished or timezone.now()) - started,
        )

    def export(self, numbers: Sequence[int] | None = None) -> Transcript:
        """Everything that was read, or only the pages with these numbers, for the functions in ``exports``."""
        results = self.results.select_related("page").order_by("page__number")
        if numbers is not None:
            results = results.filter(page__number__in=numbers)
        for result in results:
            result.run = self
        edits = edits_by_page(document=self.document_id)
        originals = list(self.document.originals.all())
        places = {original.pk: place for place, original in enumerate(originals)}
        return Transcript(
            id=str(self.document_id),
            url=settings.OCRSITE_URL + self.document.get_absolute_url(),
            title=self.document.title,
            originals=[TranscriptOriginal(each.sha256, each.page_count, each.local) for each in originals],
            page_count=self.document.page_count,
            options=self.options,
            engine=self.engine,
            started=self.started,
            seconds=self.seconds,
            pages=[
                replace(
                    result.transcript(edits[result.page_id]),
                    origin=Origin(places[result.page.original_id], result.page.original_number, result.page.turn),
                )
                for result in results
            ],
        )

    def begin(self, engine: dict[str, Any]) -> None:
        """Notes the start and the engine, once: a later worker on the same run changes nothing.

        A run of one page keeps the engine that has read the others.
        """
        unstarted = Run.objects.filter(pk=self.pk, started=None)
        unstarted.update(started=timezone.now(), engine=self.engine or engine, state=RunState.RUNNING)

    def settle(self) -> None:
        """Derives the run's state from its pages'; call inside the transaction that changed one.

        The row lock makes two workers that save the last two pages take turns, so that the second
        one sees the first one's page and closes the run.
        """
        run = Run.objects.select_for_update(of=("self",)).select_related("document").get(pk=self.pk)
        counts, ends = run.counts(), False
        if counts[State.QUEUED] or counts[State.RUNNING]:
            begun = run.started is not None or counts[State.RUNNING] or counts[State.DONE]
            run.state, run.finished = (RunState.RUNNING if begun else RunState.QUEUED), None
        else:
            ends = run.finished is None
            if run.finished is None:
                run.finished = timezone.now()
                run.worked += (run.finished - run.started).total_seconds() if run.started else 0.0
            if not counts[State.FAILED]:
                run.state = RunState.DONE
            else:
                run.state = RunState.PARTIAL if counts[State.DONE] else RunState.FAILED
        run.save(update_fields=["state", "finished", "worked"])
        run.count_lines()
        if run.state == RunState.DONE and run.document.next_run_id == run.pk:
            run.take_over()
        if ends:
            announce_run(run)
