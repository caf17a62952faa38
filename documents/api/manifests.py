"""Documents from other institutions, by the addresses of their IIIF manifests."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from documents.ingest import manifest_imports
from documents.models import ImportState, ManifestImport
from documents.webhooks import safe_http

from .base import ApiView
from .filing import folder_to_fill
from .serializers import ErrorSerializer, OptionsSerializer


class NewManifestSerializer(OptionsSerializer):
    manifest = serializers.CharField(max_length=2000, help_text="A public `https://` address.")
    title = serializers.CharField(max_length=255, required=False, help_text="Else the manifest's own.")
    folder = serializers.IntegerField(min_value=1, max_value=2**53, required=False, help_text="A folder's number.")


class LeftOutSerializer(serializers.Serializer[dict[str, Any]]):
    number = serializers.IntegerField(min_value=1, help_text="The canvas' place in the manifest, from 1.")
    label = serializers.CharField(  # type: ignore[assignment]  # of the field, not of this serializer
        allow_blank=True, help_text="Empty if it has none, or a long one."
    )
    images = serializers.IntegerField(
        min_value=0,
        default=0,
        help_text="How many images it has beside its first one, which is a page; 0: none at all, and it is no page.",
    )


class ManifestSerializer(serializers.ModelSerializer[ManifestImport]):
    state = serializers.ChoiceField(ImportState.choices)
    document = serializers.UUIDField(source="document_id", allow_null=True, help_text="Once it is done.")
    left_out = LeftOutSerializer(
        many=True,
        help_text="Once it is done: the canvases that have no image, or others beside the one in the document.",
    )
    error = ErrorSerializer(allow_null=True)
    url = serializers.SerializerMethodField(help_text="Its address in this API.")

    class Meta:
        model = ManifestImport
        fields = [
            "id",
            "manifest",
            "state",
            "pages",
            "pages_fetched",
            "document",
            "left_out",
            "error",
            "created",
            "url",
        ]

    def get_url(self, found: ManifestImport) -> str:
        return reverse("api:manifest", [found.pk], request=self.context["request"])


class Manifests(ApiView):
    problems: ClassVar = {"POST": [422]}

    @extend_schema(operation_id="list_manifests", responses=ManifestSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The last 100 manifests that you had imported, the newest first."""
        return Response(self.shown(ManifestImport.objects.of(self.user)[:100], many=True))

    @extend_schema(operation_id="import_manifest", request=NewManifestSerializer, responses={201: ManifestSerializer})
    def post(self, request: Request) -> Response:
        """Fetches the images that a IIIF manifest names (Presentation 2 or 3), and makes a document of them.

        That takes a while: ask for it until its `state` is `done` or `failed`. OCR then starts by itself.
        """
        sent = NewManifestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        folder = folder_to_fill(wanted.get("folder"), self.user)
        try:
            begun = manifest_imports.begin(
                self.user, wanted["manifest"], sent.options(), title=wanted.get("title", ""), folder=folder
            )
        except safe_http.UnreachableError as error:
            raise ValidationError({"manifest": manifest_imports.why(error)}) from error
        shown = self.shown(begun)
        return Response(shown, status=201, headers={"Location": shown["url"]})

    def shown(self, found: Any, *, many: bool = False) -> Any:
        return ManifestSerializer(found, many=many, context={"request": self.request}).data


class OneManifest(ApiView):
    @extend_schema(operation_id="get_manifest", responses=ManifestSerializer)
    def get(self, request: Request, manifest: UUID) -> Response:
        """A manifest that you had imported, and how far it is."""
        found = get_object_or_404(ManifestImport.objects.of(self.user), pk=manifest)
        return Response(ManifestSerializer(found, context={"request": request}).data)
