"""Documents of other institutions: whoever knows the address of a IIIF manifest has its images fetched."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from documents.access import named_folder
from documents.forms import ManifestForm, OptionsForm
from documents.ingest import manifest_imports
from documents.models import Folder, ImportState, ManifestImport, Preferences, RefusedError
from recognition.options import Options

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def manifests(request: HttpRequest) -> HttpResponse:
    """The manifests that somebody had imported last, and a form for the next one. OCR has the options of their last
    upload; ``folder`` is the number of the folder that the document is to be in."""
    user = cast(User, request.user)
    form = ManifestForm(request.POST or None, initial={"folder": request.GET.get("folder", "")})
    if request.method == "POST" and form.is_valid():
        folder = named_folder(request, "folder", Folder.objects.editable_by(user))
        try:
            manifest_imports.begin(user, form.cleaned_data["manifest"], _options(user), title="", folder=folder)
            return redirect(reverse("documents:manifests"))
        except RefusedError as refused:
            form.add_error("manifest", str(refused))
    found = ManifestImport.objects.of(user).select_related("document")[:SHOWN]
    shown = {"form": form, "imports": found, "is_busy": any(each.state == ImportState.FETCHING for each in found)}
    template = "documents/_manifests.html" if request.htmx else "documents/manifests.html"  # type: ignore[attr-defined]
    return render(request, template, shown, status=422 if form.errors else 200)


def _options(user: User) -> Options:
    """Those that were chosen last, as far as they are still there."""
    form = OptionsForm(OptionsForm.starting_with(Preferences.options_of(user)).initial)
    form.full_clean()
    return form.options()
