"""Who may see and do what: every address of the site, crossed with everybody who may try it.

A new URL belongs into one of the tables below, else a test fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core import serializers
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from documents import exports
from documents.library import links, operations
from documents.models import Document, Folder, PageResult, Share
from documents.originals import OpenOriginal
from documents.processing import tasks
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload

pytestmark = pytest.mark.django_db

OTHERS = ("admin", "accounts")
"""What Django and its libraries bring along, with checks and tests of their own; by the start of the address."""


@dataclass(frozen=True)
class Route:
    """A URL as somebody uses it: by its name, with what method, arguments and data.

    ``right``: what one must be allowed to do with the document that it is about. ``answer``: to those who may.
    ``arguments``: in the URL. In them and in ``data``, "<pk>" stands for the document, "<run>" for its current run,
    "<folder>" for the folder that is shared for editing, and "<share>" for the reader's share.
    """

    name: str
    right: Literal["read", "edit", "own"]
    answer: int = 200
    method: str = "get"
    arguments: Mapping[str, object] = field(default_factory=lambda: {"pk": "<pk>"})
    data: Mapping[str, object] = field(default_factory=dict)

    def address(self, document: Document) -> str:
        return reverse(self.name, kwargs=meant(self.arguments, document))

    def request(self, client: Client, document: Document) -> Any:
        as_json = {"content_type": "application/json"} if self.name.startswith("api:") and self.method != "get" else {}
        return getattr(client, self.method)(self.address(document), meant(self.data, document), **as_json)


def meant(values: Mapping[str, object], document: Document) -> dict[str, Any]:
    """The values with what their placeholders stand for."""
    assert document.folder is not None
    known = {
        "<pk>": document.pk,
        "<run>": document.current_run_id,
        "<folder>": document.folder.parent_id,
        "<link>": document.links.values_list("pk", flat=True).first(),
        "<share>": document.shares.filter(user__isnull=False).values_list("pk", flat=True).first(),
    }
    return {name: known.get(str(value), value) for name, value in values.items()}


def of_document(name: str, right: Literal["read", "edit", "own"], answer: int = 200, **more: Any) -> Route:
    """A route of ``documents.urls``: reading is a GET, everything else a POST."""
    arguments = {"pk": "<pk>"} | more.pop("arguments", {})
    method = "get" if right == "read" else "post"
    return Route(f"documents:{name}", right, answer, arguments=arguments, **{"method": method} | more)


def of_api(name: str, right: Literal["read", "edit", "own"], answer: int = 200, **more: Any) -> Route:
    """A route of the API about a document: a GET unless ``method`` says otherwise."""
    return Route(f"api:{name}", right, answer, arguments={"pk": "<pk>"} | more.pop("arguments", {}), **more)


def of_selection(action: str, right: Literal["edit", "own"], **data: str) -> list[Route]:
    """What is done with one or many documents: asked for with GET, done with POST."""
    named = {"document": "<pk>", "action": action}
    ask = Route("documents:selection", right, arguments={}, data=named)
    return [ask, Route("documents:selection", right, 302, "post", arguments={}, data=named | data)]


def of_folder(action: str, answer: int = 302, **data: object) -> Route:
    """What is done with a folder."""
    return Route("documents:change-folder", "own", answer, "post", {"pk": "<folder>", "action": action}, data)


PAGE = {"number": 1}
UNKNOWN = "6b1f6d3e-0000-4000-8000-000000000000"
DRAWN = '[{"polygon": [[10, 60], [90, 60], [90, 90], [10, 90]], "text": "火", "direction": "horizontal"}]'
RUN = {"run": "<run>"}
OFFER = {"page": 1, "line": "no-line", "text": "台北"}
FOLDER = {"folder": "<folder>"}

OF_A_DOCUMENT = [
    of_document("document", "read"),
    of_document("progress", "read", 286),
    of_document("text", "read"),
    of_document("find", "read"),
    of_document("compare", "read"),
    of_document("proposals", "edit", method="get"),
    of_document("proposals", "edit", 302),
    of_document("accept-proposals", "edit", 302),
    of_document("decide-proposal", "edit", 404, arguments={"proposal": 1}),
    of_document(
        "take-over", "edit", 302, data={"before": "<run>", "after": "<run>", "page": 1, "side": "after", "take": "1,1"}
    ),
    of_document("page", "read", arguments=PAGE),
    of_document("page-image", "read", arguments=PAGE),
    of_document("line-history", "read", arguments=PAGE | {"line": "1"}),
    of_document("thumbnail", "read", arguments=PAGE),
    of_document("original", "read"),
    of_document("activity", "own", method="get"),
    of_document("activity-table", "own", method="get"),
    of_document("export", "read", arguments={"suffix": "txt"}),
    Route("documents:bundle", "read", arguments={}, data={"document": "<pk>"}),
    Route("documents:bundle", "read", 200, "post", {}, {"document": "<pk>", "formats": "txt"}),
    of_document("table", "edit", 400, arguments=PAGE),
    of_document("block", "edit", 409, arguments=PAGE | {"block": "b1"}, data={"seen": 7, "kind": "title"}),
    of_document("change-lines", "edit", arguments=PAGE, data={"drawings": DRAWN}),
    of_document("order", "edit", 409, arguments=PAGE, data={"seen": 7}),
    of_document("check", "edit", arguments=PAGE, data={"lines": '{"1": "台北"}'}),
    of_document("read-region", "read", 202, method="post", arguments=PAGE, data={"region": "1,1 9,1 9,9 1,9"}),
    of_document("region", "read", arguments=PAGE | {"handle": "page-0"}),
    of_document("read-page-again", "edit", 302, arguments=PAGE),
    of_document("read-page-by-model", "edit", 302, arguments=PAGE),
    of_document("retry-page", "edit", 302, arguments=PAGE),
    of_document("cancel", "edit", 302),
    of_document("retry", "edit", 302),
    of_document("read-again", "edit", 302),
    of_document("import-run", "edit", 302),
    of_document("make-current", "edit", 302, arguments={"run_pk": "<run>"}),
    of_document("pages", "edit", method="get"),
    of_document("pages", "edit", 302, data={"action": "turn-right", "page": 1}),
    of_document("pages", "own", 302, data={"action": "take-out"}),
    of_document("page-targets", "edit", method="get"),
    of_document("manage", "edit", method="get"),
    of_document("change-title", "edit", 302, data={"title": "another"}),
    of_document("keep-again", "read", method="post"),
    *of_selection("tag", "edit", add="letters"),
    *of_selection("move", "own"),
    *of_selection("share", "own", person="stranger"),
    *of_selection("read-again", "edit"),
    *of_selection("trash", "own"),
    of_api("document", "read"),
    of_api("document", "edit", method="patch", data={"title": "another"}),
    of_api("document", "own", 204, method="delete"),
    of_api("original", "read"),
    of_api("export", "read", 404, arguments={"suffix": "wmf"}),
    *(of_api(f"export-{name}", "read") for name in exports.FORMATS),
    of_api("page", "read", arguments=PAGE),
    of_api("page-image", "read", arguments=PAGE),
    of_api("line", "read", arguments=PAGE | {"line": "1-1"}),
    of_api("line", "edit", method="patch", arguments=PAGE | {"line": "1-1"}, data={"text": "台北"}),
    of_api("order", "edit", 400, method="put", arguments=PAGE, data={"lines": ["no line"]}),
    of_api("order", "edit", method="delete", arguments=PAGE),
    of_api("block", "edit", 400, method="patch", arguments=PAGE | {"block": "1-b1"}, data={"type": "poem"}),
    of_api("grid", "edit", 400, method="post", arguments=PAGE | {"block": "1-b1"}, data={"at": 0}),
    of_api("pages", "read"),
    of_api("page-order", "edit", 409, method="put", data={"pages": [1]}),
    of_api("turn-pages", "edit", 409, method="post", data={"pages": [2**40], "degrees": 90}),
    of_api("take-out-pages", "own", 409, method="post", data={"pages": [2**40]}),
    of_api("move-pages", "own", 409, method="post", data={"pages": [2**40]}),
    of_api("join", "own", 400, method="post", data={"documents": [UNKNOWN]}),
    of_api("proposals", "read"),
    of_api("proposals", "edit", 201, method="post", data={"model": "m", "proposals": [OFFER]}),
    of_api("ask-model", "edit", 409, method="post"),
    of_api("vision", "edit", 409, method="post", arguments=PAGE),
    of_api("proposal", "edit", 404, method="patch", arguments={"proposal": 1}, data={"state": "rejected"}),
    of_api("check", "edit", method="put", arguments=PAGE),
    of_api("check", "edit", method="delete", arguments=PAGE),
    of_document("make-link", "own", 302, data={"days": "7"}),
    of_document("end-link", "own", 302, arguments={"link": "<link>"}),
    of_api("links", "own"),
    of_api("links", "own", 201, method="post", data={"days": 7}),
    of_api("link", "own", 204, method="delete", arguments={"link": "<link>"}),
    of_api("shares", "own"),
    of_api("shares", "own", 201, method="post", data={"user": "stranger"}),
    of_api("share", "own", 204, method="delete", arguments={"share": "<share>"}),
    of_api("runs", "read"),
    of_api("runs", "edit", 201, method="post"),
    of_api("import-run", "edit", 415, method="post", data={}),
    of_api("run", "read", arguments=RUN),
    of_api("cancel-run", "edit", method="post", arguments=RUN),
    of_api("retry-run", "edit", method="post", arguments=RUN),
    of_api("make-run-current", "edit", method="post", arguments=RUN),
]
"""About one document: what each person gets follows from the right that it needs. Two people may do what needs
the right to edit, one after the other, so its data must be good twice."""

OF_A_FOLDER = [
    Route("documents:folder", "own", arguments={"pk": "<folder>"}),
    of_folder("rename", name="another"),
    of_folder("move"),
    of_folder("share", person="stranger"),
    Route("api:folder-shares", "own", arguments=FOLDER),
    Route("api:folder-shares", "own", 201, "post", FOLDER, {"user": "stranger"}),
    Route("api:folder", "own", 200, "patch", FOLDER, {"name": "renamed"}),
    Route("api:folder", "own", 422, "delete", FOLDER),
    of_folder("delete", with_contents="on"),
]
"""About the folder that the folder editor has a share of; the document lies further down in it."""

OF_A_SHARE = [
    Route("documents:change-share", "own", 302, "post", {"pk": "<share>"}, {"may_edit": "1"}),
    Route("documents:change-share", "own", 302, "post", {"pk": "<share>"}, {"remove": "1"}),
]
"""About a share, of which only the owner knows."""

OF_ONESELF = {
    "documents:create-folder",
    "documents:save-filter",
    "documents:trash",
    "documents:index",
    "documents:gone",
    "documents:people",
    "documents:manifests",
    "documents:search",
    "documents:replace",
    "documents:upload",
    "documents:parts",
    "documents:preferences",
    "documents:programs",
    "documents:make-token",
    "documents:make-webhook",
    "api:documents",
    "api:me",
    "api:folders",
    "api:manifests",
    "api:tags",
    "api:trash",
    "api:webhooks",
    "api:bulk-tag",
    "api:bulk-move",
    "api:bulk-share",
    "api:bulk-read-again",
    "api:bulk-trash",
    "api:bulk-bundle",
    "api:replacements",
    "api:search",
    "api:search-by-meaning",
    "api:recognise",
    "api:recognise-batch",
    "paddlex-ocr",
    "api:schema",
    "api:docs",
}
"""For everybody who is logged in, and about what they may see anyway."""

OF_THE_SENDER = {"documents:part"}
"""About a file on its way, which is nobody else's: see test_resumable.py."""

OF_THE_MAKER = {
    "documents:delete-filter",
    "documents:revoke-token",
    "documents:webhook",
    "documents:switch-webhook",
    "documents:ping-webhook",
    "documents:delete-webhook",
    "documents:redeliver",
    "api:manifest",
    "api:trashed",
    "api:restore",
    "api:webhook",
    "api:ping-webhook",
    "api:deliveries",
    "api:redeliver",
    "api:folder-share",
    "documents:replacement",
    "api:replacement",
    "api:replacement-lines",
    "api:apply-replacement",
    "api:undo-replacement",
}
"""About a filter, token, webhook, replacement, manifest, folder's share or trashed document of one's own, which is
nobody else's: see test_library.py, test_webhooks.py, test_replacing.py, test_manifests.py and the tests of the API."""

OF_WHOEVER_HAS_THE_LINK = {"documents:link", "documents:link-image", "documents:link-export"}
"""Without login, about the one document of a link: see test_links.py."""

OF_THE_KEY = {
    f"documents:iiif-{name}" for name in ("manifest", "search", "annotations", "collection", "image", "info", "picture")
}
"""For whoever has the key in the address, see test_iiif.py."""

OF_EVERYBODY = {"health", "healthz", "mcp", "metrics", "readyz", "set_language"}
"""Without login; ``metrics`` with a token of its own, ``mcp`` with one of a person's, see tests/documents/mcp."""

RIGHTS = {
    "anonymous": None,
    "stranger": set(),
    "administrator": set(),  # acts through the administration, where it is known who does
    "reader": {"read"},
    "team reader": {"read"},
    "folder editor": {"read", "edit"},
    "owner": {"read", "edit", "own"},
}
"""What each person may do with the document; those who may least come first, since the last ones change it."""


@pytest.fixture
def document(receive, fake_engine: FakeEngine, owner: User) -> Document:
    """A document of the owner's that has been read, in a folder inside another one."""
    received = receive(upload("book.pdf", book(2)))
    run = received.current_run
    with OpenOriginal() as originals:
        while claimed := PageResult.objects.claim(run, "desk", timedelta(minutes=1)):
            tasks.read_page(run, claimed, originals)
    inner = Folder.create(owner, "inner", Folder.create(owner, "outer"))
    Document.objects.filter(pk=received.pk).update(folder=inner)
    return Document.objects.get(pk=received.pk)


@pytest.fixture
def people(document: Document, owner: User) -> dict[str, Client]:
    """Everybody who may try, logged in, by what they are to the document."""
    team = Group.objects.create(name="team")
    made: dict[str, User] = {"owner": owner}
    for name in ("stranger", "reader", "team reader", "folder editor"):
        made[name] = User.objects.create_user(name)
    made["administrator"] = User.objects.create_superuser("administrator")
    made["team reader"].groups.add(team)
    Share.objects.create(document=document, user=made["reader"])
    Share.objects.create(document=document, team=team)
    links.make(document, owner, days=7)
    assert document.folder is not None
    Share.objects.create(folder=document.folder.parent, user=made["folder editor"], may_edit=True)
    clients = {"anonymous": Client()} | {name: Client() for name in made}
    for name, user in made.items():
        clients[name].force_login(user)
    return clients


def everything() -> str:
    """All that the archive holds, to tell whether something was changed."""
    models = apps.get_app_config("documents").get_models()
    return "".join(serializers.serialize("json", model._default_manager.all()) for model in models)


def urls(patterns: list[Any] | None = None, namespace: str = "", start: str = "") -> Iterator[tuple[str, str]]:
    """Name and beginning of every address that the site answers."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = start + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from urls(pattern.url_patterns, inner, address)
        else:
            assert isinstance(pattern, URLPattern)
            yield f"{namespace}{pattern.name}", address


def test_every_url_is_in_a_permission_table() -> None:
    names = {name for name, address in urls() if address.split("/")[0] not in OTHERS}
    routes = {route.name for route in [*OF_A_DOCUMENT, *OF_A_FOLDER, *OF_A_SHARE]}
    assert (
        names
        == routes | OF_ONESELF | OF_THE_SENDER | OF_THE_MAKER | OF_THE_KEY | OF_EVERYBODY | OF_WHOEVER_HAS_THE_LINK
    )


KNOW_NOTHING: dict[str, set[str] | None] = {name: set() for name in ("reader", "team reader")}
CASES = [
    *((route, RIGHTS) for route in OF_A_DOCUMENT),
    *((route, RIGHTS | KNOW_NOTHING) for route in OF_A_FOLDER),
    *((route, RIGHTS | KNOW_NOTHING | {"folder editor": set()}) for route in OF_A_SHARE),
]


def label(route: Route) -> str:
    return f"{route.method} {route.name} {route.data.get('action', '')}"


def groups() -> dict[str, list[tuple[Route, dict[str, set[str] | None]]]]:
    """The cases by who answers and what right is needed: those of a group share a document, and leave it as it was."""
    found: dict[str, list[tuple[Route, dict[str, set[str] | None]]]] = {}
    for route, all_rights in CASES:
        found.setdefault(f"{route.name.partition(':')[0]} {route.right}", []).append((route, all_rights))
    return found


@pytest.mark.parametrize("cases", groups().values(), ids=groups())
def test_each_person_gets_what_they_may_have_and_changes_nothing_else(
    cases: list[tuple[Route, dict[str, set[str] | None]]], document: Document, people: dict[str, Client]
) -> None:
    for route, all_rights in cases:
        with transaction.atomic():
            before = everything()
            for person, rights in all_rights.items():
                where = f"{label(route)} by {person}"
                answer = route.request(people[person], document)
                answer.close()  # an export that is not read to its end would keep its turn
                if rights is None:
                    refused = answer.headers.get("Location", "").startswith(reverse("account_login"))
                    assert answer.status_code == 401 or refused, where
                elif route.right in rights:
                    assert answer.status_code == route.answer, where
                    continue
                else:
                    assert answer.status_code == (403 if "read" in rights else 404), where
                assert everything() == before, where
            transaction.set_rollback(True)


def test_what_is_taken_back_is_gone_everywhere_at_once(document: Document, people: dict[str, Client]) -> None:
    reader, seen = people["reader"], {}
    readable = [route for route in OF_A_DOCUMENT if route.right == "read" and route.method == "get"]
    for route in readable:
        answer = route.request(reader, document)
        assert answer.status_code == route.answer, route.name
        assert "max-age" not in (kept := answer.headers.get("Cache-Control", "")) or "max-age=0" in kept, route.name
        seen[route.name] = answer.headers.get("ETag", "none")
    as_owner = people["owner"]
    as_owner.post(reverse("documents:change-share", args=[document.shares.get(user__isnull=False).pk]), {"remove": "1"})
    for route in readable:
        again = reader.get(route.address(document), headers={"if-none-match": seen[route.name]})
        assert again.status_code == 404, route.name


def test_an_open_page_is_told_what_it_may_show_no_more(
    document: Document, people: dict[str, Client], owner: User
) -> None:
    assert document.folder is not None
    asked = {"document": str(document.pk), "folder": str(document.folder.parent_id)}

    def gone(person: str) -> tuple[bool, bool]:
        answer = people[person].get("/documents/gone/", asked)
        assert "no-store" in answer.headers["Cache-Control"]
        told = answer.json()
        return bool(told["document"]), bool(told["folder"])

    assert gone("owner") == gone("folder editor") == (False, False)
    assert gone("reader") == gone("team reader") == (False, True)
    assert gone("stranger") == gone("administrator") == (True, True)
    Share.objects.all().delete()
    assert gone("folder editor") == gone("reader") == gone("team reader") == (True, True)
    operations.trash(document, owner)
    assert gone("owner") == (True, False)
    for nonsense in ({"document": "x"}, {"folder": "x"}, {"folder": 2**70}):
        assert people["owner"].get("/documents/gone/", nonsense).status_code == 404


def test_what_is_in_the_trash_answers_nobody(document: Document, people: dict[str, Client], owner: User) -> None:
    operations.trash(document, owner)
    before = everything()
    for route in OF_A_DOCUMENT:
        for person in ("reader", "team reader", "folder editor", "owner"):
            assert route.request(people[person], document).status_code == 404, (route.name, person)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(OF_ONESELF))
def test_the_anonymous_must_log_in_first(name: str, db) -> None:
    answer = Client().get(reverse(name))
    assert answer.status_code == 401 or answer.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted(OF_EVERYBODY))
def test_everybody_is_answered_without_login(name: str, db) -> None:
    answer = Client().post(reverse(name))
    assert not answer.headers.get("Location", "").startswith(reverse("account_login"))


READ_TOO = {"documents:bundle", "documents:selection", "documents:proposals", "documents:pages"}
POSTED = [
    route
    for route in [*OF_A_DOCUMENT, *OF_A_FOLDER, *OF_A_SHARE]
    if route.method == "post" and route.name.startswith("documents:") and route.name not in READ_TOO
]


def test_nothing_is_changed_by_looking(document: Document, people: dict[str, Client], as_owner: Client) -> None:
    answers = {route.name: as_owner.get(route.address(document)).status_code for route in POSTED}
    assert {name: status for name, status in answers.items() if status != 405} == {}
