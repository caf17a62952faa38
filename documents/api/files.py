"""Downloads: exports and the original."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from documents import exports, media, transcript
from documents.access import visible
from documents.models import Verb, record
from recognition import raster

from .base import ApiView
from .pages import RunQuery
from .problems import ProblemError
from .runs import chosen_run
from .schema import RESULT


class ExportQuery(RunQuery):
    text = serializers.ChoiceField(
        transcript.CHOICES["text"],
        required=False,
        help_text="As it stands (the default), before corrections, or as read.",
    )
    pages = serializers.ChoiceField(
        transcript.CHOICES["pages"],
        required=False,
        help_text="How plain text tells pages apart; blank is an empty line.",
    )


class Export(ApiView):
    queries: ClassVar = {"GET": ExportQuery}
    problems: ClassVar = {"GET": [422, 429]}

    @extend_schema(
        operation_id="export_document",
        parameters=[OpenApiParameter("suffix", str, OpenApiParameter.PATH, enum=list(exports.FORMATS))],
        responses={
            (200, known.media_type.partition(";")[0]): OpenApiResponse(
                RESULT if name == "json" else OpenApiTypes.BINARY, "The document in this format."
            )
            for name, known in exports.FORMATS.items()
        },
    )
    def get(self, request: Request, pk: UUID, suffix: str) -> HttpResponseBase:
        """The document's current text, as a file."""
        found = visible(request, pk)
        if suffix not in exports.FORMATS:
            raise ProblemError(
                404, "format-unknown", f"There is no such format. Known are: {', '.join(exports.FORMATS)}."
            )
        wanted = exports.FORMATS[suffix]
        choices = {name: self.asked[name] for name in transcript.CHOICES if name in self.asked}
        response = media.export(request, chosen_run(found, self.asked.get("run")).export().chosen(**choices), wanted)
        record(Verb.EXPORTED, found, request.user, format=suffix)
        return response


class Original(ApiView):
    problems: ClassVar = {"GET": [422]}

    @extend_schema(
        operation_id="get_original",
        responses={
            (200, media_type): OpenApiResponse(OpenApiTypes.BINARY, "The file as it was sent.")
            for media_type in raster.MEDIA_TYPES
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The file as it was uploaded, byte for byte."""
        found = visible(request, pk)
        response = media.original(request, found)
        record(Verb.DOWNLOADED, found, request.user)
        return response
