"""Runs: progress, cancelling, retries, comparison, and the current run."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents import editing, vision
from documents.access import editable, run_of, visible
from documents.forms import OptionsForm
from documents.ingest import intake, transcriptions
from documents.ingest.upload import too_large
from documents.messages import explain
from documents.models import QuotaExceededError, RefusedError, error_as_json
from recognition.errors import FileError


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The state of a run and of each of its pages; open pages ask for it every second until it is finished.

    ``?next=yes``: as that of the run that is to become current, on a page that shows another one.
    """
    found = visible(request, pk)
    run = run_of(request, found)
    context = {"document": found, "run": run, "progress": run.progress()}
    template = "documents/_next_run.html" if request.GET.get("next") else "documents/_progress.html"
    # 286: there is nothing more to ask for (poll.js).
    return render(request, template, context, status=286 if run.is_finished else 200)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = editable(request, pk)
    run = run_of(request, found)
    editing.cancel(run, request.user)
    return redirect(f"{found.get_absolute_url()}?run={run.pk}")


@require_POST
def retry(request: HttpRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """Runs OCR again on failed pages: all of a run, or one."""
    found = editable(request, pk)
    run = run_of(request, found)
    try:
        editing.retry(run, request.user, number)
    except QuotaExceededError as error:
        messages.error(request, explain(error_as_json(error)))
    return redirect(f"{found.get_absolute_url()}?run={run.pk}&page={number or 1}")


@require_POST
def run_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new run with other options."""
    found = editable(request, pk)
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    try:
        editing.run_again(found, form.options(), cast(User, request.user))
    except QuotaExceededError as error:
        messages.error(request, explain(error_as_json(error)))
    return redirect(found)


@require_POST
def run_page_again(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """A new run like the one that the address names, in which one page is read with other options."""
    found = editable(request, pk)
    run = run_of(request, found)
    get_object_or_404(found.pages, number=number)
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    address = f"{found.get_absolute_url()}?page={number}"
    try:
        editing.run_page_again(run, number, form.options(), cast(User, request.user))
    except QuotaExceededError as error:
        messages.error(request, explain(error_as_json(error)))
    except editing.UnfinishedError:
        messages.info(
            request, _("OCR of this document is still running. Run it again on a page when that is finished.")
        )
        address += f"&run={run.pk}"
    return redirect(address)


@require_POST
def run_page_by_model(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """A new run like the one that the address names, in which a vision model reads one page; shows that."""
    found = editable(request, pk)
    run = run_of(request, found)
    get_object_or_404(found.pages, number=number)
    try:
        made = vision.ask(run, number, cast(User, request.user))
    except vision.NotConfiguredError:
        messages.error(request, _("This site has no vision model. An administrator can set one up."))
    except QuotaExceededError as error:
        messages.error(request, explain(error_as_json(error)))
    except RefusedError as error:
        messages.error(request, str(error))
    except editing.UnfinishedError:
        messages.info(
            request, _("OCR of this document is still running. Run it again on a page when that is finished.")
        )
    else:
        messages.success(request, _("The model is asked. What it reads is a run of its own, not the current one."))
        run = made
    return redirect(f"{found.get_absolute_url()}?run={run.pk}&page={number}")


@require_POST
def import_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes files of PAGE XML, ALTO or hOCR in as a run, and shows that."""
    found = editable(request, pk)
    files = [(file, file.name or _("untitled")) for file in request.FILES.getlist("file")]
    try:
        if too_large(request):
            raise intake.too_large()
        if not files:
            raise RefusedError(_("Choose a file first."))
        run = transcriptions.take_in(found, files, cast(User, request.user))
    except FileError as error:
        messages.error(request, explain(error_as_json(error)))
    except RefusedError as error:
        messages.error(request, str(error))
    except editing.UnfinishedError:
        messages.error(request, _("OCR of this document is still running. Bring the text in when that is finished."))
    else:
        messages.success(request, _("This run is what you brought in. It is not the current one yet."))
        return redirect(f"{found.get_absolute_url()}?run={run.pk}")
    return redirect(f"{found.get_absolute_url()}#runs")


@require_POST
def make_current(request: HttpRequest, pk: UUID, run_pk: UUID) -> HttpResponse:
    """Makes an earlier run the current one again."""
    found = editable(request, pk)
    run = get_object_or_404(found.runs, pk=run_pk)
    editing.make_current(run, request.user)
    return redirect(found)
