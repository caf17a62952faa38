"""The endpoint: who calls is known before anything of the protocol is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from documents.models import AccessToken

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

INVALID_REQUEST = -32600
"""The code of JSON-RPC."""


@csrf_exempt
@login_not_required
def endpoint(request: HttpRequest) -> HttpResponseBase:
    """Answers one message of the protocol to the holder of an access token; 401 to anybody else.

    The protocol needs no session here: each request stands for itself, so any web process can answer it.
    """
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    token = AccessToken.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        refused = {"error": "invalid_token", "error_description": "Send an access token: Authorization: Bearer ..."}
        return JsonResponse(refused, status=401, headers={"WWW-Authenticate": 'Bearer realm="ocrsite"'})
    request.user = token.user
    try:
        request.body  # noqa: B018  # Django keeps it
    except RequestDataTooBig:
        return _too_large(request)
    return _answer(request)


def _too_large(request: HttpRequest) -> HttpResponseBase:
    """An error of the protocol, which clients pass on to the assistant; of any other answer they tell it nothing."""
    text = (
        f"body-too-large: A message may have at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes. Upload larger "
        f"files with the same access token: POST {request.build_absolute_uri(reverse('api:documents'))} "
        "(multipart/form-data, the file in the field “file”)."
    )
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": INVALID_REQUEST, "message": text}}
    return JsonResponse(error, status=413)


def _answer(request: HttpRequest) -> HttpResponseBase:
    from django_stateless_mcp import mcp_view  # its libraries are large, and most processes are never asked

    from .tools import server

    return async_to_sync(mcp_view(server))(request)
