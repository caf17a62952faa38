"""Proposals of language models and programs for lines of a document: asked for, looked through, decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from documents import comparison, proposals
from documents.access import editable
from documents.forms import ProposalsForm
from documents.library.forms import first_error
from documents.models import Document, Proposal, ProposalState, RefusedError
from recognition.geometry import BBox, bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 200
"""Proposals on one page; the next ones follow when these are decided."""

AIR = 0.3
"""Of a line's thickness, around its picture."""


@dataclass(frozen=True)
class Shown:
    """An open proposal with what it changes, and where its line is. ``view_box``: as SVG has it, None: it is gone."""

    proposal: Proposal
    before: Sequence[comparison.Piece]
    after: Sequence[comparison.Piece]
    view_box: str | None


@require_http_methods(["GET", "POST"])
def document_proposals(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET lists what is open. POST asks the model about doubtful lines of the document, or of one page."""
    document = editable(request, pk)
    if request.method == "POST":
        _ask(request, document)
        return redirect("documents:proposals", pk)
    found = Proposal.objects.of_document(document)
    open_ones = list(found.filter(state=ProposalState.OPEN).in_page_order()[: MOST + 1])
    context = {
        "document": document,
        "shown": list(_shown(open_ones[:MOST])),
        "more": len(open_ones) > MOST,
        "waiting": found.filter(state=ProposalState.WAITING).count(),
        "refused": found.filter(state=ProposalState.REFUSED).count(),
        "configured": proposals.is_configured(),
        "model": settings.OCRSITE_LLM_MODEL,
        "form": ProposalsForm(initial={"page": request.GET.get("page", "")}),
    }
    return render(request, "documents/proposals.html", context)


@require_POST
def decide(request: HttpRequest, pk: UUID, proposal: int) -> HttpResponse:
    """Accepts (``do=accept``) or rejects one. Answers 409 if its line has changed since, or somebody was quicker."""
    document = editable(request, pk)
    found = get_object_or_404(Proposal.objects.of_document(document).select_related("result__page"), pk=proposal)
    user = cast(User, request.user)
    done = proposals.accept(found, user) if request.POST.get("do") == "accept" else proposals.reject(found, user)
    if request.headers.get("Accept") == "application/json":
        return HttpResponse(status=204 if done else 409)
    if not done:
        messages.error(request, _("The line has changed since, or somebody else has decided. Nothing was changed."))
    return redirect("documents:proposals", pk)


@require_POST
def accept_unmarked(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accepts all open ones that change neither digits nor names."""
    document = editable(request, pk)
    plain = Proposal.objects.of_document(document).filter(state=ProposalState.OPEN, guarded=[]).in_page_order()[:MOST]
    done = sum(proposals.accept(proposal, cast(User, request.user)) for proposal in plain)
    messages.success(request, ngettext("%(n)d line corrected.", "%(n)d lines corrected.", done) % {"n": done})
    return redirect("documents:proposals", pk)


def _ask(request: HttpRequest, document: Document) -> None:
    form = ProposalsForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return
    try:
        asked = proposals.ask(document, cast(User, request.user), **form.wanted())
    except proposals.NotConfiguredError:
        messages.error(request, _("This site asks no language model. An administrator can set one up."))
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        text = ngettext("The model is asked about %(n)d line.", "The model is asked about %(n)d lines.", asked)
        messages.success(request, text % {"n": asked} if asked else _("There are no such lines left to ask about."))


def _shown(found: Sequence[Proposal]) -> Iterator[Shown]:
    places: dict[int, dict[str, BBox]] = {}
    for proposal in found:
        result = proposal.result
        if result.pk not in places:
            lines = result.placement().lines
            places[result.pk] = {line_id: bounds(line.polygon) for line_id, line in lines.items()}
        (row,) = comparison.compare_lines([proposal.before], [proposal.text])
        yield Shown(proposal, row.before, row.after, _view_box(places[result.pk].get(proposal.line)))


def _view_box(box: BBox | None) -> str | None:
    if box is None:
        return None
    left, top, right, bottom = box
    air = AIR * min(right - left, bottom - top)
    return f"{left - air:.0f} {top - air:.0f} {right - left + 2 * air:.0f} {bottom - top + 2 * air:.0f}"
