"""A page as programs see it: lines, blocks, tables, warnings and codes; and the changes that they ask for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, get_args

from rest_framework import serializers

from documents.blocks.changes import GridChange
from documents.exports.ocrsite_json import as_block
from documents.models import (
    LONGEST_TEXT,
    Correction,
    PageResult,
    State,
    place,
)
from recognition.options import Options
from recognition.page import BlockType
from recognition.page_warnings import MESSAGES

from .base import StrictSerializer
from .serializers import ErrorSerializer


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
