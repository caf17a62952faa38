"""The lines of a page: corrected, deleted, drawn, and brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from documents.models import (
    Correction,
    CorrectionKind,
    Placement,
    State,
    Verb,
    announce_correction,
    record,
)
from documents.search import index
from recognition.geometry import Polygon
from recognition.page import Line, LineDirection

from .seen import UNCONDITIONAL, Unconditional

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import PageResult


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


def correct(
    result: PageResult, line_id: str, text: str, *, author: User, seen: int | Unconditional | None
) -> Correction | None:
    """Writes ``text`` over a line of ``result``; none deletes the line, the text as read takes corrections back.

    ``seen``: the number of the correction that the author was looking at, if there was one. Gives the
    correction that holds afterwards. Raises ConflictError if another one held there before, or if it would
    hold elsewhere, and LookupError if there is no such line.
    """
    with _changing(result) as placement:
        line, stack = _found(placement, line_id, author, seen)
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
        _, stack = _found(placement, line_id, author, seen)
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
    with index.reindexing(page.document_id, [page.number]) as document:  # locked: two editors take turns
        if document is None:
            raise LookupError(page.document_id)
        yield result.placement()
        for affected in page.results.filter(state=State.DONE):
            affected.refresh_text()
        announce_correction(document)


def _record(verb: Verb, result: PageResult, author: User, line_ids: Sequence[str]) -> None:
    record(verb, result.page.document, author, page=result.page.number, lines=" ".join(line_ids))


def _found(
    placement: Placement, line_id: str, author: User, seen: int | Unconditional | None
) -> tuple[Line, list[Correction]]:
    """A line and its corrections, the last of which has to be ``seen``."""
    if line_id not in placement.lines:
        raise LookupError(line_id)
    stack = placement.history.get(line_id, [])
    current = stack[-1] if stack else None
    if seen is UNCONDITIONAL:
        expected = current is None or current.author_id == author.pk
    else:
        expected = (current.pk if current else None) == seen
    if not expected:
        raise ConflictError(current)
    return placement.lines[line_id], stack


def _withdraw(corrections: Iterable[Correction], author: User) -> None:
    numbers = [correction.pk for correction in corrections]
    Correction.objects.filter(pk__in=numbers, withdrawn=None).update(withdrawn=timezone.now(), withdrawn_by=author)
