"""Downloads: exports and the original."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import translation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request

from documents import exports, media, transcript
from documents.access import visible
from documents.models import Verb, record
from recognition import raster

from .base import ApiView, StrictSerializer
from .pages import RunQuery
from .problems import ProblemError
from .runs import chosen_run
from .schema import RESULT


class ChunkSizeField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=transcript.SMALLEST_CHUNK,
            max_value=transcript.LARGEST_CHUNK,
            help_text=f"Characters of a chunk, at most (default: {transcript.CHUNK}).",
            **kwargs,
        )


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
    lines = serializers.ChoiceField(
        transcript.CHOICES["lines"],
        required=False,
        help_text="Plain text with a line for each line of the page, or for each paragraph.",
    )
    margins = serializers.ChoiceField(
        transcript.CHOICES["margins"],
        required=False,
        help_text="Whether plain text has headers, footers and page numbers.",
    )
    size = ChunkSizeField(required=False)


class Export(ApiView):
    """A document in one format. Each format has an address and an operation of its own, so that a generated client
    knows what it gets."""

    queries: ClassVar = {"GET": ExportQuery}
    problems: ClassVar = {"GET": [422, 429, 507]}
    format_name: ClassVar[str]

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        found = visible(request, pk)
        wanted = exports.FORMATS[self.format_name]
        choices = {name: self.asked[name] for name in transcript.DEFAULTS if name in self.asked}
        response = media.export(request, chosen_run(found, self.asked.get("run")).export().chosen(**choices), wanted)
        record(Verb.EXPORTED, found, request.user, format=self.format_name)
        return response


def export_in(name: str) -> Any:
    """The view that exports documents in the format ``name``, one of ``exports.FORMATS``."""
    media_type = exports.FORMATS[name].media_type.partition(";")[0]
    content = RESULT if name == "json" else OpenApiTypes.STR if media_type.startswith("text/") else OpenApiTypes.BINARY
    with translation.override("en"):
        label = str(exports.FORMATS[name].label)
    described = extend_schema(
        operation_id=f"export_{name}",
        description=f"The document's current text as a file: {label}.",
        responses={(200, media_type): OpenApiResponse(content, "The document in this format.")},
    )
    view: type[Export] = type(f"Export{name.title()}", (Export,), {"format_name": name, "__doc__": Export.__doc__})
    return extend_schema_view(get=described)(view).as_view()


class UnknownFormat(ApiView):
    """Whatever else is asked for as an export."""

    @extend_schema(exclude=True)
    def get(self, request: Request, pk: UUID, suffix: str) -> HttpResponseBase:
        visible(request, pk)
        raise ProblemError(404, "format-unknown", f"There is no such format. Known are: {', '.join(exports.FORMATS)}.")


class OriginalQuery(StrictSerializer):
    file = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Its place among the document's `originals`."
    )


class Original(ApiView):
    queries: ClassVar = {"GET": OriginalQuery}
    problems: ClassVar = {"GET": [422]}

    @extend_schema(
        operation_id="get_original",
        responses={
            (200, media_type): OpenApiResponse(OpenApiTypes.BINARY, "The file as it was sent.")
            for media_type in [*raster.MEDIA_TYPES, "application/zip"]
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The file as it was uploaded, byte for byte. Several come as a ZIP archive; `file` chooses one of them."""
        found = visible(request, pk)
        response = media.originals(request, found, self.asked.get("file"))
        record(Verb.DOWNLOADED, found, request.user)
        return response
