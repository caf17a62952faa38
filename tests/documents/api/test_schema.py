"""The schema of the API."""

from __future__ import annotations

import jsonschema
import pytest
from django.test import Client

from tests.support.api import API

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_schema_is_openapi_3_1_and_its_examples_keep_to_it(program: Client) -> None:
    schema = program.get(f"{API}/schema/").json()
    assert schema["openapi"].startswith("3.1")
    examples = 0
    for operation in (operation for path in schema["paths"].values() for operation in path.values()):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            for example in content.get("examples", {}).values():
                examples += 1
                wanted = {**content["schema"], "components": schema["components"]}
                jsonschema.validate(example["value"], wanted, jsonschema.Draft202012Validator)
    assert examples >= 8


def test_what_is_always_answered_is_never_optional(program: Client) -> None:
    parts = program.get(f"{API}/schema/").json()["components"]["schemas"]
    for name in ("Document", "Run", "Share", "Folder", "Webhook", "PageEntry"):
        assert set(parts[name]["required"]) == set(parts[name]["properties"])
