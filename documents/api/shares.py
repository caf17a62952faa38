"""With whom a document is shared."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents.access import owned
from documents.library import operations
from documents.models import Share

from . import examples
from .base import ApiView
from .serializers import ShareChangeSerializer, ShareSerializer


class Shares(ApiView):
    problems: ClassVar = {"POST": [422]}

    @extend_schema(
        operation_id="list_shares", responses=ShareSerializer(many=True), examples=[examples.SHARE, examples.INHERITED]
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The shares of your document, its own and those of its folders."""
        document = owned(request, pk)
        folders = document.folder.reaching_shares().values("pk") if document.folder else Share.objects.none()
        shares = Share.objects.filter(Q(document=document) | Q(pk__in=folders)).select_related("user", "team")
        return Response(ShareSerializer(shares, many=True).data)

    @extend_schema(
        operation_id="share_document",
        request=ShareChangeSerializer,
        responses={201: ShareSerializer},
        examples=[examples.SHARING, examples.SHARE],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Shares your document with a person or one of your teams. An existing share with them is changed."""
        document = owned(request, pk)
        change = ShareChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        wanted = change.validated_data
        user = self._person(wanted["user"]) if "user" in wanted else None
        team = self._team(wanted["team"]) if "team" in wanted else None
        share = operations.share(document, self.user, user=user, team=team, may_edit=wanted["may_edit"])
        return Response(ShareSerializer(share).data, status=201)

    def _person(self, name: str) -> User:
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise ValidationError({"user": "Nobody has this name. Write it exactly as the person does to log in."})
        return found

    def _team(self, name: str) -> Group:
        found = self.user.groups.filter(name=name).first()
        if found is None:
            raise ValidationError({"team": "You are in no team of this name."})
        return found


class OneShare(ApiView):
    @extend_schema(operation_id="unshare_document", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID, share: int) -> Response:
        """Deletes a share of the document. Shares of folders cannot be deleted here."""
        shares = owned(request, pk).shares.select_related("user", "team", "document", "folder")
        operations.unshare(get_object_or_404(shares, pk=share), self.user)
        return Response(status=204)
