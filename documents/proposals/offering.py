"""Proposals that a program sends: judged as those of the model are, and then as open as those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from documents.models import Proposal, ProposalState, RefusedError, Verb, record

from . import guards

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import PageResult

LONGEST_MODEL = 100


class OfferError(RefusedError):
    """A proposal is not taken. ``code``: for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Offer:
    """What a program thinks that a line says. ``model``: who found it, for people."""

    line: str
    text: str
    model: str


REFUSALS = {
    "no-text": "This is no text of a line.",
    "empty": "A proposal has a text. To delete a line is for people.",
    "several-lines": "A line is one line.",
    "too-long": "This is much longer than the line.",
    "another-text": "This has less than half in common with the line.",
}


def offer(result: PageResult, offered: Offer, user: User) -> Proposal:
    """Keeps a proposal for a line of ``result``; an open one of the same line gives way to it.

    Raises LookupError if there is no such line, and OfferError for a text that is none or equals the line's.
    """
    line = next((line for line in result.transcript(result.edits()).lines if line.id == offered.line), None)
    if line is None:
        raise LookupError(offered.line)
    verdict = guards.judge(line.text, offered.text)
    if verdict.refusal:
        raise OfferError(verdict.refusal, REFUSALS[verdict.refusal])
    if verdict.text == line.text:
        raise OfferError("unchanged", "The line says this already.")
    try:
        with transaction.atomic():
            earlier = result.proposals.undecided().filter(line=line.id)
            for proposal in earlier:
                proposal.settle(ProposalState.OUTDATED)
            made = Proposal.objects.create(
                result=result,
                line=line.id,
                before=line.text,
                text=verdict.text,
                model=offered.model[:LONGEST_MODEL],
                guarded=list(verdict.guarded),
                requested_by=user,
            )
            record(Verb.PROPOSED, result.page.document, user, page=result.page.number, model=made.model)
    except IntegrityError as error:
        raise OfferError("overtaken", "Another proposal for this line has just come in.") from error
    return made
