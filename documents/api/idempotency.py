"""``Idempotency-Key``: a request that is sent again, because its answer was lost, is not served twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents.models import Reply

from .problems import ProblemError

KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(minutes=10)
"""After which a request that has had no answer counts as lost with its process."""

HEADER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A value of your choice, unique for what you send, such as a UUID. Sent again with it within 24 hours, "
    "the same request gets the same answer and takes nothing in; another request gets 422.",
)


def once(request: Request, content: Sequence[Any], serve: Callable[[], Response]) -> Response:
    """Serves the request, unless its key was served before. ``content``: what makes two requests the same."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return serve()
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise ValidationError({"Idempotency-Key": "1 to 255 printable ASCII characters."})
    reply, is_new = _claim(request, key, fingerprint(content))
    if not is_new:
        return Response(reply.body, status=reply.status, headers={"Idempotency-Replayed": "true"})
    try:
        response = serve()
    except BaseException:
        reply.delete()  # nothing came of it: the next try is served
        raise
    reply.status, reply.body = response.status_code, response.data
    reply.save(update_fields=["status", "body"])
    return response


def fingerprint(content: Sequence[Any]) -> str:
    """SHA-256 of values and of the names and bytes of files."""
    digest = hashlib.sha256()
    for part in content:
        if isinstance(part, UploadedFile):
            of_file = hashlib.sha256()
            for chunk in part.chunks():
                of_file.update(chunk)
            part.seek(0)
            part = (part.name, of_file.hexdigest())
        digest.update(repr(part).encode(errors="surrogatepass") + b"\n")
    return digest.hexdigest()


def _claim(request: Request, key: str, asked: str) -> tuple[Reply, bool]:
    """The reply of this key, and whether it is ours to fill."""
    now = timezone.now()
    replies = Reply.objects.filter(user=cast(User, request.user))
    replies.filter(created__lt=now - KEPT).delete()
    replies.filter(status=None, created__lt=now - GIVEN_UP).delete()
    try:
        with transaction.atomic():
            return Reply.objects.create(user=cast(User, request.user), key=key, fingerprint=asked), True
    except IntegrityError:
        reply = replies.filter(key=key).first()
    if reply is not None and reply.fingerprint != asked:
        message = "This Idempotency-Key was used for another request. Take a new key for each thing you send."
        raise ProblemError(422, "idempotency-key-reused", message)
    if reply is None or reply.status is None:
        message = "The same request is being served at this moment. Ask again shortly."
        raise ProblemError(409, "idempotency-in-progress", message, headers={"Retry-After": "2"})
    return reply, False
