"""Who asks: somebody with an account, or whoever has a link. The key in the address says which."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from documents.models import AccessToken, Document, Run, ShareLink

OWN = "me"
"""The key of those who are logged in, or send an access token; any other is the token of a link."""

View = Callable[..., HttpResponseBase]


def served(view: View) -> View:
    """A view for ``view(request, key, ...)`` at an address of IIIF: pages of other sites may ask for it.

    With a link they need nothing else; with the key of those who have an account, an access token.
    """

    @login_not_required
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, key: str, **arguments: Any) -> HttpResponseBase:
        if key == OWN and not _know(request):
            return JsonResponse({"error": "Log in, or send an access token."}, status=401)
        response = view(request, key, **arguments)
        if key != OWN:
            response["Access-Control-Allow-Origin"] = "*"
            response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer


def readable(request: HttpRequest, key: str, pk: UUID) -> tuple[Document, Run]:
    """The document with its current run, if whoever asks may read it; else Http404.

    A link opens its own document only, and none if it has a password: viewers have no way to give one.
    """
    if key == OWN:
        found = Document.objects.visible_to(request.user).select_related("current_run", "owner").filter(pk=pk).first()
    else:
        link = ShareLink.objects.named(key)
        found = link.document if link and link.document_id == pk and not link.password else None
    if found is None or found.current_run is None:
        raise Http404
    run = found.current_run
    run.document = found
    return found, run


def reader(request: HttpRequest) -> User | None:
    """Who reads, for the audit; None for whoever has a link."""
    return request.user if request.user.is_authenticated else None


def _know(request: HttpRequest) -> bool:
    """Whether we know who asks, by their session or by an access token."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = AccessToken.authenticate(secret.strip())
        if token is not None:
            request.user = token.user
        return token is not None
    return request.user.is_authenticated
