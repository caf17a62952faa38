"""OCR of files while the caller waits."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents.ingest import intake, space, upload, waiting
from documents.models import Document, error_as_json

from .base import ApiView, StrictSerializer
from .documents import chosen_options, listed, require_room, sent_files
from .schema import RESULT
from .serializers import DocumentSerializer, ErrorSerializer, OptionsSerializer, SentFile

MOST_SECONDS = 60
MOST_FILES = 50
"""Of one batch."""


class RecogniseQuery(StrictSerializer):
    wait = serializers.IntegerField(
        default=30, min_value=0, max_value=MOST_SECONDS, help_text="Seconds to wait for the result."
    )
    keep = serializers.BooleanField(
        default=True,
        help_text="`false`: nothing of a file is kept once its result was answered. That is quickest for pictures.",
    )


class RecogniseSerializer(OptionsSerializer):
    file = SentFile(help_text="One image or PDF.")


class RecogniseBatchSerializer(OptionsSerializer):
    file = serializers.ListField(child=SentFile(), help_text=f"Up to {MOST_FILES} images or PDFs; repeat the field.")


@extend_schema_field(RESULT)
class ResultField(serializers.JSONField):
    """As the ``json`` export."""


class RecognisedSerializer(serializers.Serializer[Any]):
    """What has become of one file of a batch: one of the last three is there."""

    file = serializers.CharField(help_text="The file's name as it was sent.")
    result = ResultField(allow_null=True, help_text="Its text, lines, blocks and tables.")
    document = DocumentSerializer(allow_null=True, help_text="It takes longer, and can be asked for here.")
    error = ErrorSerializer(allow_null=True, help_text="It was refused.")


class Waiting(ApiView):
    """What both routes share: options, files, and how long to wait."""

    parser_classes = [MultiPartParser]
    queries: ClassVar = {"POST": RecogniseQuery}
    problems: ClassVar = {"POST": [409, 422, 507]}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        require_room(request)
        super().initial(request, *args, **kwargs)

    def read(self, request: Request, most: int) -> list[tuple[str, waiting.Outcome]]:
        """Each file of the request by its name, with what has become of it."""
        space.check_request(request._request, self.user)
        options, files = chosen_options(request, besides=("file",)), sent_files(request)
        if upload.too_large(request._request):
            raise intake.too_large()
        if len(files) > most:
            raise ValidationError(
                {"file": f"Send no more than {most} here; recognise/batch/ and documents/ take more."}
            )
        keep, seconds = self.asked["keep"], self.asked["wait"]
        outcomes = waiting.read(files, owner=self.user, options=options, keep=keep, seconds=seconds)
        return [(file.name or "", outcome) for file, outcome in zip(files, outcomes, strict=True)]

    def shown(self, document: Document) -> dict[str, Any]:
        found = listed(Document.objects.filter(pk=document.pk)).get()
        return dict(DocumentSerializer(found, context={"request": self.request}).data)


class Recognise(Waiting):
    @extend_schema(
        operation_id="recognise",
        request={"multipart/form-data": RecogniseSerializer},
        responses={
            200: OpenApiResponse(RESULT, "The result, as the `json` export has it (`ocrsite/1`)."),
            202: OpenApiResponse(DocumentSerializer, "It takes longer: the document, to be asked for its `status`."),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Runs OCR on one file, ahead of all other work, and answers with its text, lines, blocks and tables.

        If OCR takes longer than `wait` seconds, or too many other requests wait already, nothing is lost: the answer is
        202 with the document. Its OCR continues, and the document is kept, whatever `keep` says.
        """
        ((_, outcome),) = self.read(request, 1)
        if outcome.error is not None:
            raise outcome.error
        if outcome.document is None:
            return HttpResponse(outcome.result, content_type="application/json")
        shown = self.shown(outcome.document)
        return Response(shown, status=202, headers={"Location": shown["url"]})


class RecogniseBatch(Waiting):
    @extend_schema(
        operation_id="recognise_batch",
        request={"multipart/form-data": RecogniseBatchSerializer},
        responses=RecognisedSerializer(many=True),
    )
    def post(self, request: Request) -> Response:
        """Runs OCR on several files, ahead of all other work, and answers with the result of each, in their order.

        Files that were refused do not affect others. Those that take longer than `wait` seconds in all are documents,
        as with `recognise/`.
        """
        return Response([self._told(name, outcome) for name, outcome in self.read(request, MOST_FILES)])

    def _told(self, name: str, outcome: waiting.Outcome) -> dict[str, Any]:
        return {
            "file": name,
            "result": json.loads(outcome.result) if outcome.result else None,
            "document": self.shown(outcome.document) if outcome.document else None,
            "error": error_as_json(outcome.error) if outcome.error else None,
        }
