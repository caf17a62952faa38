"""The pages of a document in the hand: turned, ordered, taken out, moved to other documents, parted and joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from documents import editing
from documents.access import MOST_DIGITS, editable
from documents.messages import explain
from documents.models import UNFINISHED, Document, RefusedError, error_as_json
from recognition.errors import FileError

SUGGESTED = 50
"""Documents that are offered as a place for pages at a time."""

MOST_CHOSEN = 200
"""Pages that stay selected: so many that their address is no longer than servers take."""

Act = Callable[[HttpRequest, Document, list[int]], str]
"""Does something with pages of a document, and gives the address of what is to be seen then."""


@require_http_methods(["GET", "POST"])
def organiser(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET shows the pages; POST does ``action`` with those that ``page`` names by their keys, in this order.

    ``?page=`` selects pages. A script that puts pages in another order is answered in JSON: 200, or 409 with ``error``.
    """
    document = editable(request, pk)
    if request.method == "POST":
        return _do(request, document)
    chosen = set(_keys(request.GET))
    context = {
        "document": document,
        "pages": [(page, page.pk in chosen) for page in document.pages.order_by("number")],
        "owns": document.owner_id == request.user.pk,
        "busy": document.runs.filter(state__in=UNFINISHED).exists(),
        "targets": _targets(request, document),
    }
    return render(request, "documents/pages.html", context)


@require_GET
def page_targets(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Those of the user's documents that ``?q=`` names, as choices."""
    return render(request, "documents/_page_targets.html", {"targets": _targets(request, editable(request, pk))})


def _do(request: HttpRequest, document: Document) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404
    act, needs_owner = action
    if needs_owner and document.owner_id != request.user.pk:
        raise PermissionDenied(_("Only the owner of this document may do this."))
    wants_json = not request.accepts("text/html")
    pages, problem = _keys(request.POST), ""
    address = ""
    try:
        if not pages and act is not _join:
            raise RefusedError(_("Select pages first."))
        address = act(request, document, pages)
    except editing.PagesChangedError:
        problem = _("Somebody else has moved pages of this document meanwhile. Look at them again.")
    except RefusedError as refused:
        problem = str(refused)
    except FileError as error:
        problem = explain(error_as_json(error))
    if wants_json:
        return JsonResponse({"error": problem} if problem else {}, status=409 if problem else 200)
    if problem:
        messages.error(request, problem)
        address = _here(document, pages)
    return redirect(address)


def _order(request: HttpRequest, document: Document, pages: list[int]) -> str:
    editing.order_pages(document, pages, actor=_user(request))
    return _here(document)


def _step(by: int) -> Act:
    """Moves the pages one place on, or back."""

    def act(request: HttpRequest, document: Document, pages: list[int]) -> str:
        order = list(document.pages.order_by("number").values_list("pk", flat=True))
        moved = [place for place, key in enumerate(order) if key in set(pages)]
        if not moved:
            raise editing.PagesChangedError
        for place in moved if by < 0 else reversed(moved):
            other = place + by
            if 0 <= other < len(order) and order[other] not in pages:
                order[place], order[other] = order[other], order[place]
        editing.order_pages(document, order, actor=_user(request))
        return _here(document, pages)

    return act


def _turn(degrees: int) -> Act:
    def act(request: HttpRequest, document: Document, pages: list[int]) -> str:
        editing.turn_pages(document, pages, degrees, actor=_user(request))
        return _here(document, pages)

    return act


def _take_out(request: HttpRequest, document: Document, pages: list[int]) -> str:
    editing.take_out(document, pages, actor=_user(request))
    said = ngettext("%(n)d page moved to the trash.", "%(n)d pages moved to the trash.", len(pages)) % {"n": len(pages)}
    link = format_html('{} <a href="{}">{}</a>', said, reverse("documents:trash"), _("To the trash"))
    messages.success(request, link)
    return _here(document)


def _part(request: HttpRequest, document: Document, pages: list[int]) -> str:
    new = editing.part_document(document, pages, title=request.POST.get("title", ""), actor=_user(request))
    _say_moved(request, new, len(pages))
    return _here(document)


def _part_here(request: HttpRequest, document: Document, pages: list[int]) -> str:
    """From the first of the pages on."""
    order = list(document.pages.order_by("number").values_list("pk", flat=True))
    first = next((place for place, key in enumerate(order) if key in set(pages)), len(order))
    return _part(request, document, order[first:])


def _move(request: HttpRequest, document: Document, pages: list[int]) -> str:
    target = _target(request)
    editing.move_pages(document, pages, target, None, actor=_user(request))
    _say_moved(request, target, len(pages))
    return _here(document) if Document.objects.filter(pk=document.pk).exists() else _here(target, pages)


def _join(request: HttpRequest, document: Document, pages: list[int]) -> str:
    """Adds all pages of another document to the end of this one."""
    other = _target(request)
    title, came = other.title, list(other.pages.values_list("pk", flat=True))
    editing.join_documents([document, other], actor=_user(request))
    messages.success(request, _("The pages of “%(title)s” are at the end of this document now.") % {"title": title})
    return _here(document, came)


ACTIONS: dict[str, tuple[Act, bool]] = {
    "order": (_order, False),
    "earlier": (_step(-1), False),
    "later": (_step(1), False),
    "turn-right": (_turn(90), False),
    "turn-over": (_turn(180), False),
    "turn-left": (_turn(270), False),
    "take-out": (_take_out, True),
    "part": (_part, True),
    "part-here": (_part_here, True),
    "move": (_move, True),
    "join": (_join, True),
}
"""What is done, and whether only an owner may do it."""


def _say_moved(request: HttpRequest, target: Document, count: int) -> None:
    said = ngettext("%(n)d page is now in", "%(n)d pages are now in", count) % {"n": count}
    messages.success(request, format_html('{} <a href="{}">{}</a>', said, target.get_absolute_url(), target.title))


def _targets(request: HttpRequest, document: Document) -> list[Document]:
    mine = Document.objects.owned_by(request.user).exclude(pk=document.pk)
    if words := request.GET.get("q", "").strip():
        mine = mine.filter(title__icontains=words[:200])
    return list(mine.order_by("-created", "-pk")[:SUGGESTED])


def _target(request: HttpRequest) -> Document:
    """The document that the form names, which has to be the user's own."""
    try:
        key = UUID(request.POST.get("target", ""))
    except ValueError:
        raise RefusedError(_("Choose a document first.")) from None
    return get_object_or_404(Document.objects.owned_by(request.user), pk=key)


def _here(document: Document, chosen: Sequence[int] = ()) -> str:
    """The address of the organiser, with the first of the pages in sight."""
    query = QueryDict(mutable=True)
    query.setlist("page", [str(key) for key in chosen[:MOST_CHOSEN]])
    address = reverse("documents:pages", args=[document.pk])
    return f"{address}?{query.urlencode()}#page-{chosen[0]}" if chosen else address


def _keys(asked: QueryDict) -> list[int]:
    return [int(key) for key in asked.getlist("page") if key.isdecimal() and len(key) <= MOST_DIGITS]


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
