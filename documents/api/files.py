"""Files to take away: exports and the original."""

from __future__ import annotations

import tempfile
from typing import ClassVar
from uuid import UUID

from django.http import FileResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from documents import exports, media
from documents.models import Verb, record
from documents.views.access import visible

from .base import ApiView
from .pages import RunQuery
from .problems import Problem
from .runs import chosen_run


class Export(ApiView):
    queries: ClassVar = {"GET": RunQuery}

    @extend_schema(
        operation_id="export_document",
        parameters=[OpenApiParameter("suffix", str, OpenApiParameter.PATH, enum=list(exports.FORMATS))],
        responses={
            (200, known.media_type.partition(";")[0]): OpenApiResponse(OpenApiTypes.BINARY, known.media_type)
            for known in exports.FORMATS.values()
        },
    )
    def get(self, request: Request, pk: UUID, suffix: str) -> HttpResponseBase:
        """The document's text as it stands, as a file."""
        found = visible(request, pk)
        if suffix not in exports.FORMATS:
            raise Problem(404, "format-unknown", f"There is no such format. Known are: {', '.join(exports.FORMATS)}.")
        wanted = exports.FORMATS[suffix]
        record(Verb.EXPORTED, found, request.user, format=suffix)
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
        wanted.write(chosen_run(found, self.asked.get("run")).export(), file)
        file.seek(0)
        name = f"{found.title}.{wanted.extension}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=wanted.media_type)


class Original(ApiView):
    @extend_schema(
        operation_id="get_original",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The file as it was sent.")},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The file as it was uploaded, byte by byte."""
        found = visible(request, pk)
        record(Verb.DOWNLOADED, found, request.user)
        return media.serve(
            request, found.original, media_type=found.media_type, etag=found.sha256, filename=found.download_name()
        )
