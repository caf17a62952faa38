"""What is done with many documents in one call: tags, folder, shares, OCR again, the trash, one ZIP archive."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents import editing, exports, media, transcript
from documents.library import operations
from documents.models import Document, QuotaExceededError, RefusedError, paced
from documents.models.archive import DocumentQuerySet
from documents.turns import turn_for

from .base import ApiView, StrictSerializer
from .files import ChunkSizeField
from .filing import folder_to_fill
from .serializers import OptionsSerializer
from .shares import ShareChangeSerializer

Form = TypeVar("Form", bound="SelectionSerializer")

MOST = 1000
"""Documents in one call."""


class SelectionSerializer(StrictSerializer):
    documents = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST, help_text="The ids of the documents."
    )


class BulkTagSerializer(SelectionSerializer):
    add = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100, required=False)
    remove = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100, required=False)


class BulkMoveSerializer(SelectionSerializer):
    folder = serializers.IntegerField(min_value=1, max_value=2**53, allow_null=True, help_text="null: out of any.")


class BulkShareSerializer(SelectionSerializer, ShareChangeSerializer):
    pass


class BulkReadAgainSerializer(SelectionSerializer, OptionsSerializer):
    pass


class BundleSerializer(SelectionSerializer):
    formats = serializers.ListField(child=serializers.ChoiceField(list(exports.FORMATS)), min_length=1, max_length=20)
    text = serializers.ChoiceField(transcript.CHOICES["text"], required=False)
    pages = serializers.ChoiceField(transcript.CHOICES["pages"], required=False)
    lines = serializers.ChoiceField(transcript.CHOICES["lines"], required=False)
    margins = serializers.ChoiceField(transcript.CHOICES["margins"], required=False)
    size = ChunkSizeField(required=False)


class RefusalSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="`not-found`, `permission-denied`, `refused` or `quota-exceeded`.")
    detail = serializers.CharField()


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of each document: it is done, or refused with the reason."""

    done = serializers.ListField(child=serializers.UUIDField())
    refused = RefusalSerializer(many=True)


class BulkView(ApiView):
    problems: ClassVar = {"POST": [422]}


class BulkTag(BulkView):
    @extend_schema(operation_id="tag_documents", request=BulkTagSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Adds tags to documents, and removes others."""
        wanted = checked(BulkTagSerializer(data=request.data)).validated_data
        add, remove = wanted.get("add", ()), wanted.get("remove", ())
        editable = Document.objects.editable_by(self.user)
        return done_with(self, wanted, editable, lambda found: editing.tag(found, self.user, add=add, remove=remove))


class BulkMove(BulkView):
    @extend_schema(operation_id="move_documents", request=BulkMoveSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Moves documents of yours into a folder, or out of any."""
        wanted = checked(BulkMoveSerializer(data=request.data)).validated_data
        folder = folder_to_fill(wanted["folder"], self.user)
        owned = Document.objects.owned_by(self.user)
        return done_with(self, wanted, owned, lambda found: operations.move(found, folder, self.user))


class BulkShare(BulkView):
    @extend_schema(operation_id="share_documents", request=BulkShareSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Shares documents of yours with a person or one of your teams."""
        form = checked(BulkShareSerializer(data=request.data))
        grantee = form.grantee(self.user)
        owned = Document.objects.owned_by(self.user)
        act = partial(operations.share, actor=self.user, **grantee)
        return done_with(self, form.validated_data, owned, act)


class BulkReadAgain(BulkView):
    @extend_schema(operation_id="read_documents_again", request=BulkReadAgainSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Runs OCR again on documents, with other options."""
        form = checked(BulkReadAgainSerializer(data=request.data))
        options = form.options()
        editable = Document.objects.editable_by(self.user)
        act = partial(editing.run_again, options=options, requested_by=self.user)
        return done_with(self, form.validated_data, editable, act)


class BulkTrash(BulkView):
    @extend_schema(operation_id="delete_documents", request=SelectionSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Moves documents of yours to your trash."""
        wanted = checked(SelectionSerializer(data=request.data)).validated_data
        owned = Document.objects.owned_by(self.user)
        return done_with(self, wanted, owned, partial(operations.trash, actor=self.user))


class Bundle(ApiView):
    problems: ClassVar = {"POST": [404]}

    @extend_schema(
        operation_id="bundle_documents",
        request=BundleSerializer,
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "A ZIP archive.")},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """One ZIP archive of documents, each in the formats that you choose, without those that you may not see."""
        form = BundleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        visible = Document.objects.visible_to(self.user).filter(pk__in=wanted["documents"])
        numbers = list(visible.values_list("pk", flat=True))
        if not numbers:
            raise ValidationError({"documents": "None of these documents exists, or they are not yours to see."})
        choices = {name: wanted[name] for name in transcript.DEFAULTS if name in wanted}
        return media.bundle(self.user, numbers, wanted["formats"], choices)


def checked(form: Form) -> Form:
    form.is_valid(raise_exception=True)
    return form


def done_with(
    view: ApiView, wanted: dict[str, Any], allowed: DocumentQuerySet, act: Callable[[Document], object]
) -> Response:
    """Does ``act`` with each document that ``wanted`` names and that is among the ``allowed``.

    Each succeeds or fails by itself, in a transaction of its own; the answer says what became of it.
    """
    numbers: list[UUID] = list(dict.fromkeys(wanted["documents"]))
    visible = set(Document.objects.visible_to(view.user).filter(pk__in=numbers).values_list("pk", flat=True))
    found = allowed.filter(pk__in=numbers).select_related("owner", "folder").in_bulk()
    done, refused = [], []
    with turn_for(view.user.pk, len(numbers)):
        for number in paced(numbers):
            if number not in visible:
                refusal: tuple[str, str] | None = ("not-found", "There is no such document, or it is not yours to see.")
            elif number not in found:
                refusal = ("permission-denied", "You may read this but not do this with it.")
            else:
                refusal = _refusal(found[number], act)
            if refusal is None:
                done.append(number)
            else:
                refused.append({"id": number, "code": refusal[0], "detail": refusal[1]})
    return Response(BulkResultSerializer({"done": done, "refused": refused}).data)


def _refusal(document: Document, act: Callable[[Document], object]) -> tuple[str, str] | None:
    """Why nothing was done with ``document``, as a code and a sentence; None if it was."""
    try:
        with transaction.atomic():
            act(document)
    except RefusedError as refused:
        return "refused", str(refused)
    except QuotaExceededError as error:
        return error.code, error.message
    return None
