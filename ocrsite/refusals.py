"""Requests that are not served, or not now: in words, and with when to come back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View

from documents import limits
from documents.api import problems
from documents.media import TooManyExportsError
from documents.messages import explain, trouble
from documents.models import RefusedError, error_as_json
from documents.turns import NoTurnError

from .errors import StorageAwayError

SECONDS_TO_RETURN = 10

Respond = Callable[[HttpRequest], HttpResponseBase]


class LimitedRequests:
    """Counts the requests of people who are logged in; the API counts those of programs, towards the same limit."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        if problems.is_api(request) or not request.user.is_authenticated:
            return None
        try:
            limits.take(limits.TooManyRequestsError, request.user)
        except limits.TooManyError as error:
            return refusal(request, error)
        return None


class Refusals:
    """Answers what a view cannot serve: too much at a time, a change that cannot be made, parts that are away."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not problems.is_api(request):
            message = _("Nothing can be sent to this address in this way.")
            page = _answer(request, 405, "method-not-allowed", message)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refusal(request, error)


METHODS = frozenset(method.upper() for method in View.http_method_names) - {"TRACE"}
"""TRACE would send back what it got, cookies included."""


class ReadableRequests:
    """Refuses what nobody serves, and what cannot be read: a character set that is none, or that no text is sent in."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            with _language(request):
                page = _answer(
                    request, 405, "method-not-allowed", _("Nothing can be sent to this address in this way.")
                )
            page["Allow"] = ", ".join(sorted(METHODS))
            return page
        charset = (request.content_params or {}).get("charset", "utf-8")
        try:
            b"a\xff".decode(charset, "replace")
        except (LookupError, ValueError):
            with _language(request):
                message = _("The character set of this request cannot be read. Send it in UTF-8.")
                return _answer(request, 415, "charset-unsupported", message)
        return self.get_response(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of requests that it does not take; names the limit."""
    with _language(request):
        match exception:
            case TooManyFilesSent():
                message = _("At most %(most)s files can be sent at a time. Send the others afterwards.")
                most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
                return _answer(request, 413, "too-many-files", message % {"most": most})
            case TooManyFieldsSent():
                message = _("At most %(most)s fields can be sent at a time. Send or choose less.")
                most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
                return _answer(request, 413, "too-many-fields", message % {"most": most})
            case RequestDataTooBig():
                message = _("The fields of a form may have at most %(most)s bytes, files not counted. Send less.")
                most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
                return _answer(request, 413, "body-too-large", message % {"most": most})
        return _answer(request, 400, "bad-request", _("The server could not understand this request."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of errors that no view has answered; those of sessions and the like among them."""
    error = sys.exc_info()[1]
    known = refusal(request, error) if isinstance(error, Exception) else None
    return known or problems.server_error(request)


def refusal(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to ``error``; None for one that is a fault of ours."""
    with _language(request):
        match error:
            case limits.TooManyError() | TooManyExportsError():
                return _answer(request, 429, error.code, explain(error_as_json(error)), error.wait)
            case NoTurnError():
                message = _("Too much of this is being done at this moment. Try again in a few seconds.")
                return _answer(request, 429, "too-much-at-once", message, SECONDS_TO_RETURN)
            case RefusedError():
                return _answer(request, 422, "refused", str(error))
            case StorageAwayError():
                message = _("The storage does not answer. Nothing is lost; try again in a moment.")
                return _answer(request, 503, "storage-unavailable", message, SECONDS_TO_RETURN)
        if known := trouble(error):
            return _answer(request, 503, *known, SECONDS_TO_RETURN)
    return None


def _language(request: HttpRequest) -> AbstractContextManager[None]:
    """English for programs, and for people the language of their page."""
    return translation.override("en" if problems.is_api(request) else translation.get_language())


def _answer(request: HttpRequest, status: int, code: str, message: str, wait: int | None = None) -> HttpResponse:
    """A problem document for programs, JSON for scripts, a page for people, and plain text for all others."""
    accepted = request.headers.get("Accept", "")
    if problems.is_api(request):
        response = problems.response(status, code, message)
    elif "text/html" in accepted:
        response = render(request, "refused.html", {"message": message, "later": wait is not None}, status=status)
    elif "json" in accepted:
        response = JsonResponse({"message": message}, status=status)
    else:
        response = HttpResponse(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response
