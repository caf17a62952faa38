"""The API against its own schema: what it says it takes and answers, it does, whatever it is sent."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import hypothesis
import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from hypothesis import HealthCheck
from hypothesis.strategies import just
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from documents.ingest import waiting
from documents.library import links, operations
from documents.models import AccessToken, Document, Folder, ManifestImport, Replacement, Share, Webhook
from documents.search import replacing
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

load_all_checks()

OPERATIONS = [
    (path, method.upper())
    for path, operations in SchemaGenerator().get_schema(public=True)["paths"].items()
    for method in operations
    if "/export/" not in path or path.endswith("/txt/")  # one format stands for all: they have one view
]

TRIES = hypothesis.settings(
    max_examples=4, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

CANNOT_BE_SAID = [checks.positive_data_acceptance]
"""Which files can be read, which folder there is, or whether a page is being read: no schema can say."""

LOST_IN_FORMS = [checks.negative_data_rejection]
"""A form has no way to send a list or nothing where a word is wanted: what arrives may be right after all."""


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is there, so waiting for what is read would only take time."""
    monkeypatch.setattr(waiting, "SEATS", threading.BoundedSemaphore(1))
    waiting.SEATS.acquire()


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


@pytest.fixture
def headers(owner: User, settings) -> dict[str, str]:
    settings.OCRSITE_USER_REQUESTS_A_MINUTE = 1_000_000
    _, secret = AccessToken.issue(owner, "schemathesis", "write", timedelta(days=1))
    return {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}


def test_the_schema_names_every_operation() -> None:
    assert len(OPERATIONS) >= 26


@pytest.fixture(scope="module")
def schema() -> OpenApiSchema:
    """As programs get it, made once."""
    made = SchemaGenerator().get_schema(public=True)
    loaded = schemathesis.openapi.from_dict(json.loads(OpenApiJsonRenderer2().render(made, renderer_context={})))
    loaded.app = get_wsgi_application()
    return loaded


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_sent_the_answer_is_as_the_schema_says(
    path: str, method: str, schema: OpenApiSchema, document: Document, headers: dict[str, str]
) -> None:
    share = Share.objects.create(document=document, user=User.objects.create_user("reader"))
    webhook = Webhook.objects.create(user=document.owner, url="https://example.org/")
    batch = Replacement(author=document.owner, find="台", replacement="臺", document=document)
    known = {
        "id": str(document.pk),
        "run": str(document.current_run_id),
        "number": 1,
        "line": "1-1",
        "block": "1-b1",
        "share": share.pk,
        "folder": Folder.create(document.owner, "inbox").pk,
        "webhook": webhook.pk,
        "delivery": str(webhook.ping().pk),
        "proposal": 1,
        "link": str(links.make(document, document.owner, days=1).pk),
        "replacement": str(replacing.prepare(batch).pk),
        "manifest": str(ManifestImport.begin(document.owner, "https://example.org/manifest").pk),
    }
    assert set(known) >= set(re.findall(r"{(\w+)}", path))
    if "/trash/" in path:
        operations.trash(document, document.owner)

    is_form = "multipart/form-data" in schema[path][method].definition.raw.get("requestBody", {}).get("content", {})

    def holds(case: schemathesis.Case, mode: GenerationMode) -> None:
        if mode == GenerationMode.POSITIVE:  # what is made up leads nowhere
            case.path_parameters.update({name: known[name] for name in known if name in case.path_parameters})
        case.call_and_validate(headers=headers, excluded_checks=CANNOT_BE_SAID + (LOST_IN_FORMS if is_form else []))

    for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):  # in the end it may be deleted
        cases = schema[path][method].as_strategy(generation_mode=mode)
        TRIES(hypothesis.given(case=cases, mode=just(mode))(holds))()
