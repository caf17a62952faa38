"""Programs from outside, against the platform as it runs: a token from the page, then nothing but the API."""

from __future__ import annotations

import json
import os
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

from tests.support.browser import READ_WITHIN, faults
from tests.support.stack import ROOT, Platform

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture(scope="package")
def token(site: Platform, browser: Any, cookies: list) -> str:
    """A token that a person has made on the page for it."""
    context = browser.new_context(base_url=site.url, locale="en")
    context.add_cookies(cookies)
    page = context.new_page()
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

    def values(self, operation: str, parameter: str) -> list[str]:
        """What a parameter may be, as the document has it."""
        (found,) = (p for p in self.operations[operation][2]["parameters"] if p["name"] == parameter)
        values: list[str] = found["schema"]["enum"]
        return values


def wait(api: DescribedAPI, number: str) -> dict[str, Any]:
    until = time.monotonic() + READ_WITHIN / 1000
    while (document := api.call("get_document", id=number).json())["status"] in {"queued", "running"}:
        assert time.monotonic() < until
        time.sleep(0.5)
    return document


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
    assert wait(api, number)["run"] == made["id"]

    formats = api.values("export_document", "suffix")
    assert {"txt", "json", "pdf"} <= set(formats)
    for suffix in formats:
        exported = api.call("export_document", id=number, suffix=suffix)
        assert exported.status_code == 200
        assert exported.content
    assert "操作手冊" in api.call("export_document", id=number, suffix="txt").text

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


def test_a_generated_client_works(site: Platform, token: str, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    headers = {"Authorization": f"Bearer {token}"}
    schema.write_text(requests.get(f"{site.url}/api/v1/schema/", headers=headers, timeout=60).text)
    generator = Path(sys.executable).with_name("openapi-python-client")
    client, config = tmp_path / "generated_client", tmp_path / "config.json"
    binary = dict.fromkeys(["application/pdf", "image/jpeg"], "application/octet-stream")
    config.write_text(json.dumps({"content_type_overrides": binary, "post_hooks": []}))
    options = ["--path", schema, "--output-path", client, "--config", config, "--meta", "none", "--fail-on-warning"]
    made = subprocess.run([generator, "generate", *options], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    script = f"""
from generated_client import AuthenticatedClient
from generated_client.api.documents import list_documents
from generated_client.api.me import me

client = AuthenticatedClient(base_url={site.url!r}, token={token!r}, raise_on_unexpected_status=True)
print(me.sync(client=client).username, type(list_documents.sync(client=client, page_size=1)).__name__)
"""
    shown = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["admin", "DocumentPage"]


def test_the_example_client_reads_a_file(site: Platform, token: str, files: dict[str, Path]) -> None:
    shown = example("ocr_client.py", site, token, files["收據"])
    assert "收據: done, 1 of 1 pages" in shown
    assert "640" in shown


@pytest.fixture
def language_model() -> Iterator[str]:
    """Another program, which answers as Ollama does: here it knows one correction for everything."""

    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert "此行" in asked["prompt"]
            answer = json.dumps({"response": "咖啡豆 640 元"}).encode()
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


def test_the_example_chain_has_another_program_mend_what_is_in_doubt(
    site: Platform, token: str, files: dict[str, Path], language_model: str
) -> None:
    # What is in doubt differs with the machine; so here everything is.
    more = {"OLLAMA_URL": language_model, "OLLAMA_MODEL": "any", "DOUBTFUL": "1.01"}
    shown = example("polish.py", site, token, files["收據"], **more)
    assert "-> 咖啡豆 640 元" in shown
    address = shown.rpartition("Look through it: ")[2].strip()
    assert address.startswith(f"{site.url}/documents/")


def example(name: str, site: Platform, token: str, file: Path, **more: str) -> str:
    """What an example of the documentation says about a file."""
    environment = os.environ | {"OCRSITE_URL": site.url, "OCRSITE_TOKEN": token} | more
    command = [sys.executable, EXAMPLES / name, file]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
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

    until = time.monotonic() + 20
    while not told():
        assert time.monotonic() < until
    assert faults(page) == []
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The webhook is deleted.")).to_be_visible()
