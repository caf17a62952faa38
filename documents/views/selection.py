"""What is done with one or many documents as a whole: tags, folder, shares, OCR again, the trash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import editing
from documents.access import editable, named_folder
from documents.forms import LinkForm, OptionsForm
from documents.library import operations, people
from documents.library.forms import GranteeForm, MistypedError, as_typed, first_error
from documents.messages import explain
from documents.models import Document, Folder, RefusedError, Share, Tag, error_as_json, paced
from documents.models.archive import DocumentQuerySet
from documents.turns import turn_for
from recognition.errors import FileError

Do = Callable[[Document], object]


@require_http_methods(["GET", "POST"])
def selection(request: HttpRequest) -> HttpResponse:
    """GET asks what exactly is to be done with the documents that ``?document=`` name; POST does it.

    Documents that their reader may see, but not treat so, are left out, which is said.
    """
    action = request.GET.get("action") or request.POST.get("action") or ""
    if action not in ACTIONS:
        raise Http404
    visible, allowed = _chosen(request, action)
    if request.method == "POST":
        return _do(request, ACTIONS[action], list(allowed), left_out=visible - len(allowed))
    context = {
        "sections": {action},
        "documents": allowed,
        "left_out": visible - len(allowed),
        "next": back(request.GET.get("next", "")),
    }
    return render(request, "documents/organise.html", context | _choices(request, list(allowed)))


@require_GET
def manage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Title, tags, folder, shares and links of one document, as far as its reader may change them."""
    return manage_page(request, pk)


def manage_page(
    request: HttpRequest, pk: UUID, *, link_form: LinkForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of ``manage``, with what was typed into the form for a link."""
    document = editable(request, pk)
    owns = Document.objects.owned_by(request.user).filter(pk=pk).exists()
    context = {
        "document": document,
        "documents": [document],
        "sections": {"title", "tag", "move", "share", "trash"} if owns else {"title", "tag"},
        "shares": document.shares.select_related("user", "team") if owns else [],
        "inherited": document.folder.reaching_shares().select_related("user", "team", "folder")
        if owns and document.folder
        else [],
        "known_folders": Folder.objects.visible_to(request.user),
        "links": document.links.listed() if owns else [],
        "may_link": owns and settings.OCRSITE_LINKS,
        "link_form": link_form or LinkForm(),
        "made_link": request.GET.get("link", ""),
        "site": settings.OCRSITE_URL if settings.HTTPS else request.build_absolute_uri("/").rstrip("/"),
        "next": reverse("documents:manage", args=[pk]),
    }
    return render(request, "documents/organise.html", context | _choices(request, [document]), status=status)


@require_POST
def change_title(request: HttpRequest, pk: UUID) -> HttpResponse:
    document = editable(request, pk)
    try:
        editing.rename(document, request.POST.get("title", ""), cast(User, request.user))
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("documents:manage", pk)


@require_POST
def change_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a share one to read or one to edit (``may_edit``), or takes it back (``remove``)."""
    user = cast(User, request.user)
    share = get_object_or_404(Share.objects.owned_by(user).select_related("user", "team", "document", "folder"), pk=pk)
    if "remove" in request.POST:
        operations.unshare(share, user)
    else:
        operations.share(
            share.shared_object, user, user=share.user, team=share.team, may_edit=request.POST.get("may_edit") == "1"
        )
    return redirect(back(request.POST.get("next", "")))


def _tag(request: HttpRequest, user: User) -> Do:
    add = [name for name in request.POST.get("add", "").replace("，", ",").split(",") if name.strip()]
    remove = request.POST.getlist("remove")
    return lambda document: editing.tag(document, user, add=add, remove=remove)


def _move(request: HttpRequest, user: User) -> Do:
    folder = named_folder(request, "folder", Folder.objects.visible_to(user))
    return lambda document: operations.move(document, folder, user)


def _share(request: HttpRequest, user: User) -> Do:
    form = GranteeForm(request.POST, user=user)
    if not form.is_valid():
        raise MistypedError(first_error(form))
    return lambda document: operations.share(document, user, **form.grantee())


def _read_again(request: HttpRequest, user: User) -> Do:
    form = OptionsForm(request.POST)
    if not form.is_valid():
        raise RefusedError(first_error(form))
    return lambda document: editing.run_again(document, form.options(), user)


def _join(request: HttpRequest, user: User) -> Do:
    """Of several documents the first one, by the order that the form names, gets the pages of the others."""
    order = request.POST.get("order", "title")
    if order not in JOINED_BY:
        raise RefusedError(_("Choose an order."))
    named = Document.objects.owned_by(user).filter(pk__in=request.POST.getlist("document"))
    documents = list(named.order_by(*JOINED_BY[order]))
    if len(documents) < 2:
        raise RefusedError(_("Select at least two documents of yours."))
    done: list[Document] = []

    def join(document: Document) -> None:
        if not done:
            done.append(editing.join_documents(documents, actor=user))

    return join


JOINED_BY = {"title": ("title", "created"), "oldest": ("created", "pk"), "newest": ("-created", "-pk")}
"""The orders in which documents are joined."""


def _trash(request: HttpRequest, user: User) -> Do:
    return lambda document: operations.trash(document, user)


@dataclass(frozen=True)
class Action:
    """``gate``: of the visible documents, those with which it may be done. ``prepare``: reads the request once.

    ``said``: that it has been done with so many documents.
    """

    gate: Callable[[User], DocumentQuerySet]
    prepare: Callable[[HttpRequest, User], Do]
    said: Callable[[int], str]


def _said_of_trash(done: int) -> str:
    text = ngettext("%(n)d document moved to the trash.", "%(n)d documents moved to the trash.", done) % {"n": done}
    return format_html('{} <a href="{}">{}</a>', text, reverse("documents:trash"), _("To the trash"))


ACTIONS = {
    "tag": Action(
        Document.objects.editable_by,
        _tag,
        lambda n: ngettext("Tags of %(n)d document changed.", "Tags of %(n)d documents changed.", n) % {"n": n},
    ),
    "move": Action(
        Document.objects.owned_by,
        _move,
        lambda n: ngettext("%(n)d document moved.", "%(n)d documents moved.", n) % {"n": n},
    ),
    "share": Action(
        Document.objects.owned_by,
        _share,
        lambda n: ngettext("%(n)d document shared.", "%(n)d documents shared.", n) % {"n": n},
    ),
    "read-again": Action(
        Document.objects.editable_by,
        _read_again,
        lambda n: ngettext("OCR runs again on %(n)d document.", "OCR runs again on %(n)d documents.", n) % {"n": n},
    ),
    "join": Action(
        Document.objects.owned_by,
        _join,
        lambda n: ngettext("%(n)d document joined.", "%(n)d documents joined.", n) % {"n": n},
    ),
    "trash": Action(Document.objects.owned_by, _trash, _said_of_trash),
}


def said_beside_field(request: HttpRequest, refused: RefusedError) -> bool:
    """Whether the page that comes next shows a form with what was typed, and what is wrong with it."""
    return isinstance(refused, MistypedError) and "here" in request.POST and bool(as_typed(request.POST))


def _do(request: HttpRequest, action: Action, documents: list[Document], *, left_out: int) -> HttpResponse:
    """Document by document, so that others get their turn to write; what was done before something fails is said."""
    user, done = cast(User, request.user), 0
    try:
        do = action.prepare(request, user)
        with turn_for(user.pk, len(documents)):
            for document in paced(documents):
                with transaction.atomic():
                    do(document)
                done += 1
    except RefusedError as refused:
        if not said_beside_field(request, refused):
            messages.error(request, str(refused))
    except FileError as error:
        messages.error(request, explain(error_as_json(error)))
    else:
        said = [action.said(len(documents))]
        if left_out:
            others = ngettext(
                "%(n)s other document is left out, because you may not do this with it.",
                "%(n)s other documents are left out, because you may not do this with them.",
                left_out,
            )
            said.append(others % {"n": left_out})
        messages.success(request, format_html_join(" ", "{}", [(text,) for text in said]))
        return redirect(back(request.POST.get("next", "")))
    if done:
        messages.warning(request, action.said(done))
    here = back(request.POST.get("here", ""))
    return redirect(f"{here}{'&' if '?' in here else '?'}{as_typed(request.POST)}")


def _chosen(request: HttpRequest, action: str) -> tuple[int, DocumentQuerySet]:
    """How many of the named documents there are for this person, and those with which the action may be done."""
    named = request.GET.getlist("document") or request.POST.getlist("document")
    try:
        numbers = [UUID(number) for number in named]
    except ValueError:
        raise Http404 from None
    user = cast(User, request.user)
    visible = Document.objects.visible_to(user).filter(pk__in=numbers).count()
    if not visible:
        raise Http404
    allowed = ACTIONS[action].gate(user).filter(pk__in=numbers).prefetch_related("tags")
    if not allowed:
        raise PermissionDenied(_("You may read what you selected but not do this with it. Ask its owner."))
    return visible, allowed


def _choices(request: HttpRequest, documents: list[Document]) -> dict[str, Any]:
    """What the forms offer."""
    user = cast(User, request.user)
    return {
        "tags": Tag.objects.filter(documents__in=documents).distinct(),
        "known_tags": Tag.objects.filter(Exists(Document.objects.visible_to(user).filter(tags=OuterRef("pk"))))[:200],
        "folders": Folder.with_ways(Folder.objects.editable_by(user)),
        "grantee_form": GranteeForm.typed(request.GET, user=user),
        "suggested": people.suggested("", user),
        "form": OptionsForm(),
        "trash_days": operations.trash_days(),
    }


def back(address: str) -> str:
    """``address`` if it is one of ours, else the start page."""
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if safe and address.startswith("/") else reverse("documents:index")
