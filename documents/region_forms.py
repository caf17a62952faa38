"""Forms of what people mark on a page, checked against it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recognition.errors import OptionError
from recognition.geometry import Polygon
from recognition.page import Options, polygon_as_string, polygon_from

from .editing import Drawing, LineChange
from .models import Page

DIRECTIONS = Options.choices()["direction"]
SMALLEST = 4
"""Pixels: what is less wide or high was no rectangle but a click."""

LONGEST = 10_000
MOST_LINES = 10_000


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
        return Options.parse({**usual, **{name: value for name, value in self.cleaned_data.items() if value}})


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
        if not isinstance(values, list) or len(values) > MOST_LINES:
            raise ValidationError(_("This takes a list of at most 10,000 lines."))
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
    if "\0" in text or len(text) > LONGEST:
        raise ValueError(text)
    text.encode()  # half a surrogate pair is a ValueError
    return text


class OrderForm(forms.Form):
    """An order for the lines of a page: their keys, or the direction in which it is written; neither: as read."""

    lines = JSONField(required=False)
    direction = forms.ChoiceField(choices=[(value, value) for value in DIRECTIONS], required=False)
    seen = forms.IntegerField()

    def clean_lines(self) -> list[str]:
        lines = self.cleaned_data["lines"] or []
        if not isinstance(lines, list) or not all(isinstance(key, str) for key in lines):
            raise ValidationError(_("An order takes the keys of lines."))
        return lines
