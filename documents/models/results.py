"""The result of one page in a run, and the worker that reads it.

State changes are methods that run one conditional UPDATE and look at its row count, so that any
number of workers can share a document: the database is the truth, the queue only wakes workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents import blocks
from documents.errors import CancelledError, WorkerLostError
from documents.transcript import TranscriptLine, TranscriptPage, Version, as_read
from recognition.errors import RecognitionError
from recognition.page import Block, Line, Matrix, PageReading, from_upright_page

from .archive import Document, Page
from .arrangement import Arrangement
from .checks import COUNTED, PageCheck, Work, checked, work_on
from .edits import Edits, edits_by_page
from .order import in_order, to_upright_page
from .placement import Placement, place

if TYPE_CHECKING:
    from .runs import Run

MAX_ATTEMPTS = 3
"""Workers that a page may take down, one after the other, before it is put off."""

LAST_ATTEMPT_AFTER = timedelta(minutes=5)
"""How long such a page waits for its last try. Restarts and full memories are over by then; what the page itself is to
blame for is not."""


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


UNFINISHED = (State.QUEUED, State.RUNNING)


class Reader(models.TextChoices):
    ENGINE = "engine", _("OCR")
    VISION = "vision", _("vision model")


class PageResultQuerySet(models.QuerySet["PageResult"]):
    def claimable(self, reader: str = Reader.ENGINE) -> PageResultQuerySet:
        """Pages that wait for ``reader``, and pages whose worker let its lease run out; none of a document in the
        trash."""
        return self.filter(_free(), state__in=UNFINISHED, run__document__trashed=None, run__reader=reader)

    def leased(self) -> PageResultQuerySet:
        """Pages with a live lease: a worker is reading them."""
        return self.filter(state=State.RUNNING, lease_until__gte=Now(), run__reader=Reader.ENGINE)

    def claim(self, run: Run, worker: str, lease: timedelta) -> PageResult | None:
        """The run's next page, now leased to ``worker``; None when there is none left to claim.

        A page that three workers died on waits for a while and has one more try; then it is marked failed. One that a
        worker died on in a run that is cancelled is not handed to a second.
        """
        waiting = self.filter(run=run).select_related("run").order_by("page__number")
        while candidate := waiting.claimable(run.reader).first():
            unchanged = self.filter(_free(), pk=candidate.pk, state=candidate.state, attempts=candidate.attempts)
            if candidate.attempts > MAX_ATTEMPTS or candidate.run.cancelled:
                candidate.give_up(unchanged)
            elif candidate.attempts == MAX_ATTEMPTS and not candidate.was_put_off:
                unchanged.update(state=State.QUEUED, lease_until=Now() + LAST_ATTEMPT_AFTER)
            elif unchanged.update(
                state=State.RUNNING, worker=worker, attempts=F("attempts") + 1, lease_until=Now() + lease
            ):
                return self.select_related("page__original").get(pk=candidate.pk)
        return None

    def release(self, worker: str, *, tried: bool = True) -> int:
        """Hands back what ``worker`` held when it died; its successor of the same name calls this.

        ``tried``: whether that counts as one of the attempts that a page has.
        """
        held = self.filter(state=State.RUNNING, worker=worker)
        attempts = F("attempts") if tried else F("attempts") - 1
        return held.update(state=State.QUEUED, lease_until=None, attempts=attempts)


def _free() -> Q:
    """Of pages that nobody has leased, by the clock of the database: those of hosts differ."""
    return Q(lease_until=None) | Q(lease_until__lt=Now())


class PageResult(models.Model):
    """The result of one page in one run."""

    run = models.ForeignKey("Run", on_delete=models.CASCADE, related_name="results", verbose_name=_("run"))
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="results", verbose_name=_("page"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    worker = models.CharField(_("worker"), max_length=255, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)  # of a waiting page: put off until
    lines = models.JSONField(_("lines"), default=list, blank=True)
    blocks = models.JSONField(_("blocks"), default=list, blank=True, editable=False)
    text = models.TextField(_("text"), blank=True, help_text=_("as it holds now, corrections included"))
    confidence = models.FloatField(_("mean confidence"), null=True, blank=True)
    rotation = models.PositiveSmallIntegerField(_("rotation"), default=0)
    source = models.CharField(_("source"), max_length=16, blank=True)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    stages = models.JSONField(_("seconds by stage"), default=dict, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.JSONField(_("error"), null=True, blank=True)
    warnings = models.JSONField(
        _("warnings"), default=list, blank=True, help_text=_("what was not read as it should be")
    )
    codes = models.JSONField(_("codes"), default=list, blank=True, help_text=_("QR codes and bar codes"))
    options = models.JSONField(_("options"), null=True, blank=True, help_text=_("where they are not those of its run"))
    lines_total = models.PositiveIntegerField(_("lines to check"), null=True, editable=False)
    lines_unchecked = models.PositiveIntegerField(_("unchecked lines"), null=True, editable=False)
    lines_doubtful = models.PositiveIntegerField(_("doubtful lines"), null=True, editable=False)

    objects = PageResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("page result")
        verbose_name_plural = _("page results")
        ordering = ["run", "page__number"]
        constraints = [models.UniqueConstraint(fields=["run", "page"], name="one_result_per_run_and_page")]
        indexes = [
            models.Index(fields=["run", "state"]),
            models.Index(fields=["state", "worker"]),
            # For the mean of a run: the confidence itself lies beyond the lines of the page.
            models.Index(fields=["run", "confidence"]),
        ]

    def __str__(self) -> str:
        return f"{self.page} · {self.get_state_display()}"

    @property
    def was_put_off(self) -> bool:
        return self.state == State.QUEUED and self.lease_until is not None

    def read_lines(self) -> list[Line]:
        """The lines as values of the recognition package."""
        return [Line.from_dict(line) for line in self.lines]

    def read_blocks(self) -> list[Block]:
        """The blocks as values of the recognition package; none of pages that were read before there were any."""
        return [Block.from_dict(block) for block in self.blocks]

    def edits(self) -> Edits:
        """What people have changed on the page."""
        return edits_by_page(pk=self.page_id)[self.page_id]

    def placement(self) -> Placement:
        """Where the page's corrections belong in this result."""
        return place(self.page.number, self.read_lines(), self.page.corrections.active())

    def transcript(self, edits: Edits) -> TranscriptPage:
        """The page as it stands with ``edits`` (all that hold on the page): see ``standing``."""
        placement = place(self.page.number, self.read_lines(), edits.corrections)
        return self.standing(placement, edits.arrangement, edits.check)

    def standing(
        self, placement: Placement, arrangement: Arrangement | None, check: PageCheck | None = None
    ) -> TranscriptPage:
        """The page with its corrections, as people arranged and checked it, for the functions in ``exports``.

        The lines that people drew are among its lines, and those that people took away, without a text.
        """
        texts = placement.texts()
        written = [TranscriptLine(line_id, line, texts.get(line_id)) for line_id, line in placement.lines.items()]
        found = checked(written, placement, check)
        known, names = self.known_blocks(placement, arrangement)
        order: Sequence[str | None] = [line.id for line in found[: len(self.lines)]]
        if arrangement is not None and not arrangement.is_as_read and not self._has_direction_of_its_own(arrangement):
            order = names
        lines = in_order(found, [name for name in order if name], lambda: self.to_upright_page(found))
        placed = blocks.placed(self.page.number, known, lines, names)
        return TranscriptPage(
            number=self.page.number,
            width=self.page.width,
            height=self.page.height,
            state=self.state,
            lines=[line for block in placed for line in block.lines] if placed else lines,
            blocks=placed,
            error=self.error,
            seconds=self.seconds,
            source=self.source,
            warnings=self.warnings,
            checked=work_on(lines, check).is_complete,
            codes=self.codes,
        )

    def known_blocks(
        self, placement: Placement, arrangement: Arrangement | None
    ) -> tuple[list[Block], list[str | None]]:
        """The blocks as people arranged them, else as they were read, and the ids of the lines by their numbers there.

        An id is None where an arrangement has a line that this reading does not have.
        """
        if arrangement is None or arrangement.is_as_read:
            return self.read_blocks(), [f"{self.page.number}-{index + 1}" for index in range(len(self.lines))]
        return arrangement.arranged_blocks(), arrangement.names(placement.lines)

    def _has_direction_of_its_own(self, arrangement: Arrangement) -> bool:
        """Whether it was read after ``arrangement``, in a direction that somebody chose: that orders the lines anew."""
        if self.finished is None or self.finished < arrangement.created:
            return False
        options = self.options or self.run.options
        return bool(options.get("direction", "auto") != "auto")

    def to_upright_page(self, lines: Sequence[TranscriptLine]) -> list[Line]:
        """``lines`` as they are on the page set upright."""
        return to_upright_page(lines, self.rotation, self.page.width or 0, self.page.height or 0)

    def from_upright_page(self) -> Matrix:
        """From the page set upright to the page image."""
        return from_upright_page(self.rotation, self.page.width or 0, self.page.height or 0)

    def text_in(self, version: Version) -> str:
        """The page's text as it stands, or as it was read."""
        return self.text if version == "corrected" else self.transcript(self.edits()).in_version(version).text

    @property
    def work(self) -> Work | None:
        """What is left to check on the page; None before it was read or counted."""
        if self.lines_total is None or self.lines_unchecked is None:
            return None
        return Work(self.lines_total, self.lines_unchecked, self.lines_doubtful or 0)

    def refresh_text(self) -> None:
        """Brings ``text``, and how much of it is checked, up to date after a change."""
        edits = self.edits()
        page = self.transcript(edits)
        self.text = page.text
        for name, value in work_on(page.lines, edits.check).columns().items():
            setattr(self, name, value)
        self.save(update_fields=["text", *COUNTED])
        self.run.count_lines()

    def renew(self, lease: timedelta) -> bool:
        """Extends the lease; False if another worker has the page meanwhile."""
        return bool(self._mine().update(lease_until=Now() + lease))

    def finish(self, reading: PageReading) -> bool:
        """Saves what was read, or why it could not be; False if the lease went to somebody else meanwhile."""
        if reading.error is not None:
            return self._close(state=State.FAILED, error=error_as_json(reading.error))
        confidences = [line.confidence for line in reading.lines]
        work = work_on(as_read(reading.number, reading.lines), None)
        return self._close(
            state=State.DONE,
            lines=[line.to_dict() for line in reading.lines],
            blocks=[block.to_dict() for block in reading.blocks],
            text=reading.text,
            confidence=sum(confidences) / len(confidences) if confidences else None,
            rotation=reading.rotation,
            source=reading.source,
            warnings=[warning.to_dict() for warning in reading.warnings],
            codes=[code.to_dict() for code in reading.codes],
            error=None,
            seconds=sum(reading.seconds.values()),
            stages={stage: round(seconds, 4) for stage, seconds in reading.seconds.items()},
            **work.columns(),
        )

    def give_up(self, unchanged: PageResultQuerySet) -> None:
        """Marks a page failed that took down every worker that tried it, or that nobody is to try any more."""
        error = CancelledError() if self.run.cancelled else WorkerLostError(self.attempts)
        with transaction.atomic():
            Document.objects.lock(self.run.document_id)
            closed = unchanged.update(
                state=State.FAILED, error=error_as_json(error), finished=timezone.now(), lease_until=None
            )
            if closed:
                self.run.settle()

    def _was_touched(self) -> bool:
        """Whether people have corrected, arranged or checked something on the page."""
        corrected = self.page.corrections.active().exists() or self.page.arrangements.exists()
        return corrected or PageCheck.of(self.page) is not None

    def _mine(self) -> PageResultQuerySet:
        return PageResult.objects.filter(pk=self.pk, state=State.RUNNING, worker=self.worker, attempts=self.attempts)

    def _close(self, state: State, **values: Any) -> bool:
        with transaction.atomic():
            Document.objects.lock(self.page.document_id)  # nobody corrects it at this moment
            closed = self._mine().update(state=state, lease_until=None, finished=timezone.now(), **values)
            if closed and state == State.DONE and self._was_touched():
                PageResult.objects.select_related("page").get(pk=self.pk).refresh_text()
            if closed:
                self.run.settle()
        return bool(closed)


def error_as_json(error: RecognitionError) -> dict[str, Any]:
    """An error as it is stored and exported: stable code, English message, the values inside it."""
    return {"code": error.code, "message": error.message, "params": error.params}
