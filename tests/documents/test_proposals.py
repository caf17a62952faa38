"""Proposals of language models: asked of a real server that may do anything, guarded, and decided by people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from documents import editing, models, proposals
from documents.models import Correction, Document, PageResult, Proposal, ProposalState, RefusedError
from documents.proposals import asking, guards
from recognition.page import Line
from tests.support.api import API, holding, patch, problem
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.language_model import MISBEHAVIOUR, Model, answer, said
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Proofreader(Model):
    """``answers``: what it says to a line; to others it says that they are right."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, object] = {}

    def reply(self, asked: dict[str, Any]) -> object:
        line = asked["messages"][1]["content"][0]["text"].rpartition("The line: ")[2]
        return self.answers.get(line, line)


@pytest.fixture
def model(settings) -> Iterator[Proofreader]:
    with Proofreader() as server:
        settings.OCRSITE_LLM_URL, settings.OCRSITE_LLM_MODEL = server.url, "qwen"
        yield server


def read_line(text: str, top: float, confidence: float) -> Line:
    return Line(text, confidence, ((10, top), (90, top), (90, top + 20), (10, top + 20)))


MISREAD, CORRECT, DATE = "本系統可將影象轉換", "本系統可將影像轉換", "民國一一三年十月三日"


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Document:
    lines = [read_line(MISREAD, 10, 0.6), read_line(DATE, 40, 0.6), read_line("使用手冊", 70, 0.99)]
    monkeypatch.setattr(fake_engine, "read", lambda image: lines)
    received = receive(upload("book.pdf", book(1)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def result_of(document: Document) -> PageResult:
    return PageResult.objects.select_related("page", "run").get(run=document.current_run)


def ask(document: Document) -> int:
    return proposals.ask(document, document.owner, below=0.9)


def states() -> list[str]:
    return list(Proposal.objects.order_by("pk").values_list("state", flat=True))


def test_doubtful_lines_are_asked_about_with_picture_and_neighbours(document: Document, model: Proofreader) -> None:
    model.answers = {MISREAD: CORRECT}
    assert ask(document) == 2
    assert asking.propose_due() == 2
    assert states() == ["open", "unchanged"]
    contents = [asked["messages"][1]["content"] for asked in model.asked]
    (content,) = (content for content in contents if content[0]["text"].endswith(MISREAD))
    assert f"Line after: {DATE}" in content[0]["text"]
    assert content[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert model.asked[0]["max_tokens"] == 300
    assert not Correction.objects.exists()
    assert ask(document) == 0  # each line once


def test_what_a_person_accepts_is_a_correction_with_the_model_in_its_history(
    document: Document, model: Proofreader, owner: User
) -> None:
    model.answers = {MISREAD: CORRECT}
    ask(document)
    asking.propose_due()
    proposal = Proposal.objects.get(state=ProposalState.OPEN)
    assert proposals.accept(proposal, owner)
    (change, *_) = models.history(result_of(document), proposal.line)
    assert (change.text, change.author, change.proposed_by) == (CORRECT, owner, "qwen")
    assert not proposals.accept(Proposal.objects.get(pk=proposal.pk), owner)  # once


def test_a_line_that_somebody_changed_meanwhile_stays(document: Document, model: Proofreader, owner: User) -> None:
    model.answers = {MISREAD: CORRECT}
    ask(document)
    asking.propose_due()
    proposal = Proposal.objects.get(state=ProposalState.OPEN)
    editing.correct(result_of(document), proposal.line, "本系統能將影像轉換", author=owner, seen=None)
    assert not proposals.accept(proposal, owner)
    assert "本系統能將影像轉換" in result_of(document).text
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.OUTDATED


KINDS = MISBEHAVIOUR | {
    "explains": answer(said("這一行應該改為：本系統可將影像轉換，因為「影象」是錯字。")),
    "two lines": answer(said("本系統可\n將影像轉換")),
    "thinks too long": answer(said(f"<think>{CORRECT}？{CORRECT}？")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_misbehaves_changes_no_line_and_stops_nothing(
    kind: str, document: Document, model: Proofreader, settings
) -> None:
    settings.OCRSITE_LLM_SECONDS = 0.5
    model.misbehave = KINDS[kind]
    before = result_of(document).text
    ask(document)
    for _ in range(4):
        asking.propose_due()
        Proposal.objects.filter(state=ProposalState.WAITING).update(next_try=document.created)
    assert set(states()) == {"refused"}
    assert result_of(document).text == before
    assert len(model.asked) <= 2 * 2  # two tries of each line

    settings.OCRSITE_LLM_SECONDS = 10
    model.misbehave, model.answers = None, {MISREAD: CORRECT}
    Proposal.objects.all().delete()
    ask(document)
    asking.propose_due()
    assert "open" in states()


@pytest.mark.parametrize(
    ("before", "after", "guarded"),
    [
        (MISREAD, CORRECT, ()),
        ("合計 1,280 元整", "合計 1,230 元整", ("digits",)),
        (DATE, "民國一一二年十月三日", ("digits",)),
        ("合計１２８元整", "合計128元整", ()),
        ("王大名先生台鑒", "王大明先生台鑒", ("names",)),
        ("Dear Mr Jonson, thank you", "Dear Mr Johnson, thank you", ("names",)),
        ("「影象」", "「影像」", ()),
    ],
)
def test_digits_dates_and_names_are_marked(before: str, after: str, guarded: tuple[str, ...]) -> None:
    verdict = guards.judge(before, after)
    assert (verdict.text, verdict.guarded) == (after, guarded)


@pytest.mark.parametrize("answered", ["「影像轉換」", '"影像轉換"', "```text\n影像轉換\n```", " 影像轉換\n"])
def test_quotes_and_fences_that_models_add_are_taken_off(answered: str) -> None:
    assert guards.judge("影象轉換", answered).text == "影像轉換"


def test_without_a_model_nothing_is_offered(document: Document, as_owner: Client) -> None:
    with pytest.raises(proposals.NotConfiguredError):
        ask(document)
    assert "proposals/" not in as_owner.get(reverse("documents:document", args=[document.pk])).content.decode()


def test_more_lines_than_the_limit_are_refused_as_a_whole(document: Document, model: Proofreader, settings) -> None:
    settings.OCRSITE_LLM_LINES = 1
    with pytest.raises(RefusedError):
        ask(document)
    assert not Proposal.objects.exists()


def test_the_page_asks_shows_and_decides(document: Document, model: Proofreader, as_owner: Client) -> None:
    model.answers = {MISREAD: CORRECT, DATE: "民國一一二年十月三日"}
    address = reverse("documents:proposals", args=[document.pk])
    assert "asked about 2 lines" in as_owner.post(address, {"below": "0.9"}, follow=True).content.decode()
    asking.propose_due()
    shown = as_owner.get(address).content.decode()
    assert "<ins>像</ins>" in shown
    assert "changes digits" in shown
    as_owner.post(reverse("documents:accept-proposals", args=[document.pk]))
    assert sorted(states()) == ["accepted", "open"]  # what changes a date waits for a person
    rest = Proposal.objects.get(state=ProposalState.OPEN)
    decide = reverse("documents:decide-proposal", args=[document.pk, rest.pk])
    accept = {"accept": "application/json"}
    assert as_owner.post(decide, {"do": "reject"}, headers=accept).status_code == 204
    assert as_owner.post(decide, {"do": "accept"}, headers=accept).status_code == 409
    assert Correction.objects.count() == 1


def test_programs_propose_and_people_decide(document: Document, owner: User) -> None:
    program, address = holding(owner, "write"), f"{API}/documents/{document.pk}/proposals/"
    offers = [
        {"page": 1, "line": "1-1", "text": CORRECT},
        {"page": 1, "line": "1-3", "text": "使用手冊"},
        {"page": 1, "line": "1-2", "text": "春眠不覺曉，處處聞啼鳥"},
        {"page": 9, "line": "9-1", "text": "無"},
    ]
    sent = {"model": "polish", "proposals": offers}
    outcomes = program.post(address, sent, content_type="application/json").json()
    assert [outcome["code"] for outcome in outcomes] == [None, "unchanged", "another-text", "not-found"]
    (shown,) = program.get(address).json()
    assert (shown["text"], shown["model"], shown["state"]) == (CORRECT, "polish", "open")
    decided = patch(program, f"{address}{shown['id']}/", {"state": "accepted"})
    assert decided.json()["state"] == "accepted"
    problem(patch(program, f"{address}{shown['id']}/", {"state": "rejected"}), 409, "overtaken")
    assert Correction.objects.get().proposed_by == "polish"
    problem(program.post(f"{address}ask/", {}, content_type="application/json"), 409, "no-model")
