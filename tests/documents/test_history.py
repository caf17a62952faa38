"""What stood at a line, who changed it, and when."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.editing import Drawing, correct, draw, take_back
from documents.models import Document, Run, history
from recognition.options import Options
from tests.support.documents import line, result_of
from tests.support.fake_engine import FakeEngine
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def told(document: Document, line_id: str = "1-1") -> list[tuple[str | None, str]]:
    """Text and author of each change, the latest first."""
    return [(change.text, str(change.author)) for change in history(result_of(document), line_id)]


def test_every_change_of_a_line_is_told_with_its_author(document: Document, owner: User, stranger: User) -> None:
    first = correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    second = correct(result_of(document), "1-1", "", author=stranger, seen=first.pk)
    correct(result_of(document), "1-2", "車占", author=owner, seen=None)
    assert told(document) == [("", "stranger"), ("臺北", "owner")]
    take_back(result_of(document), "1-1", author=owner, seen=second.pk)
    assert told(document) == [("臺北", "owner"), ("", "stranger"), ("臺北", "owner")]
    correct(result_of(document), "1-1", "台北", author=stranger, seen=first.pk)
    assert told(document)[0] == (None, "stranger")  # what was read holds again


def test_the_history_goes_with_the_place_into_a_new_reading(
    document: Document, owner: User, fake_engine: FakeEngine
) -> None:
    correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    fake_engine.read = lambda image: [line(10, 60, 90, 90, "車站"), line(12, 12, 92, 41, "合北")]  # type: ignore[method-assign]
    Run.start(document, Options(), owner)
    run_worker()
    result = result_of(Document.objects.get())
    moved = next(f"1-{n}" for n, each in enumerate(result.lines, start=1) if each["raw"] == "合北")
    assert [change.text for change in history(result, moved)] == ["臺北"]


def test_a_line_that_was_drawn_has_its_history_too(document: Document, owner: User) -> None:
    drawing = Drawing(((10, 120), (90, 120), (90, 150), (10, 150)), "月臺")
    (line_id,) = draw(result_of(document), [drawing], author=owner, seen=[])
    correct(result_of(document), line_id, "", author=owner, seen=int(line_id.partition("-c")[2]))
    assert told(document, line_id) == [("", "owner"), ("月臺", "owner")]


def test_over_http_the_history_can_be_brought_back_from(document: Document, owner: User, as_owner: Client) -> None:
    address = f"/documents/{document.pk}/pages/1/lines/1/history/"
    assert "Nobody has changed this line" in as_owner.get(address).content.decode()
    correct(result_of(document), "1-1", "<b>臺北", author=owner, seen=None)
    shown = as_owner.get(address).content.decode()
    assert 'data-text="&lt;b&gt;臺北"' in shown
    assert "<b>" not in shown
    assert as_owner.get(address.replace("/1/history", "/9/history")).status_code == 404


def test_the_whole_text_is_a_page_of_its_own_in_each_version(document: Document, owner: User, as_owner: Client) -> None:
    correct(result_of(document), "1-1", "臺北", author=owner, seen=None)
    address = f"/documents/{document.pk}/text/"
    pages = {version: as_owner.get(address, {"text": version}).content.decode() for version in ("corrected", "raw")}
    assert "<h1>" in pages["raw"]
    assert "臺北\n車站" in pages["corrected"]
    assert "台北\n車站" in pages["raw"]
    part = as_owner.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "臺北\n車站" in part
    assert "<h1>" not in part
    assert as_owner.get(address, {"text": "other"}).status_code == 404
