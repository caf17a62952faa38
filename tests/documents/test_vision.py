"""Pages read by a vision model: a real server that may do anything, and our lines with its text as a run of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents import comparison, editing, vision
from documents.models import Document, PageResult, RefusedError, Run
from documents.processing import queue
from documents.vision import alignment
from recognition.page import Line
from tests.support.api import API, holding, problem
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.language_model import MISBEHAVIOUR, Model, answer
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

READ = ["本系統可將影象轉換", "民國一一三年十月三日", "使用手冊"]
RIGHT = ["本系統可將影像轉換", "民國一一三年十月三日", "使用手冊"]


def lines_of(texts: list[str], confidence: float = 0.6) -> list[Line]:
    """Lines below each other, twenty pixels high, with square characters."""
    boxes = [(10.0, 10.0 + 30 * n, 10.0 + 20 * max(1, len(text))) for n, text in enumerate(texts)]
    return [
        Line(text, confidence, ((left, top), (right, top), (right, top + 20), (left, top + 20)))
        for text, (left, top, right) in zip(texts, boxes, strict=True)
    ]


class Reader(Model):
    """``text``: what it says of any page."""

    text = "\n".join(RIGHT)

    def reply(self, asked: dict[str, Any]) -> object:
        return self.text


@pytest.fixture
def model(settings) -> Iterator[Reader]:
    with Reader() as server:
        settings.OCRSITE_VISION_URL, settings.OCRSITE_VISION_MODEL = server.url, "PaddleOCR-VL"
        yield server


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Document:
    monkeypatch.setattr(fake_engine, "read", lambda image: lines_of(READ))
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def ask(document: Document) -> Run:
    assert document.current_run
    return vision.ask(document.current_run, 1, document.owner)


def page_of(run: Run, number: int = 1) -> PageResult:
    return run.results.select_related("page").get(page__number=number)


def test_a_page_that_the_model_reads_is_a_run_of_its_own_with_our_boxes(document: Document, model: Reader) -> None:
    before = document.current_run
    assert before
    asked = ask(document)
    run_worker()
    assert queue.reconcile() == 0  # it is none of the workers' business
    assert Run.objects.get(pk=asked.pk).state == "running"  # its other pages are done
    assert vision.read_due() == 1
    run = Run.objects.get(pk=asked.pk)
    assert (run.state, run.engine) == ("done", {"backend": "vision", "model": "PaddleOCR-VL"})
    assert Document.objects.get(pk=document.pk).current_run == before
    read, seen = page_of(before).read_lines(), page_of(run).read_lines()
    assert [line.text for line in seen] == RIGHT
    assert [line.polygon for line in seen] == [line.polygon for line in read]
    (doubt,) = seen[0].doubts
    assert (seen[0].text[doubt.index], doubt.candidates) == ("像", ("象",))
    assert page_of(run, 2).text == page_of(before, 2).text
    (row, *_) = comparison.compare_lines(page_of(before).text.splitlines(), page_of(run).text.splitlines())
    assert row.differs
    content = model.asked[0]["messages"][0]["content"]
    assert content[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    editing.make_current(run, document.owner)
    assert "影像" in page_of(run).text


def test_a_model_that_misbehaves_changes_nothing_and_stops_nobody(
    document: Document, model: Reader, settings, receive: Callable[..., Document]
) -> None:
    settings.OCRSITE_VISION_SECONDS = 0.5
    before = document.current_run
    assert before
    text = page_of(before).text
    for kind, misbehaviour in MISBEHAVIOUR.items():
        model.misbehave, model.asked = misbehaviour, []
        run = ask(document)
        assert vision.read_due() == 1
        assert vision.read_due() == 0
        result = page_of(run)
        assert (result.state, result.error["code"], result.lines) == ("failed", "no-model-answer", []), kind
        assert len(model.asked) <= 2, kind
    other = receive(upload("other.png"))
    run_worker()
    assert Document.objects.get(pk=other.pk).current_run.state == "done"  # type: ignore[union-attr]
    found = Document.objects.get(pk=document.pk)
    assert (found.current_run, page_of(before).text) == (before, text)

    settings.OCRSITE_VISION_SECONDS = 10
    model.misbehave = None
    editing.retry(Run.objects.get(pk=run.pk), document.owner)
    run_worker()
    assert vision.read_due() == 1
    assert Run.objects.get(pk=run.pk).state == "done"
    assert Document.objects.get(pk=document.pk).current_run == before  # a second try makes it no more current


def test_a_page_whose_asker_died_is_asked_about_again(document: Document, model: Reader) -> None:
    run = ask(document)
    held = run.results.filter(state="queued")
    held.update(state="running", worker="gone", attempts=1, lease_until=timezone.now() - timedelta(seconds=1))
    assert vision.read_due() == 1
    assert Run.objects.get(pk=run.pk).state == "done"


def test_everybody_s_first_page_comes_before_anybody_s_second(
    document: Document, model: Reader, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.vision.reading.AT_ONCE", 2)
    mine = [ask(document) for _ in range(3)]
    theirs = vision.ask(document.current_run, 2, stranger)  # type: ignore[arg-type]
    assert vision.read_due() == 2
    done = [run.pk for run in Run.objects.filter(reader="vision", state="done")]
    assert set(done) == {mine[0].pk, theirs.pk}


def test_a_page_without_lines_is_refused(document: Document, model: Reader) -> None:
    page_of(document.current_run).delete()  # type: ignore[arg-type]
    with pytest.raises(RefusedError):
        ask(document)


def test_without_a_model_nothing_is_offered(document: Document, as_owner: Client) -> None:
    with pytest.raises(vision.NotConfiguredError):
        ask(document)
    assert "/vision/" not in as_owner.get(document.get_absolute_url()).content.decode()


def test_the_page_asks_and_shows_what_came_of_it(document: Document, model: Reader, as_owner: Client) -> None:
    assert "Ask PaddleOCR-VL" in as_owner.get(document.get_absolute_url()).content.decode()
    answer = as_owner.post(reverse("documents:read-page-by-model", args=[document.pk, 1]))
    vision.read_due()
    shown = as_owner.get(answer.url).content.decode()
    assert "read by the vision model PaddleOCR-VL" in shown
    assert "本系統可將影像轉換" in shown


def test_programs_ask_and_compare(document: Document, model: Reader, owner: User, stranger: User, settings) -> None:
    address = f"{API}/documents/{document.pk}/pages/1/vision/"
    assert holding(stranger, "write").post(address).status_code == 404
    assert holding(owner, "read").post(address).status_code == 403
    program = holding(owner, "write")
    assert program.post(f"{API}/documents/{document.pk}/pages/9/vision/").status_code == 404
    made = program.post(address)
    assert (made.status_code, made.json()["current"]) == (201, False)
    vision.read_due()
    assert program.get(made.json()["url"]).json()["state"] == "done"
    settings.OCRSITE_VISION_URL = ""
    problem(program.post(address), 409, "no-model")


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        ("\n".join(RIGHT), RIGHT),
        ("".join(RIGHT), RIGHT),  # as one paragraph
        ("本系統可\n將影像轉換\n民國一一三年十月三日\n使用手冊", RIGHT),  # a line broken
        ("使用手冊\n本系統可將影像轉換\n民國一一三年十月三日", RIGHT),  # in another order
        ("```text\n本系統可將影像轉換\n民國一一三年十月三日\n使用手冊\n```", RIGHT),
        ("本系統可將影像轉換\n使用手冊", RIGHT),  # a line left out is as OCR read it
        ("以下是文字：\n本系統可將影像轉換\n這一行是模型發明的\n民國一一三年十月三日\n使用手冊", RIGHT),
        ("本系統可將影像轉換\n民國一一三年十月三日\n使用手冊使用手冊使用手冊使用手冊使用手冊", RIGHT),  # a loop
    ],
)
def test_what_the_model_says_is_aligned_to_lines(answer: str, texts: list[str]) -> None:
    assert [line.text for line in alignment.align(lines_of(READ), answer)] == texts


@pytest.mark.parametrize(
    "answer",
    [
        "文字如下：\n\n```markdown\n# 收支表\n\n| 科目 | 金額 |\n| :--- | ---: |\n| 租金 | 10 |\n```\n希望有幫助！",
        "## **收支表**\n\n|科目|金額|\n|---|---|\n|租金|10|\n\n![stamp](page.png)",
        "<h1>收支表</h1><table><tr><th>科目</th><th>金額</th></tr><tr><td>租金</td><td rowspan='2'>10</table>",
        "> 收支表\n> <b>科目</b>\n> 金額\n> 租金&nbsp;\n> __10__",
    ],
)
def test_markup_of_the_model_gets_into_no_line(answer: str) -> None:
    read = ["收友表", "科目", "金額", "租金", "1O"]
    assert [line.text for line in alignment.align(lines_of(read), answer)] == ["收支表", "科目", "金額", "租金", "10"]


def test_signs_that_are_printed_stay() -> None:
    read = ["a | b", "# 3 < 5", "** 註"]
    assert [line.text for line in alignment.align(lines_of(read), "\n".join(read))] == read


@pytest.mark.parametrize(
    ("message", "finish", "code"),
    [
        ({"content": "\n".join(RIGHT), "reasoning_content": "第一行…"}, "stop", None),
        ({"content": "<think>\n第一行是影像\n</think>\n\n" + "\n".join(RIGHT)}, "stop", None),
        ({"content": "第一行是影像</think>" + "\n".join(RIGHT)}, "stop", None),
        ({"content": "<think>第一行是影像，第一行是影像，第一行"}, "stop", "cut-off"),
        ({"content": "\n".join(RIGHT[:2])}, "length", "cut-off"),
        ({"content": "I'm sorry, but I can't help with identifying text in this image."}, "stop", "another-text"),
        ({"content": None, "refusal": "I can't help with that."}, "stop", "no-text"),
        ({"content": ""}, "content_filter", "empty"),
    ],
)
def test_answers_of_servers_that_are_about(
    message: dict[str, Any], finish: str, code: str | None, document: Document, model: Reader
) -> None:
    content = json.dumps({"object": "chat.completion", "choices": [{"message": message, "finish_reason": finish}]})
    model.misbehave = answer(content.encode())
    run = ask(document)
    vision.read_due()
    result = page_of(run)
    if code is None:
        assert [line.text for line in result.read_lines()] == RIGHT
    else:
        assert (result.error["code"], result.error["params"]["reason"]) == ("no-model-answer", code)


def test_a_line_that_could_hardly_be_read_is_found_by_its_neighbours() -> None:
    read = ["天地玄黃宇宙洪荒", "囗囗王囗", "寒來暑往秋收冬藏"]
    answer = "天地玄黃宇宙洪荒\n日月盈昃\n寒來暑往秋收冬藏"
    assert [line.text for line in alignment.align(lines_of(read), answer)] == answer.split("\n")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "no-text"),
        (["本系統"], "no-text"),
        ("\x00本系統可將影像轉換", "no-text"),
        ("  \n", "empty"),
        ("春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。", "another-text"),
        ("影像" * 300, "too-long"),
    ],
)
def test_what_is_no_text_of_the_page_is_refused(answer: object, reason: str) -> None:
    with pytest.raises(alignment.UnusableError) as refused:
        alignment.align(lines_of(READ), answer)
    assert refused.value.reason == reason
