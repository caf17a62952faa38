"""System checks: what a wrong setting would break, said before it does."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from recognition.confinement import sandbox

ENGINES = ("openvino", "onnxruntime", "paddle")


@register()
def engine_is_known(**kwargs: Any) -> list[CheckMessage]:
    if settings.OCRSITE_ENGINE in ENGINES:
        return []
    return [
        Error(
            f"OCRSITE_ENGINE={settings.OCRSITE_ENGINE!r} is no engine.",
            hint=f"Choose one of: {', '.join(ENGINES)}.",
            id="ocrsite.E001",
        )
    ]


@register(deploy=True)
def shared_files_have_a_shared_database(**kwargs: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]["ENGINE"]
    if not (settings.STORAGES["default"]["BACKEND"].endswith("S3Storage") and database.endswith("sqlite3")):
        return []
    return [
        Warning(
            "Files are in shared storage but the database is SQLite, which workers on other machines cannot reach.",
            hint="Set DATABASE_URL to a PostgreSQL server.",
            id="ocrsite.W001",
        )
    ]


@register(deploy=True)
def files_are_parsed_in_full_confinement(**kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(
            "Files that people upload are parsed without a part of their confinement.",
            hint=f"This machine lacks {lack}.",
            id="ocrsite.W002",
        )
        for lack in sandbox.missing()
    ]
