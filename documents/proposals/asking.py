"""Which lines the model is asked about, and the round in which it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from documents import pictures
from documents.models import Proposal, ProposalState, RefusedError, State, Verb, record
from recognition.geometry import BBox, bounds

from . import guards, model_client

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import Document, PageResult
    from documents.transcript import TranscriptLine

AT_ONCE = 4
"""Lines that the model is asked about at a time."""

MARGIN = 0.4
"""Of a line's thickness, around its picture: the model sees the edges of its characters."""

LONGEST_PICTURE = 1600


class NotConfiguredError(Exception):
    """This site asks no language model."""


def is_configured() -> bool:
    return bool(settings.OCRSITE_LLM_URL and settings.OCRSITE_LLM_MODEL)


def doubtful_lines(result: PageResult, below: float) -> Iterator[TranscriptLine]:
    """The lines of a page that nobody has corrected, and that were read with a confidence of less than ``below``."""
    for line in result.transcript(result.edits()).lines:
        if line.text and line.corrected is None and line.line.confidence < below:
            yield line


def ask(document: Document, user: User, *, page: int | None = None, below: float, lines: Sequence[str] = ()) -> int:
    """Asks the model about doubtful lines of a document or of one page, or about the ``lines`` of these ids.

    How many it will be asked about. Those that have been proposed for before are left out. Raises NotConfiguredError,
    and RefusedError if they are more than OCRSITE_LLM_LINES, with nothing asked.
    """
    if not is_configured():
        raise NotConfiguredError
    results = document.current_run.results.filter(state=State.DONE) if document.current_run else None
    if results is None:
        return 0
    if page is not None:
        results = results.filter(page__number=page)
    wanted = []
    for result in results.select_related("page", "run").order_by("page__number"):
        known = set(result.proposals.exclude(state=ProposalState.OUTDATED).values_list("line", flat=True))
        found = _named(result, lines) if lines else doubtful_lines(result, below)
        wanted += [(result, line) for line in found if line.id not in known]
        if len(wanted) > settings.OCRSITE_LLM_LINES:
            most = settings.OCRSITE_LLM_LINES
            text = gettext("These are more than %(most)d lines. Choose one page, or a lower confidence.")
            raise RefusedError(text % {"most": most})
    with transaction.atomic():
        for result, line in wanted:
            _enqueue(result, line, user)
        if wanted:
            record(Verb.ASKED_MODEL, document, user, model=settings.OCRSITE_LLM_MODEL, lines=len(wanted))
    return len(wanted)


def propose_due() -> int:
    """Asks the model about the lines that wait, some at a time; how many were asked about.

    The network is used by threads, the database by the caller alone. Whatever the model does ends in time.
    """
    lease = timedelta(seconds=settings.OCRSITE_LLM_SECONDS + 60)
    claimed = Proposal.objects.select_related("result__page", "result__run").claim(AT_ONCE, lease)
    if not claimed:
        return 0
    questions = [(proposal, _question(proposal)) for proposal in claimed]
    asked = [(proposal, question) for proposal, question in questions if question is not None]
    for proposal, question in questions:
        if question is None:
            proposal.settle(ProposalState.OUTDATED)
    if asked:
        with ThreadPoolExecutor(len(asked)) as pool:
            answers = list(pool.map(_answer, [question for _, question in asked]))
        for (proposal, _), answer in zip(asked, answers, strict=True):
            _settle(proposal, answer)
    return len(claimed)


def _named(result: PageResult, ids: Sequence[str]) -> list[TranscriptLine]:
    wanted = set(ids)
    return [line for line in result.transcript(result.edits()).lines if line.id in wanted and line.text]


def _enqueue(result: PageResult, line: TranscriptLine, user: User) -> None:
    try:
        with transaction.atomic():
            Proposal.objects.create(
                result=result,
                line=line.id,
                before=line.text,
                model=settings.OCRSITE_LLM_MODEL,
                state=ProposalState.WAITING,
                next_try=timezone.now(),
                requested_by=user,
            )
    except IntegrityError:  # somebody else has just asked the same
        pass


def _question(proposal: Proposal) -> model_client.Question | None:
    """None if the line is not there any more, or says something else by now."""
    lines = proposal.result.transcript(proposal.result.edits()).lines
    place = next((n for n, line in enumerate(lines) if line.id == proposal.line), None)
    if place is None or lines[place].text != proposal.before:
        return None
    before, after = lines[place - 1].text if place else "", lines[place + 1].text if place + 1 < len(lines) else ""
    picture = _picture(proposal.result, bounds(lines[place].line.polygon)) if settings.OCRSITE_LLM_PICTURES else None
    return model_client.Question(proposal.before, before, after, picture)


def _picture(result: PageResult, box: BBox) -> bytes | None:
    left, top, right, bottom = box
    air = MARGIN * min(right - left, bottom - top)
    try:
        with result.page.image.open("rb") as image:
            around = (left - air, top - air, right + air, bottom + air)
            cut = pictures.part(result.page.width or 0, result.page.height or 0, around, LONGEST_PICTURE)
            return pictures.make(image, cut)
    except (OSError, ValueError):
        return None


def _answer(question: model_client.Question) -> object:
    try:
        return model_client.answer_to(question)
    except model_client.NoAnswerError as error:
        return error


def _settle(proposal: Proposal, answer: object) -> None:
    if isinstance(answer, model_client.NoAnswerError):
        proposal.put_off(answer.reason)
        return
    verdict = guards.judge(proposal.before, answer)
    if verdict.refusal:
        proposal.settle(ProposalState.REFUSED, reason=verdict.refusal)
    elif verdict.text == proposal.before:
        proposal.settle(ProposalState.UNCHANGED)
    else:
        proposal.settle(ProposalState.OPEN, text=verdict.text, guarded=list(verdict.guarded))
