"""Forms of what people mark on a page, checked against it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recognition.errors import OptionError
from recognition.geometry import BBox, Polygon, bounds, corners
from recognition.options import Options, polygon_as_string, polygon_from
from recognition.page import Block, BlockType, Table

from .blocks.changes import GridChange
from .editing import Drawing, DrawnTable, LineChange
from .models import Page

DIRECTIONS = Options.choices()["direction"]
SMALLEST = 4
"""Pixels: what is less wide or high was no rectangle but a click."""

MOST_CELLS = 10_000
"""Of a table."""

MOST_CHANGES = 2**31 - 1
"""What the database counts up to."""


def on_page(polygon: Polygon, page: Page) -> Polygon:
    """``polygon`` without what lies outside of the page. Raises ValidationError if hardly anything is left."""
    width, height = page.width or 0, page.height or 0
    a, b, c, d = ((min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))) for x, y in polygon)
    xs, ys = zip(a, b, c, d, strict=True)
    if min(max(xs) - min(xs), max(ys) - min(ys)) < SMALLEST:
        raise ValidationError(_("Select a larger region."))
    return a, b, c, d


class JSONField(forms.JSONField):
    """Refuses also what is too deep, or has too many digits, to be read."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class RegionForm(forms.Form):
    """A part of a page to be read, and how. ``region``: its corners, as SVG writes them."""

    region = forms.CharField()
    direction = forms.ChoiceField(choices=[(value, value) for value in DIRECTIONS], required=False)
    script = forms.ChoiceField(choices=[(value, value) for value in Options.choices()["script"]], required=False)
    is_table = forms.BooleanField(required=False)

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean_region(self) -> str:
        try:
            polygon = polygon_from(self.cleaned_data["region"])
        except OptionError as error:
            raise ValidationError(error.message) from None
        return polygon_as_string(on_page(polygon, self.page))

    def options(self, usual: Mapping[str, str]) -> Options:
        """The ``usual`` options with what was chosen; call after ``is_valid()``."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value and name != "is_table"}
        return Options.parse({**usual, "layout": "table" if self.cleaned_data["is_table"] else "auto", **chosen})


class ChangesForm(forms.Form):
    """What somebody changed on a page: ``changes`` of its lines, and ``drawings`` of new ones.

    ``seen``: the corrections on it that they were looking at while they drew.
    """

    changes = JSONField(required=False)
    drawings = JSONField(required=False)
    seen = JSONField(required=False)

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean_changes(self) -> list[LineChange]:
        return [self._change(each) for each in self._list("changes")]

    def clean_drawings(self) -> list[Drawing]:
        return [self._drawing(each) for each in self._list("drawings")]

    def clean_seen(self) -> list[int]:
        seen = self._list("seen")
        if not all(isinstance(number, int) for number in seen):
            raise ValidationError(_("This takes the numbers of corrections."))
        return seen

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.cleaned_data["changes"] and not self.cleaned_data["drawings"]:
            raise ValidationError(_("There is no line to keep."))
        return self.cleaned_data

    def _list(self, name: str) -> list[Any]:
        values = self.cleaned_data[name] or []
        if not isinstance(values, list):
            raise ValidationError(_("This takes a list of lines."))
        return values

    def _change(self, change: Any) -> LineChange:
        try:
            key, text, seen = change["line"], _text(change["text"]), change["seen"]
            polygon, direction = change.get("polygon"), change.get("direction")
            corners = _corners(polygon) if polygon else None
            sound = isinstance(key, str) and (seen is None or isinstance(seen, int))
        except (TypeError, ValueError, KeyError, OverflowError, AttributeError):
            sound = False
        if not sound or direction not in (None, "horizontal", "vertical-rl"):
            raise ValidationError(_("A change takes a line, a text and the correction that was seen."))
        moved = on_page(corners, self.page) if corners else None
        return LineChange(f"{self.page.number}-{key}", text, seen, moved, direction)

    def _drawing(self, line: Any) -> Drawing:
        try:
            polygon, text, direction = _corners(line["polygon"]), _text(line["text"]), line["direction"]
            sound = direction in ("horizontal", "vertical-rl")
        except (TypeError, ValueError, KeyError, OverflowError):
            sound = False
        if not sound:
            raise ValidationError(_("A line takes four corners, a text and a direction."))
        return Drawing(on_page(polygon, self.page), text, direction)


def _corners(values: Any) -> Polygon:
    """Four finite corners. Raises ValueError, TypeError or OverflowError."""
    a, b, c, d = ((float(x), float(y)) for x, y in values)
    if not all(math.isfinite(value) for point in (a, b, c, d) for value in point):
        raise ValueError(values)
    return a, b, c, d


def _text(value: Any) -> str:
    """A text that a database keeps. Raises ValueError."""
    text = str(value).strip()
    if "\0" in text:
        raise ValueError(text)
    text.encode()  # half a surrogate pair is a ValueError
    return text


class TableForm(ChangesForm):
    """A table that somebody had read in a region.

    ``drawings``: its lines, each also with its text as it was ``read``. ``table``: a block, as ``Block.to_dict`` writes
    it, whose cells number them. ``arrangement``: the one that they were looking at.
    """

    table = JSONField()
    arrangement = forms.IntegerField(min_value=0, max_value=MOST_CHANGES)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.errors:
            return self.cleaned_data
        lines = self.cleaned_data["drawings"]
        try:
            block = Block.from_dict({"type": "table", "lines": [], **self.cleaned_data["table"]})
            table = self._grid(block.table, len(lines))
            read = [str(line.get("read", "")) for line in json.loads(self.data["drawings"])]
            self.cleaned_data["drawn"] = DrawnTable(self._box(block.box), lines, read, table)
        except (TypeError, ValueError, KeyError, OverflowError, AttributeError):
            raise ValidationError(_("A table takes a box and rows of cells.")) from None
        return self.cleaned_data

    def _grid(self, table: Table | None, count: int) -> Table:
        """``table``, its cells on the page and with each of ``count`` lines once at most. Raises ValueError."""
        if table is None:
            raise ValueError
        cells = [cell for row in table.rows for cell in row]
        held = [index for cell in cells for index in cell.lines]
        spans = [span for cell in cells for span in (cell.rowspan, cell.colspan)]
        sound = all(type(number) is int for number in [*held, *spans]) and len(held) == len(set(held))
        if not sound or not 0 < len(cells) <= MOST_CELLS or not all(0 <= index < count for index in held):
            raise ValueError
        if not all(1 <= span <= MOST_CELLS for span in spans):
            raise ValueError
        rows = (tuple(replace(cell, box=self._box(cell.box)) for cell in row) for row in table.rows)
        return Table(tuple(rows))

    def _box(self, box: BBox) -> BBox:
        if not all(math.isfinite(side) for side in box):
            raise ValueError
        return bounds(on_page(corners(box), self.page))


class OrderForm(forms.Form):
    """An order for the lines of a page: their keys, the direction in which it is written, or an earlier version.

    None of them: as it was read.
    """

    lines = JSONField(required=False)
    direction = forms.ChoiceField(choices=[(value, value) for value in DIRECTIONS], required=False)
    version = forms.IntegerField(min_value=0, max_value=MOST_CHANGES, required=False)
    seen = forms.IntegerField(max_value=MOST_CHANGES)

    def clean_lines(self) -> list[str]:
        lines = self.cleaned_data["lines"] or []
        if not isinstance(lines, list) or not all(isinstance(key, str) for key in lines):
            raise ValidationError(_("An order takes the keys of lines."))
        return lines


class BlockForm(forms.Form):
    """What becomes of a block: a ``kind``, a ``position`` (from 1), or a ``change`` of its grid ``at`` (from 0)."""

    kind = forms.ChoiceField(choices=[(value, value) for value in get_args(BlockType)], required=False)
    position = forms.IntegerField(min_value=1, max_value=MOST_CHANGES, required=False)
    change = forms.ChoiceField(choices=[(value, value) for value in get_args(GridChange)], required=False)
    at = forms.IntegerField(min_value=0, max_value=MOST_CHANGES, required=False)
    seen = forms.IntegerField(max_value=MOST_CHANGES)

    def clean(self) -> dict[str, Any]:
        given = [name for name in ("kind", "position", "change") if self.cleaned_data.get(name)]
        if len(given) != 1 or ("change" in given and self.cleaned_data.get("at") is None):
            raise ValidationError(_("This takes a kind, a position, or a change of a table."))
        return self.cleaned_data
