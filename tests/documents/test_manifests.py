"""Documents by the manifests of other institutions, from a real server that may do anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents import editing
from documents.errors import ManifestInvalidError
from documents.ingest import manifest_imports, manifests
from documents.library import links
from documents.models import Document, Folder, ManifestImport
from documents.models.manifest_imports import ManifestImportQuerySet
from tests.support.api import API, holding, problem
from tests.support.fake_engine import FakeEngine
from tests.support.files import picture
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Library:
    """A server of another institution. ``pages``: what is at a path: bytes, or the address of a redirect, or a status.
    ``asked``: the paths of all requests."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | str | int] = {}
        self.asked: list[str] = []
        library = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                library.asked.append(self.path)
                found = library.pages.get(self.path, 404)
                self.send_response(200 if isinstance(found, bytes) else 302 if isinstance(found, str) else found)
                if isinstance(found, str):
                    self.send_header("Location", found)
                content = found if isinstance(found, bytes) else b""
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def library(settings) -> Iterator[Library]:
    found = Library()
    settings.OCRSITE_IIIF_HOSTS = [found.host]
    yield found
    found.close()


def version_3(library: Library, *images: str) -> dict[str, Any]:
    def canvas(image: str) -> dict[str, Any]:
        service = {"id": f"{library.url}/{image}", "type": "ImageService3", "profile": "level0"}
        body = {"id": f"{library.url}/{image}/full/600,/0/default.jpg", "type": "Image", "service": [service]}
        return {"type": "Canvas", "items": [{"items": [{"motivation": "painting", "body": body}]}]}

    label = {"en": ["Letters"], "zh-Hant": ["家書"]}
    return {"type": "Manifest", "label": label, "items": [*map(canvas, images), {"type": "Canvas", "items": []}]}


def serve(library: Library, manifest: object, *images: str) -> str:
    library.pages["/manifest"] = json.dumps(manifest).encode()
    for image in images:
        library.pages[f"/{image}/full/max/0/default.jpg"] = picture(suffix="JPEG")
    return f"{library.url}/manifest"


def begin(owner: User, address: str, **more: Any) -> dict[str, Any]:
    answer = holding(owner, "write").post(
        f"{API}/manifests/", {"manifest": address} | more, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    begun: dict[str, Any] = answer.json()
    return begun


def outcome(owner: User, begun: dict[str, Any]) -> dict[str, Any]:
    while manifest_imports.import_due():
        pass
    found: dict[str, Any] = holding(owner, "read").get(begun["url"]).json()
    return found


def test_a_manifest_becomes_a_document(library: Library, owner: User, fake_engine: FakeEngine) -> None:
    folder = Folder.objects.create(name="letters", owner=owner)
    address = serve(library, version_3(library, "a", "b"), "a", "b")
    begun = begin(owner, address, folder=folder.pk, direction="vertical-rl")
    assert (begun["state"], begun["pages"], begun["document"]) == ("fetching", None, None)
    call_command("webhooks", once=True)
    found = holding(owner, "read").get(begun["url"]).json()
    assert (found["state"], found["pages"], found["pages_fetched"]) == ("done", 2, 2)
    document = Document.objects.get(pk=found["document"])
    assert (document.title, document.folder, document.page_count) == ("家書", folder, 2)
    run_worker()
    run = Document.objects.get(pk=document.pk).current_run
    assert run
    assert (run.state, run.options["direction"]) == ("done", "vertical-rl")
    (listed,) = holding(owner, "read").get(f"{API}/manifests/").json()
    assert listed == found


def test_older_manifests_and_servers_are_understood(library: Library, owner: User, fake_engine: FakeEngine) -> None:
    service = {"@id": f"{library.url}/old", "profile": "http://iiif.io/api/image/2/level1.json"}
    resource = {"@id": "/images/plain.jpg", "@type": "dctypes:Image"}
    canvases = [{"images": [{"resource": resource | {"service": service}}]}, {"images": [{"resource": resource}]}]
    manifest = {"@type": "sc:Manifest", "label": {"@value": "舊書"}, "sequences": [{"canvases": canvases}]}
    address = serve(library, manifest)
    library.pages["/old/full/full/0/default.jpg"] = "/elsewhere.jpg"
    library.pages |= {"/elsewhere.jpg": picture(suffix="JPEG"), "/images/plain.jpg": picture()}
    found = outcome(owner, begin(owner, address))
    assert (found["state"], found["pages"]) == ("done", 2)
    assert Document.objects.get().title == "舊書"
    assert "/old/full/max/0/default.jpg" in library.asked


def test_canvases_without_an_image_are_named(
    library: Library, owner: User, as_owner: Client, fake_engine: FakeEngine
) -> None:
    """Two have none, and what is painted on another is not an image but a text without an address."""
    manifest = version_3(library, "a", "b")
    text = {"type": "TextualBody", "value": "Not digitised"}
    manifest["items"].insert(1, {"type": "Canvas", "label": {"en": ["<2r>\n\u3000blank"]}, "items": []})
    manifest["items"].append({"type": "Canvas", "label": {"en": ["x" * 81]}, "items": [{"items": [{"body": text}]}]})
    found = outcome(owner, begin(owner, serve(library, manifest, "a", "b")))
    assert (found["state"], found["pages"]) == ("done", 2)
    labels = {2: "<2r> blank", 4: "", 5: ""}
    named = [{"number": number, "label": label, "images": 0} for number, label in labels.items()]
    assert found["left_out"] == named
    sentence = "because the manifest names no image for them: 2 (&lt;2r&gt; blank), 4, 5<"
    assert sentence in as_owner.get(reverse("documents:manifests")).content.decode()
    chinese = as_owner.get(reverse("documents:manifests"), headers={"Accept-Language": "zh-TW"}).content.decode()
    assert "2（&lt;2r&gt; blank）、4、5<" in chinese


def test_images_beside_the_first_of_a_canvas_are_named(
    library: Library, owner: User, as_owner: Client, fake_engine: FakeEngine
) -> None:
    """One canvas has details beside its image, another one a choice of lights."""
    manifest = version_3(library, "a", "b", "c")
    first, second, third, _ = manifest["items"]
    first["items"] += third["items"] * 2
    first["label"] = {"none": ["1r"]}
    lights = [second["items"][0]["items"][0]["body"], third["items"][0]["items"][0]["body"]]
    second["items"][0]["items"][0]["body"] = {"type": "Choice", "items": lights}
    manifest["items"] = [first, second, third]
    found = outcome(owner, begin(owner, serve(library, manifest, "a", "b", "c")))
    assert (found["state"], found["pages"]) == ("done", 3)
    assert found["left_out"] == [
        {"number": 1, "label": "1r", "images": 2},
        {"number": 2, "label": "", "images": 1},
    ]
    sentence = "each of these canvases is in the document: 1 (1r, 2 more images), 2 (1 more image)<"
    shown = as_owner.get(reverse("documents:manifests")).content.decode()
    assert sentence in shown
    assert "names no image" not in shown


def test_images_beside_the_first_are_found_in_older_manifests() -> None:
    plain = {"resource": {"@id": "/1.jpg"}}
    choice = {"resource": {"@type": "oa:Choice", "default": {"@id": "/2.jpg"}, "item": {"@id": "/3.jpg"}}}
    canvases = [{"images": [plain, plain]}, {"images": [choice]}, {"images": [plain]}]
    manifest = {"@type": "sc:Manifest", "sequences": [{"canvases": canvases}]}
    found = manifests.parse(json.dumps(manifest).encode(), "https://example.org/manifest")
    assert [images[0] for images in found.images] == [f"https://example.org/{number}.jpg" for number in (1, 2, 1)]
    assert found.left_out == [manifests.Canvas(1, "", 1), manifests.Canvas(2, "", 1)]


LICENCE = "http://creativecommons.org/licenses/by/4.0/"


def test_rights_stay_with_the_document_and_whatever_is_made_of_it(
    library: Library, owner: User, as_owner: Client, fake_engine: FakeEngine
) -> None:
    statement = {"label": {"en": ["Provided by"]}, "value": {"zh-Hant": ["<p>國立圖書館 &amp; <b>檔案館</b></p>"]}}
    manifest = version_3(library, "a", "b") | {"rights": LICENCE, "requiredStatement": statement}
    found = outcome(owner, begin(owner, serve(library, manifest, "a", "b")))
    expected = {"rights": LICENCE, "attribution": "Provided by: 國立圖書館 & 檔案館"}
    document = Document.objects.get(pk=found["document"])
    run_worker()
    part = editing.part_document(document, [document.pages.all()[0].pk], actor=owner)
    link = links.make(part, owner, days=7)
    for each in (document, part):
        shown = holding(owner, "read").get(f"{API}/documents/{each.pk}/").json()
        assert {name: shown[name] for name in expected} == expected
        page = as_owner.get(each.get_absolute_url()).content.decode()
        assert f'href="{LICENCE}"' in page
        assert "Provided by: 國立圖書館 &amp; 檔案館" in page
    assert f'href="{LICENCE}"' in as_owner.get(reverse("documents:link", args=[link.token])).content.decode()
    iiif = as_owner.get(f"/iiif/{link.token}/documents/{part.pk}/manifest").json()
    assert (iiif["rights"], iiif["requiredStatement"]["value"]) == (LICENCE, {"none": [expected["attribution"]]})


def test_pages_that_come_bring_their_rights(library: Library, owner: User, fake_engine: FakeEngine) -> None:
    def imported(stated: dict[str, str]) -> Document:
        found = outcome(owner, begin(owner, serve(library, version_3(library, "a") | stated, "a")))
        return Document.objects.get(pk=found["document"])

    stated = {}, {"rights": LICENCE}, {"license": "https://example.org/no"}, {"attribution": "Library"}
    documents = list(map(imported, stated))
    run_worker()
    joined = editing.join_documents(documents, actor=owner)
    assert (joined.rights, joined.attribution) == (LICENCE, "https://example.org/no · Library")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            {"license": [LICENCE, "elsewhere"], "attribution": [{"@value": "<i>Library</i>"}]},
            (LICENCE, "Library · elsewhere"),
        ),
        ({"license": "All rights reserved", "attribution": {"en": ["A\u202e\nB"]}}, ("", "A B · All rights reserved")),
        ({"rights": "javascript:alert(1)"}, ("", "javascript:alert(1)")),  # text, and no link
        ({"rights": f"{LICENCE}{'x' * 500}", "attribution": "y" * 5000}, ("", "y" * 1999 + "…")),
        ({"rights": None, "requiredStatement": None, "attribution": None}, ("", "")),
        ({"requiredStatement": {"label": "Attribution", "value": ""}}, ("", "")),
        ({"requiredStatement": {"label": "典藏單位", "value": "國立圖書館"}}, ("", "典藏單位：國立圖書館")),
    ],
)
def test_rights_come_in_many_shapes(stated: dict[str, Any], expected: tuple[str, str]) -> None:
    manifest = {"@type": "sc:Manifest", "sequences": [{"canvases": [{"images": [{"resource": {"@id": "/1.jpg"}}]}]}]}
    found = manifests.parse(json.dumps(manifest | stated).encode(), "https://example.org/manifest")
    assert (found.rights, found.attribution) == expected


def test_a_manifest_of_canvases_with_images_leaves_nothing_out(
    library: Library, owner: User, as_owner: Client, fake_engine: FakeEngine
) -> None:
    manifest = version_3(library, "a")
    del manifest["items"][1]
    assert outcome(owner, begin(owner, serve(library, manifest, "a")))["left_out"] == []
    assert "names no image" not in as_owner.get(reverse("documents:manifests")).content.decode()


@pytest.mark.parametrize("label", ["\x00", "a\ud800", "x" * 81, [], None])
def test_labels_that_cannot_be_shown_are_left_to_the_number(label: object) -> None:
    canvases = [{"label": label}, {"images": [{"resource": {"@id": "/1.jpg"}}]}, {"label": "封底", "images": []}]
    manifest = {"@type": "sc:Manifest", "sequences": [{"canvases": canvases}]}
    found = manifests.parse(json.dumps(manifest).encode(), "https://example.org/manifest")
    assert found.left_out == [manifests.Canvas(1, ""), manifests.Canvas(3, "封底")]


def test_nobody_is_asked_for_what_lies_in_the_internal_network(library: Library, owner: User, settings) -> None:
    settings.OCRSITE_IIIF_HOSTS = []
    program = holding(owner, "write")
    for address in (library.url + "/manifest", "https://127.0.0.1/manifest", "https://10.0.0.1/manifest"):
        found = outcome(owner, begin(owner, address))
        assert found["error"]["code"] == "manifest-unreachable"
        assert "OCRSITE_IIIF_HOSTS" in found["error"]["message"]
    for address in ("ftp://example.org/manifest", "https://user:secret@example.org/", "manifest"):
        answer = program.post(f"{API}/manifests/", {"manifest": address}, content_type="application/json")
        assert problem(answer, 400, "invalid")["errors"][0]["field"] == "manifest"
    assert library.asked == []


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/inside.jpg", "https://[::1]/inside.jpg", "/1.jpg"])
def test_images_and_redirects_lead_no_further(where: str, library: Library, owner: User) -> None:
    address = serve(library, version_3(library, "a"))
    library.pages |= {"/a/full/max/0/default.jpg": where, "/1.jpg": "/2.jpg", "/2.jpg": "/3.jpg", "/3.jpg": "/1.jpg"}
    error = outcome(owner, begin(owner, address))["error"]
    assert (error["code"], error["params"]["page"]) == ("image-unreachable", 1)
    assert not Document.objects.exists()


def test_what_cannot_become_a_document_says_why(
    library: Library, owner: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def code(manifest: object, *images: str) -> str:
        found = outcome(owner, begin(owner, serve(library, manifest, *images)))
        assert found["state"] == "failed"
        return str(found["error"]["code"])

    assert code({"type": "Collection", "items": []}) == "manifest-invalid"
    assert code(version_3(library, "missing")) == "image-unreachable"
    library.pages["/text/full/max/0/default.jpg"] = b"<html>Log in</html>"
    assert code(version_3(library, "text")) == "file-type-unsupported"
    settings.OCRSITE_MAX_PAGES = 1
    assert code(version_3(library, "a", "b"), "a", "b") == "too-many-pages-together"
    empty = [{"type": "Canvas"}] * 2
    assert code(version_3(library, "a") | {"items": version_3(library, "a")["items"] + empty}, "a") == (
        "too-many-pages-together"
    )
    settings.OCRSITE_MAX_BYTES = 100
    assert code(version_3(library, "a"), "a") == "image-unreachable"
    library.pages["/manifest"] = 403
    found = outcome(owner, begin(owner, f"{library.url}/manifest"))
    assert found["error"]["message"] == "The manifest could not be fetched. The server answers with an error."
    assert not Document.objects.exists()

    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(manifests, "parse", fails)
    assert code(version_3(library, "a")) == "server-error"


def test_a_manifest_belongs_to_whoever_had_it_imported(library: Library, owner: User, stranger: User) -> None:
    begun = begin(owner, serve(library, version_3(library, "a"), "a"))
    other = holding(stranger, "write")
    assert other.get(begun["url"]).status_code == 404
    assert other.get(f"{API}/manifests/").json() == []
    program = holding(owner, "read")
    assert program.post(f"{API}/manifests/", {}, content_type="application/json").status_code == 403


def test_one_that_was_lost_is_fetched_again_and_becomes_one_document(
    library: Library, owner: User, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(owner, serve(library, version_3(library, "a"), "a"))
    held = ManifestImport.objects.claim()
    assert held
    assert not manifest_imports.import_due()
    ManifestImport.objects.update(leased_until=timezone.now())
    assert manifest_imports.import_due()
    monkeypatch.setattr(ManifestImportQuerySet, "claim", lambda self: held)
    assert manifest_imports.import_due()  # the first one is slow, and not dead
    assert Document.objects.count() == 1


def test_people_take_turns_and_cannot_begin_any_number(library: Library, owner: User, stranger: User) -> None:
    address = serve(library, version_3(library, "a"), "a")
    mine = [begin(owner, address) for _ in range(10)]
    theirs = begin(stranger, address)
    answer = holding(owner, "write").post(f"{API}/manifests/", {"manifest": address}, content_type="application/json")
    problem(answer, 422, "refused")
    claimed = [ManifestImport.objects.claim() for _ in range(3)]
    assert [str(found.pk) for found in claimed if found] == [mine[0]["id"], theirs["id"], mine[1]["id"]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"type": "Manifest", "items": 7}',
        b'{"type": "Manifest", "items": [{"items": [{"items": [{"body": "image"}]}]}]}',
        b'{"@type": "sc:Manifest", "sequences": []}',
        b'{"@type": "sc:Manifest", "sequences": [{"canvases": [{"images": [{"resource": null}]}]}]}',
    ],
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(ManifestInvalidError):
        manifests.parse(content, "https://example.org/manifest")


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ({"en": ["Letters"], "zh-Hant": ["家書", "一"]}, "家書"),
        ({"de": ["Briefe"]}, "Briefe"),
        ([{"@value": "家書", "@language": "zh"}], "家書"),
        ("家書", "家書"),
        (None, ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_titles_come_in_many_shapes(label: object, title: str) -> None:
    body = {"type": "Choice", "items": [{"id": "1.jpg", "type": "Image"}]}
    manifest = {"type": "Manifest", "label": label, "items": [{"items": [{"items": [{"body": body}]}]}]}
    found = manifests.parse(json.dumps(manifest).encode(), "https://example.org/books/manifest")
    assert (found.title, found.images) == (title, [["https://example.org/books/1.jpg"]])


def test_people_import_on_a_page(
    library: Library, owner: User, as_owner: Client, fake_engine: FakeEngine, stranger: User
) -> None:
    page = reverse("documents:manifests")
    folder = Folder.objects.create(name="letters", owner=owner)
    assert (
        f"{page}?folder={folder.pk}"
        in as_owner.get(f"{reverse('documents:index')}?folder={folder.pk}").content.decode()
    )
    refused = as_owner.post(page, {"manifest": "ftp://example.org/manifest"})
    assert (refused.status_code, ManifestImport.objects.count()) == (422, 0)
    foreign = Folder.objects.create(name="theirs", owner=stranger)
    address = serve(library, version_3(library, "a"), "a")
    assert as_owner.post(page, {"manifest": address, "folder": foreign.pk}).status_code == 404
    assert as_owner.post(page, {"manifest": address, "folder": folder.pk}).status_code == 302
    assert "every 3s" in as_owner.get(page).content.decode()
    manifest_imports.import_due()
    document = Document.objects.get()
    assert document.folder == folder
    fragment = as_owner.get(page, headers={"hx-request": "true"}).content.decode()
    assert document.get_absolute_url() in fragment
    assert "every 3s" not in fragment
    begin(owner, f"{library.url}/missing")
    manifest_imports.import_due()
    assert "The server answers with an error." in as_owner.get(page).content.decode()
