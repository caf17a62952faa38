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
from rest_framework.reverse import reverse

from documents.access import owned
from documents.library import links, operations, people
from documents.models import Document, Folder, RefusedError, Share, ShareLink

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

    user = serializers.CharField(
        max_length=300, required=False, help_text="Their login name or, as the site allows, mail address or full name."
    )
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
    """Who has this name, as ``people.find`` finds them; a ValidationError of ``field`` for nobody and for several."""
    try:
        return people.find(name)
    except RefusedError as refused:
        raise ValidationError({field: str(refused)}) from None


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


class LinkSerializer(serializers.ModelSerializer[ShareLink]):
    """A link by which people without an account read the document."""

    has_password = serializers.BooleanField(source="password")
    url = serializers.SerializerMethodField(help_text="Its address, for people.")

    class Meta:
        model = ShareLink
        fields = ["id", "name", "created", "expires", "has_password", "may_export", "last_opened", "url"]

    def get_url(self, link: ShareLink) -> str:
        return reverse("documents:link", [link.token], request=self.context["request"])


class NewLinkSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80, required=False, allow_blank=True, help_text="A note for the owner.")
    days = serializers.IntegerField(min_value=1, max_value=links.LONGEST_DAYS, help_text="How long it holds.")
    password = serializers.CharField(
        min_length=links.SHORTEST_PASSWORD, max_length=128, required=False, trim_whitespace=False
    )
    may_export = serializers.BooleanField(default=False, help_text="Whether the text can be downloaded.")


class Links(ApiView):
    problems: ClassVar = {"POST": [422]}

    @extend_schema(operation_id="list_links", responses=LinkSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """The links to your document that nobody has ended."""
        listed = owned(request, pk).links.listed()
        return Response(LinkSerializer(listed, many=True, context={"request": request}).data)

    @extend_schema(operation_id="make_link", request=NewLinkSerializer, responses={201: LinkSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Makes a link by which people without an account read your document for a time."""
        document = owned(request, pk)
        asked = NewLinkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = links.make(document, self.user, **asked.validated_data)
        return Response(LinkSerializer(made, context={"request": request}).data, status=201)


class OneLink(ApiView):
    @extend_schema(operation_id="end_link", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID, link: UUID) -> Response:
        """Ends a link at once."""
        links.end(get_object_or_404(owned(request, pk).links.listed(), pk=link), self.user)
        return Response(status=204)


class OneShare(ApiView):
    @extend_schema(operation_id="unshare_document", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID, share: int) -> Response:
        """Deletes a share of the document. Shares of folders cannot be deleted here."""
        shares = owned(request, pk).shares.select_related("user", "team", "document", "folder")
        operations.unshare(get_object_or_404(shares, pk=share), self.user)
        return Response(status=204)
