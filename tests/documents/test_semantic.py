"""Search by meaning: vectors of a real server that may do anything, for the eyes of those who may see the texts."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from documents import editing, semantic
from documents.library import links, operations
from documents.models import AccessToken, Document, DocumentFilters, Folder, PageResult, Run, Scope, Share, Tag
from documents.search.models import EmbeddedChunks, EmbeddingState
from documents.semantic import embedding, endpoint, query
from documents.turns import Turns
from recognition.page import Block
from tests.support.api import API, holding, problem
from tests.support.documents import line, new_document
from tests.support.embeddings import MISBEHAVIOUR, EmbeddingModel, vectors

pytestmark = pytest.mark.django_db

LETTER = "家書抵萬金\n烽火連三月"
LONG_LETTER = "\n".join([LETTER] * 45)
"""Nothing else fits into its chunk."""

INVOICE = "統一發票\n咖啡豆 640 元\n收銀機 統一編號"
MINUTES = "會議紀錄\n出席人員 陳先生\n決議 通過預算"


@pytest.fixture
def model(settings) -> Iterator[EmbeddingModel]:
    with EmbeddingModel() as server:
        settings.OCRSITE_EMBEDDINGS_URL, settings.OCRSITE_EMBEDDINGS_MODEL = server.url, "bge-m3"
        yield server


def finished(owner: User, title: str, *texts: str, **fields: object) -> Document:
    document = new_document(owner, title, *texts, **fields)
    assert document.current_run
    with transaction.atomic():
        document.current_run.settle()
    return document


def embed() -> None:
    """All that waits, as if time had passed."""
    EmbeddingState.objects.update(next_try=None)
    call_command("embeddings", once=True)


def said(user: User, wanted: str, **filters: object) -> list[tuple[str, list[int], str]]:
    hits = semantic.search(user, wanted, DocumentFilters(**filters))
    return [(hit.document.title, hit.chunk.pages, hit.chunk.text) for hit in hits]


def titles(user: User, wanted: str = "會議", **filters: object) -> list[str]:
    return [title for title, _, _ in said(user, wanted, **filters)]


@pytest.fixture
def archive(owner: User, model: EmbeddingModel) -> list[Document]:
    made = [finished(owner, "家書", LETTER), finished(owner, "收據", INVOICE), finished(owner, "會議", MINUTES)]
    embed()
    return made


def test_a_model_gets_the_prefixes_that_it_wants(model: EmbeddingModel, owner: User, settings) -> None:
    settings.OCRSITE_EMBEDDINGS_QUERY_PREFIX, settings.OCRSITE_EMBEDDINGS_TEXT_PREFIX = "query: ", "passage: "
    finished(owner, "家書", "家書抵萬金")
    embed()
    assert said(owner, "書信") == [("家書", [1], "家書抵萬金")]
    assert model.texts == ["passage: 家書抵萬金", "query: 書信"]


def test_the_nearest_comes_first_with_its_place(archive: list[Document], owner: User) -> None:
    first, *others = semantic.search(owner, "通過預算的決議")
    assert (first.document, first.page, first.line) == (archive[2], 1, "1")
    assert [line.text for _, line in first.chunk.lines] == MINUTES.split("\n")
    assert first.chunk.lines[0][1].line.box == (0, 0, 100, 20)
    assert {hit.document for hit in others} == set(archive[:2])
    assert 1 >= first.score > others[0].score >= others[1].score


def test_scores_are_those_of_the_vectors_however_they_are_read(
    archive: list[Document], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = semantic.search(owner, "咖啡")
    monkeypatch.setattr(query, "BYTES_AT_ONCE", 1)
    assert semantic.search(owner, "咖啡") == at_once
    (wanted, *others) = endpoint.embed(["咖啡", *(hit.chunk.text for hit in at_once)])
    assert [hit.score for hit in at_once] == pytest.approx([vector @ wanted for vector in others], abs=0.001)


def test_everybody_finds_what_they_may_see_and_nothing_else(archive: list[Document], owner: User, stranger: User):
    assert titles(stranger) == []
    Share.objects.create(document=archive[0], user=stranger)
    assert titles(stranger) == ["家書"]
    team = Group.objects.create(name="team")
    stranger.groups.add(team)
    Share.objects.create(document=archive[1], team=team)
    assert sorted(titles(stranger)) == ["家書", "收據"]
    folder = Folder.create(owner, "1937")
    Document.objects.filter(pk=archive[2].pk).update(folder=folder)
    Share.objects.create(folder=folder, user=stranger)
    assert sorted(titles(stranger)) == ["家書", "收據", "會議"]
    Share.objects.all().delete()
    assert titles(stranger) == []


def test_the_trash_is_not_searched(archive: list[Document], owner: User) -> None:
    operations.trash(archive[2], owner)
    assert sorted(titles(owner)) == ["家書", "收據"]
    editing.restore(Document.objects.get(pk=archive[2].pk), owner)
    assert titles(owner)[0] == "會議"
    archive[2].delete()
    assert EmbeddedChunks.objects.count() == EmbeddingState.objects.count() == 2


def test_a_link_opens_no_search(archive: list[Document], owner: User, client: Client) -> None:
    link = links.make(archive[2], owner, days=7)
    assert client.get(link.get_absolute_url()).status_code == 200
    assert client.get(reverse("documents:search"), {"q": "會議", "by": "meaning"}).status_code == 302
    problem(client.get(f"{API}/search/meaning/", {"q": "會議"}), 401, "not-authenticated")


def test_the_filters_are_those_of_the_search_by_words(archive: list[Document], owner: User) -> None:
    archive[0].tags.add(Tag.named("1937"))
    assert titles(owner, tag="1937") == ["家書"]
    assert titles(owner, owner="somebody") == []
    assert [hit.document.title for hit in semantic.search(owner, "meeting", language="other")] == []
    finished(owner, "letter", "Dear Sir, the meeting is on Monday.")
    embed()
    assert [hit.document.title for hit in semantic.search(owner, "meeting", language="other")] == ["letter"]
    assert "letter" not in [hit.document.title for hit in semantic.search(owner, "meeting", language="zh-Hant")]


def result_of(document: Document, number: int = 1) -> PageResult:
    return PageResult.objects.select_related("page", "run").get(run__document=document, page__number=number)


def test_a_corrected_line_is_shown_at_once_and_embedded_soon(
    archive: list[Document], owner: User, model: EmbeddingModel
) -> None:
    editing.correct(result_of(archive[0]), "1-1", "家書抵千金", author=owner, seen=None)
    (first, *_) = said(owner, "家書抵萬金")
    assert "千金" in first[2]
    assert "萬金" not in first[2]
    model.asked.clear()
    call_command("embeddings", once=True)
    assert model.texts == []  # who corrects a line corrects the next one, too
    embed()
    assert len(model.texts) == 1
    assert "千金" in model.texts[0]


def test_what_has_not_changed_is_not_asked_again(archive: list[Document], model: EmbeddingModel) -> None:
    model.asked.clear()
    embed()
    assert model.texts == []
    call_command("rebuild_search")
    embed()
    assert model.texts == []


def test_a_change_while_the_model_is_asked_is_not_missed(
    owner: User, model: EmbeddingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = finished(owner, "家書", LETTER)
    embed_texts = embedding.embed

    def changed_meanwhile(texts: list[str]):
        monkeypatch.setattr(embedding, "embed", embed_texts)
        editing.correct(result_of(document), "1-1", "家書抵千金", author=owner, seen=None)
        return embed_texts(texts)

    monkeypatch.setattr(embedding, "embed", changed_meanwhile)
    call_command("embeddings", once=True)
    assert EmbeddingState.objects.get().run is None
    embed()
    assert EmbeddingState.objects.get().run == document.current_run
    assert "千金" in model.texts[-1]


def test_pages_that_leave_a_document_leave_its_search(owner: User, stranger: User, model: EmbeddingModel) -> None:
    document = finished(owner, "書", LETTER, MINUTES)
    Share.objects.create(document=document, user=stranger)
    embed()
    assert any("決議" in text for _, _, text in said(stranger, "決議"))
    page = document.pages.get(number=2)
    editing.take_out(document, [page.pk], actor=owner)
    for _ in range(2):
        assert said(stranger, "決議")
        assert not any("決議" in text for _, _, text in said(stranger, "決議"))
        embed()


def test_a_page_that_is_moved_is_found_under_its_new_number(owner: User, model: EmbeddingModel) -> None:
    document = finished(owner, "書", LONG_LETTER, MINUTES)
    embed()
    one, two = document.pages.values_list("pk", flat=True)
    editing.order_pages(document, [two, one], actor=owner)
    for _ in range(2):
        (first, *_rest) = semantic.search(owner, "決議通過預算")
        assert first.chunk.lines[0][1].id.startswith("1-")
        assert first.page == 1
        embed()


def test_another_run_is_embedded_anew_and_the_old_one_forgotten(
    archive: list[Document], owner: User, model: EmbeddingModel
) -> None:
    document = archive[0]
    run = Run.objects.create(document=document, options={}, finished=document.created)
    PageResult.objects.create(run=run, page=document.pages.get(), state="done", text="春望", lines=[], finished=None)
    editing.make_current(run, owner)
    assert "家書" not in titles(owner)
    embed()
    assert "家書" not in titles(owner)
    assert not document.embedded_chunks.exists()


def test_another_model_embeds_everything_anew(archive: list[Document], owner: User, model: EmbeddingModel, settings):
    settings.OCRSITE_EMBEDDINGS_MODEL = "another"
    assert titles(owner) == []
    model.asked.clear()
    embed()
    assert len(model.texts) == 3
    assert titles(owner)[0] == "會議"
    assert set(EmbeddedChunks.objects.values_list("model", flat=True)) == {"another"}


def test_a_model_of_other_dimensions_under_the_same_name(archive: list[Document], owner: User, model: EmbeddingModel):
    model.dimensions = 32
    assert titles(owner) == []  # nothing to compare with
    editing.correct(result_of(archive[0]), "1-1", "家書抵千金", author=owner, seen=None)
    for _ in range(2):
        embed()
    assert titles(owner) == ["家書"]
    call_command("embeddings", forget=True)
    embed()
    assert titles(owner)[0] == "會議"


@pytest.mark.parametrize("kind", MISBEHAVIOUR)
def test_what_is_no_answer_is_taken_for_none(kind: str, model: EmbeddingModel, settings) -> None:
    settings.OCRSITE_EMBEDDINGS_SECONDS = 0.5
    model.misbehave = MISBEHAVIOUR[kind]
    with pytest.raises(semantic.NoVectorsError):
        endpoint.embed(["家書", "收據"])


@pytest.mark.parametrize("kind", ["hangs", "refuses", "too many"])
def test_an_endpoint_that_misbehaves_stops_nothing_and_leaves_nothing(
    kind: str, owner: User, as_owner: Client, model: EmbeddingModel, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OCRSITE_EMBEDDINGS_SECONDS = 0.5
    monkeypatch.setattr(query, "SECONDS", 0.5)
    finished(owner, "家書", LETTER)
    model.misbehave = MISBEHAVIOUR[kind]
    call_command("embeddings", once=True)
    state = EmbeddingState.objects.get()
    assert (state.run, state.tries) == (None, 1)
    assert state.next_try is not None
    assert not EmbeddedChunks.objects.exists()
    answer = as_owner.get(reverse("documents:search"), {"q": "家書", "by": "meaning"})
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    problem(as_owner.get(f"{API}/search/meaning/", {"q": "家書"}), 503, "model-unavailable")
    model.misbehave = None
    embed()
    assert titles(owner) == ["家書"]


def test_a_text_that_the_endpoint_refuses_keeps_no_other_from_being_found(
    owner: User, model: EmbeddingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCH", 2)
    document = finished(owner, "書", *(text * 200 for text in ("家書", "發票", "會議")))
    model.refused = "發票"
    embed()
    assert {page for _, pages, _ in said(owner, "書") for page in pages} == {1, 3}
    assert EmbeddingState.objects.get().run == document.current_run


def test_a_long_document_takes_turns_and_keeps_what_it_has(
    owner: User, model: EmbeddingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "SHARE", 1)
    finished(owner, "書", *(text * 30 for text in (LETTER, INVOICE, MINUTES)))
    assert semantic.embed_due()
    assert EmbeddedChunks.objects.exists()
    assert EmbeddingState.objects.get().run is None
    embed()
    assert len(model.texts) == len(set(model.texts))
    assert {page for _, pages, _ in said(owner, "書") for page in pages} == {1, 2, 3}


def test_two_that_embed_do_not_take_the_same_document(owner: User, model: EmbeddingModel) -> None:
    document = finished(owner, "家書", LETTER)
    assert embedding._claim(document.pk) is not None
    call_command("embeddings", once=True)
    assert model.texts == []


def test_unfinished_runs_and_the_trash_wait(owner: User, model: EmbeddingModel) -> None:
    new_document(owner, "being read", LETTER)
    operations.trash(finished(owner, "trashed", LETTER), owner)
    embed()
    assert model.texts == []


def test_the_api_answers_with_place_and_link(archive: list[Document], owner: User) -> None:
    answer = holding(owner, "read").get(f"{API}/search/meaning/", {"q": "咖啡豆"})
    hit = answer.json()["results"][0]
    number = str(archive[1].pk)
    assert (hit["document"], hit["title"], hit["pages"], hit["headings"]) == (number, "收據", [1], [])
    assert hit["lines"][0] == {"id": "1-1", "page": 1, "box": [0.0, 0.0, 100.0, 20.0]}
    assert "640" in hit["text"]
    assert hit["url"].endswith(f"/documents/{number}/pages/1/")
    assert hit["html_url"].endswith(f"/documents/{number}/?page=1&line=1")
    assert holding(owner, "read").get(f"{API}/search/meaning/", {"q": "咖啡豆", "folder": 1}).json() == {"results": []}
    problem(holding(owner, "read").get(f"{API}/search/meaning/"), 400, "invalid")


def test_searches_of_both_kinds_count_together(archive: list[Document], owner: User, as_owner: Client, settings):
    settings.OCRSITE_USER_SEARCHES_A_MINUTE = 2
    as_owner.get(reverse("documents:search"), {"q": "會議"})
    assert as_owner.get(reverse("documents:search"), {"q": "會議", "by": "meaning"}).status_code == 200
    problem(as_owner.get(f"{API}/search/meaning/", {"q": "會議"}), 429, "too-many-searches")
    assert as_owner.get(reverse("documents:search"), {"q": "會議", "by": "meaning"}).status_code == 429


def test_a_search_that_finds_no_turn_is_refused_as_later(
    archive: list[Document], owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "TURNS", Turns(at_once=1, of_one=0, patience=0))
    problem(holding(owner, "read").get(f"{API}/search/meaning/", {"q": "會議"}), 429, "too-many-searches-at-once")
    assert as_owner.get(reverse("documents:search"), {"q": "會議", "by": "meaning"}).status_code == 429


def test_the_page_offers_it_and_shows_what_it_finds(archive: list[Document], as_owner: Client) -> None:
    shown = as_owner.get(reverse("documents:search"), {"q": "預算", "by": "meaning"}).content.decode()
    first = shown.index("決議")
    assert first < shown.index("家書抵")
    assert f"{archive[2].get_absolute_url()}?page=1&amp;line=1" in shown
    assert 'value="meaning" checked' in shown
    assert 'value="words" checked' in as_owner.get(reverse("documents:search")).content.decode()
    nothing = as_owner.get(reverse("documents:search"), {"q": "how much money"}).content.decode()
    assert "?q=how+much+money&amp;by=meaning" in nothing


def test_without_a_model_there_is_no_such_search(owner: User, as_owner: Client, document: Document) -> None:
    shown = as_owner.get(reverse("documents:search"), {"q": "車站", "by": "meaning"}).content.decode()
    assert "1 hit" in shown
    assert "by meaning" not in shown
    problem(as_owner.get(f"{API}/search/meaning/", {"q": "車站"}), 409, "no-model")
    with pytest.raises(CommandError, match="OCRSITE_EMBEDDINGS_URL"):
        call_command("embeddings", once=True)


def test_the_key_is_sent(model: EmbeddingModel, settings) -> None:
    settings.OCRSITE_EMBEDDINGS_KEY = "secret"
    seen: list[str] = []

    def look(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers["Authorization"])
        vectors([[1.0]])(request)

    model.misbehave = look
    endpoint.embed(["家書"])
    assert seen == ["Bearer secret"]


def test_headings_are_given_to_the_model_and_shown_until_something_changes(owner: User, model: EmbeddingModel) -> None:
    document = finished(owner, "書", "-")
    said = [line(0, 100 * n, 900, 100 * n + 20, "江南的米經運河北上" * 5) for n in range(1, 15)]
    blocks = [Block("title", (0, 0, 900, 60), (0,)), Block("text", (0, 100, 900, 1500), tuple(range(1, 15)))]
    PageResult.objects.update(
        lines=[each.to_dict() for each in [line(0, 0, 900, 60, "第一章 漕運"), *said]],
        blocks=[block.to_dict() for block in blocks],
    )
    embed()
    assert len(model.texts) > 1
    assert all(text.startswith("第一章 漕運\n") for text in model.texts)
    assert {tuple(hit.chunk.headings) for hit in semantic.search(owner, "運河")} == {("第一章 漕運",)}
    editing.correct(result_of(document), "1-1", "第一章 鹽務", author=owner, seen=None)
    assert {tuple(hit.chunk.headings) for hit in semantic.search(owner, "運河")} == {()}


@pytest.mark.django_db(transaction=True)
def test_the_recipe_works_as_it_is_written(archive: list[Document], owner: User, live_server: LiveServer) -> None:
    guide = (Path(__file__).parents[2] / "docs/api.md").read_text()
    (recipe,) = re.findall(r"^    (curl .+/search/meaning/\")$", guide, re.MULTILINE)
    _, secret = AccessToken.issue(owner, "curl", Scope.READ, timedelta(days=1))
    known = {"API": f"{live_server.url}/api/v1", "AUTH": f"Authorization: Bearer {secret}", "PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", recipe], env=known, capture_output=True, timeout=60, check=True)
    assert len(json.loads(done.stdout)["results"]) == 3
