"""The archive as an assistant uses it: the client of the official SDK against the endpoint."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client as Browser
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult
from PIL import Image

from documents.models import AccessToken, Correction, Document, Event, Verb
from tests.support.embeddings import EmbeddingModel
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Assistant:
    """A client of the SDK that holds a token of ``user``."""

    def __init__(self, url: str, user: User, scope: str = "write", mode: str = "auto") -> None:
        _, self.secret = AccessToken.issue(user, "an assistant", scope, timedelta(days=1))
        self.url, self.mode = f"{url}/mcp", mode

    def do(self, work: Callable[[Client], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            headers = {"Authorization": f"Bearer {self.secret}"}
            async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
                transport = streamable_http_client(self.url, http_client=http)
                async with Client(transport, mode=self.mode) as client:
                    return await work(client)

        return asyncio.run(connected())

    def call(self, tool: str, **arguments: Any) -> CallToolResult:
        return self.do(lambda client: client.call_tool(tool, arguments))

    def get(self, tool: str, **arguments: Any) -> Any:
        result = self.call(tool, **arguments)
        assert not result.is_error, result.content
        return result.structured_content


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


@pytest.fixture
def assistant(live_server: Any, owner: User) -> Assistant:
    return Assistant(live_server.url, owner)


def message(result: CallToolResult) -> str:
    assert result.is_error
    return str(result.content[0].text)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_both_generations_of_clients_find_the_tools(live_server: Any, owner: User, mode: str) -> None:
    assistant = Assistant(live_server.url, owner, mode=mode)
    tools = {tool.name: tool for tool in assistant.do(lambda client: client.list_tools()).tools}
    assert {"search", "list_documents", "read_page", "show_page", "upload", "export", "correct_line"} <= set(tools)
    assert tools["search"].annotations.read_only_hint
    assert not tools["correct_line"].annotations.read_only_hint
    assert all(tool.description for tool in tools.values())


def test_an_assistant_finds_reads_looks_and_corrects(assistant: Assistant, document: Document) -> None:
    listed = assistant.get("list_documents")["results"]
    assert [found["id"] for found in listed] == [str(document.pk)]

    page = assistant.get("read_page", document=str(document.pk), page=1)
    line = page["lines"][0]
    assert {"id", "text", "polygon", "confidence", "version"} <= set(line)

    xs, ys = zip(*line["polygon"], strict=True)
    shown = assistant.call(
        "show_page", document=str(document.pk), page=1, box=[min(xs), min(ys), max(xs), max(ys)], longest=300
    )
    picture = Image.open(io.BytesIO(base64.b64decode(shown.content[0].data)))
    assert max(picture.size) <= 300

    change = {"document": str(document.pk), "page": 1, "line": line["id"], "version": line["version"]}
    corrected = assistant.get("correct_line", text="操作手冊", **change)
    assert corrected["text"] == "操作手冊"
    (correction,) = Correction.objects.all()
    assert correction.author == document.owner
    assert "line-changed" in message(assistant.call("correct_line", text="使用手冊", **change))
    assert "line-changed" in message(assistant.call("correct_line", text="使用手冊", **change | {"version": 0}))

    proposed = assistant.get(
        "propose_correction", document=str(document.pk), page=1, line=line["id"], text="操作手册", model="an assistant"
    )
    assert document.runs.get().results.first().proposals.get().pk == proposed["id"]

    (hit,) = assistant.get("search", query="操作手册")["results"]
    assert (hit["document"], hit["page"]) == (str(document.pk), 1)
    assert hit["html_url"].startswith("http")


def test_an_assistant_uploads_and_exports(assistant: Assistant, document: Document, fake_engine: FakeEngine) -> None:
    content = base64.b64encode(book(1)).decode()
    taken = assistant.get("upload", name="信.pdf", content=content, title="家書", tags=["1937", "letters"])
    received = Document.objects.get(pk=taken["id"])
    assert (received.title, received.tags.count()) == ("家書", 2)

    (text,) = assistant.call("export", document=str(document.pk), format="txt").content
    assert text.text.strip()
    (data,) = assistant.call("export", document=str(document.pk), format="json").content
    assert json.loads(data.text)["schema"] == "ocrsite/1"
    for format in ("chunks", "hocr", "alto"):
        (data,) = assistant.call("export", document=str(document.pk), format=format).content
        assert data.type == "text"
    (pdf,) = assistant.call("export", document=str(document.pk), format="pdf").content
    assert base64.b64decode(pdf.resource.blob).startswith(b"%PDF-")
    assert "format-unknown" in message(assistant.call("export", document=str(document.pk), format="wmf"))
    assert "invalid" in message(assistant.call("upload", name="a.pdf", content="no base 64"))
    assert "uuid" in message(assistant.call("get_document", document="letter")).lower()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_file_too_large_for_a_message_is_referred_to_the_api(live_server: Any, owner: User, mode: str) -> None:
    content = "A" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    async def refused(client: Client) -> str:
        with pytest.raises(MCPError) as error:
            await client.call_tool("upload", {"name": "a.pdf", "content": content})
        return str(error.value)

    said = Assistant(live_server.url, owner, mode=mode).do(refused)
    assert "at most 2,621,440 bytes" in said
    assert f"POST {live_server.url}/api/v1/documents/ " in said


def calls(document: Document) -> list[tuple[str, dict[str, Any], bool]]:
    """Each tool that is about one document, with arguments, and whether it changes anything."""
    whole, page = {"document": str(document.pk)}, {"document": str(document.pk), "page": 1}
    return [
        ("get_document", whole, False),
        ("read_page", page, False),
        ("show_page", page, False),
        ("export", whole | {"format": "txt"}, False),
        ("correct_line", page | {"line": "1-1", "text": "一", "version": "0"}, True),
        ("propose_correction", page | {"line": "1-1", "text": "一", "model": "an assistant"}, True),
    ]


ABOUT_MANY = {"search", "search_by_meaning", "list_documents", "list_folders", "upload"}


def test_every_tool_is_crossed_with_every_person(assistant: Assistant, live_server: Any, document: Document) -> None:
    names = {tool.name for tool in assistant.do(lambda client: client.list_tools()).tools}
    assert names == ABOUT_MANY | {name for name, _, _ in calls(document)}
    stranger, reader = (User.objects.create_user(name) for name in ("stranger", "reader"))
    document.shares.create(user=reader)
    for name, arguments, changes in calls(document):
        assert "not-found" in message(Assistant(live_server.url, stranger).call(name, **arguments)), name
        result = Assistant(live_server.url, reader).call(name, **arguments)
        assert ("permission-denied" in message(result)) if changes else not result.is_error, name
        result = Assistant(live_server.url, document.owner, "read").call(name, **arguments)
        assert ("scope-insufficient" in message(result)) if changes else not result.is_error, name
    assert not Correction.objects.exists()
    content = base64.b64encode(book(1)).decode()
    reading = Assistant(live_server.url, document.owner, "read")
    assert "scope-insufficient" in message(reading.call("upload", name="a.pdf", content=content))
    stranger_sees = Assistant(live_server.url, stranger)
    assert stranger_sees.get("list_documents")["results"] == stranger_sees.get("search", query="火")["results"] == []
    assert stranger_sees.get("list_folders") == {"folders": []}


def test_an_assistant_searches_by_meaning_what_its_user_may_see(
    assistant: Assistant, live_server: Any, document: Document, stranger: User, settings
) -> None:
    assert "no-model" in message(assistant.call("search_by_meaning", query="火"))
    with EmbeddingModel() as model:
        settings.OCRSITE_EMBEDDINGS_URL, settings.OCRSITE_EMBEDDINGS_MODEL = model.url, "bge-m3"
        call_command("embeddings", once=True)
        (hit, *_others) = assistant.get("search_by_meaning", query="火")["results"]
        assert hit["document"] == str(document.pk)
        assert {"text", "lines", "score", "html_url"} <= set(hit)
        assert Assistant(live_server.url, stranger).get("search_by_meaning", query="火") == {"results": []}


def test_what_an_assistant_does_is_in_the_audit_and_counts(assistant: Assistant, document: Document, settings) -> None:
    seen = Event.objects.filter(verb=Verb.VIEWED, actor=document.owner)
    before = seen.count()
    assistant.get("read_page", document=str(document.pk), page=1)
    assert seen.count() == before + 1
    settings.OCRSITE_USER_REQUESTS_A_MINUTE = 1
    assistant.get("get_document", document=str(document.pk))
    assert "throttled" in message(assistant.call("get_document", document=str(document.pk)))


def test_nobody_gets_in_without_a_token(db: None) -> None:
    for headers in ({}, {"authorization": "Bearer ocrsite_wrong"}):
        answer = Browser().post("/mcp", "{}", content_type="application/json", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
