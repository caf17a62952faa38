"""Find and replace: applied page by page as corrections, and taken back together.

The database is the truth here too: each page is one transaction that says what became of its lines, so that a job that
dies, or is delivered twice, repeats nothing. A line that is no longer as it was when it was found is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from documents.models import (
    BUSY,
    Correction,
    CorrectionKind,
    Document,
    Mark,
    PageCheck,
    PageResult,
    Placement,
    ReplacedLine,
    ReplacedState,
    Replacement,
    ReplacementState,
    Verb,
    announce_correction,
    marked,
    record,
)
from documents.processing import queue
from documents.search import index

from .texts import refresh_texts

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGES_AT_ONCE = 20
"""Of a replacement that is done while its author waits; a worker does what has more."""

TIME_SLICE = 10.0
"""Seconds after which a worker makes room for others."""


def choose(replacement: Replacement, lines: Iterable[ReplacedLine], names: Collection[str]) -> None:
    """Chooses of ``lines`` the finds that ``names`` name, by the number of the line and where they begin in it."""
    if replacement.state != ReplacementState.PREVIEW:
        return
    for line in lines:
        chosen = [span for span in line.spans if f"{line.pk}-{span[0]}" in names]
        if chosen != line.chosen:
            replacement.lines.filter(pk=line.pk, state=ReplacedState.WAITING).update(chosen=chosen)


def choose_every(replacement: Replacement, *, chosen: bool) -> None:
    """Chooses every find, or none."""
    if replacement.state == ReplacementState.PREVIEW:
        replacement.lines.update(chosen=F("spans") if chosen else [])


def apply(replacement: Replacement, *, leave_out: Collection[int] = ()) -> bool:
    """Replaces what is chosen, but in the lines that ``leave_out`` numbers; False if that has been begun before."""
    with transaction.atomic():
        if not replacement.become(ReplacementState.APPLYING, before=ReplacementState.PREVIEW):
            return False
        replacement.lines.filter(Q(chosen=[]) | Q(pk__in=leave_out)).delete()
        _begin(replacement)
    return True


def undo(replacement: Replacement) -> bool:
    """Takes back all that was replaced and still stands; False if there is nothing to take back."""
    with transaction.atomic():
        if not replacement.become(ReplacementState.UNDOING, before=ReplacementState.APPLIED):
            return False
        _begin(replacement)
    return True


def work_on(replacement_id: str) -> None:
    """The job: a time slice of what is left to do."""
    until = time.monotonic() + TIME_SLICE
    replacement = Replacement.objects.select_related("author").filter(pk=replacement_id, state__in=BUSY).first()
    while replacement is not None and replacement.is_busy:
        if time.monotonic() > until:
            queue.enqueue_replacement(replacement)
            break
        _do_next_page(replacement)


def _begin(replacement: Replacement) -> None:
    if _left(replacement).values("result").distinct().count() <= PAGES_AT_ONCE:
        while replacement.is_busy:
            _do_next_page(replacement)
    else:
        transaction.on_commit(partial(queue.enqueue_replacement, replacement))


def _left(replacement: Replacement) -> QuerySet[ReplacedLine]:
    waiting = ReplacedState.WAITING if replacement.state == ReplacementState.APPLYING else ReplacedState.DONE
    return replacement.lines.filter(state=waiting)


def _do_next_page(replacement: Replacement) -> None:
    """One page in one transaction; when none is left, the replacement is done."""
    first = _left(replacement).select_related("result__page").first()
    if first is None:
        ended = {
            ReplacementState.APPLYING: ReplacementState.APPLIED,
            ReplacementState.UNDOING: ReplacementState.UNDONE,
        }
        before = ReplacementState(replacement.state)
        replacement.become(ended[before], before)
        return
    page = first.result.page
    with index.reindexing(page.document_id, [page.number]) as document:
        lines = list(_left(replacement).filter(result=first.result_id).select_related("replacement", "correction"))
        result = PageResult.objects.select_related("page").get(pk=first.result_id)
        if document is None or not lines:
            return
        if not Document.objects.editable_by(replacement.author).filter(pk=document.pk).exists():
            _settle(lines, ReplacedState.FORBIDDEN)
            return
        if replacement.state == ReplacementState.APPLYING:
            changed = _replace(document, result, lines)
        else:
            changed = _take_back(result, lines)
        if changed:
            verb = Verb.REPLACED if replacement.state == ReplacementState.APPLYING else Verb.WITHDREW
            words = {"find": replacement.find, "replacement": replacement.replacement, "batch": str(replacement.pk)}
            record(verb, document, replacement.author, page=page.number, lines=" ".join(changed), **words)
            refresh_texts(page)
            announce_correction(document)


def _replace(document: Document, result: PageResult, lines: Iterable[ReplacedLine]) -> list[str]:
    """Writes the corrections of one page; the ids of the lines that have one now."""
    placement = result.placement()
    edits = result.edits()
    read = result.transcript(edits).lines
    texts = {line.id: line.text for line in read}
    marks = marked(read, edits.check.marks) if edits.check else {}
    written = []
    for line in lines:
        if result.run_id != document.current_run_id:
            line.state = ReplacedState.RERUN
        elif texts.get(line.line_id) != line.before or not _write(line, result, placement):
            line.state = ReplacedState.CHANGED
        else:
            line.state = ReplacedState.DONE
            written.append(line)
        line.save(update_fields=["state", "correction"])
    still = [Mark(marks[line.line_id].polygon, line.after) for line in written if line.line_id in marks]
    if edits.check and still:
        PageCheck.keep(result.page, [*edits.check.marks, *still], edits.check.author)
    return [line.line_id for line in written]


def _write(line: ReplacedLine, result: PageResult, placement: Placement) -> bool:
    """Puts a correction on the line; False if it would belong to another one."""
    correction = Correction(
        page=result.page,
        kind=CorrectionKind.REPLACED,
        polygon=placement.lines[line.line_id].polygon,
        text=line.after,
        author=line.replacement.author,
    )
    if placement.match(correction) != line.line_id:
        return False
    correction.save()
    placement.put(correction)
    line.correction = correction
    return True


def _take_back(result: PageResult, lines: Iterable[ReplacedLine]) -> list[str]:
    """Withdraws the corrections of one page on which nobody has written since; the ids of their lines."""
    placement = result.placement()
    last = {correction.pk for correction in placement.by_line.values()}
    last |= {correction.pk for correction in placement.unplaced}
    changed = []
    for line in lines:
        correction = line.correction
        if correction is not None and correction.withdrawn is None and correction.pk not in last:
            line.state = ReplacedState.KEPT
        else:
            line.state = ReplacedState.UNDONE
        if correction is not None and correction.pk in last:
            author = line.replacement.author
            Correction.objects.filter(pk=correction.pk).update(withdrawn=timezone.now(), withdrawn_by=author)
            changed.append(line.line_id)
        line.save(update_fields=["state"])
    return changed


def _settle(lines: Iterable[ReplacedLine], state: ReplacedState) -> None:
    for line in lines:
        line.state = state
        line.save(update_fields=["state"])
