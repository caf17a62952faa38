"""The API as programs call it."""

from __future__ import annotations

import json
from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client

from documents.models import AccessToken, Document

API = "/api/v1"


def holding(user: User, scope: str, lifetime: timedelta = timedelta(days=1)) -> Client:
    _, secret = AccessToken.issue(user, "a program", scope, lifetime)
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


def problem(answer, status: int, code: str) -> dict:
    """The problem document that ``answer`` has to be."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    data = answer.json()
    assert (data["status"], data["code"], data["type"]) == (status, code, f"urn:ocrsite:problem:{code}")
    assert data["detail"]
    return data


def patch(client: Client, url: str, data: object, **headers: str):
    return client.patch(url, json.dumps(data), content_type="application/json", headers=headers)


def line(document: Document, number: int = 1) -> str:
    return f"{API}/documents/{document.pk}/pages/{number}/lines/{number}-1/"


def put(client: Client, url: str, data: object, **headers: str):
    return client.put(url, json.dumps(data), content_type="application/json", headers=headers)


def ids(page: dict) -> list[str]:
    return [line["id"] for line in page["lines"]]
