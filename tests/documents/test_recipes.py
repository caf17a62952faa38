"""The recipes of docs/api.md, as they are written there: by curl, against a server that serves them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from documents import exports
from documents.models import AccessToken, Document, Folder, Scope, Share
from recognition.page import Line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, picture, upload
from tests.support.language_model import Model

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = (Path(__file__).parents[2] / "docs/api.md").read_text()
SECTIONS = {
    part.partition("\n")[0]: re.findall(r"^    (curl .+)$", part, re.MULTILINE)
    for part in re.split(r"^##+ ", GUIDE, flags=re.MULTILINE)
}
RECIPES = {name: commands for name, commands in SECTIONS.items() if commands and name != "Search by meaning"}
"""That one needs an archive of its own: test_semantic.py has it."""

CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }'


def read_line(top: float) -> Line:
    return Line("自已的影象", 0.8, ((100, top), (500, top), (500, top + 30), (100, top + 30)))


LINES = [read_line(40.0 * n) for n in range(1, 10)] + [read_line(700 + 40.0 * n) for n in range(8)]
"""Of two paragraphs."""


class Reader(Model):
    def reply(self, asked: dict[str, Any]) -> object:
        return "\n".join(line.raw for line in LINES)


@pytest.fixture
def at_once(settings) -> Iterator[None]:
    """Workers that are so quick that whatever is asked for is done at once."""
    for queue in settings.RQ_QUEUES.values():
        queue["ASYNC"] = False
    yield
    for queue in settings.RQ_QUEUES.values():
        del queue["ASYNC"]


@pytest.fixture
def document(
    receive: Callable[..., Document], fake_engine: FakeEngine, owner: User, at_once: None, monkeypatch
) -> Document:
    """What the recipes speak of: three pages of seventeen lines, people, and folders."""
    monkeypatch.setattr(fake_engine, "read", lambda image: LINES)
    for name in ("chen", "lin"):
        User.objects.create_user(name)
    for number, name in ((7, "1937"), (8, "1938")):
        Folder.objects.create(pk=number, name=name, owner=owner)
    return Document.objects.get(pk=receive(upload("book.pdf", book(3))).pk)


@pytest.fixture
def known(document: Document) -> dict[str, str]:
    """What the names and numbers of the recipes are called in this archive."""
    one, two, three = document.pages.values_list("pk", flat=True)
    share = Share.objects.create(document=document, user=User.objects.get(username="lin"))
    return {
        "<id>": str(document.pk),
        "[41, 42]": f"[{one}, {two}]",
        "[42, 41, 43]": f"[{two}, {one}, {three}]",
        "[43]": f"[{three}]",
        "shares/12/": f"shares/{share.pk}/",
    }


@pytest.fixture
def folder(document: Document, tmp_path: Path) -> Path:
    """With the files that the recipes send."""
    for name in ("receipt.jpg", "letter.jpg", "1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(picture(suffix="JPEG"))
    for name in ("number.png", "b.png"):
        (tmp_path / name).write_bytes(picture())
    for name in ("a.pdf", "scan.pdf"):
        (tmp_path / name).write_bytes(book(1))
    assert document.current_run
    with (tmp_path / "page.zip").open("wb") as out:
        exports.FORMATS["page"].write(document.current_run.export(), out)
    return tmp_path


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works_as_it_is_written(
    name: str, known: dict[str, str], folder: Path, owner: User, live_server: Any, settings
) -> None:
    _, secret = AccessToken.issue(owner, "curl", Scope.WRITE, timedelta(days=1))
    environment = {"API": f"{live_server.url}/api/v1", "AUTH": f"Authorization: Bearer {secret}"}
    with Reader() as model:
        settings.OCRSITE_VISION_URL, settings.OCRSITE_VISION_MODEL = model.url, "PaddleOCR-VL"
        for recipe in RECIPES[name]:
            command = recipe
            for written, meant in known.items():
                command = command.replace(written, meant)
            done = subprocess.run(
                ["bash", "-c", f"{CURL}; {command}"],
                cwd=folder,
                env=environment | {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            known |= made(done.stdout)


def made(answer: str) -> dict[str, str]:
    """How the next commands of a recipe call what one has made."""
    try:
        found = json.loads(answer)
    except ValueError:  # an export
        return {}
    if isinstance(found, dict) and "id" in found:
        return dict.fromkeys(["<run>", "<replacement>", "<import>"], str(found["id"]))
    return {}
