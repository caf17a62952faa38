"""What goes out and comes in, as the schema tells it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, get_args

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from documents.blocks.changes import GridChange
from documents.exports.ocrsite_json import as_block
from documents.models import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Correction,
    Document,
    Original,
    PageResult,
    Run,
    RunState,
    Scope,
    State,
    place,
)
from recognition import weights
from recognition.page import BlockType, Options
from recognition.page_warnings import MESSAGES

from .base import StrictSerializer

HELP = {
    "direction": "Direction of writing; `auto` finds out for each page.",
    "script": "Conversion between Simplified and Traditional Chinese, by OpenCC's names; "
    "`auto` converts a page in Simplified to Taiwan's characters and keeps its words; Japanese stays as it is.",
    "preprocess": "Cleaning of the picture before it is read.",
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


class DoubtSerializer(serializers.Serializer[Any]):
    """A character that the engine is not sure of."""

    index = serializers.IntegerField(help_text="In `raw`, counted from 0.")
    confidence = serializers.FloatField(min_value=0, max_value=1)
    candidates = serializers.ListField(
        child=serializers.CharField(), help_text="What may stand there instead, the likeliest first."
    )


class LineSerializer(serializers.Serializer[Any]):
    """One text line as it stands. Coordinates are pixels of the page image, origin top left."""

    id = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    raw = serializers.CharField(allow_blank=True, help_text="As the engine read it.")
    corrected = serializers.CharField(allow_blank=True, allow_null=True, help_text="As a person wrote it.")
    confidence = serializers.FloatField(min_value=0, max_value=1)
    polygon = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        min_length=4,
        max_length=4,
    )
    direction = serializers.ChoiceField(["horizontal", "vertical-rl"])
    doubts = DoubtSerializer(many=True)
    checked = serializers.BooleanField(help_text="Whether a person has checked it; what was corrected by hand is.")
    version = serializers.CharField(help_text="Changes with each correction; for `If-Match`, in double quotes.")


class WarningSerializer(serializers.Serializer[Any]):
    """Something on a page that is not read as it should be."""

    code = serializers.CharField(help_text="Stable: " + ", ".join(f"`{code}`" for code in MESSAGES) + ".")
    message = serializers.CharField(help_text="A sentence for people, with what can be done.")
    box = serializers.ListField(
        child=serializers.FloatField(),
        min_length=4,
        max_length=4,
        allow_null=True,
        help_text="Left, top, right, bottom, in pixels of the page image; null: all of the page.",
    )


class CodeSerializer(serializers.Serializer[Any]):
    """A QR code or bar code on a page."""

    format = serializers.CharField(help_text="`QRCode` or `Code39`.")
    text = serializers.CharField()
    box = serializers.ListField(
        child=serializers.FloatField(),
        min_length=4,
        max_length=4,
        help_text="Left, top, right, bottom, in pixels of the page image.",
    )


class TaxIdSerializer(serializers.Serializer[Any]):
    """A 統一編號."""

    number = serializers.CharField()
    checksum_valid = serializers.BooleanField(help_text="Whether its check digit is right.")


class InvoiceItemSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    quantity = serializers.CharField(help_text="A decimal number, as it is written in the code.")
    unit_price = serializers.CharField(help_text="A decimal number, as it is written in the code.")


class InvoiceSerializer(serializers.Serializer[Any]):
    """An electronic invoice (電子發票), as its QR codes describe it. These values are exact."""

    number = serializers.CharField()
    date = serializers.DateField()
    random_code = serializers.CharField()
    sales_amount = serializers.IntegerField(help_text="Without tax, in NT$; 0: not stated apart from the total.")
    total_amount = serializers.IntegerField(help_text="In NT$.")
    seller = TaxIdSerializer()
    buyer = TaxIdSerializer(allow_null=True, help_text="null: a consumer.")
    item_count = serializers.IntegerField(
        allow_null=True, help_text="Items of the invoice in all. The codes may have room for fewer."
    )
    items = InvoiceItemSerializer(many=True)


class BoxField(serializers.ListField):
    child = serializers.FloatField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_length=4, max_length=4, help_text="Left, top, right, bottom, in pixels of the page image.", **kwargs
        )


class CellSerializer(serializers.Serializer[Any]):
    """A cell of a table, in the row and at the column where it begins, as in HTML."""

    text = serializers.CharField(allow_blank=True, help_text="Its lines joined.")
    rowspan = serializers.IntegerField(min_value=1)
    colspan = serializers.IntegerField(min_value=1)
    box = BoxField()
    lines = serializers.ListField(child=serializers.CharField(), help_text="The ids of its lines, in reading order.")


class TableSerializer(serializers.Serializer[Any]):
    rows = serializers.ListField(child=CellSerializer(many=True))


class BlockSerializer(serializers.Serializer[Any]):
    """A part of a page that is read as one: a paragraph, a heading, a table, a figure."""

    id = serializers.CharField(help_text="Its name, until somebody arranges the page anew.")
    type = serializers.ChoiceField(get_args(BlockType))
    box = BoxField()
    lines = serializers.ListField(child=serializers.CharField(), help_text="The ids of its lines, in reading order.")
    table = TableSerializer(allow_null=True)


class PageSerializer(serializers.Serializer[Any]):
    """One page of a run with its lines and blocks in reading order."""

    number = serializers.IntegerField(min_value=1)
    run = serializers.UUIDField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(State.choices)
    checked = serializers.BooleanField(help_text="Whether a person has checked all of it.")
    error = ErrorSerializer(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    seconds = serializers.FloatField(allow_null=True)
    warnings = WarningSerializer(many=True)
    codes = CodeSerializer(many=True)
    invoices = InvoiceSerializer(many=True)
    lines = LineSerializer(many=True)
    blocks = BlockSerializer(
        many=True, help_text="The parts of the page; none if it was read before there were blocks."
    )
    order_version = serializers.CharField(
        help_text="Changes with each edit of the order or of a block; for `If-Match`, in double quotes."
    )
    order_mended = serializers.BooleanField(help_text="Whether somebody has edited the order or the blocks.")
    image = serializers.CharField(allow_null=True, help_text="Address of the page image, once there is one.")


class LineChangeSerializer(StrictSerializer):
    text = serializers.CharField(
        allow_blank=True, trim_whitespace=False, max_length=LONGEST_TEXT, help_text="Empty: the line is no text at all."
    )


class CheckSerializer(StrictSerializer):
    """The lines that a person has seen. Without ``lines``: all of the page as it stands."""

    lines = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=10_000),
        required=False,
        help_text="By their ids, the text that was seen. A line that says something else by now is not marked.",
    )


class OrderChangeSerializer(StrictSerializer):
    """One of ``lines``, ``direction`` and ``version``."""

    lines = serializers.ListField(
        child=serializers.CharField(max_length=50),
        min_length=1,
        max_length=10_000,
        required=False,
        help_text="The ids of the lines, in order. One that is left out follows the line that it follows on the page.",
    )
    direction = serializers.ChoiceField(
        Options.choices()["direction"], required=False, help_text="Orders the lines as on a page written so."
    )
    version = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text="An earlier `order_version`: takes back all changes of order and blocks since. 0: as it was read.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Send lines, a direction or a version, one of the three.")
        return attrs


class BlockChangeSerializer(StrictSerializer):
    """Either ``type`` or ``position``."""

    type = serializers.ChoiceField(
        get_args(BlockType), required=False, help_text="What it is. A block that becomes a table gets a grid."
    )
    position = serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, help_text="As which block of the page it is read, from 1."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Send a type or a position, one of the two.")
        return attrs


class GridChangeSerializer(StrictSerializer):
    change = serializers.ChoiceField(
        get_args(GridChange),
        help_text="Lines of a row or column that is deleted become a block of text beside the table.",
    )
    at = serializers.IntegerField(
        min_value=0, max_value=10_000, help_text="The row or column to delete, or before which to add one, from 0."
    )


class PieceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    found = serializers.BooleanField(help_text="Whether it is what was searched.")


class HitSerializer(serializers.Serializer[Any]):
    """A page, or a title with its tags, that says what was searched."""

    document = serializers.UUIDField()
    title = serializers.CharField()
    page = serializers.IntegerField(allow_null=True, help_text="null where the title or the tags say it")
    run = serializers.UUIDField(allow_null=True)
    lines = serializers.ListField(child=serializers.CharField(), help_text="The ids of the lines that say it.")
    snippet = PieceSerializer(many=True)
    url = serializers.CharField(help_text="The page, or the document, in this API.")
    html_url = serializers.CharField()


class HitPageSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Counted up to 1000.")
    more = serializers.BooleanField(help_text="Whether there are more than `total`.")
    next = serializers.URLField(allow_null=True)
    results = HitSerializer(many=True)


class TokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    scope = serializers.ChoiceField(Scope.choices)
    expires = serializers.DateTimeField()


class MeSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    token = TokenSerializer(source="auth", allow_null=True, help_text="null for a person who is logged in")
    max_bytes = serializers.IntegerField(help_text="The largest file that is taken.")
    max_pages = serializers.IntegerField(help_text="The most pages of one file.")
    requests_per_minute = serializers.IntegerField()
    version = serializers.CharField(help_text="The version of the platform.")


def line_version(correction: Correction | None) -> str:
    """Names the state of a line: the number of the correction that holds there, 0 where nobody corrected it."""
    return str(correction.pk if correction else 0)


def page_state(result: PageResult) -> dict[str, Any]:
    """A page as it stands: its lines, each with its version, its blocks, and how people arranged it."""
    edits = result.edits()
    placement = place(result.page.number, result.read_lines(), edits.corrections)
    page, holding = result.standing(placement, edits.arrangement, edits.check), placement.by_line
    lines = [
        {
            "id": line.id,
            "text": line.text,
            "raw": line.line.raw,
            "corrected": line.corrected,
            "confidence": line.line.confidence,
            "polygon": line.line.polygon,
            "direction": line.line.direction,
            "doubts": [asdict(doubt) for doubt in line.line.doubts],
            "checked": line.checked,
            "version": line_version(holding.get(line.id)),
        }
        for line in page.lines
    ]
    return {
        "text": page.text,
        "lines": lines,
        "blocks": [as_block(block) for block in page.blocks],
        "order_version": str(edits.arrangement.number if edits.arrangement else 0),
        "order_mended": edits.arrangement is not None and not edits.arrangement.is_as_read,
    }
