"""Folders: made, renamed, moved, shared and deleted by their owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents.access import named_folder
from documents.library import operations, people
from documents.library.forms import GranteeForm, MistypedError, as_typed, first_error
from documents.models import Folder, RefusedError


@require_POST
def create_folder(request: HttpRequest) -> HttpResponse:
    """At the top, or in the folder that ``parent`` names; it belongs to whom that one belongs."""
    user = cast(User, request.user)
    parent = named_folder(request, "parent", Folder.objects.owned_by(user))
    try:
        folder = Folder.create(user, request.POST.get("name", ""), parent)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect(_list(parent))
    return redirect(_list(folder))


@require_GET
def folder(request: HttpRequest, pk: int) -> HttpResponse:
    """All that its owner can do with a folder."""
    found = _owned(request, pk)
    user = cast(User, request.user)
    targets = Folder.objects.owned_by(user).exclude(path__startswith=found.path)
    context = {
        "folder": found,
        "known_folders": Folder.objects.owned_by(user),
        "shares": found.shares.select_related("user", "team"),
        "inherited": found.reaching_shares().exclude(folder=found).select_related("user", "team", "folder"),
        "folders": Folder.with_ways(targets),
        "grantee_form": GranteeForm.typed(request.GET, user=user),
        "next": reverse("documents:folder", args=[pk]),
        "suggested": people.suggested("", user),
    }
    return render(request, "documents/folder.html", context)


@require_POST
def change_folder(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Renames, moves, shares or deletes a folder."""
    found = _owned(request, pk)
    if action not in ACTIONS:
        raise Http404
    try:
        return redirect(ACTIONS[action](request, found))
    except RefusedError as refused:
        if not (isinstance(refused, MistypedError) and as_typed(request.POST)):  # said beside the field
            messages.error(request, str(refused))
        return redirect(f"{reverse('documents:folder', args=[pk])}?{as_typed(request.POST)}")


def _rename(request: HttpRequest, folder: Folder) -> str:
    folder.rename(request.POST.get("name", ""))
    return reverse("documents:folder", args=[folder.pk])


def _move(request: HttpRequest, folder: Folder) -> str:
    folder.move(named_folder(request, "folder", Folder.objects.owned_by(request.user)))
    return reverse("documents:folder", args=[folder.pk])


def _share(request: HttpRequest, folder: Folder) -> str:
    user = cast(User, request.user)
    form = GranteeForm(request.POST, user=user)
    if not form.is_valid():
        raise MistypedError(first_error(form))
    operations.share(folder, user, **form.grantee())
    return reverse("documents:folder", args=[folder.pk])


def _delete(request: HttpRequest, folder: Folder) -> str:
    parent = folder.parent
    operations.delete_folder(folder, cast(User, request.user), with_contents="with_contents" in request.POST)
    messages.success(request, _("The folder has been deleted."))
    return _list(parent)


ACTIONS: dict[str, Callable[[HttpRequest, Folder], str]] = {
    "rename": _rename,
    "move": _move,
    "share": _share,
    "delete": _delete,
}


def _owned(request: HttpRequest, pk: int) -> Folder:
    """404 for a stranger, 403 for somebody with whom it is shared."""
    found = get_object_or_404(Folder.objects.visible_to(request.user), pk=pk)
    if found.owner_id != request.user.pk:
        raise PermissionDenied(_("You may look into this folder but not change it. Ask its owner."))
    return found


def _list(folder: Folder | None) -> str:
    return reverse("documents:index") + (f"?folder={folder.pk}" if folder else "")
