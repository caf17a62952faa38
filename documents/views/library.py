"""The list of documents: filtered, sorted, folder by folder, and the filters that people keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents.forms import OptionsForm
from documents.library import listing
from documents.library.forms import ListForm
from documents.models import Document, DocumentFilters, Folder, Preferences, Reach, SavedFilter
from documents.models.filters import LONGEST_FILTER
from documents.models.folders import composed

SHOWN_APART = ("scope", "folder", "sort")
"""What of a list's address is no filter: the tabs, the folders and the order show it."""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Upload, and the documents that the user may see.

    Scripts get the list alone, or with ``?sums=yes`` the folders, with how far the work in them is.
    """
    reach = Reach.of(request.user)
    if request.htmx and "sums" in request.GET:  # type: ignore[attr-defined]
        folders = _folders(_list_form(request, reach), reach, however_many=True)
        return render(request, "documents/_folders.html", folders)
    if request.htmx:  # type: ignore[attr-defined]
        few = Document.objects.few_in_reach(reach)
        return render(request, "documents/_list.html", entries(request, _list_form(request, reach), reach, few))
    form = OptionsForm.starting_with(Preferences.options_of(cast(User, request.user)))
    return render(request, "documents/index.html", library(request, reach) | {"form": form})


def library(request: HttpRequest, reach: Reach) -> dict[str, Any]:
    """The list as the address wants it, and what surrounds it."""
    user = cast(User, request.user)
    form = _list_form(request, reach)
    folders = _folders(form, reach, however_many=False)
    folder = folders["folder"]
    few = Document.objects.few_in_reach(reach)
    return (
        entries(request, form, reach, few)
        | folders
        | {
            "list_form": form,
            "chosen": {name: value for name, value in form.wanted().items() if name not in SHOWN_APART},
            "above": folder.way_for(user)[:-1] if folder else [],
            "may_fill": folder is None or Folder.objects.editable_by(user).filter(pk=folder.pk).exists(),
            "open_to_others": folder is not None and _is_shared(folder),
            "new": listing.count_new(reach, few),
            "filters": SavedFilter.objects.filter(owner=user),
            "query": _kept(request.GET).urlencode(),
        }
    )


def _folders(form: ListForm, reach: Reach, *, however_many: bool) -> dict[str, Any]:
    """The open folder, and those in it, with how far the work in them is, unless that takes long."""
    folder = form.wanted().get("folder")
    inside = list(_inside(folder, reach))
    is_counted = listing.annotate_work([*inside, *([folder] if folder else [])], however_many=however_many)
    return {"folder": folder, "folders": inside, "sums_later": not is_counted, "sums": however_many}


def entries(request: HttpRequest, form: ListForm, reach: Reach, few: Sequence[UUID] | None) -> dict[str, Any]:
    """One page of the list. ``few``: see ``few_in_reach``."""
    wanted = form.wanted()
    visible = Document.objects.in_scope(reach, wanted.get("scope", "")).among(few)
    filters = form.filters()
    documents = listing.chosen(visible, filters)
    after, before = (request.GET.get(name, "") for name in ("after", "before"))
    # What filters leave in is sorted to the last document, and so all are known at once.
    most = listing.SIZE + 1 if filters == DocumentFilters() else listing.MOST_COUNTED + 1
    page = listing.read(documents, reach, wanted.get("sort", "-created"), after=after, before=before, most=most)
    count = listing.bounded_count(documents) if page.total is None else page.total
    shown = f"{listing.MOST_COUNTED:,}+" if count > listing.MOST_COUNTED else f"{count:,}"
    return {"page": page, "count": shown, "wanted": wanted}


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keeps what the list shows at present under a name; an earlier filter of that name is changed."""
    query = _kept(QueryDict(request.POST.get("query", ""))).urlencode()
    name = composed(request.POST.get("name", ""))[:50] or _("Filter")
    if len(query) > LONGEST_FILTER:
        messages.error(request, _("This filter is too long to be kept."))
        return redirect("documents:index")
    SavedFilter.objects.update_or_create(owner=cast(User, request.user), name=name, defaults={"query": query})
    return redirect(f"{reverse('documents:index')}?{query}")


@require_POST
def delete_filter(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(SavedFilter, pk=pk, owner=request.user).delete()
    return redirect("documents:index")


def _list_form(request: HttpRequest, reach: Reach) -> ListForm:
    return ListForm(request.GET, reach=reach)


def _kept(query: QueryDict) -> QueryDict:
    """Of an address, what says which documents are listed and how: known names, and those with a value."""
    kept = QueryDict(mutable=True)
    for name in ListForm.base_fields:
        if value := query.get(name):
            kept[name] = value
    return kept


def _inside(folder: Folder | None, reach: Reach) -> QuerySet[Folder]:
    """The folders in ``folder``; at the top, those that lie in none that its reader may see."""
    if folder is not None:
        return Folder.objects.in_reach(reach).filter(parent=folder)
    return Folder.objects.topmost_in_reach(reach).select_related("owner")


def _is_shared(folder: Folder) -> bool:
    return bool(folder.reaching_shares().exists())
