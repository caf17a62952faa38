"""What people do with proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from documents import editing
from documents.models import ProposalState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import Proposal


def accept(proposal: Proposal, user: User) -> bool:
    """Makes the proposed text a correction by ``user``, with the model in its history.

    False if the line says something else by now, or somebody has decided before; then nothing changes.
    """
    result = proposal.result
    line = next((line for line in result.transcript(result.edits()).lines if line.id == proposal.line), None)
    if line is None or line.text != proposal.before:
        proposal.settle(ProposalState.OUTDATED)
        return False
    seen = result.placement().by_line.get(proposal.line)
    change = editing.LineChange(proposal.line, proposal.text, seen.pk if seen else None, proposed_by=proposal.model)
    try:
        with transaction.atomic():
            if proposal.state != ProposalState.OPEN or not proposal.settle(ProposalState.ACCEPTED, by=user):
                return False
            editing.change(result, [change], author=user)
    except editing.ConflictError:
        proposal.settle(ProposalState.OUTDATED)
        return False
    return True


def reject(proposal: Proposal, user: User) -> bool:
    """Leaves the line as it is; False if somebody has decided before."""
    return proposal.settle(ProposalState.REJECTED, by=user)
