"""Arguments that several commands take."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from recognition.options import Options


def add_options(parser: CommandParser) -> None:
    """One argument for each recognition option."""
    for name, values in Options.choices().items():
        parser.add_argument(f"--{name.replace('_', '-')}", choices=values, default=values[0])
    parser.add_argument("--model", default=settings.OCRSITE_MODEL, help="default: %(default)s")


def options_of(arguments: dict[str, Any]) -> Options:
    """The recognition options among the parsed arguments."""
    return Options.parse({name: arguments[name] for name in (*Options.choices(), "model")})
