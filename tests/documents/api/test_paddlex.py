"""The route for programs that were written for PaddleX serving."""

from __future__ import annotations

import base64
import io
import random
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from documents.api import paddlex
from documents.ingest import waiting
from documents.models import Document, Event
from tests.support.api import holding
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, picture

pytestmark = pytest.mark.django_db(transaction=True)

OCR = "/api/paddlex/ocr"


@pytest.fixture
def at_work(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is so quick that what is asked for is read at once."""
    monkeypatch.setitem(settings.RQ_QUEUES["interactive"], "ASYNC", False)


def ask(program: Client, content: bytes, **more: Any) -> Any:
    sent = {"file": base64.b64encode(content).decode()} | more
    return program.post(OCR, sent, content_type="application/json")


def refused(answer: Any, status: int, word: str) -> None:
    data = answer.json()
    assert (answer.status_code, data["errorCode"]) == (status, status)
    assert set(data) == {"logId", "errorCode", "errorMsg"}
    assert word in data["errorMsg"]


@pytest.mark.parametrize("kind", [{"fileType": 1}, {}])
def test_a_picture_is_answered_as_paddlex_does(kind: dict[str, int], program: Client, at_work: None) -> None:
    answer = ask(program, picture(), useDocUnwarping=False, visualize=False, **kind)
    assert answer.status_code == 200
    data = answer.json()
    assert (data["errorCode"], data["errorMsg"]) == (0, "Success")
    (page,) = data["result"]["ocrResults"]
    found = page["prunedResult"]
    assert (found["rec_texts"], page["ocrImage"]) == (["台北"], None)
    assert len(found["rec_scores"]) == len(found["rec_polys"]) == len(found["dt_polys"]) == 1
    xs, ys = zip(*found["rec_polys"][0], strict=True)
    assert found["rec_boxes"] == [[min(xs), min(ys), max(xs), max(ys)]]
    assert data["result"]["dataInfo"]["type"] == "image"
    assert not Document.objects.exists()
    assert Event.objects.filter(verb="recognised").count() == 1


@pytest.mark.parametrize("kind", [{"fileType": 0}, {"fileType": None}])
def test_a_pdf_is_answered_by_pages(kind: dict[str, int | None], program: Client, at_work: None) -> None:
    result = ask(program, book(2), **kind).json()["result"]
    assert [page["prunedResult"]["rec_texts"] for page in result["ocrResults"]] == [["台北"], ["台北"]]
    assert (result["dataInfo"]["type"], result["dataInfo"]["numPages"]) == ("pdf", 2)
    assert not Document.objects.exists()


def test_a_large_picture_is_taken_and_too_large_a_one_is_refused(program: Client, at_work: None) -> None:
    noise = Image.frombytes("RGB", (1200, 1200), random.Random(1).randbytes(3 * 1200 * 1200))
    content = io.BytesIO()
    noise.save(content, "PNG")
    assert len(content.getvalue()) > 4_000_000
    assert ask(program, content.getvalue()).status_code == 200
    refused(program.post(OCR, b" " * (paddlex.MOST_JSON + 1), content_type="application/json"), 413, "body-too-large")
    refused(program.post(OCR, b"[" * 100_000, content_type="application/json"), 400, "no JSON")


def test_lines_of_low_confidence_can_be_left_out(program: Client, at_work: None) -> None:
    (page,) = ask(program, picture(), textRecScoreThresh=1.0).json()["result"]["ocrResults"]
    assert page["prunedResult"]["rec_texts"] == []


def test_refusals_have_the_shape_that_such_programs_know(
    program: Client, at_work: None, monkeypatch: pytest.MonkeyPatch, owner: User
) -> None:
    refused(Client().post(OCR, {}, content_type="application/json"), 401, "not-authenticated")
    refused(ask(holding(owner, "read"), picture()), 403, "scope-insufficient")
    refused(program.post(OCR, {"fileType": 1}, content_type="application/json"), 400, "file")
    refused(program.post(OCR, {"file": "https://example.org/a.png"}, content_type="application/json"), 400, "Base64")
    refused(program.post(OCR, {"file": "no base 64"}, content_type="application/json"), 400, "Base64")
    refused(ask(program, b"words"), 415, "file-type-unsupported")
    refused(program.get(OCR), 405, "method-not-allowed")
    monkeypatch.setattr(waiting, "read", lambda *args, **kwargs: [waiting.Outcome(document=Document(pk=None))])
    monkeypatch.setattr(Document, "get_absolute_url", lambda self: "/documents/7/")
    refused(ask(program, picture()), 504, "/documents/7/")
