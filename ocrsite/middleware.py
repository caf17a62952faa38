"""What holds for every request."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from documents.telemetry import about

ID = re.compile(r"[\w.-]{1,64}\Z", re.ASCII)

Respond = Callable[[HttpRequest], HttpResponseBase]


class RequestId:
    """Gives each request an id, or keeps that of the proxy: in the log, and in the answer's ``X-Request-ID``."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ID.match(given) else uuid.uuid4().hex
        with about(request=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class PrivateByDefault:
    """No cache keeps a page, unless its view says otherwise: the next person at a browser must not find it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response
