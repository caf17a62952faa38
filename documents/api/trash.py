"""The trash: documents that their owner has deleted, and can restore or delete for good."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from documents import editing
from documents.library import operations
from documents.models import Document

from .base import ApiView, NewestFirstPagination, PageQuery
from .documents import listed
from .serializers import DocumentPageSerializer, DocumentSerializer


class TrashedSerializer(DocumentSerializer):
    class Meta(DocumentSerializer.Meta):
        fields = [*DocumentSerializer.Meta.fields, "trashed"]


class TrashPageSerializer(DocumentPageSerializer):
    results = TrashedSerializer(many=True)


class Trash(ApiView):
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(operation_id="list_trash", responses=TrashPageSerializer)
    def get(self, request: Request) -> Response:
        """Documents that you have deleted, the newest first."""
        pages = NewestFirstPagination()
        shown = pages.paginate_queryset(listed(Document.objects.trash_of(self.user)), request, self)
        return pages.get_paginated_response(TrashedSerializer(shown, many=True, context={"request": request}).data)


class Trashed(ApiView):
    @extend_schema(operation_id="delete_for_good", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Deletes a document in your trash, its file and its text. Nobody can restore it."""
        operations.delete_for_good(get_object_or_404(Document.objects.trash_of(self.user), pk=pk), self.user)
        return Response(status=204)


class Restore(ApiView):
    @extend_schema(operation_id="restore_document", request=None, responses=DocumentSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Restores a document from your trash to where it was."""
        editing.restore(get_object_or_404(Document.objects.trash_of(self.user), pk=pk), self.user)
        restored = listed(Document.objects.filter(pk=pk)).get()
        return Response(DocumentSerializer(restored, context={"request": request}).data)
