"""Pages and fragments: each view authorises, calls one domain function, and answers."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from recognition import jobs
from recognition.errors import FileError

from . import comparison, exports, intake, media, messages, models, uploads, viewer
from .forms import CorrectionForm, OptionsForm
from .models import UNFINISHED, Document, Page, Run, State

DOCUMENTS_A_PAGE = 25


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Upload, and the history of the user's documents."""
    template = "documents/_list.html" if request.htmx else "documents/index.html"  # type: ignore[attr-defined]
    return render(request, template, _history(request) | {"form": OptionsForm()})


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Takes files in, one by one: a refused one says why, and the others go on.

    Answers JSON to scripts (201 if any file was taken, else 422), and the start page to a plain form.
    """
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"files": [], "error": form.errors.as_text()}, status=400)
    outcomes = []
    for file in request.FILES.getlist("file"):
        name = file.name or _("untitled")
        try:
            document = intake.receive(file, name=name, owner=cast(User, request.user), options=form.options())
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
    found = _visible(request, pk)
    run = _run(request, found)
    results = list(run.results.select_related("page").defer("lines", "stages", "text"))
    result = run.results.select_related("page").get(page__number=_page_number(request, found))
    return render(
        request,
        "documents/document.html",
        {
            "document": found,
            "run": run,
            "runs": _runs(found),
            "results": results,
            "view": viewer.page_view(run, result, request.GET.get("line", "")),
            "progress": run.progress(),
            "form": OptionsForm(initial=run.options),
        },
    )


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The state of a run and of each of its pages; the page asks for it every second until it is finished."""
    found = _visible(request, pk)
    run = _run(request, found)
    results = run.results.select_related("page").defer("lines", "stages", "text")
    context = {"document": found, "run": run, "results": results, "progress": run.progress()}
    # 286 tells htmx to stop polling.
    return render(request, "documents/_progress.html", context, status=286 if run.is_finished else 200)


@require_GET
def page(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page of the carousel: its image, a shape for each line, and the lines."""
    found = _visible(request, pk)
    run = _run(request, found)
    result = get_object_or_404(run.results.select_related("page"), page__number=number)
    view = viewer.page_view(run, result)
    return render(request, "documents/_page.html", {"document": found, "run": run, "view": view})


@require_GET
def text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole text of a run."""
    found = _visible(request, pk)
    run = _run(request, found)
    results = run.results.select_related("page").defer("lines", "stages")
    return render(request, "documents/_text.html", {"document": found, "run": run, "results": results})


@require_GET
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two runs line by line: ``?before=`` and ``?after=`` name them."""
    found = _visible(request, pk)
    before, after = _run(request, found, "before"), _run(request, found, "after")
    old, new = (list(run.results.order_by("page__number").values_list("text", flat=True)) for run in (before, after))
    context = {"document": found, "before": before, "after": after, "pages": comparison.compare_pages(old, new)}
    return render(request, "documents/compare.html", context)


@require_GET
def page_image(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    found = _page(request, pk, number)
    return media.serve(request, found.image, media_type="image/jpeg", etag=f"{pk}-{number}")


@require_GET
def thumbnail(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    found = _page(request, pk, number)
    return media.serve(request, found.thumbnail, media_type="image/jpeg", etag=f"{pk}-{number}-small")


@require_GET
def original(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file as it was uploaded."""
    found = _visible(request, pk)
    return media.serve(
        request, found.original, media_type=found.media_type, etag=found.sha256, filename=found.download_name()
    )


@require_GET
def export(request: HttpRequest, pk: UUID, suffix: str) -> HttpResponse:
    """A run's text as a file in one of the export formats."""
    found = _visible(request, pk)
    if suffix not in exports.FORMATS:
        raise Http404
    write, media_type = exports.FORMATS[suffix]
    response = HttpResponse(write(_run(request, found).export()), content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{found.title}.{suffix}")
    return response


@require_POST
def correct(request: HttpRequest, pk: UUID, number: int, line: int) -> HttpResponse:
    """Writes a line's text: ``text``, and in ``seen`` the number of the correction that the author looked at.

    Answers the line as it holds now; 409, and with the other's text, if somebody else was quicker.
    """
    found = _editable(request, pk)
    result = get_object_or_404(_run(request, found).results.select_related("page"), page__number=number)
    form = CorrectionForm(request.POST)
    if not form.is_valid() or not 1 <= line <= len(result.lines):
        raise Http404
    author = cast(User, request.user)
    try:
        standing = models.correct(
            result, line - 1, form.cleaned_data["text"], author=author, seen=form.cleaned_data["seen"]
        )
    except models.Conflict as conflict:
        return JsonResponse(viewer.line_state(result, line, conflict.current), status=409)
    return JsonResponse(viewer.line_state(result, line, standing))


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _editable(request, pk)
    run = _run(request, found)
    run.cancel()
    return redirect(f"{found.get_absolute_url()}?run={run.pk}")


@require_POST
def retry(request: HttpRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """Reads failed pages once more: all of a run, or one."""
    found = _editable(request, pk)
    run = _run(request, found)
    if run.retry(number):
        jobs.wake(run)
    return redirect(f"{found.get_absolute_url()}?run={run.pk}&page={number or 1}")


@require_POST
def read_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new run with other options."""
    found = _editable(request, pk)
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    intake.read_again(found, form.options(), cast(User, request.user))
    return redirect(found)


@require_POST
def make_current(request: HttpRequest, pk: UUID, run_pk: UUID) -> HttpResponse:
    """Takes an earlier run as the document's text again."""
    found = _editable(request, pk)
    get_object_or_404(found.runs, pk=run_pk).make_current()
    return redirect(found)


def _visible(request: HttpRequest, pk: UUID) -> Document:
    return get_object_or_404(Document.objects.visible_to(request.user).select_related("current_run"), pk=pk)


def _editable(request: HttpRequest, pk: UUID) -> Document:
    """404 for a stranger, 403 for somebody who may only read."""
    found = _visible(request, pk)
    if not Document.objects.editable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return found


def _run(request: HttpRequest, document: Document, parameter: str = "run") -> Run:
    """The run that the address names, else the current one."""
    wanted = request.GET.get(parameter)
    if wanted is None and document.current_run is not None:
        run = document.current_run
    else:
        try:
            run = get_object_or_404(document.runs, pk=UUID(wanted or ""))
        except ValueError:
            raise Http404 from None
    run.document = document
    return run


def _runs(document: Document) -> QuerySet[Run]:
    """The document's runs with their mean confidence, the newest first (grouping forgets the model's order)."""
    runs = document.runs.select_related("requested_by").annotate(confidence=Avg("results__confidence"))
    return runs.order_by("-created", "-id")


def _page(request: HttpRequest, pk: UUID, number: int) -> Page:
    """A page whose image has been made."""
    return get_object_or_404(_visible(request, pk).pages.exclude(image=""), number=number)


def _page_number(request: HttpRequest, document: Document) -> int:
    """The page that ``?page=`` names, else the first."""
    wanted = request.GET.get("page", "1")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= document.page_count:
        raise Http404
    return int(wanted)


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
