"""What people corrected, kept apart from what was read.

A correction belongs to a place on a page, not to a line of a run: when the document is read again, it
moves to the new line that it is most like, and where there is none it is kept as unplaced. A line that
somebody drew is a correction too, one that stands by itself where nothing was read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recognition.geometry import BBox, Polygon, bounds, intersection_over_union, overlap_of_smaller
from recognition.page import Line, LineDirection

from .archive import Document, Page
from .audit import Verb, record
from .webhooks import announce_correction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .results import PageResult

LEAST_OVERLAP = 0.5
"""Of the smaller of two boxes: under this they are not the same line."""


@dataclass(frozen=True)
class Drawing:
    """A line that somebody drew on a page. ``polygon``: as that of a ``Line``, in pixels of the page image."""

    polygon: Polygon
    text: str
    direction: LineDirection = "horizontal"


class ConflictError(Exception):
    """Somebody else has corrected the line meanwhile; ``current`` is what they wrote, or None if they withdrew."""

    def __init__(self, current: Correction | None) -> None:
        super().__init__("the line has been corrected by somebody else meanwhile")
        self.current = current


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def active(self) -> CorrectionQuerySet:
        """Those that have not been withdrawn, the oldest first."""
        return self.filter(withdrawn=None).select_related("author").order_by("created", "pk")


class CorrectionKind(models.TextChoices):
    TEXT = "text", _("text of a line")
    DRAWN = "drawn", _("line that a person drew")


class Correction(models.Model):
    """One person's text for one place. Rows are added and withdrawn, never changed: they are the history.

    Without a text it takes its line away. ``direction`` is that of a line that was drawn.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("page"))
    kind = models.CharField(
        _("kind"), max_length=8, choices=CorrectionKind.choices, default=CorrectionKind.TEXT, editable=False
    )
    polygon = models.JSONField(_("polygon"), help_text=_("pixels of the page image"))
    direction = models.CharField(_("direction of writing"), max_length=16, blank=True)
    text = models.TextField(_("text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    created = models.DateTimeField(_("written"), default=timezone.now)
    withdrawn = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["page", "withdrawn"])]

    def __str__(self) -> str:
        return self.text

    @property
    def box(self) -> BBox:
        return bounds(self.corners)

    @property
    def corners(self) -> Polygon:
        a, b, c, d = ((float(x), float(y)) for x, y in self.polygon)
        return a, b, c, d

    def as_line(self) -> Line:
        """The line that was drawn. The engine has read nothing there, and a person is sure."""
        way: LineDirection = "vertical-rl" if self.direction == "vertical-rl" else "horizontal"
        return Line("", 1.0, self.corners, way)


@dataclass
class Placement:
    """Where the corrections of a page belong.

    ``lines``: by id, those that were read ("3-17": the 17th of page 3) and then those that were drawn
    ("3-c42": by correction 42). ``history``: by line id, its corrections, of which the last one holds.
    ``detached``: by their corners, the ids of drawn lines that are never taken for lines that were read.
    """

    number: int
    lines: dict[str, Line]
    history: dict[str, list[Correction]] = field(default_factory=dict)
    unplaced: list[Correction] = field(default_factory=list)
    detached: dict[Polygon, str | None] = field(default_factory=dict)

    @property
    def by_line(self) -> dict[str, Correction]:
        """The corrections that hold, by line id."""
        return {line_id: stack[-1] for line_id, stack in self.history.items()}

    def texts(self) -> dict[str, str]:
        """The corrected texts, by line id."""
        return {line_id: correction.text for line_id, correction in self.by_line.items()}

    def match(self, correction: Correction) -> str | None:
        """The id of the line that ``correction`` is most like, if any is like it.

        What is drawn where somebody took a line away is no correction of that line, and neither is a
        drawing that was once taken away itself, with all that was written there since.
        """
        if correction.corners in self.detached:
            return self.detached[correction.corners]
        drawn = correction.kind == CorrectionKind.DRAWN
        gone = {line_id for line_id, stack in self.history.items() if not stack[-1].text} if drawn else set()
        likeness = {
            line_id: intersection_over_union(correction.box, line.box)
            for line_id, line in self.lines.items()
            if correction.corners == line.polygon
            or (line_id not in gone and overlap_of_smaller(correction.box, line.box) >= LEAST_OVERLAP)
        }
        return max(likeness, key=likeness.__getitem__, default=None)

    def put(self, correction: Correction) -> str | None:
        """Gives ``correction``, the latest so far, its place; the id of its line, or None if it has none."""
        line_id = self.match(correction)
        if line_id is None and correction.kind == CorrectionKind.DRAWN:
            line_id = f"{self.number}-c{correction.pk}"
            self.lines[line_id] = correction.as_line()
            if correction.corners in self.detached:
                self.detached[correction.corners] = line_id
        if line_id is None:
            self.unplaced.append(correction)
        else:
            self.history.setdefault(line_id, []).append(correction)
        return line_id


def place(number: int, lines: Sequence[Line], corrections: Iterable[Correction]) -> Placement:
    """Places ``corrections``, the oldest first, on the lines that were read on page ``number``."""
    corrections = list(corrections)
    by_id = {f"{number}-{index}": line for index, line in enumerate(lines, start=1)}
    placement = Placement(number, by_id, detached=dict.fromkeys(_taken_away(corrections)))
    for correction in corrections:
        placement.put(correction)
    return placement


def _taken_away(corrections: Iterable[Correction]) -> Iterator[Polygon]:
    """The corners of drawings that were taken away, also of those brought back by writing them anew.

    Such a text is younger than what others may have written meanwhile over a line that was read there.
    """
    drawn = set()
    for correction in corrections:
        if correction.kind == CorrectionKind.DRAWN:
            drawn.add(correction.corners)
        elif not correction.text and correction.corners in drawn:
            yield correction.corners


def correct(result: PageResult, line_id: str, text: str, *, author: User, seen: int | None) -> Correction | None:
    """Writes ``text`` over a line of ``result``; none takes the line away, the text as read takes corrections back.

    ``seen``: the number of the correction that the author was looking at, if there was one. Gives the
    correction that holds afterwards. Raises ConflictError if another one held there before, or if it would
    hold elsewhere, and LookupError if there is no such line.
    """
    with _changing(result) as placement:
        line, stack = _found(placement, line_id, seen)
        if text == line.text and line.text:
            _withdraw(stack, author)
            _record(Verb.WITHDREW, result, author, [line_id])
            return None
        _record(Verb.CORRECTED if text else Verb.ERASED, result, author, [line_id])
        written = Correction.objects.create(page=result.page, polygon=line.polygon, text=text, author=author)
        if result.placement().by_line.get(line_id) != written:  # two lines at one place: it would change the other one
            raise ConflictError(stack[-1] if stack else None)
        return written


def take_back(result: PageResult, line_id: str, *, author: User, seen: int) -> Correction | None:
    """Withdraws the correction ``seen`` of a line, so that what stood there before holds again, and gives that.

    A line that was drawn is gone with its only correction. Raises what ``correct`` raises.
    """
    with _changing(result) as placement:
        _, stack = _found(placement, line_id, seen)
        _withdraw(stack[-1:], author)
        _record(Verb.WITHDREW, result, author, [line_id])
        return stack[-2] if len(stack) > 1 else None


def draw(result: PageResult, drawings: Sequence[Drawing], *, author: User, seen: Collection[int]) -> list[str]:
    """Keeps lines that a person drew; where ``result`` has such a line already, its text is corrected instead.

    ``seen``: the corrections on the page that the author was looking at. Gives the ids of the lines.
    Raises ConflictError if a drawing would write over another correction; then none of them is kept.
    """
    with _changing(result) as placement:
        kept = []
        for drawing in drawings:
            correction = Correction(
                page=result.page,
                kind=CorrectionKind.DRAWN,
                polygon=drawing.polygon,
                direction=drawing.direction,
                text=drawing.text,
                author=author,
            )
            line_id = placement.match(correction)
            held = placement.by_line.get(line_id) if line_id else None
            if line_id is None or drawing.text != (held.text if held else placement.lines[line_id].text):
                if held and held.pk not in seen:
                    raise ConflictError(held)
                correction.save()
                line_id = placement.put(correction)
            kept.append(str(line_id))
        _record(Verb.DREW, result, author, kept)
    return kept


@contextmanager
def _changing(result: PageResult) -> Iterator[Placement]:
    """What stands on the page of ``result``; whatever is changed inside is in its texts afterwards."""
    page = result.page
    with transaction.atomic():
        document = Document.objects.lock(page.document_id)  # two editors take turns
        if document is None:
            raise LookupError(page.document_id)
        yield result.placement()
        for affected in page.results.filter(state="done"):
            affected.refresh_text()
        announce_correction(document)


def _record(verb: Verb, result: PageResult, author: User, line_ids: Sequence[str]) -> None:
    record(verb, result.page.document, author, page=result.page.number, lines=" ".join(line_ids))


def _found(placement: Placement, line_id: str, seen: int | None) -> tuple[Line, list[Correction]]:
    """A line and its corrections, the last of which has to be ``seen``."""
    if line_id not in placement.lines:
        raise LookupError(line_id)
    stack = placement.history.get(line_id, [])
    current = stack[-1] if stack else None
    if (current.pk if current else None) != seen:
        raise ConflictError(current)
    return placement.lines[line_id], stack


def _withdraw(corrections: Iterable[Correction], author: User) -> None:
    numbers = [correction.pk for correction in corrections]
    Correction.objects.filter(pk__in=numbers, withdrawn=None).update(withdrawn=timezone.now(), withdrawn_by=author)
