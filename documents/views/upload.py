"""Uploads: new files, duplicates that are kept on purpose, and the options that a person last chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from documents import limits, messages, models
from documents.access import named_folder, visible
from documents.forms import OptionsForm
from documents.ingest import intake, space, tus
from documents.ingest.upload import too_large
from documents.models import Document, Folder, Preferences, Reach
from recognition.errors import FileError
from recognition.options import Options

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
            if isinstance(error, limits.TooManyError):
                raise
            status = 507 if isinstance(error, space.NoSpaceError) else 413
            return _answer(request, OptionsForm(), [refusal("", error)], status)
        return csrf_protect(view)(request)  # not before: it receives the whole body

    return csrf_exempt(answer)


@require_POST
@sensitive_post_parameters("password")
@with_room
def upload(request: HttpRequest) -> HttpResponse:
    """Accepts files one by one: a refused file says why, and the others are not affected.

    ``part`` in place of a file names one that was sent piece by piece, ``folder`` the number of the folder to put them
    into. ``together`` makes one document of all of them, with the ``title`` if there is one; then a refused file keeps
    out the others as well. ``password`` opens locked PDFs. Answers JSON to scripts (201 if any file was taken, else
    422), and the start page to a plain form. A file that is here already is not taken; its outcome says where it is.
    """
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"files": [], "error": form.errors.as_text()}, status=400)
    user, outcomes = cast(User, request.user), []
    folder = named_folder(request, "folder", Folder.objects.editable_by(user))

    if "together" in request.POST:
        return _answer(request, form, _received_together(request, form.options(), folder))

    def receive(file: File[bytes]) -> Document:
        return intake.receive(
            file,
            name=file.name or _("untitled"),
            owner=user,
            options=form.options(),
            folder=folder,
            duplicates="ask",
            password=request.POST.get("password", ""),
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


def _received_together(request: HttpRequest, options: Options, folder: Folder | None) -> list[dict[str, Any]]:
    """What becomes of files that are to be one document: an outcome for each, or one for all of them."""
    files = [(file, file.name or _("untitled")) for file in request.FILES.getlist("file")]
    parts = named_parts(request)
    names = [name for _file, name in files] + [part.name for part in parts]
    if excess := too_large(request):
        return _refused_together(names, {}) + [refusal(name, intake.too_large()) for name in excess]
    if not names:
        return []

    def receive(arrived: list[File[bytes]]) -> Document:
        uploads = [*files, *((file, file.name or _("untitled")) for file in arrived)]
        return intake.receive_together(
            uploads,
            owner=cast(User, request.user),
            options=options,
            title=request.POST.get("title", ""),
            folder=folder,
            duplicates="ask",
            password=request.POST.get("password", ""),
        )

    try:
        document = tus.take_together(parts, receive) if parts else receive([])
    except intake.RefusedTogetherError as refused:
        return _refused_together(names, refused.refusals)
    except FileError as error:
        return [refusal(names[0], error)]
    return [_taken(name, document) for name in names]


def _refused_together(names: Sequence[str], refusals: Mapping[int, FileError]) -> list[dict[str, Any]]:
    """An outcome for each file, of which those with ``refusals`` are to blame."""
    others = intake.OtherRefusedError()
    return [refusal(name, refusals.get(place, others)) for place, name in enumerate(names)]


@require_POST
def keep_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keeps the file of a document a second time, as ``name``, when the sender of a duplicate wants it so."""
    known = visible(request, pk)
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"files": [], "error": form.errors.as_text()}, status=400)
    user, name = cast(User, request.user), request.POST.get("name") or f"{known.title}.pdf"
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
        shown = library(request, Reach.of(request.user)) | {"form": form, "outcomes": outcomes}
        return render(request, "documents/index.html", shown, status=status)
    taken = any("id" in outcome for outcome in outcomes)
    return JsonResponse({"files": outcomes}, status=status or (201 if taken else 422))
