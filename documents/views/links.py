"""Reading by a link, without an account; and the links of a document, for its owner.

No other right follows from a link: only its document, the images of its pages, its text and, if that is allowed, its
exports are under its address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import exports, media, models, viewer
from documents import messages as words
from documents.access import owned, page_number
from documents.forms import LinkForm
from documents.library import links
from documents.models import RefusedError, Run, ShareLink, State, Verb, record
from recognition.errors import RecognitionError

from .selection import manage_page

TRIES = {"password": "5/5m/ip,10/10m/key,60/d/key"}
"""Passwords that may be tried: by a network, and of one link by everybody together."""

KEPT = 12 * 3600
"""Seconds for which a browser need not give the password again."""


def _by_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Opens a view to whoever has the address, and the password if there is one; nothing of it is kept or indexed."""

    @login_not_required
    @wraps(view)
    def opened(request: HttpRequest, token: str, **arguments: Any) -> HttpResponseBase:
        link = ShareLink.objects.named(token)
        if link is None or link.document.current_run is None:
            response: HttpResponseBase = render(request, "documents/link_over.html", status=404)
        elif link.password and request.COOKIES.get(_cookie(link)) != link.key():
            response = _ask_password(request, link)
        else:
            response = view(request, link, **arguments)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        del response["Cache-Control"]
        patch_cache_control(response, private=True, no_store=True)
        return response

    return opened


@_by_link
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """The document page by page: the image, and the text as it stands."""
    document, run = link.document, cast(Run, link.document.current_run)
    number = page_number(request, document)
    result = get_object_or_404(run.results.select_related("page"), page__number=number)
    if request.method == "POST":  # the password was given in another tab
        return redirect(link)
    link.note_opening()
    record(Verb.LINK_OPENED, document, None, name=str(link))
    context = {
        "link": link,
        "document": document,
        "result": result,
        "text": result.text if result.state == State.DONE else "",
        "language": viewer.language(run, result.text),
        "formats": exports.FORMATS if link.may_export else {},
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < document.page_count else None,
    }
    return render(request, "documents/link.html", context)


@_by_link
@require_GET
def link_image(request: HttpRequest, link: ShareLink, number: int) -> HttpResponseBase:
    return media.picture(request, get_object_or_404(link.document.pages.exclude(image=""), number=number))


@_by_link
@require_GET
def link_export(request: HttpRequest, link: ShareLink, suffix: str) -> HttpResponseBase:
    """The text as a file, if the link allows it."""
    if not link.may_export or suffix not in exports.FORMATS:
        raise Http404
    run = cast(Run, link.document.current_run)
    run.document = link.document
    try:
        response = media.export(request, run.export(), exports.FORMATS[suffix])
    except RecognitionError as error:
        reason = words.explain(models.error_as_json(error))
        return render(request, "documents/link_over.html", {"reason": reason}, status=422)
    record(Verb.EXPORTED, link.document, None, format=suffix, name=str(link))
    return response


@require_POST
def make_link(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new link; the page of the document lists it with its address."""
    document = owned(request, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _managed(request, pk, form)
    try:
        made = links.make(document, cast(User, request.user), **form.cleaned_data)
    except RefusedError as refused:
        form.add_error(None, str(refused))
        return _managed(request, pk, form)
    messages.success(request, _("The link is made. Copy its address below."))
    return redirect(f"{_manage_address(pk)}?link={made.pk}#links")


@require_POST
def end_link(request: HttpRequest, pk: UUID, link: UUID) -> HttpResponse:
    document = owned(request, pk)
    links.end(get_object_or_404(document.links.listed(), pk=link), cast(User, request.user))
    return redirect(f"{_manage_address(pk)}#links")


def _ask_password(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """The form for the password, or the way on with a key for this browser. Who guesses has to wait."""
    error, status = "", 200
    if request.method == "POST":
        if not ratelimit.consume(request, app="link", action="password", config=TRIES, key=link.pk.hex):
            error, status = _("Too many tries. Wait some minutes."), 429
        elif link.accepts(request.POST.get("password", "")):
            response = redirect(link)
            response.set_cookie(
                _cookie(link),
                link.key(),
                max_age=KEPT,
                path=link.get_absolute_url(),
                httponly=True,
                secure=request.is_secure(),
                samesite="Lax",
            )
            return response
        else:
            error = _("This is not the password.")
    return render(request, "documents/link_password.html", {"error": error}, status=status)


def _cookie(link: ShareLink) -> str:
    return f"link-{link.pk.hex}"


def _managed(request: HttpRequest, pk: UUID, form: LinkForm) -> HttpResponse:
    return manage_page(request, pk, link_form=form, status=400)


def _manage_address(pk: UUID) -> str:
    return reverse("documents:manage", args=[pk])
