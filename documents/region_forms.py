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

from .editing import Drawing
from .models import Page

DIRECTIONS = Options.choices()["direction"]
SMALLEST = 4
"""Pixels: what is less wide or high was no rectangle but a click."""

LONGEST = 10_000


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


class DrawnForm(forms.Form):
    """Lines that somebody drew on a page. ``seen``: the corrections on it that they were looking at."""

    lines = JSONField()
    seen = JSONField(required=False)

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean_lines(self) -> list[Drawing]:
        lines = self.cleaned_data["lines"]
        if not isinstance(lines, list) or not lines:
            raise ValidationError(_("There is no line to keep."))
        return [self._drawing(line) for line in lines]

    def clean_seen(self) -> list[int]:
        seen = self.cleaned_data["seen"] or []
        if not isinstance(seen, list) or not all(isinstance(number, int) for number in seen):
            raise ValidationError(_("This takes the numbers of corrections."))
        return seen

    def _drawing(self, line: Any) -> Drawing:
        try:
            a, b, c, d = ((float(x), float(y)) for x, y in line["polygon"])
            text, direction = str(line["text"]).strip(), line["direction"]
            sound = all(math.isfinite(value) for point in (a, b, c, d) for value in point)
            sound &= "\0" not in text and bool(text.encode())  # half a surrogate pair is a ValueError
        except (TypeError, ValueError, KeyError, OverflowError):
            sound = False
        if not sound or len(text) > LONGEST or direction not in ("horizontal", "vertical-rl"):
            raise ValidationError(_("A line takes four corners, a text and a direction."))
        return Drawing(on_page((a, b, c, d), self.page), text, direction)


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
