"""Calls of the API from within, on behalf of whoever calls a tool."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import get_script_prefix, resolve, reverse
from django_stateless_mcp import django_request
from mcp.server.mcpserver.exceptions import ToolError
from rest_framework.response import Response
from urllib3.filepost import encode_multipart_formdata

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

OF_THE_CALL_ITSELF = ("HTTP_IF_", "HTTP_RANGE", "HTTP_MCP_", "HTTP_TRANSFER_ENCODING")
"""Headers of the outer request that say nothing about the inner one."""


@dataclass(frozen=True)
class Answer:
    media_type: str
    content: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.content) if self.content else None


def call(
    ctx: Context[Any, Any],
    method: str,
    name: str,
    *arguments: object,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    form: list[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Calls the route ``api:name`` with the token of the request that ``ctx`` belongs to.

    ``query``: parameters of the address; those that are None are left out. ``body``: sent as JSON. ``form``: fields as
    urllib3 takes them, a file as (name, content). Raises ToolError with the problem's code and what to do.
    """
    asked = {key: value for key, value in (query or {}).items() if value is not None}
    content, media_type = b"", ""
    if form is not None:
        content, media_type = encode_multipart_formdata(form)
    elif body is not None:
        content, media_type = json.dumps(body).encode(), "application/json"
    outer = django_request(ctx).META
    path = reverse(f"api:{name}", args=arguments)
    return _answer(
        {key: value for key, value in outer.items() if not key.startswith(OF_THE_CALL_ITSELF)}
        | {f"HTTP_{key.upper().replace('-', '_')}": value for key, value in (headers or {}).items()}
        | {
            "REQUEST_METHOD": method,
            "PATH_INFO": "/" + path.removeprefix(get_script_prefix()),
            "QUERY_STRING": urlencode(asked, doseq=True),
            "CONTENT_TYPE": media_type,
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content),
        }
    )


def _answer(environ: dict[str, Any]) -> Answer:
    request = WSGIRequest(environ)
    route = resolve(request.path_info)
    response = route.func(request, *route.args, **route.kwargs)
    if isinstance(response, Response):
        response.render()
    try:
        content = response.content if isinstance(response, HttpResponse) else b"".join(response.streaming_content)
    finally:
        response.close()
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    if response.status_code >= 400:
        problem = json.loads(content)
        raise ToolError(f"{problem['code']}: {problem['detail']}")
    return Answer(media_type, content)
