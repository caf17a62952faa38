"""OCR of one file while the caller waits."""

from __future__ import annotations

import threading
import time
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents import exports, originals
from documents.ingest import intake, space, upload
from documents.models import UNFINISHED, Document, Run
from documents.processing import queue

from .base import ApiView, StrictSerializer
from .documents import chosen_options, listed, require_room, sent_files
from .schema import RESULT
from .serializers import DocumentSerializer, OptionsSerializer, SentFile

MOST_SECONDS = 60
WAITING = threading.BoundedSemaphore(2)
"""Of a web process' threads, those that may wait at a time; the others are for everybody else."""

LOOKS_EVERY = 0.1


class RecogniseQuery(StrictSerializer):
    wait = serializers.IntegerField(
        default=30, min_value=0, max_value=MOST_SECONDS, help_text="Seconds to wait for the result."
    )
    keep = serializers.BooleanField(
        default=True, help_text="`false`: nothing of the file is kept once its result was answered."
    )


class RecogniseSerializer(OptionsSerializer):
    file = SentFile(help_text="One image or PDF.")


class Recognise(ApiView):
    parser_classes = [MultiPartParser]
    queries: ClassVar = {"POST": RecogniseQuery}
    problems: ClassVar = {"POST": [409, 422, 507]}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        require_room(request)
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="recognise",
        request={"multipart/form-data": RecogniseSerializer},
        responses={
            200: OpenApiResponse(RESULT, "The result, as the `json` export has it (`ocrsite/1`)."),
            202: OpenApiResponse(DocumentSerializer, "It takes longer: the document, to be asked for its `status`."),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Runs OCR on one file, ahead of all other work, and answers with its text.

        If OCR takes longer than `wait` seconds, or too many other requests wait already, nothing is lost: the answer is
        202 with the document. Its OCR continues, and the document is kept, whatever `keep` says.
        """
        space.check_request(request._request, self.user)
        options, files = chosen_options(request, besides=("file",)), sent_files(request)
        if upload.too_large(request._request):
            raise intake.too_large()
        if len(files) != 1:
            raise ValidationError({"file": "Send one file here; documents/ takes several."})
        name = files[0].name or ""
        document = intake.receive(files[0], name=name, owner=self.user, options=options, queue=queue.INTERACTIVE)
        run = finished(document, self.asked["wait"])
        if run is None:
            waiting = listed(Document.objects.filter(pk=document.pk)).get()
            shown = DocumentSerializer(waiting, context={"request": request}).data
            return Response(shown, status=202, headers={"Location": shown["url"]})
        result = HttpResponse(exports.as_json(run.export()), content_type="application/json")
        if not self.asked["keep"]:
            originals.discard(document, self.user)
        return result


def finished(document: Document, seconds: float) -> Run | None:
    """The document's run once it is finished; None if that takes longer, or if no thread can be spared for waiting."""
    until = time.monotonic() + seconds
    if not WAITING.acquire(blocking=False):
        return None
    try:
        while True:
            run = Run.objects.select_related("document").filter(document=document).exclude(state__in=UNFINISHED).first()
            if run is not None or time.monotonic() > until:
                return run
            time.sleep(LOOKS_EVERY)
    finally:
        WAITING.release()
