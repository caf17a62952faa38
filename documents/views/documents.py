"""The start page, uploading, and a document in the reading room."""

from __future__ import annotations

from functools import partial
from typing import cast, get_args
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files import File
from django.core.paginator import Paginator
from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents import intake, messages, models, resumable, uploads, viewer
from documents.exports import Version
from documents.forms import OptionsForm
from documents.models import UNFINISHED, Document, Page, Preferences, Run, State, Verb
from recognition.errors import FileError

from .access import page_number, run_of, visible
from .parts import named_parts

DOCUMENTS_A_PAGE = 25


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Upload, and the history of the user's documents."""
    template = "documents/_list.html" if request.htmx else "documents/index.html"  # type: ignore[attr-defined]
    form = OptionsForm.starting_with(Preferences.options_of(cast(User, request.user)))
    return render(request, template, _history(request) | {"form": form})


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remembers the options that somebody has just chosen."""
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    Preferences.remember(cast(User, request.user), form.options())
    return HttpResponse(status=204)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Takes files in, one by one: a refused one says why, and the others go on.

    ``part`` in place of a file names one that was sent piece by piece. Answers JSON to scripts (201 if any file was
    taken, else 422), and the start page to a plain form.
    """
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"files": [], "error": form.errors.as_text()}, status=400)
    user, outcomes = cast(User, request.user), []

    def receive(file: File[bytes]) -> Document:
        return intake.receive(file, name=file.name or _("untitled"), owner=user, options=form.options())

    arrived = [(file.name or "", partial(receive, file)) for file in request.FILES.getlist("file")]
    arrived += [(part.name, partial(resumable.take, part, receive)) for part in named_parts(request)]
    for name, take in arrived:
        try:
            document = take()
        except FileError as error:
            outcomes.append({"name": name, "error": refusal(error)})
        else:
            outcomes.append({"name": name, "id": str(document.pk), "url": document.get_absolute_url()})
    for name in uploads.too_large(request):
        outcomes.append({"name": name, "error": refusal(intake.too_large())})
    if request.accepts("text/html"):
        return render(request, "documents/index.html", _history(request) | {"form": form, "outcomes": outcomes})
    taken = any("id" in outcome for outcome in outcomes)
    return JsonResponse({"files": outcomes}, status=201 if taken else 422)


def refusal(error: FileError) -> dict[str, str]:
    """Why a file was refused, for people and for programs."""
    return {"code": error.code, "message": messages.explain(models.error_as_json(error))}


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reading room: carousel, lines, whole text, runs.

    ``?run=`` shows an earlier run, ``?page=`` opens one page and ``&line=`` marks a line of it.
    """
    found = visible(request, pk)
    run = run_of(request, found)
    models.record(Verb.VIEWED, found, request.user)
    results = list(run.results.select_related("page").defer("lines", "stages", "text"))
    result = run.results.select_related("page").get(page__number=page_number(request, found))
    return render(
        request,
        "documents/document.html",
        {
            "document": found,
            "run": run,
            "runs": _runs(found),
            "results": results,
            "pages_address": viewer.members(reverse("documents:page", args=[found.pk, 1])),
            "view": viewer.page_view(run, result, request.GET.get("line", "")),
            "progress": run.progress(),
            "form": OptionsForm(initial=run.options),
        },
    )


@require_GET
def text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole text of a run, as ``?text=`` wants it: a part of the reading room, or a page of its own."""
    found = visible(request, pk)
    run = run_of(request, found)
    version = request.GET.get("text", "corrected")
    if version not in get_args(Version):
        raise Http404
    results = run.results.select_related("page")
    if version == "corrected":
        results = results.defer("lines", "stages")
    pages = [(result, result.text_in(cast(Version, version))) for result in results]
    template = "documents/_text.html" if request.htmx else "documents/text.html"  # type: ignore[attr-defined]
    return render(request, template, {"document": found, "run": run, "pages": pages, "version": version})


def _runs(document: Document) -> QuerySet[Run]:
    """The document's runs with their mean confidence, the newest first (grouping forgets the model's order)."""
    runs = document.runs.select_related("requested_by").annotate(confidence=Avg("results__confidence"))
    return runs.order_by("-created", "-id")


def _history(request: HttpRequest) -> dict[str, object]:
    """One page of the user's documents, and whether anything on it is still going on."""
    done = Count("current_run__results", filter=Q(current_run__results__state=State.DONE))
    failed = Count("current_run__results", filter=Q(current_run__results__state=State.FAILED))
    drawn = Page.objects.filter(document=OuterRef("pk"), number=1).exclude(thumbnail="")
    documents = (
        Document.objects.visible_to(request.user)
        .select_related("current_run")
        .annotate(pages_done=done, pages_failed=failed, has_thumbnail=Exists(drawn))
        .order_by("-created", "-pk")
    )
    page = Paginator(documents, DOCUMENTS_A_PAGE).get_page(request.GET.get("p"))
    busy = any(document.current_run and document.current_run.state in UNFINISHED for document in page)
    return {"page": page, "busy": busy}
