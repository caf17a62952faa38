"""``POST /api/paddlex/ocr``: for programs that were written for the OCR pipeline of PaddleX serving.

Request and answer are those of that service, as far as we have what they name; limits, quotas and audit are those of
``recognise/``. Nothing is kept. Only ``file``, ``fileType`` and ``textRecScoreThresh`` are looked at: pages are set
upright anyway, and no pictures of the result are drawn.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents.ingest import space, waiting
from recognition.geometry import bounds
from recognition.options import Options

from .base import ApiView
from .problems import ProblemError
from .recognise import MOST_SECONDS

MOST_JSON = waiting.MOST_BYTES * 4 // 3 + 64 * 1024
"""Bytes: a file in Base64 is a third larger than it is."""


class FileAsJSON(BaseParser):
    """JSON with a file. REST framework's own parser takes no more than the fields of a form may have."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > MOST_JSON:
            raise ProblemError(413, "body-too-large", f"At most {MOST_JSON} bytes of JSON are taken.")
        try:
            return json.loads(stream.read())
        except (ValueError, RecursionError) as error:
            raise ParseError("This is no JSON.") from error


class PaddlexSerializer(serializers.Serializer[Any]):
    """Other names of PaddleX are taken, too, and ignored."""

    file = serializers.CharField(trim_whitespace=False)
    fileType = serializers.ChoiceField([0, 1], required=False, allow_null=True)
    textRecScoreThresh = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)


class PaddlexOcr(ApiView):
    parser_classes = [FileAsJSON]

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        said = {"errorCode": response.status_code, "errorMsg": f"{response.data['code']}: {response.data['detail']}"}
        response.data, response.content_type = {"logId": str(uuid.uuid4()), **said}, None
        return response

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        space.check_request(request._request, self.user)
        form = PaddlexSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        content = _content(wanted["file"])
        is_pdf = content.startswith(b"%PDF-") if wanted.get("fileType") is None else wanted["fileType"] == 0
        file = ContentFile(content, "file.pdf" if is_pdf else "file")
        options = Options.parse({"script": "none"})  # PaddleX converts no characters
        (outcome,) = waiting.read([file], owner=self.user, options=options, keep=False, seconds=MOST_SECONDS)
        if outcome.error is not None:
            raise outcome.error
        if outcome.document is not None:
            where = outcome.document.get_absolute_url()
            raise ProblemError(504, "timed-out", f"This takes longer than {MOST_SECONDS} seconds. See {where} later.")
        pages = json.loads(outcome.result)["pages"]
        least = wanted.get("textRecScoreThresh") or 0.0
        sizes = [{"width": page["width"], "height": page["height"]} for page in pages]
        about = {"type": "pdf", "numPages": len(pages), "pages": sizes} if is_pdf else {"type": "image", **sizes[0]}
        result = {"ocrResults": [_page(page, least) for page in pages], "dataInfo": about}
        return Response({"logId": str(uuid.uuid4()), "errorCode": 0, "errorMsg": "Success", "result": result})


def _content(text: str) -> bytes:
    if text.startswith(("http://", "https://")):
        raise serializers.ValidationError({"file": "Send the file itself in Base64; addresses are not fetched."})
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise serializers.ValidationError({"file": "This is no Base64."}) from None


def _page(page: Mapping[str, Any], least: float) -> dict[str, Any]:
    lines = [line for line in page["lines"] if line["confidence"] >= least]
    polygons = [[(round(x), round(y)) for x, y in line["polygon"]] for line in lines]
    pruned = {
        "model_settings": {"use_doc_preprocessor": False, "use_textline_orientation": False},
        "dt_polys": polygons,
        "text_type": "general",
        "text_rec_score_thresh": least,
        "rec_texts": [line["text"] for line in lines],
        "rec_scores": [line["confidence"] for line in lines],
        "rec_polys": polygons,
        "rec_boxes": [bounds(polygon) for polygon in polygons],
    }
    return {"prunedResult": pruned, "ocrImage": None, "docPreprocessingImage": None, "inputImage": None}
