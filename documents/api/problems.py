"""Errors as RFC 9457 problem documents, in English: ``code`` is for programs, ``detail`` for their authors."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from documents.errors import IntakeFailedError, LaterError
from documents.ingest.intake import DuplicateError
from documents.ingest.space import NoSpaceError
from documents.limits import TooManyError
from documents.media import TooManyExportsError
from documents.models import RefusedError
from documents.semantic import TooManyAtOnceError
from recognition.errors import FileError, FileTooLargeError, RecognitionError, UnsupportedTypeError

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
STATUS: dict[type, int] = {
    RecognitionError: 400,
    FileError: 422,
    DuplicateError: 409,
    TooManyExportsError: 429,
    TooManyAtOnceError: 429,
    LaterError: 429,
    TooManyError: 429,
    NoSpaceError: 507,
    FileTooLargeError: 413,
    UnsupportedTypeError: 415,
    IntakeFailedError: 500,
}


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="The field or parameter, inner ones after a dot.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was not served, by RFC 9457."""

    type = serializers.CharField(help_text="A name of the kind of problem that does not change.")
    title = serializers.CharField(help_text="The HTTP status in words.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="For programs; does not change.")
    detail = serializers.CharField(help_text="For people: what is wrong, and what to do.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class ProblemError(exceptions.APIException):
    """An error of ours. ``more`` becomes members of the problem document, ``headers`` of the response."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.more = more
        self.headers = headers or {}


def document(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"urn:ocrsite:problem:{code}",
        "title": phrase(status),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler: whatever it or we raise, as a problem document."""
    translated = _translated(error)
    response = exception_handler(translated, context)
    if response is None:
        return None  # a fault of ours: logged, and answered by ``server_error``
    response.data = _described(translated, response.status_code)
    response.content_type = MEDIA_TYPE
    for name, value in getattr(translated, "headers", {}).items():
        response[name] = value
    return response


def phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def status_of(error: type[RecognitionError] | None) -> int:
    """The HTTP status for a class of errors: its own, or that of the nearest class above it."""
    return next(STATUS[kind] for kind in (error or RecognitionError).__mro__ if kind in STATUS)


def _translated(error: Exception) -> Exception:
    if isinstance(error, RecognitionError):
        wait: int | None = getattr(error, "wait", None)
        headers = {"Retry-After": str(wait)} if wait else {}
        return ProblemError(status_of(type(error)), error.code, error.message, headers=headers, params=error.params)
    if isinstance(error, RefusedError):
        return ProblemError(422, "refused", str(error))
    if isinstance(error, Http404):  # Django's sentence tells of models
        return exceptions.NotFound("There is nothing at this address, or it is not yours to see.")
    if isinstance(error, PermissionDenied):  # its sentence is for people, in their language
        return exceptions.PermissionDenied("You may read this but not change it.")
    return error


def _described(error: Exception, status: int) -> dict[str, Any]:
    if isinstance(error, ProblemError):
        return document(status, error.code, str(error.detail), **error.more)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flat(error.get_full_details()))
        first = errors[0] if errors else {"field": "", "detail": "Something is wrong with the request."}
        where = f"{first['field']}: " if first["field"] else ""
        return document(status, "invalid", f"{where}{first['detail']}", errors=errors)
    if isinstance(error, exceptions.APIException):
        code = str(error.get_codes()).replace("_", "-")
        return document(status, code, str(error.detail))
    return document(status, HTTPStatus(status).name.lower().replace("_", "-"), str(error))


def _flat(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Each error of REST framework's nested details with the path of its field."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        code = str(details["code"]).replace("_", "-")
        yield {"field": _sendable(path), "code": code, "detail": _sendable(str(details["message"]))}
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(filter(None, [path, own])))
    else:
        for inner in details:
            yield from _flat(inner, path)


def _sendable(text: str) -> str:
    """``text`` with what JSON may quote and no answer can repeat, half of a surrogate pair, escaped."""
    return text.encode(errors="backslashreplace").decode()


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX)


def response(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(document(status, code, detail), status=status, content_type=MEDIA_TYPE)


# What Django itself answers, outside of REST framework's views.


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return response(403, "permission-denied", "You may not do this.")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return response(404, "not-found", "There is nothing at this address. Addresses of the API end with a slash.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return response(500, "server-error", "The server has failed, and its log says why. Try again later.")
    return defaults.server_error(request)
