"""A document in the viewer."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Avg, OuterRef, QuerySet, Subquery, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from documents import proposals
from documents.access import page_number, run_of, viewed
from documents.exports import FORMATS
from documents.exports.plain_text import page_text
from documents.forms import ExportForm, OptionsForm
from documents.models import Document, PageResult, Proposal, ProposalState, Run
from documents.transcript import DEFAULTS
from documents.viewer.blocks import KINDS
from documents.viewer.strip import strip_of

from .pages import page_context

SHOWN_APART = ("txt", "json")
"""Formats with buttons of their own."""


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The viewer: carousel, lines, whole text, runs.

    ``?run=`` shows an earlier run, ``?page=`` opens one page, ``&line=`` marks a line of it and ``&find=`` what
    is searched.
    """
    found = viewed(request, pk)
    prefetch_related_objects([found], "originals")
    run = run_of(request, found)
    shown = page_number(request, found)
    strip = strip_of(run, shown)
    open_proposals = Proposal.objects.of_document(found).filter(state=ProposalState.OPEN).count()
    return render(
        request,
        "documents/document.html",
        page_context(request, found, shown)
        | {
            "way": found.folder.way_for(request.user) if found.folder else [],
            "runs": _runs(found),
            "strip": strip.entries,
            "find": request.GET.get("find", ""),
            "progress": run.progress(strip.states),
            "next_run": found.next_run if found.next_run_id != run.pk else None,
            "next_progress": found.next_run.progress() if found.next_run else None,
            "form": OptionsForm(initial=run.options),
            "offers_proposals": open_proposals or proposals.is_configured(),
            "open_proposals": open_proposals,
            "kinds": KINDS,
            "formats": {name: known for name, known in FORMATS.items() if name not in SHOWN_APART},
        },
    )


@require_GET
def text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole text of a run: a part of the viewer, or a page of its own.

    ``?text=`` names its version; with ``&lines=joined`` the lines are joined to paragraphs, and with
    ``&margins=left-out`` headers, footers and page numbers are left out.
    """
    found = viewed(request, pk)
    run = run_of(request, found)
    form = ExportForm(request.GET)
    if not form.is_valid():
        raise Http404
    chosen = form.choices()
    results = run.results.select_related("page").defer("lines", "blocks", "stages")
    if all(value == DEFAULTS[name] for name, value in chosen.items()):
        pages = [(result, result.text) for result in results]
    else:
        transcript = run.export().chosen(**chosen)
        texts = {page.number: page_text(page, transcript.line_breaks, transcript.margins) for page in transcript.pages}
        pages = [(result, texts[result.page.number]) for result in results.defer("text")]
    template = "documents/_text.html" if request.htmx else "documents/text.html"  # type: ignore[attr-defined]
    return render(
        request, template, {"document": found, "run": run, "pages": pages, "version": chosen.get("text", "corrected")}
    )


def _runs(document: Document) -> QuerySet[Run]:
    """The document's runs with their mean confidence, the newest first (grouping forgets the model's order)."""
    page_again = PageResult.objects.filter(run=OuterRef("pk"), page__number=OuterRef("page_number"))
    runs = document.runs.select_related("requested_by", "based_on").annotate(
        confidence=Avg("results__confidence"), page_options=Subquery(page_again.values("options")[:1])
    )
    return runs.order_by("-created", "-id")
