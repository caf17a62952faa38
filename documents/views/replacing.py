"""Find and replace: what is looked for, the finds to be looked through, and what became of them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents import editing
from documents.access import MOST_DIGITS, editable
from documents.forms import ReplaceForm
from documents.library import finds
from documents.models import Document, Folder, RefusedError, Replacement, ReplacementState
from documents.search import replacing

LINES_A_PAGE = 100
RECENT = 10


@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest) -> HttpResponse:
    """Asks what is to be replaced, where ``document`` and ``page`` or ``folder`` point; POST looks for it."""
    sent = request.POST if request.method == "POST" else request.GET
    user = cast(User, request.user)
    document = _document(request, sent)
    places = _places(user, document, sent)
    form = ReplaceForm(sent if request.method == "POST" else None, places=list(places.items()), initial=sent.dict())
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "where"}
        place = _place(form.cleaned_data["where"], document)
        try:
            found = replacing.prepare(Replacement(author=user, **values, **place))
            return redirect("documents:replacement", found.pk)
        except RefusedError as refused:
            form.add_error("where", str(refused))
    recent = Replacement.objects.filter(author=user).exclude(state=ReplacementState.PREVIEW)
    context = {
        "form": form,
        "document": document,
        "page_number": sent.get("page", ""),
        "folder_number": sent.get("folder", ""),
        "recent": recent.select_related("document", "folder")[:RECENT],
    }
    return render(request, "documents/replace.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def replacement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was found, page by page, to be chosen from; and how far the work is, once it has begun.

    POST keeps what is chosen on the page that was shown, and then does what ``do`` says.
    """
    found = get_object_or_404(Replacement.objects.select_related("document", "folder"), pk=pk, author=request.user)
    if request.method == "POST":
        return _do(request, found)
    template = "documents/_replacement.html" if request.htmx else "documents/replacement.html"  # type: ignore[attr-defined]
    status = 286 if request.htmx and not found.is_busy else 200  # type: ignore[attr-defined]
    page = _page(found, request.GET.get("p"))
    context = {"replacement": found, "summary": finds.summary(found), "page": page, "pages": finds.by_page(page)}
    return render(request, template, context, status=status)


def _do(request: HttpRequest, found: Replacement) -> HttpResponse:
    address = reverse("documents:replacement", args=[found.pk])
    do = request.POST.get("do", "")
    if found.state == ReplacementState.PREVIEW:
        shown = _page(found, request.POST.get("p"))
        editing.choose(found, shown.object_list, set(request.POST.getlist("hit")))
        if do in ("all", "none"):
            editing.choose_every(found, chosen=do == "all")
        if do == "apply":
            editing.apply_replacement(found)
        elif do.startswith("page-"):
            return redirect(f"{address}?p={do.removeprefix('page-')}")
        elif do in ("all", "none"):
            return redirect(f"{address}?p={shown.number}")
    elif do == "undo":
        editing.undo_replacement(found)
    return redirect(address)


def _page(found: Replacement, number: str | None) -> Page[Any]:
    lines = found.lines.select_related("replacement", "result__page__document")
    return Paginator(lines, LINES_A_PAGE).get_page(number)


def _document(request: HttpRequest, sent: QueryDict) -> Document | None:
    if not sent.get("document"):
        return None
    try:
        return editable(request, UUID(str(sent["document"])))
    except ValueError:
        raise Http404 from None


def _places(user: User, document: Document | None, sent: QueryDict) -> dict[str, str]:
    """Where may be looked, the nearest first."""
    places = {}
    if document is not None:
        number = sent.get("page", "")
        if number.isdecimal() and len(number) <= MOST_DIGITS and document.pages.filter(number=number).exists():
            places[f"page-{int(number)}"] = _("Page %(number)s of “%(title)s”") % {
                "number": number,
                "title": document.title,
            }
        places["document"] = _("All of “%(title)s”") % {"title": document.title}
    folders = Folder.with_ways(Folder.objects.visible_to(user))
    first = sent.get("folder") or str(document.folder_id if document else "")
    folders.sort(key=lambda pair: str(pair[0].pk) != first)
    for folder, way in folders:
        places[f"folder-{folder.pk}"] = _("The folder “%(way)s” and those inside it") % {"way": way}
    return places


def _place(where: str, document: Document | None) -> dict[str, Any]:
    kind, _dash, number = where.partition("-")
    if kind == "folder":
        return {"folder": Folder.objects.get(pk=number)}
    return {"document": document, "page_number": int(number) if kind == "page" else None}
