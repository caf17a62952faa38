"""Uploads: new files, duplicates that are kept on purpose, and the options that a person last chose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files import File
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from documents import messages, models
from documents.access import named_folder, visible
from documents.forms import OptionsForm
from documents.ingest import intake, space, tus
from documents.ingest.upload import too_large
from documents.models import Document, Folder, Preferences
from recognition.errors import FileError

from .library import library
from .tus import named_parts

View = Callable[[HttpRequest], HttpResponse]


def with_room(view: View) -> View:
    """Refuses files that there is no room for, before any of their bytes is received: 413 or 507, and why."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            space.check_request(request, request.user)
        except FileError as error:
            status = 507 if isinstance(error, space.NoSpaceError) else 413
            return _answer(request, OptionsForm(), [refusal("", error)], status)
        return csrf_protect(view)(request)  # not before: it receives the whole body

    return csrf_exempt(answer)


@require_POST
@with_room
def upload(request: HttpRequest) -> HttpResponse:
    """Accepts files one by one: a refused file says why, and the others are not affected.

    ``part`` in place of a file names one that was sent piece by piece, ``folder`` the number of the folder to put them
    into. Answers JSON to scripts (201 if any file was taken, else 422), and the start page to a plain form. A file
    that is here already is not taken; its outcome says where it is.
    """
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"files": [], "error": form.errors.as_text()}, status=400)
    user, outcomes = cast(User, request.user), []
    folder = named_folder(request, "folder", Folder.objects.editable_by(user))

    def receive(file: File[bytes]) -> Document:
        return intake.receive(
            file,
            name=file.name or _("untitled"),
            owner=user,
            options=form.options(),
            folder=folder,
            duplicates="ask",
        )

    arrived = [(file.name or "", partial(receive, file)) for file in request.FILES.getlist("file")]
    arrived += [(part.name, partial(tus.take, part, receive)) for part in named_parts(request)]
    for name, take in arrived:
        try:
            outcomes.append(_taken(name, take()))
        except FileError as error:
            outcomes.append(refusal(name, error))
    outcomes += [refusal(name, intake.too_large()) for name in too_large(request)]
    return _answer(request, form, outcomes)


@require_POST
def keep_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keeps the file of a document a second time, as ``name``, when the sender of a duplicate wants it so."""
    known = visible(request, pk)
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"files": [], "error": form.errors.as_text()}, status=400)
    user, name = cast(User, request.user), request.POST.get("name") or known.download_name()
    folder = named_folder(request, "folder", Folder.objects.editable_by(user))
    try:
        document = intake.receive_again(known, name=name, owner=user, options=form.options(), folder=folder)
    except FileError as error:
        return _answer(request, form, [refusal(name, error)])
    return _answer(request, form, [_taken(name, document)])


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remembers the options that somebody has just chosen."""
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    Preferences.remember(cast(User, request.user), form.options())
    return HttpResponse(status=204)


def refusal(name: str, error: FileError) -> dict[str, Any]:
    """Why a file was refused, for people and for programs; if it is here already, where, and how to keep it again."""
    outcome: dict[str, Any] = {
        "name": name,
        "error": {"code": error.code, "message": messages.explain(models.error_as_json(error))},
    }
    if isinstance(error, intake.DuplicateError):
        outcome["known"] = [
            {"title": document.title, "url": document.get_absolute_url()} for document in error.documents
        ]
        outcome["again"] = reverse("documents:keep-again", args=[error.documents[0].pk])
    return outcome


def _taken(name: str, document: Document) -> dict[str, Any]:
    return {"name": name, "id": str(document.pk), "url": document.get_absolute_url()}


def _answer(
    request: HttpRequest, form: OptionsForm, outcomes: list[dict[str, Any]], status: int | None = None
) -> HttpResponse:
    """``status``: of a request that was refused as a whole."""
    if request.accepts("text/html"):
        shown = library(request) | {"form": form, "outcomes": outcomes}
        return render(request, "documents/index.html", shown, status=status)
    taken = any("id" in outcome for outcome in outcomes)
    return JsonResponse({"files": outcomes}, status=status or (201 if taken else 422))
