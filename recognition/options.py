"""How to read a document: the options that the pages, the command line, the API and the JSON share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal, Self, get_args

from .errors import OptionError
from .geometry import Polygon

Direction = Literal["auto", "horizontal", "vertical-rl"]
Script = Literal["auto", "s2twp", "none", "s2t", "s2tw", "t2s", "tw2sp"]
Preprocess = Literal["none", "auto", "binarize"]
TextLayer = Literal["auto", "ignore"]
PageLayout = Literal["auto", "table", "single-line"]

DEFAULT_MODEL = "PP-OCRv6_small"


@dataclass(frozen=True)
class Options:
    """How to read a document. UI, command line, API and JSON use the same names.

    ``layout``: what is known of a page beforehand: that all of it is one table, or one line of text.
    ``region``: read only this part of a page, in pixels of its image; as a string "x,y x,y x,y x,y".
    """

    direction: Direction = "auto"
    script: Script = "auto"
    preprocess: Preprocess = "none"
    text_layer: TextLayer = "auto"
    layout: PageLayout = "auto"
    model: str = DEFAULT_MODEL
    region: Polygon | None = None

    @classmethod
    def choices(cls) -> dict[str, tuple[str, ...]]:
        """The values of each option that has a fixed set of them, the default first."""
        return {
            "direction": get_args(Direction),
            "script": get_args(Script),
            "preprocess": get_args(Preprocess),
            "text_layer": get_args(TextLayer),
            "layout": get_args(PageLayout),
        }

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> Self:
        """Options from strings. Options that are not named keep their defaults.

        Raises OptionError for an unknown name or a value outside ``choices()``.
        """
        choices = cls.choices()
        known = {f.name for f in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise OptionError(f"There is no option '{name}'. Known are: {', '.join(sorted(known))}.", name=name)
            if name in choices and value not in choices[name]:
                raise OptionError(
                    f"'{value}' is no value of {name}. Choose one of: {', '.join(choices[name])}.",
                    name=name,
                    value=value,
                )
        region = {"region": polygon_from(values["region"])} if "region" in values else {}
        return cls(**{**values, **region})  # type: ignore[arg-type]  # checked above

    def to_dict(self) -> dict[str, str]:
        """Strings as ``parse`` takes them, without a region if there is none."""
        values = asdict(self) | {"region": polygon_as_string(self.region) if self.region else None}
        return {name: value for name, value in values.items() if value is not None}


def polygon_from(text: str) -> Polygon:
    """Four corners from "x,y x,y x,y x,y", as SVG writes them. Raises OptionError."""
    try:
        a, b, c, d = ((float(x), float(y)) for x, y in (point.split(",") for point in text.split()))
    except ValueError:
        a = b = c = d = (math.nan, math.nan)
    if not all(math.isfinite(value) for point in (a, b, c, d) for value in point):
        raise OptionError(f"'{text}' is no region. It takes four corners: x,y x,y x,y x,y.", name="region", value=text)
    return a, b, c, d


def polygon_as_string(polygon: Polygon) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in polygon)
