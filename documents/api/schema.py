"""How the OpenAPI schema is made from the views."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema

from . import problems

RESULT = {"$ref": "#/components/schemas/Result"}
"""By the JSON Schema of the ``json`` export."""


class ProblemAutoSchema(AutoSchema):
    """Adds to each operation the parameters of its view's ``queries``, and the problems that it may answer."""

    def get_override_parameters(self) -> list[Any]:
        query = getattr(self.view, "queries", {}).get(self.method)
        return [query] if query else []

    def get_summary(self) -> str:
        return str(self.get_operation_id()).replace("_", " ").capitalize()

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._problems():
            bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                problems.ProblemSerializer, str(status), media_types=[problems.MEDIA_TYPE], direction=direction
            ) | {"description": problems.phrase(status)}
        return bodies

    def _problems(self) -> list[int]:
        found = {400, 401, 403, 429}
        if "{" in self.path:
            found.add(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            found |= {411, 413, 415}
        return sorted(found | set(getattr(self.view, "problems", {}).get(self.method, [])))


def with_result(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Adds the JSON Schema that ships with the project to the components: OpenAPI 3.1 speaks the same language."""
    file = Path(__file__).parent.parent / "schema" / "ocrsite-1.json"
    schema = json.loads(re.sub(r'"#/\$defs/(\w+)"', lambda found: f'"{_component(found[1])}"', file.read_text()))
    del schema["$schema"], schema["title"]  # generators make the name of a class from the title
    parts = {_component(name).rpartition("/")[2]: part for name, part in schema.pop("$defs").items()}
    result["components"]["schemas"] |= {"Result": schema, **parts}
    return result


def _component(part: str) -> str:
    return f"{RESULT['$ref']}{part.title()}"


class StrictExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """What refuses unknown names says so."""

    target_class = "documents.api.base.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class AnswerExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """What is made of a row is always whole, whichever of its columns have defaults; all are answers here."""

    target_class = "rest_framework.serializers.ModelSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "required": list(schema["properties"])}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "documents.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, made in the settings."}
