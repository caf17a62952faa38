"""Folders: listed, made, renamed, moved, shared and deleted; and the tags there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from documents.library import operations
from documents.models import Document, Folder, Tag

from .base import ApiView, StrictSerializer
from .shares import ShareChangeSerializer, ShareSerializer, shared_with

if TYPE_CHECKING:
    from rest_framework.request import Request


class FolderSerializer(serializers.ModelSerializer[Folder]):
    """A folder of one's own, or one that is shared with oneself."""

    owner = serializers.CharField(source="owner.username")
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = Folder
        fields = ["id", "name", "parent", "owner"]


class TagSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    documents = serializers.IntegerField(help_text="Documents that you may see with it.")


class FolderChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=100, required=False)
    parent = serializers.IntegerField(  # type: ignore[assignment]  # REST framework uses the name too
        min_value=1, max_value=2**53, required=False, allow_null=True, help_text="null: at the top."
    )


class NewFolderSerializer(FolderChangeSerializer):
    name = serializers.CharField(max_length=100)


class FolderDeletionQuery(StrictSerializer):
    with_contents = serializers.BooleanField(
        default=False, help_text="Also deletes the folders inside it, and moves your documents in it to the trash."
    )


class Folders(ApiView):
    problems: ClassVar = {"POST": [422]}

    @extend_schema(operation_id="list_folders", responses=FolderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The folders that you may see."""
        folders = Folder.objects.visible_to(self.user).select_related("owner").order_by("path")
        return Response(FolderSerializer(folders, many=True).data)

    @extend_schema(operation_id="make_folder", request=NewFolderSerializer, responses={201: FolderSerializer})
    def post(self, request: Request) -> Response:
        """Makes a folder of yours, at the top or in another folder of yours."""
        form = NewFolderSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        made = Folder.create(self.user, wanted["name"], own_folder(self, wanted.get("parent")))
        return Response(FolderSerializer(made).data, status=201)


class OneFolder(ApiView):
    problems: ClassVar = {"PATCH": [422], "DELETE": [422]}
    queries: ClassVar = {"DELETE": FolderDeletionQuery}

    @extend_schema(operation_id="get_folder", responses=FolderSerializer)
    def get(self, request: Request, folder: int) -> Response:
        """A folder that you may see."""
        found = get_object_or_404(Folder.objects.visible_to(self.user).select_related("owner"), pk=folder)
        return Response(FolderSerializer(found).data)

    @extend_schema(operation_id="change_folder", request=FolderChangeSerializer, responses=FolderSerializer)
    def patch(self, request: Request, folder: int) -> Response:
        """Renames a folder of yours, or moves it into another one."""
        found = owned_folder(self, folder)
        change = FolderChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        wanted = change.validated_data
        with transaction.atomic():
            if "parent" in wanted:
                found.move(own_folder(self, wanted["parent"]))
            if "name" in wanted:
                found.rename(wanted["name"])
        return Response(FolderSerializer(found).data)

    @extend_schema(operation_id="delete_folder", request=None, responses={204: None})
    def delete(self, request: Request, folder: int) -> Response:
        """Deletes a folder of yours. Without `with_contents` it must be empty. Documents of others leave it."""
        operations.delete_folder(owned_folder(self, folder), self.user, with_contents=self.asked["with_contents"])
        return Response(status=204)


class FolderShares(ApiView):
    problems: ClassVar = {"POST": [422]}

    @extend_schema(operation_id="list_folder_shares", responses=ShareSerializer(many=True))
    def get(self, request: Request, folder: int) -> Response:
        """The shares that reach your folder: its own, and those of the folders that it lies in."""
        shares = owned_folder(self, folder).reaching_shares().select_related("user", "team")
        return Response(ShareSerializer(shares, many=True).data)

    @extend_schema(operation_id="share_folder", request=ShareChangeSerializer, responses={201: ShareSerializer})
    def post(self, request: Request, folder: int) -> Response:
        """Shares your folder, and all that is in it. An existing share with them is changed."""
        return shared_with(owned_folder(self, folder), request)


class OneFolderShare(ApiView):
    @extend_schema(operation_id="unshare_folder", request=None, responses={204: None})
    def delete(self, request: Request, folder: int, share: int) -> Response:
        """Deletes a share of your folder."""
        shares = owned_folder(self, folder).shares.select_related("user", "team", "document", "folder")
        operations.unshare(get_object_or_404(shares, pk=share), self.user)
        return Response(status=204)


class Tags(ApiView):
    @extend_schema(operation_id="list_tags", responses=TagSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The tags of the documents that you may see, each with how many have it."""
        visible = Document.objects.visible_to(self.user)
        tags = Tag.objects.filter(documents__in=visible).annotate(count=Count("documents", distinct=True))
        shown = [{"name": tag.name, "documents": tag.count} for tag in tags]
        return Response(TagSerializer(shown, many=True).data)


def owned_folder(view: ApiView, number: int) -> Folder:
    """404 for a stranger, PermissionDenied for somebody with whom it is shared."""
    found = get_object_or_404(Folder.objects.visible_to(view.user).select_related("owner"), pk=number)
    if found.owner_id != view.user.pk:
        raise PermissionDenied
    return found


def own_folder(view: ApiView, number: int | None) -> Folder | None:
    """The folder of the user's own of this number, None for None; a ValidationError of ``parent`` otherwise."""
    if number is None:
        return None
    found = Folder.objects.owned_by(view.user).filter(pk=number).first()
    if found is None:
        raise ValidationError({"parent": "You have no such folder."})
    return found
