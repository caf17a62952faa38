"""Pages and JSON travel compressed; files, and whatever else depends on its exact bytes, as they are."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = frozenset({"text/html", "text/plain", "application/json", "application/problem+json"})


class Compression(GZipMiddleware):
    """Django's, for texts only. It adds random bytes, so that the length tells nothing of secrets on a page (BREACH).

    A file of which parts can be asked for keeps its bytes, and an answer with ``no-transform`` its strong ETag.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        exact = response.has_header("Accept-Ranges") or "no-transform" in response.headers.get("Cache-Control", "")
        if media_type not in TYPES or exact:
            return response
        return super().process_response(request, response)
