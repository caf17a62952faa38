"""What is done with many documents in one call: tags, folder, shares, OCR again, the trash, one ZIP archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal
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
from documents.models import Document, Folder, QuotaExceededError, RefusedError, paced

from .base import ApiView, StrictSerializer
from .serializers import OptionsSerializer
from .shares import ShareChangeSerializer

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
    size = serializers.ChoiceField(transcript.CHOICES["size"], required=False)


class RefusalSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="`not-found`, `permission-denied`, `refused` or `quota-exceeded`.")
    detail = serializers.CharField()


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of each document: it is done, or refused with the reason."""

    done = serializers.ListField(child=serializers.UUIDField())
    refused = RefusalSerializer(many=True)


class Bulk(ApiView):
    """One action on many documents. Each succeeds or fails by itself, in a transaction of its own."""

    problems: ClassVar = {"POST": [422]}
    gate: ClassVar[Literal["editable_by", "owned_by"]]
    form: ClassVar[type[SelectionSerializer]]

    def prepare(self, wanted: dict[str, Any]) -> Callable[[Document], object]:
        """What is done with each, as the checked form says; ValidationError where it can be done with none."""
        raise NotImplementedError

    def run(self, request: Request) -> Response:
        form = self.form(data=request.data)
        form.is_valid(raise_exception=True)
        self.checked = form
        act, numbers = self.prepare(form.validated_data), list(dict.fromkeys(form.validated_data["documents"]))
        done: list[UUID] = []
        refused = []
        for number, refusal in self._each(numbers, act):
            if refusal is None:
                done.append(number)
            else:
                refused.append({"id": number, "code": refusal[0], "detail": refusal[1]})
        return Response(BulkResultSerializer({"done": done, "refused": refused}).data)

    def _each(
        self, numbers: list[UUID], act: Callable[[Document], object]
    ) -> Iterator[tuple[UUID, tuple[str, str] | None]]:
        visible = set(Document.objects.visible_to(self.user).filter(pk__in=numbers).values_list("pk", flat=True))
        allowed = (
            getattr(Document.objects, self.gate)(self.user)
            .filter(pk__in=numbers)
            .select_related("owner", "folder")
            .in_bulk()
        )
        for number in paced(numbers):
            if number not in visible:
                yield number, ("not-found", "There is no such document, or it is not yours to see.")
            elif number not in allowed:
                yield number, ("permission-denied", "You may read this but not do this with it.")
            else:
                yield number, self._refusal(allowed[number], act)

    def _refusal(self, document: Document, act: Callable[[Document], object]) -> tuple[str, str] | None:
        try:
            with transaction.atomic():
                act(document)
        except RefusedError as refused:
            return "refused", str(refused)
        except QuotaExceededError as error:
            return error.code, error.message
        return None


class BulkTag(Bulk):
    gate = "editable_by"
    form = BulkTagSerializer

    @extend_schema(operation_id="tag_documents", request=BulkTagSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Adds tags to documents, and removes others."""
        return self.run(request)

    def prepare(self, wanted: dict[str, Any]) -> Callable[[Document], object]:
        add, remove = wanted.get("add", ()), wanted.get("remove", ())
        return lambda document: editing.tag(document, self.user, add=add, remove=remove)


class BulkMove(Bulk):
    gate = "owned_by"
    form = BulkMoveSerializer

    @extend_schema(operation_id="move_documents", request=BulkMoveSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Moves documents of yours into a folder, or out of any."""
        return self.run(request)

    def prepare(self, wanted: dict[str, Any]) -> Callable[[Document], object]:
        number = wanted["folder"]
        folder = Folder.objects.editable_by(self.user).filter(pk=number).first() if number else None
        if number and folder is None:
            raise ValidationError({"folder": "There is no such folder, or you may not put anything into it."})
        return lambda document: operations.move(document, folder, self.user)


class BulkShare(Bulk):
    gate = "owned_by"
    form = BulkShareSerializer

    @extend_schema(operation_id="share_documents", request=BulkShareSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Shares documents of yours with a person or one of your teams."""
        return self.run(request)

    def prepare(self, wanted: dict[str, Any]) -> Callable[[Document], object]:
        assert isinstance(self.checked, ShareChangeSerializer)
        grantee = self.checked.grantee(self.user)
        return lambda document: operations.share(document, self.user, **grantee)


class BulkReadAgain(Bulk):
    gate = "editable_by"
    form = BulkReadAgainSerializer

    @extend_schema(operation_id="read_documents_again", request=BulkReadAgainSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Runs OCR again on documents, with other options."""
        return self.run(request)

    def prepare(self, wanted: dict[str, Any]) -> Callable[[Document], object]:
        assert isinstance(self.checked, OptionsSerializer)
        options = self.checked.options()
        return lambda document: editing.run_again(document, options, self.user)


class BulkTrash(Bulk):
    gate = "owned_by"
    form = SelectionSerializer

    @extend_schema(operation_id="delete_documents", request=SelectionSerializer, responses=BulkResultSerializer)
    def post(self, request: Request) -> Response:
        """Moves documents of yours to your trash."""
        return self.run(request)

    def prepare(self, wanted: dict[str, Any]) -> Callable[[Document], object]:
        return lambda document: operations.trash(document, self.user)


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
        choices = {name: wanted[name] for name in transcript.CHOICES if name in wanted}
        return media.bundle(self.user, numbers, wanted["formats"], choices)
