"""Pages of other sites, and the API."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.api import API

pytestmark = pytest.mark.django_db

TOOLS = "https://tools.example.org"


@pytest.fixture(autouse=True)
def _tools_may_call(settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [TOOLS]


def preflight(origin: str, path: str) -> dict:
    asks = {
        "origin": origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization,if-match",
    }
    return dict(Client().options(path, headers=asks).headers)


def test_a_listed_origin_may_call_with_a_token(program: Client) -> None:
    allowed = preflight(TOOLS, f"{API}/documents/")
    assert allowed["access-control-allow-origin"] == TOOLS
    assert {"authorization", "if-match"} <= set(allowed["access-control-allow-headers"].split(", "))
    answer = program.get(f"{API}/me/", headers={"origin": TOOLS})
    assert answer.headers["access-control-allow-origin"] == TOOLS
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(("origin", "path"), [("https://example.com", f"{API}/documents/"), (TOOLS, "/programs/")])
def test_other_origins_and_other_pages_may_not(origin: str, path: str) -> None:
    assert "access-control-allow-origin" not in preflight(origin, path)
