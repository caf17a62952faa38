"""What goes out and comes in, as the schema tells it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from documents.models import (
    LONGEST_TITLE,
    Document,
    Original,
    Run,
    RunState,
)
from recognition import weights
from recognition.options import Options

from .base import StrictSerializer

HELP = {
    "direction": "Direction of writing; `auto` finds out for each page.",
    "script": "Conversion between Simplified and Traditional Chinese, by OpenCC's names; "
    "`auto` converts a page in Simplified to Taiwan's characters and keeps its words; Japanese stays as it is.",
    "preprocess": "Cleaning of the picture before it is read.",
    "layout": "`auto` finds blocks and tables; `table`: the page is one table; `single-line`: it is one line of text, "
    "which is quickest.",
    "text_layer": "`auto` takes the sound text of a born-digital PDF, `ignore` always reads the picture.",
}


def _names(longest: int, help_text: str) -> serializers.ListField:
    """Up to a hundred names; in a form the field is repeated for each."""
    name = serializers.CharField(max_length=longest)
    return serializers.ListField(child=name, max_length=100, required=False, help_text=help_text)


class OptionsSerializer(StrictSerializer):
    """How a document is to be read. What is left out keeps its default."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, values in Options.choices().items():
            fields[name] = serializers.ChoiceField(values, required=False, default=values[0], help_text=HELP[name])
        models = sorted({settings.OCRSITE_MODEL, *weights.installed_models(settings.OCRSITE_WEIGHTS)})
        fields["model"] = serializers.ChoiceField(
            models, required=False, default=settings.OCRSITE_MODEL, help_text="One of the installed models."
        )
        return fields

    def options(self) -> Options:
        """The options chosen; call after ``is_valid()``."""
        return Options.parse({name: self.validated_data[name] for name in self.get_options_names()})

    @staticmethod
    def get_options_names() -> list[str]:
        return [*Options.choices(), "model"]


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a file or a page could not be read."""

    code = serializers.CharField()
    message = serializers.CharField()
    params = serializers.DictField(required=False)


class OriginalSerializer(serializers.ModelSerializer[Original]):
    """A file as it was uploaded, from which pages of a document come."""

    class Meta:
        model = Original
        fields = ["name", "kind", "media_type", "bytes", "sha256", "page_count"]


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document as it stands. Needs the annotations of ``documents.api.documents.listed``."""

    status = serializers.ChoiceField(RunState.choices, source="current_run.state", default=None, allow_null=True)
    pages_done = serializers.IntegerField()
    pages_failed = serializers.IntegerField()
    options = serializers.DictField(child=serializers.CharField(), source="current_run.options", default=dict)
    run = serializers.UUIDField(source="current_run_id", allow_null=True, help_text="The current run.")
    lines = serializers.IntegerField(
        source="current_run.lines_total", default=None, allow_null=True, help_text="To be checked; null: not read yet."
    )
    lines_unchecked = serializers.IntegerField(
        source="current_run.lines_unchecked", default=None, allow_null=True, help_text="Nobody has checked them yet."
    )
    owner = serializers.CharField(source="owner.username")
    folder = serializers.IntegerField(source="folder_id", allow_null=True, help_text="Its number in `folders/`.")
    tags = serializers.ListField(child=serializers.CharField(), source="tags.all")
    kind = serializers.CharField(source="first_original.kind", help_text="Of the first of its originals.")
    media_type = serializers.CharField(source="first_original.media_type", help_text="Of the first of its originals.")
    bytes = serializers.IntegerField(help_text="Of all its originals.")
    sha256 = serializers.CharField(source="first_original.sha256", help_text="Of the first of its originals.")
    originals = OriginalSerializer(many=True)
    rights = serializers.CharField(help_text="The address of a licence or statement, or empty.")
    attribution = serializers.CharField(help_text="Has to be shown with the document, unless it is empty.")
    url = serializers.SerializerMethodField(help_text="Its address in this API.")
    html_url = serializers.SerializerMethodField(help_text="Its address for people.")

    class Meta:
        model = Document
        fields = [
            "id",
            "title",
            "status",
            "page_count",
            "pages_done",
            "pages_failed",
            "options",
            "run",
            "lines",
            "lines_unchecked",
            "owner",
            "folder",
            "tags",
            "kind",
            "media_type",
            "bytes",
            "sha256",
            "originals",
            "rights",
            "attribution",
            "created",
            "url",
            "html_url",
        ]

    def get_url(self, document: Document) -> str:
        return reverse("api:document", [document.pk], request=self.context["request"])

    def get_html_url(self, document: Document) -> str:
        return reverse("documents:document", [document.pk], request=self.context["request"])


class DocumentPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DocumentSerializer(many=True)


class DocumentChangeSerializer(StrictSerializer):
    title = serializers.CharField(max_length=255, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50), max_length=100, required=False, help_text="All that it is to have."
    )
    folder = serializers.IntegerField(
        min_value=1, max_value=2**53, required=False, allow_null=True, help_text="null: in none."
    )


class TakenSerializer(serializers.Serializer[Any]):
    """What became of one file of an upload: a document, or the reason why it was refused."""

    file = serializers.CharField(help_text="The file's name as it was sent.")
    id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField([*RunState.values, "refused"])
    page_count = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    error = ErrorSerializer(allow_null=True)


class DuplicatesSerializer(StrictSerializer):
    duplicates = serializers.ChoiceField(
        ["keep", "refuse"],
        default="keep",
        help_text="Whether bytes that you can see in the archive already are kept a second time, or refused.",
    )


@extend_schema_field(OpenApiTypes.BINARY)
class SentFile(serializers.FileField):
    """A file on its way in."""


class FilingSerializer(StrictSerializer):
    """Where the documents of an upload go, and who else may see them."""

    title = serializers.CharField(
        max_length=LONGEST_TITLE,
        required=False,
        help_text="Of one document; else its file's name.",
    )
    folder = serializers.IntegerField(
        min_value=1, max_value=2**53, required=False, help_text="The number of a folder that you may put things into."
    )
    tags = _names(50, "Repeat the field for each tag.")
    readers = _names(150, "User names of people who may read. Repeat the field for each.")
    editors = _names(150, "User names of people who may read and edit.")
    reading_teams = _names(150, "Names of teams of yours that may read.")
    editing_teams = _names(150, "Names of teams of yours that may read and edit.")


class TogetherSerializer(serializers.Serializer[Any]):
    """Whether files become one document."""

    together = serializers.BooleanField(
        default=False, help_text="Makes one document of all files, with their pages in the order of the fields."
    )


class UploadSerializer(OptionsSerializer, DuplicatesSerializer, FilingSerializer, TogetherSerializer):
    file = serializers.ListField(child=SentFile(), help_text="One or more images or PDFs; repeat the field for each.")
    password = serializers.CharField(
        required=False,
        write_only=True,
        help_text="Opens locked PDFs. They are kept without it, and it is kept nowhere.",
    )


class ImportSerializer(StrictSerializer):
    file = serializers.ListField(
        child=SentFile(), help_text="PAGE XML, ALTO or hOCR, or ZIP archives of these; repeat the field for each."
    )


class ReadAgainSerializer(OptionsSerializer):
    page = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="Reads this page only; the others are taken over from the current run.",
    )


class RunSerializer(serializers.ModelSerializer[Run]):
    """One reading of a document with frozen options. Needs the annotations of ``documents.api.runs``."""

    state = serializers.ChoiceField(RunState.choices)
    options = serializers.DictField(child=serializers.CharField())
    engine = serializers.DictField()
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    seconds = serializers.FloatField(allow_null=True, help_text="Wall time of the work.")
    pages_done = serializers.IntegerField()
    pages_failed = serializers.IntegerField()
    current = serializers.SerializerMethodField(help_text="Whether its text is the document's.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = [
            "id",
            "state",
            "options",
            "engine",
            "requested_by",
            "created",
            "started",
            "finished",
            "seconds",
            "pages_done",
            "pages_failed",
            "current",
            "url",
        ]

    def get_current(self, run: Run) -> bool:
        return run.document.current_run_id == run.pk

    def get_url(self, run: Run) -> str:
        return reverse("api:run", [run.document_id, run.pk], request=self.context["request"])
