"""The pages of a document: listed, turned, put in another order, taken out, moved; documents joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents import editing
from documents.access import editable, owned, visible
from documents.models import Document, Page, PageResult

from . import examples
from .base import ApiView, StrictSerializer
from .documents import listed
from .problems import ProblemError
from .serializers import DocumentSerializer


class Keys(serializers.ListField):
    child = serializers.IntegerField(min_value=1, max_value=2**53)

    def __init__(self, **more: Any) -> None:
        super().__init__(min_length=1, max_length=10_000, **more)


class PageEntrySerializer(serializers.ModelSerializer[Page]):
    """A page of a document, and where it comes from."""

    id = serializers.IntegerField(help_text="Names the page wherever it is moved.")
    state = serializers.CharField(help_text="In the current run.")
    original = serializers.CharField(source="original.sha256", help_text="The SHA-256 of its file.")

    class Meta:
        model = Page
        fields = ["id", "number", "width", "height", "turn", "state", "original", "original_number"]


class PageOrderSerializer(StrictSerializer):
    pages = Keys(help_text="The ids of all pages, in the order that they are to have.")


class PageTurnSerializer(StrictSerializer):
    pages = Keys(help_text="The ids of pages.")
    degrees = serializers.ChoiceField([90, 180, 270], help_text="Clockwise.")


class TakeOutSerializer(StrictSerializer):
    pages = Keys(help_text="The ids of pages.")


class PageMoveSerializer(StrictSerializer):
    pages = Keys(help_text="The ids of pages.")
    to = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Another document of yours; null: a new one."
    )
    before = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**53,
        help_text="The id of the page of that document in front of which they go; null: at its end.",
    )
    title = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=255, help_text="Of a new document."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["to"] is None and attrs["before"] is not None:
            raise serializers.ValidationError({"before": "A new document has no pages yet."})
        return attrs


class JoinSerializer(StrictSerializer):
    documents = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=100, help_text="In this order; they are gone then."
    )


class ArrangingView(ApiView):
    problems: ClassVar = {"POST": [409, 422], "PUT": [409, 422]}

    def arranged(self, change: Callable[[], Any]) -> Any:
        """What ``change`` gives, with its errors as problems."""
        try:
            return change()
        except editing.PagesChangedError:
            message = "These are not, or no longer, pages of the document. List its pages again."
            raise ProblemError(409, "pages-changed", message) from None

    def asked_for(self, form: type[StrictSerializer]) -> dict[str, Any]:
        change = form(data=self.request.data)
        change.is_valid(raise_exception=True)
        return dict(change.validated_data)

    def shown(self, pk: UUID) -> Response:
        document = listed(Document.objects.filter(pk=pk)).get()
        return Response(DocumentSerializer(document, context={"request": self.request}).data)


class Pages(ApiView):
    @extend_schema(operation_id="list_pages", responses=PageEntrySerializer(many=True), examples=[examples.PAGE_ENTRY])
    def get(self, request: Request, pk: UUID) -> Response:
        """The pages of a document in their order."""
        return Response(entries(visible(request, pk)))


class PageOrder(ArrangingView):
    @extend_schema(
        operation_id="order_pages",
        request=PageOrderSerializer,
        responses=PageEntrySerializer(many=True),
        examples=[examples.PAGE_ENTRY],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Puts the pages in another order, with all that was read and written on them."""
        found, wanted = editable(request, pk), self.asked_for(PageOrderSerializer)
        self.arranged(lambda: editing.order_pages(found, wanted["pages"], actor=self.user))
        return Response(entries(found))


class TurnPages(ArrangingView):
    @extend_schema(
        operation_id="turn_pages",
        request=PageTurnSerializer,
        responses=PageEntrySerializer(many=True),
        examples=[examples.PAGE_ENTRY],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Turns pages, with all that was read and written on them. The original stays as it is."""
        found, wanted = editable(request, pk), self.asked_for(PageTurnSerializer)
        self.arranged(lambda: editing.turn_pages(found, wanted["pages"], wanted["degrees"], actor=self.user))
        return Response(entries(found))


class TakeOutPages(ArrangingView):
    @extend_schema(
        operation_id="take_out_pages",
        request=TakeOutSerializer,
        responses=PageEntrySerializer(many=True),
        examples=[examples.PAGE_ENTRY],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Takes pages out. They become a document in your trash, from which you can restore them on the website."""
        found, wanted = owned(request, pk), self.asked_for(TakeOutSerializer)
        self.arranged(lambda: editing.take_out(found, wanted["pages"], actor=self.user))
        return Response(entries(found))


class MovePages(ArrangingView):
    @extend_schema(operation_id="move_pages", request=PageMoveSerializer, responses=DocumentSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Moves pages to another document of yours, or into a new one; answers with that.

        Their texts, corrections and runs go with them. A document whose pages are all moved is gone.
        """
        found, wanted = owned(request, pk), self.asked_for(PageMoveSerializer)
        if wanted["to"] is None:
            new = self.arranged(
                lambda: editing.part_document(found, wanted["pages"], title=wanted["title"], actor=self.user)
            )
            return self.shown(new.pk)
        target = get_object_or_404(Document.objects.owned_by(self.user), pk=wanted["to"])
        self.arranged(lambda: editing.move_pages(found, wanted["pages"], target, wanted["before"], actor=self.user))
        return self.shown(target.pk)


class Join(ArrangingView):
    @extend_schema(operation_id="join_documents", request=JoinSerializer, responses=DocumentSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Adds all pages of other documents of yours to the end of this one. Those documents are gone then."""
        found, wanted = owned(request, pk), self.asked_for(JoinSerializer)["documents"]
        others = Document.objects.owned_by(self.user).in_bulk(wanted)
        if len(others) < len(wanted):
            raise ValidationError({"documents": "One of them is not there, not yours, or named twice."})
        editing.join_documents([found, *(others[key] for key in wanted)], actor=self.user)
        return self.shown(found.pk)


def entries(document: Document) -> list[dict[str, Any]]:
    """The pages as they are now."""
    run = Document.objects.get(pk=document.pk).current_run_id
    results = PageResult.objects.filter(run=run).select_related("page__original").order_by("page__number")
    pages = []
    for page, state in ((result.page, result.state) for result in results.defer("lines", "blocks", "text")):
        page.state = state  # type: ignore[attr-defined]
        pages.append(page)
    return list(PageEntrySerializer(pages, many=True).data)
