"""What recognition made of documents: runs, and the result of each page.

State changes are methods that run one conditional UPDATE and look at its row count, so that any
number of workers can share a document: the database is the truth, the queue only wakes workers.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.exports import Export, ExportLine, ExportPage, Version, text_of
from recognition.errors import RecognitionError
from recognition.page import Line, Options
from recognition.page import PageResult as Reading

from .archive import Document, Page
from .audit import Verb, record
from .corrections import Correction, Placement, place
from .order import in_order, upright
from .webhooks import announce_run

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .audit import Actor

MAX_ATTEMPTS = 3


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class RunState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    PARTIAL = "partial", _("partly failed")
    FAILED = "failed", _("failed")


UNFINISHED = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Progress:
    """How far a run is: pages by state, and the wall time since its first page was begun or it was tried again.

    ``states``: the state of each page in order, by its first letter: q(ueued), r(unning), d(one), f(ailed).
    ``recent``: the pages that were done in that time.
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
        """Pages with which nothing more will happen."""
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
    page_number = models.PositiveIntegerField(
        _("page read again"), null=True, blank=True, help_text=_("where it is one page only")
    )

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return f"{self.document} · {self.created:%Y-%m-%d %H:%M}"

    @classmethod
    def start(cls, document: Document, options: Options, requested_by: User | None) -> Run:
        """A new run over all pages, current from now on; whoever calls this wakes the workers."""
        with transaction.atomic():
            run = cls.objects.create(document=document, options=options.to_dict(), requested_by=requested_by)
            PageResult.objects.bulk_create([PageResult(run=run, page=page) for page in document.pages.all()])
            document.current_run = run
            document.save(update_fields=["current_run"])
        return run

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

    def progress(self) -> Progress:
        """Two small queries, however large the pages' results are: open pages ask every second."""
        started = self.started or timezone.now()
        states = list(self.results.order_by("page__number").values_list("state", flat=True))
        return Progress(
            counts={state: states.count(state) for state in State.values},
            states="".join(state[0] for state in states),
            recent=self.results.filter(state=State.DONE, finished__gte=started).count(),
            elapsed=(self.finished or timezone.now()) - started,
        )

    def export(self) -> Export:
        """Everything that was read, for the functions in ``exports``."""
        results = self.results.select_related("page").order_by("page__number")
        corrections = defaultdict[int, list[Correction]](list)
        for correction in Correction.objects.standing().filter(page__document=self.document_id):
            corrections[correction.page_id].append(correction)
        return Export(
            id=str(self.document_id),
            title=self.document.title,
            sha256=self.document.sha256,
            page_count=self.document.page_count,
            options=self.options,
            engine=self.engine,
            started=self.started,
            seconds=self.seconds,
            pages=[
                ExportPage(
                    number=result.page.number,
                    width=result.page.width,
                    height=result.page.height,
                    state=result.state,
                    lines=result.standing_lines(corrections[result.page_id]),
                    error=result.error,
                    seconds=result.seconds,
                    source=result.source,
                )
                for result in results
            ],
            original=self.document.local_original,
        )

    def begin(self, engine: dict[str, Any]) -> None:
        """Notes the start and the engine, once: a later worker on the same run changes nothing.

        A run of one page keeps the engine that has read the others.
        """
        if self.started is None:
            self.started = timezone.now()
            unstarted = Run.objects.filter(pk=self.pk, started=None)
            unstarted.update(started=self.started, engine=self.engine or engine, state=RunState.RUNNING)

    def settle(self) -> None:
        """Derives the run's state from its pages'; call inside the transaction that changed one.

        The row lock makes two workers that save the last two pages take turns, so that the second
        one sees the first one's page and closes the run.
        """
        run = Run.objects.select_for_update().get(pk=self.pk)
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
        if ends:
            announce_run(run)

    def cancel(self, actor: Actor) -> int:
        """Gives up the pages that nobody has begun; returns how many. Pages being read are finished."""
        with transaction.atomic():
            now = timezone.now()
            error = {"code": "cancelled", "message": "The reading of this page was cancelled."}
            count = self.results.filter(state=State.QUEUED).update(state=State.FAILED, error=error, finished=now)
            if count:
                Run.objects.filter(pk=self.pk).update(cancelled=now)
                record(Verb.CANCELLED, self.document, actor, pages=count)
                self.settle()
        return count

    def retry(self, actor: Actor, number: int | None = None) -> int:
        """Puts failed pages (or the one with ``number``) back in line; returns how many."""
        with transaction.atomic():
            failed = self.results.filter(state=State.FAILED)
            if number is not None:
                failed = failed.filter(page__number=number)
            count = failed.update(state=State.QUEUED, attempts=0, error=None, finished=None, worker="")
            if count:
                Run.objects.filter(pk=self.pk).update(cancelled=None, started=None)
                record(Verb.RETRIED, self.document, actor, pages=count)
                self.settle()
        return count

    def make_current(self, actor: Actor) -> None:
        with transaction.atomic():
            Document.objects.filter(pk=self.document_id).update(current_run=self)
            record(Verb.MADE_CURRENT, self.document, actor, run=str(self.pk))


class PageResultQuerySet(models.QuerySet["PageResult"]):
    def claimable(self) -> PageResultQuerySet:
        """Waiting pages, and pages whose worker let its lease run out; none of a document in the trash."""
        lapsed = Q(state=State.RUNNING, lease_until__lt=timezone.now())
        return self.filter(Q(state=State.QUEUED) | lapsed, run__document__trashed=None)

    def claim(self, run: Run, worker: str, lease: timedelta) -> PageResult | None:
        """The run's next page, now leased to ``worker``; None when there is none left to claim.

        A page that three workers died on is marked failed instead of being handed to a fourth.
        """
        while candidate := self.filter(run=run).claimable().order_by("page__number").first():
            unchanged = self.filter(pk=candidate.pk, state=candidate.state, attempts=candidate.attempts)
            if candidate.attempts >= MAX_ATTEMPTS:
                candidate.give_up(unchanged)
                continue
            now = timezone.now()
            claimed = unchanged.update(
                state=State.RUNNING,
                worker=worker,
                attempts=F("attempts") + 1,
                lease_until=now + lease,
            )
            if claimed:
                return self.select_related("page").get(pk=candidate.pk)
        return None

    def release(self, worker: str, *, tried: bool = True) -> int:
        """Hands back what ``worker`` held when it died; its successor of the same name calls this.

        ``tried``: whether that counts as one of the attempts that a page has.
        """
        held = self.filter(state=State.RUNNING, worker=worker)
        attempts = F("attempts") if tried else F("attempts") - 1
        return held.update(state=State.QUEUED, lease_until=None, attempts=attempts)


class PageResult(models.Model):
    """What one run made of one page."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="results", verbose_name=_("run"))
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="results", verbose_name=_("page"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    worker = models.CharField(_("worker"), max_length=255, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    lines = models.JSONField(_("lines"), default=list, blank=True)
    text = models.TextField(_("text"), blank=True, help_text=_("as it holds now, corrections included"))
    order = models.JSONField(_("mended order"), null=True, blank=True, editable=False)
    order_number = models.PositiveIntegerField(_("times the order was mended"), default=0, editable=False)
    confidence = models.FloatField(_("mean confidence"), null=True, blank=True)
    rotation = models.PositiveSmallIntegerField(_("rotation"), default=0)
    source = models.CharField(_("source"), max_length=16, blank=True)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    stages = models.JSONField(_("seconds by stage"), default=dict, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.JSONField(_("error"), null=True, blank=True)
    options = models.JSONField(_("options"), null=True, blank=True, help_text=_("where they are not those of its run"))

    objects = PageResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("page result")
        verbose_name_plural = _("page results")
        ordering = ["run", "page__number"]
        constraints = [models.UniqueConstraint(fields=["run", "page"], name="one_result_per_run_and_page")]
        indexes = [models.Index(fields=["run", "state"]), models.Index(fields=["state", "worker"])]

    def __str__(self) -> str:
        return f"{self.page} · {self.get_state_display()}"

    def read_lines(self) -> list[Line]:
        """The lines as values of the recognition package."""
        return [Line.from_dict(line) for line in self.lines]

    def placement(self) -> Placement:
        """Where the page's corrections belong in this result."""
        return place(self.page.number, self.read_lines(), self.page.corrections.standing())

    def standing_lines(self, corrections: Iterable[Correction]) -> list[ExportLine]:
        """The lines as they stand with ``corrections`` (all that stand on the page), in reading order.

        Those that people drew are among them, and those that people took away, without a text.
        """
        return self.in_order(place(self.page.number, self.read_lines(), corrections))

    def in_order(self, placement: Placement) -> list[ExportLine]:
        """The lines of ``placement``, in reading order."""
        texts = placement.texts()
        lines = [ExportLine(line_id, line, texts.get(line_id)) for line_id, line in placement.lines.items()]
        as_read = [line.id for line in lines[: len(self.lines)]]
        return in_order(lines, self.order or as_read, lambda: upright(self, lines))

    def text_in(self, version: Version) -> str:
        """The page's text as it stands, or as it was read."""
        return self.text if version == "corrected" else text_of(self.standing_lines(()), version)

    def refresh_text(self) -> None:
        """Brings ``text`` up to date after a correction."""
        self.text = text_of(self.standing_lines(self.page.corrections.standing()))
        self.save(update_fields=["text"])

    def finish(self, reading: Reading) -> bool:
        """Saves what was read, or why it could not be; False if the lease went to somebody else meanwhile."""
        if reading.error is not None:
            return self._close(state=State.FAILED, error=error_as_json(reading.error))
        confidences = [line.confidence for line in reading.lines]
        return self._close(
            state=State.DONE,
            lines=[line.to_dict() for line in reading.lines],
            text=reading.text,
            confidence=sum(confidences) / len(confidences) if confidences else None,
            rotation=reading.rotation,
            source=reading.source,
            error=None,
            seconds=sum(reading.seconds.values()),
            stages={stage: round(seconds, 4) for stage, seconds in reading.seconds.items()},
        )

    def give_up(self, unchanged: PageResultQuerySet) -> None:
        """Marks a page failed that took down every worker that tried it."""
        message = f"The worker stopped {self.attempts} times while reading this page."
        error = {"code": "worker-lost", "message": message, "params": {"attempts": self.attempts}}
        with transaction.atomic():
            if unchanged.update(state=State.FAILED, error=error, finished=timezone.now()):
                self.run.settle()

    def _close(self, state: State, **values: Any) -> bool:
        mine = PageResult.objects.filter(pk=self.pk, state=State.RUNNING, worker=self.worker, attempts=self.attempts)
        with transaction.atomic():
            closed = mine.update(state=state, lease_until=None, finished=timezone.now(), **values)
            if closed and state == State.DONE:
                Page.objects.select_for_update().get(pk=self.page_id)  # nobody corrects it at this moment
                if self.page.corrections.standing().exists():
                    PageResult.objects.select_related("page").get(pk=self.pk).refresh_text()
            if closed:
                self.run.settle()
        return bool(closed)


def error_as_json(error: RecognitionError) -> dict[str, Any]:
    """An error as it is stored and exported: stable code, English message, the values inside it."""
    return {"code": error.code, "message": error.message, "params": error.params}
