"""The lines of a page: corrected, deleted, drawn, and brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import (
    LONGEST_TEXT,
    Correction,
    CorrectionKind,
    Placement,
    RefusedError,
    Verb,
    announce_correction,
    record,
)
from documents.search import index
from recognition.geometry import Polygon
from recognition.page import LineDirection

from .seen import UNCONDITIONAL, Unconditional
from .texts import refresh_texts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import PageResult


MOST_CHANGED = 1000
"""Lines in one call; the densest pages have fewer."""

ROUNDING = 0.11
"""Pixels: browsers have the corners of a box with one decimal."""


@dataclass(frozen=True)
class Drawing:
    """A line that somebody drew on a page. ``polygon``: as that of a ``Line``, in pixels of the page image."""

    polygon: Polygon
    text: str
    direction: LineDirection = "horizontal"


@dataclass(frozen=True)
class LineChange:
    """What a line says from now on, nothing where it is deleted, and where it is.

    ``polygon``, ``direction``: of its box, if that is moved. ``seen``: the number of the correction that the author
    was looking at, if there was one. ``proposed_by``: the model whose text the author accepted, if it was one's.
    """

    line_id: str
    text: str
    seen: int | Unconditional | None
    polygon: Polygon | None = None
    direction: LineDirection | None = None
    proposed_by: str = ""


class ConflictError(Exception):
    """Somebody else has changed a line meanwhile; ``current`` is what they wrote, or None if they withdrew."""

    def __init__(self, line_id: str, current: Correction | None) -> None:
        super().__init__("the line has been changed by somebody else meanwhile")
        self.line_id = line_id
        self.current = current


def change(
    result: PageResult,
    changes: Sequence[LineChange],
    drawings: Sequence[Drawing] = (),
    *,
    author: User,
    seen: Collection[int] = (),
) -> list[str]:
    """Makes all ``changes`` of lines of ``result`` or none, then keeps the lines that the author drew.

    The text and the box as they were read take all corrections of a line back. Where ``result`` has the line of a
    drawing already, its text is corrected instead. ``seen``: the corrections on the page that the author was looking
    at while drawing. Gives the ids of the lines, the drawn ones last. Raises ConflictError if somebody else has
    changed one of them, or if a change would hold elsewhere, LookupError if there is no such line, and RefusedError for
    too many lines at a time, or a text that is too long for one.
    """
    _check_limits([each.text for each in changes] + [drawing.text for drawing in drawings])
    with _changing(result) as desk:
        for each in changes:
            _change(desk, each, author)
        drawn = [_draw(desk, drawing, author, seen) for drawing in drawings]
        for verb, line_ids in desk.done.items():
            record(verb, result.page.document, author, page=result.page.number, lines=" ".join(line_ids))
    return [each.line_id for each in changes] + drawn


def correct(
    result: PageResult, line_id: str, text: str, *, author: User, seen: int | Unconditional | None
) -> Correction | None:
    """Writes ``text`` over a line of ``result``; none deletes the line, the text as read takes corrections back.

    Gives the correction that holds afterwards. Raises what ``change`` raises.
    """
    change(result, [LineChange(line_id, text, seen)], author=author)
    return result.placement().by_line.get(line_id)


def take_back(result: PageResult, line_id: str, *, author: User, seen: int) -> Correction | None:
    """Withdraws the correction ``seen`` of a line, so that what stood there before holds again, and gives that.

    A line that was drawn is gone with its only correction. Raises what ``change`` raises.
    """
    with _changing(result) as desk:
        stack = _found(desk.placement, line_id, author, seen)
        _withdraw(stack[-1:], author)
        record(Verb.WITHDREW, result.page.document, author, page=result.page.number, lines=line_id)
        return stack[-2] if len(stack) > 1 else None


def draw(result: PageResult, drawings: Sequence[Drawing], *, author: User, seen: Collection[int]) -> list[str]:
    """Keeps lines that a person drew, as ``change`` does, and gives their ids."""
    return change(result, [], drawings, author=author, seen=seen)


def _check_limits(texts: Sequence[str]) -> None:
    if len(texts) > MOST_CHANGED:
        raise RefusedError(_("At most %(most)s lines can be changed at a time.") % {"most": MOST_CHANGED})
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise RefusedError(_("A line has at most %(most)s characters.") % {"most": LONGEST_TEXT})


class _Desk:
    """A page that is being changed: where its corrections are so far, and by verb the lines that were changed."""

    def __init__(self, result: PageResult) -> None:
        self.result = result
        self.placement = result.placement()
        self.done: dict[Verb, list[str]] = {}

    def note(self, verb: Verb, line_id: str) -> None:
        self.done.setdefault(verb, []).append(line_id)


@contextmanager
def _changing(result: PageResult) -> Iterator[_Desk]:
    """The page of ``result``; whatever is changed inside is in its texts afterwards."""
    page = result.page
    with index.reindexing(page.document_id, [page.number]) as document:  # locked: two editors take turns
        if document is None:
            raise LookupError(page.document_id)
        yield _Desk(result)
        refresh_texts(page)
        announce_correction(document)


def _change(desk: _Desk, wanted: LineChange, author: User) -> None:
    stack = _found(desk.placement, wanted.line_id, author, wanted.seen)
    line, read = desk.placement.lines[wanted.line_id], desk.placement.original[wanted.line_id]
    polygon = wanted.polygon if wanted.polygon and not _are_alike(wanted.polygon, line.polygon) else None
    if wanted.text and wanted.text == read.text and _are_alike(polygon or line.polygon, read.polygon):
        _withdraw(stack, author)
        desk.placement = desk.result.placement()
        desk.note(Verb.WITHDREW, wanted.line_id)
        return
    written = Correction.objects.create(
        page=desk.result.page,
        polygon=line.polygon,
        outline=polygon,
        direction=(wanted.direction or line.direction) if polygon else "",
        text=wanted.text,
        author=author,
        proposed_by=wanted.proposed_by,
    )
    if desk.placement.put(written) != wanted.line_id:  # two lines at one place: it would change the other one
        raise ConflictError(wanted.line_id, stack[-1] if stack else None)
    desk.note(_verb(wanted, polygon), wanted.line_id)


def _verb(wanted: LineChange, polygon: Polygon | None) -> Verb:
    if not wanted.text:
        return Verb.ERASED
    return Verb.RESHAPED if polygon else Verb.CORRECTED


def _draw(desk: _Desk, drawing: Drawing, author: User, seen: Collection[int]) -> str:
    correction = Correction(
        page=desk.result.page,
        kind=CorrectionKind.DRAWN,
        polygon=drawing.polygon,
        direction=drawing.direction,
        text=drawing.text,
        author=author,
    )
    line_id = desk.placement.match(correction)
    held = desk.placement.by_line.get(line_id) if line_id else None
    if line_id is None or drawing.text != (held.text if held else desk.placement.lines[line_id].text):
        if line_id is not None and held and held.pk not in seen:
            raise ConflictError(line_id, held)
        correction.save()
        line_id = desk.placement.put(correction)
    assert line_id is not None
    desk.note(Verb.DREW, line_id)
    return line_id


def _found(placement: Placement, line_id: str, author: User, seen: int | Unconditional | None) -> list[Correction]:
    """The corrections of a line, the last of which has to be ``seen``."""
    if line_id not in placement.lines:
        raise LookupError(line_id)
    stack = placement.history.get(line_id, [])
    current = stack[-1] if stack else None
    if seen is UNCONDITIONAL:
        expected = current is None or current.author_id == author.pk
    else:
        expected = (current.pk if current else None) == seen
    if not expected:
        raise ConflictError(line_id, current)
    return list(stack)


def _are_alike(a: Polygon, b: Polygon) -> bool:
    """Whether two polygons are the same but for what rounding does to them in a browser."""
    return all(abs(x - y) <= ROUNDING for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True))


def _withdraw(corrections: Iterable[Correction], author: User) -> None:
    numbers = [correction.pk for correction in corrections]
    Correction.objects.filter(pk__in=numbers, withdrawn=None).update(withdrawn=timezone.now(), withdrawn_by=author)
