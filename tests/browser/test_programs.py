"""Programs from outside, against the platform as it runs: a token from the page, then nothing but the API."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.support.browser import READ_WITHIN, confirm_password, faults
from tests.support.stack import ROOT, Platform

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture(scope="package")
def token(site: Platform, browser: Any, cookies: list) -> str:
    """A token that a person has made on the page for it."""
    context = browser.new_context(base_url=site.url, locale="en")
    context.add_cookies(cookies)
    page = context.new_page()
    confirm_password(page)
    page.goto("/programs/")
    page.get_by_text("Make a token", exact=True).first.click()
    page.get_by_label("Name").fill("a script")
    page.get_by_label("It may").select_option(label="read and change")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator(".secret").first.inner_text()
    context.close()
    return secret


class DescribedAPI:
    """A caller that knows nothing but an OpenAPI document."""

    def __init__(self, schema: dict[str, Any], base: str, token: str) -> None:
        self.base, self.http = base, requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        }

    def call(self, operation: str, json: Any = None, files: Any = None, **parameters: Any) -> requests.Response:
        method, path, description = self.operations[operation]
        places = {parameter["name"]: parameter["in"] for parameter in description.get("parameters", [])}
        query = {name: value for name, value in parameters.items() if places[name] == "query"}
        url = self.base + path.format(**{name: parameters[name] for name in places if places[name] == "path"})
        answer = self.http.request(method, url, params=query, json=json, files=files, timeout=60)
        assert str(answer.status_code) in description["responses"], answer.text
        return answer


def wait(api: DescribedAPI, number: str, run: str | None = None) -> dict[str, Any]:
    """The document once it has been read, or a run of it once that is finished."""
    until = time.monotonic() + READ_WITHIN / 1000
    while True:
        found = (api.call("get_run", id=number, run=run) if run else api.call("get_document", id=number)).json()
        if found["state" if run else "status"] not in {"queued", "running"}:
            return dict(found)
        assert time.monotonic() < until
        time.sleep(0.5)


def test_a_script_that_knows_only_the_schema_does_everything(
    site: Platform, token: str, files: dict[str, Path]
) -> None:
    described = requests.get(f"{site.url}/api/v1/schema/", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    api = DescribedAPI(described.json(), site.url, token)
    with files["使用手冊"].open("rb") as file:
        (taken,) = api.call("upload_documents", files={"file": ("使用手冊.pdf", file)}).json()
    number = taken["id"]
    assert wait(api, number)["status"] == "done"

    line = api.call("get_page", id=number, number=1).json()["lines"][0]
    assert "使用手冊" in line["text"]
    api.call("correct_line", id=number, number=1, line=line["id"], json={"text": "操作手冊"})

    made = api.call("read_again", id=number, json={"script": "none", "text_layer": "ignore"}).json()
    assert made["options"]["script"] == "none"
    wait(api, number, made["id"])
    assert api.call("get_document", id=number).json()["run"] == made["id"]

    formats = {name for name in api.operations if name.startswith("export_")}
    assert {"export_txt", "export_json", "export_pdf"} <= formats
    for name in formats:
        exported = api.call(name, id=number)
        assert exported.status_code == 200
        assert exported.content
    assert "操作手冊" in api.call("export_txt", id=number).text

    found = api.call("search", q="操作手册").json()["results"]
    assert number in {hit["document"] for hit in found}
    assert api.call("delete_document", id=number).status_code == 204
    assert api.call("get_document", id=number).status_code == 404


def test_a_picture_is_read_while_a_program_waits(site: Platform, token: str, files: dict[str, Path]) -> None:
    with files["收據"].open("rb") as file:
        answer = requests.post(
            f"{site.url}/api/v1/recognise/?keep=false&wait=60",
            files={"file": file},
            headers={"Authorization": f"Bearer {token}"},
            timeout=90,
        )
    assert answer.status_code == 200
    assert "725" in answer.json()["text"]


def test_a_generated_client_does_what_its_example_says(
    site: Platform, token: str, files: dict[str, Path], tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    headers = {"Authorization": f"Bearer {token}"}
    schema.write_text(requests.get(f"{site.url}/api/v1/schema/", headers=headers, timeout=60).text)
    config = tmp_path / "config.json"  # a formatter is not part of what is tested
    config.write_text(json.dumps(json.loads((EXAMPLES / "python_client.json").read_text()) | {"post_hooks": []}))
    generator = Path(sys.executable).with_name("openapi-python-client")
    options = ["--path", schema, "--output-path", tmp_path / "ocrsite_client", "--config", config, "--meta", "none"]
    made = subprocess.run(
        [generator, "generate", *options, "--fail-on-warning"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr

    file = Path(shutil.copy(files["收據"], tmp_path))
    shown = example("generated_client.py", site, token, file, PYTHONPATH=str(tmp_path))
    assert "done, tags: example" in shown
    collected = [json.loads(text) for text in example("chunks.py", site, token, "example").splitlines()]
    assert any("收據" in chunk["title"] and chunk["lines"] for chunk in collected)
    assert "found on 1 page(s)" in shown
    exports = [path for path in json.loads(schema.read_text())["paths"] if "/export/" in path]
    for name in (path.split("/")[-2] for path in exports):
        assert re.search(rf"^{name}: [1-9]\d* bytes, (File|str|Result)$", shown, re.MULTILINE), f"{name} in {shown}"


def test_the_example_client_reads_a_file(site: Platform, token: str, files: dict[str, Path]) -> None:
    shown = example("ocr_client.py", site, token, files["收據"])
    assert "收據: done, 1 of 1 pages" in shown
    assert "640" in shown


def test_the_example_assistant_finds_and_reads(site: Platform, token: str, files: dict[str, Path]) -> None:
    example("ocr_client.py", site, token, files["收據"])
    shown = example("assistant.py", site, token, "咖啡豆")
    assert "tools: search, " in shown
    assert "640" in shown


@pytest.fixture
def language_model() -> Iterator[str]:
    """Another program, which answers as Ollama does: here it misses a full stop everywhere."""

    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            line = asked["messages"][0]["content"].rpartition("此行：")[2]
            answer = json.dumps({"choices": [{"message": {"content": f"{line}。"}}]}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_person_decides_by_key_what_the_model_of_the_example_proposes(
    site: Platform, token: str, files: dict[str, Path], language_model: str, window: Callable[..., Page]
) -> None:
    # What is in doubt differs with the machine; so here everything is.
    more = {"MODEL_URL": f"{language_model}/v1", "MODEL": "any model", "DOUBTFUL": "1.01"}
    shown = example("polish.py", site, token, files["收據"], **more)
    assert "640" in shown
    page = window()
    page.goto(shown.rpartition("Look through them: ")[2].strip())
    items = page.locator("#proposals > li:visible")
    first, count = items.first.get_attribute("aria-label"), items.count()
    assert first
    assert faults(page) == []
    page.keyboard.press("j")
    page.keyboard.press("a")
    for _ in range(count - 1):
        page.keyboard.press("r")
    expect(items).to_have_count(0)
    expect(page.locator("#proposals > li")).to_have_count(0)  # the server has answered all of them
    page.get_by_role("link", name="收據").first.click()
    expect(page.locator("#page")).to_contain_text(first.partition(": ")[2])


def example(name: str, site: Platform, token: str, argument: Path | str, **more: str) -> str:
    """What an example of the documentation prints."""
    environment = os.environ | {"OCRSITE_URL": site.url, "OCRSITE_TOKEN": token} | more
    command = [sys.executable, EXAMPLES / name, argument]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_reference_of_the_api_can_be_read_and_tried(window: Callable[..., Page]) -> None:
    page = window()
    page.goto("/programs/")
    page.get_by_role("link", name="Reference of the API").click()
    entry = page.locator("#operations-me-me")
    entry.get_by_role("button").first.click()
    entry.get_by_role("button", name="Try it out").click()
    entry.get_by_role("button", name="Execute").click()
    expect(entry.locator(".live-responses-table .response").first).to_contain_text("admin")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_for_programs_is_accessible(theme: str, window: Callable[..., Page], token: str) -> None:
    page = window(color_scheme=theme)
    page.goto("/programs/")
    page.get_by_text("Make a token", exact=True).first.click()
    page.get_by_text("Add a webhook", exact=True).first.click()
    expect(page.get_by_role("cell", name="a script").first).to_be_visible()
    assert faults(page) == []


def test_a_webhook_into_the_internal_network_is_refused_with_the_reason(window: Callable[..., Page]) -> None:
    page = window()
    page.goto("/programs/")
    page.get_by_text("Add a webhook", exact=True).first.click()
    page.get_by_label("Address").fill("https://localhost:9/hook")
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("cell", name="ping")).to_be_visible()

    def told() -> bool:
        page.reload()
        return "lies in an internal network" in page.locator("main").inner_text()

    until = time.monotonic() + READ_WITHIN / 1000
    while not told():
        assert time.monotonic() < until
    assert faults(page) == []
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The webhook is deleted.")).to_be_visible()
