"""What all routes share: strict input, JSON only, English, ETags, bounded requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import IO, Any, ClassVar, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed, NotFound, ParseError
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from documents import limits

from . import problems
from .authentication import ScopeAllows, TokenAuthentication
from .problems import ProblemError

MOST_JSON = 1024 * 1024
"""Bytes of a request's JSON; the longest lines and titles are far shorter."""


class StrictSerializer(serializers.Serializer[Any]):
    """What is not asked for is an error: a misspelt name would otherwise be a wish that nobody hears."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            known = ", ".join(self.fields) or "none"
            raise serializers.ValidationError(
                dict.fromkeys(unknown, f"There is no such name here. Known are: {known}.")
            )
        return super().to_internal_value(data)


class IgnoreClientContentNegotiation(BaseContentNegotiation):
    """One representation of everything, whatever the client says it accepts."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class BoundedJSON(JSONParser):
    """JSON, but no more than this API could have asked for."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > MOST_JSON:
            raise ProblemError(413, "body-too-large", f"At most {MOST_JSON} bytes of JSON are taken.")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error


class Throttle(BaseThrottle):
    """Counts requests together with those to the site."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        limits.take(limits.TooManyRequestsError, cast(User, request.user))
        return True


class NewestFirstPagination(CursorPagination):
    """Page by page from the newest on, at the same cost on every page."""

    ordering = ("-created", "-id")
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
            position = cursor.position if cursor else None
            # The moment at which something was made, as the database says it: in UTC.
            if position is not None and datetime.fromisoformat(str(position)).utcoffset() != timedelta():
                raise ValueError
        except (NotFound, ValueError):
            raise serializers.ValidationError({"cursor": "This is no cursor. Take it from a page's address."}) from None
        return cursor


class PageQuery(StrictSerializer):
    cursor = serializers.CharField(required=False, help_text="From `next` or `previous` of a page.")
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=NewestFirstPagination.max_page_size, default=50
    )


class ApiView(APIView):
    """``queries``: the parameters that a method takes in its address; ``asked`` has them, checked.

    ``problems``: by method, the statuses of problems that it may answer besides the usual ones.
    """

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated, ScopeAllows]
    throttle_classes = [Throttle]
    parser_classes = [BoundedJSON]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = IgnoreClientContentNegotiation
    queries: ClassVar[dict[str, type[StrictSerializer]]] = {}
    problems: ClassVar[dict[str, list[int]]] = {}
    asked: dict[str, Any]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view: Any = conditional_page(super().as_view(**initkwargs))
        view.should_append_slash = False  # a redirect would turn a POST without the slash into a GET
        return view

    def get_exception_handler(self) -> Any:
        return problems.handle

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override("en"):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "CONTENT_LENGTH" not in request.META and "HTTP_TRANSFER_ENCODING" in request.META:
            raise ProblemError(411, "length-required", "Send the length of the body (Content-Length), not chunks.")
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")  # before its parameters are looked at
        query = self.queries.get(request.method or "", StrictSerializer)(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        self.asked = query.validated_data

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Authorization", "Cookie"])
        if not final.has_header("Cache-Control"):
            patch_cache_control(final, private=True, no_cache=True)
        return final

    @property
    def user(self) -> User:
        return cast(User, self.request.user)
