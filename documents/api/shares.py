"""With whom a document is shared."""

from __future__ import annotations

from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents.access import owned
from documents.library import operations
from documents.models import Document, Folder, Share

from . import examples
from .base import ApiView, StrictSerializer


class ShareSerializer(serializers.ModelSerializer[Share]):
    """Leave for a person or a team to read, or to edit."""

    user = serializers.CharField(
        source="user.username", default=None, allow_null=True, help_text="A user name; null: it is a team."
    )
    team = serializers.CharField(
        source="team.name", default=None, allow_null=True, help_text="A team's name; null: it is a person."
    )
    folder = serializers.IntegerField(
        source="folder_id",
        allow_null=True,
        help_text="The folder that is shared, in which the document lies; else null.",
    )

    class Meta:
        model = Share
        fields = ["id", "user", "team", "may_edit", "folder", "created"]


class ShareChangeSerializer(StrictSerializer):
    """Either ``user`` or ``team``."""

    user = serializers.CharField(max_length=150, required=False, help_text="The name by which they log in.")
    team = serializers.CharField(max_length=150, required=False, help_text="The name of a team that you are in.")
    may_edit = serializers.BooleanField(default=False, help_text="Else they may read only.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("user" in attrs) == ("team" in attrs):
            raise serializers.ValidationError("Name a user or a team, one at a time.")
        return attrs

    def grantee(self, user: User) -> dict[str, Any]:
        """As ``operations.share`` takes it from ``user``; call after ``is_valid()``. Raises ValidationError."""
        wanted = self.validated_data
        whom = (
            {"user": named_person(wanted["user"])} if "user" in wanted else {"team": named_team(wanted["team"], user)}
        )
        return whom | {"may_edit": wanted["may_edit"]}


def named_person(name: str, field: str = "user") -> User:
    """Who logs in by this name; a ValidationError of ``field`` if nobody does."""
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise ValidationError({field: "Nobody has this name. Write it exactly as the person does to log in."})
    return found


def named_team(name: str, user: User, field: str = "team") -> Group:
    """The team of this name that ``user`` is in; a ValidationError of ``field`` if there is none."""
    found = user.groups.filter(name=name).first()
    if found is None:
        raise ValidationError({field: "You are in no team of this name."})
    return found


def shared_with(shared_object: Document | Folder, request: Request) -> Response:
    """Shares it as the request says. An existing share with the same person or team is changed."""
    user = cast(User, request.user)
    change = ShareChangeSerializer(data=request.data)
    change.is_valid(raise_exception=True)
    share = operations.share(shared_object, user, **change.grantee(user))
    return Response(ShareSerializer(share).data, status=201)


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
        return shared_with(owned(request, pk), request)


class OneShare(ApiView):
    @extend_schema(operation_id="unshare_document", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID, share: int) -> Response:
        """Deletes a share of the document. Shares of folders cannot be deleted here."""
        shares = owned(request, pk).shares.select_related("user", "team", "document", "folder")
        operations.unshare(get_object_or_404(shares, pk=share), self.user)
        return Response(status=204)
