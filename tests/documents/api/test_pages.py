"""Pages, lines, corrections and the order of lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Correction, Document
from recognition.page import Line
from tests.support.api import API, ids, line, patch, problem, put
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_has_its_lines_in_order_and_its_image(document: Document, program: Client) -> None:
    page = program.get(f"{API}/documents/{document.pk}/pages/2/").json()
    assert (page["number"], page["state"], page["text"]) == (2, "done", "台北")
    assert page["lines"][0]["id"] == "2-1"
    image = program.get(page["image"])
    assert image.headers["Content-Type"] == "image/jpeg"
    problem(program.get(f"{API}/documents/{document.pk}/pages/3/"), 404, "not-found")


def test_a_line_is_corrected_and_exported_as_corrected(document: Document, program: Client) -> None:
    before = program.get(line(document))
    changed = patch(program, line(document), {"text": "臺北"}, **{"if-match": before.headers["ETag"]})
    assert (changed.json()["text"], changed.json()["corrected"], changed.json()["raw"]) == ("臺北", "臺北", "台北")
    assert changed.headers["ETag"] != before.headers["ETag"]
    assert program.get(f"{API}/documents/{document.pk}/export/txt/").getvalue().decode().startswith("臺北")
    assert patch(program, line(document), {"text": "台北"}).json()["corrected"] is None


def test_what_somebody_else_wrote_is_not_overwritten(document: Document, program: Client, stranger: User) -> None:
    seen = program.get(line(document)).headers["ETag"]
    result = document.current_run.results.get(page__number=1)
    Correction.objects.create(page=result.page, polygon=result.lines[0]["polygon"], text="新北", author=stranger)
    late = patch(program, line(document), {"text": "臺北"}, **{"if-match": seen})
    assert problem(late, 412, "line-changed")["current"]["text"] == "新北"
    blind = patch(program, line(document), {"text": "臺北"})
    current = problem(blind, 409, "line-conflict")["current"]
    problem(patch(program, line(document), {"text": "臺北"}, **{"if-match": "9" * 5000}), 412, "line-changed")
    knowing = patch(program, line(document), {"text": "臺北"}, **{"if-match": f'"{current["version"]}"'})
    assert knowing.json()["text"] == "臺北"
    assert patch(program, line(document), {"text": "臺北市"}).status_code == 200  # one's own


@pytest.mark.parametrize("tag", ['W/"0"', '"0", "1"', "*", '"latest"'])
def test_if_match_takes_one_version_and_nothing_else(document: Document, program: Client, tag: str) -> None:
    problem(patch(program, line(document), {"text": "臺北"}, **{"if-match": tag}), 412, "line-changed")
    order = f"{API}/documents/{document.pk}/pages/1/order/"
    problem(put(program, order, {"lines": ["1-1"]}, **{"if-match": tag}), 412, "order-changed")
    assert not Correction.objects.exists()


@pytest.fixture
def couplet(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    """A page of two lines."""
    boxes = [((10, top), (90, top), (90, top + 30), (10, top + 30)) for top in (10, 60)]
    fake_engine.read = lambda image: [Line("台北", 0.9, box) for box in boxes]  # type: ignore[method-assign]
    received = receive()
    run_worker()
    return Document.objects.get(pk=received.pk)


def test_the_order_of_a_page_is_edited_and_undone(couplet: Document, program: Client) -> None:
    page, order = f"{API}/documents/{couplet.pk}/pages/1/", f"{API}/documents/{couplet.pk}/pages/1/order/"
    read = program.get(page).json()
    assert (ids(read), read["order_mended"]) == (["1-1", "1-2"], False)
    edited = put(program, order, {"lines": ["1-2", "1-1"]}, **{"if-match": f'"{read["order_version"]}"'})
    assert edited.status_code == 200
    assert edited.json() == program.get(page).json()
    assert (ids(edited.json()), edited.json()["order_mended"]) == (["1-2", "1-1"], True)
    told = problem(program.delete(order), 409, "order-conflict")
    assert told["current"] == edited.json()
    undone = program.delete(order, headers={"if-match": f'"{edited.json()["order_version"]}"'}).json()
    assert (ids(undone), undone["order_mended"]) == (["1-1", "1-2"], False)
    assert ids(put(program, order, {"direction": "vertical-rl"}).json())


def test_an_order_that_somebody_else_has_edited_is_not_replaced(couplet: Document, program: Client) -> None:
    order = f"{API}/documents/{couplet.pk}/pages/1/order/"
    version = put(program, order, {"lines": ["1-2", "1-1"]}).json()["order_version"]
    problem(put(program, order, {"lines": ["1-1"]}), 409, "order-conflict")
    told = problem(put(program, order, {"lines": ["1-1"]}, **{"if-match": '"0"'}), 412, "order-changed")
    assert told["current"]["order_version"] == version
    assert ids(put(program, order, {"lines": ["1-1"]}, **{"if-match": f'"{version}"'}).json()) == ["1-1", "1-2"]


@pytest.mark.parametrize(
    "order", [{}, {"lines": []}, {"lines": ["2-1"]}, {"direction": "up"}, {"lines": ["1-1"], "direction": "auto"}]
)
def test_an_order_that_is_none_is_refused(order: dict, document: Document, program: Client) -> None:
    problem(put(program, f"{API}/documents/{document.pk}/pages/1/order/", order), 400, "invalid")


def test_a_page_without_lines_has_nothing_to_order(receive, fake_engine: FakeEngine, program: Client) -> None:
    order = f"{API}/documents/{receive(upload('book.pdf', book(2))).pk}/pages/1/order/"
    problem(put(program, order, {"lines": ["1-1"]}), 400, "invalid")
    assert put(program, order, {"direction": "horizontal"}).json()["lines"] == []


@pytest.mark.parametrize("body", ["[]", "{", '{"text": null}', '{"text": "a\\u0000"}', '{"txt": "a"}', '"text"'])
def test_a_correction_that_is_none_is_refused(body: str, document: Document, program: Client) -> None:
    answer = program.patch(line(document), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Correction.objects.exists()
