"""Documents for viewers of IIIF: with an account, and by a link."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from PIL import Image

from documents.iiif import image
from documents.library import links
from documents.models import Document, Folder, ShareLink
from documents.pictures import Cut
from tests.support.api import holding
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(3)))
    run_worker()
    return Document.objects.get(pk=received.pk)


@pytest.fixture
def link(document: Document, owner: User) -> ShareLink:
    return links.make(document, owner, days=7)


def got(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"].startswith("application/ld+json")
    return answer.json()


def manifest(client: Client, key: str, document: Document) -> Any:
    return got(client, f"/iiif/{key}/documents/{document.pk}/manifest")


def test_a_link_leads_from_the_manifest_to_pages_texts_and_hits(document: Document, link: ShareLink) -> None:
    anybody = Client()
    found = manifest(anybody, link.token, document)
    assert (found["type"], found["label"], len(found["items"])) == ("Manifest", {"none": ["book"]}, 3)
    canvas = found["items"][0]
    body = canvas["items"][0]["items"][0]["body"]
    assert (body["width"], body["height"]) == (canvas["width"], canvas["height"])
    assert Image.open(io.BytesIO(anybody.get(body["id"]).getvalue())).size == (canvas["width"], canvas["height"])

    (line, block) = got(anybody, canvas["annotations"][0]["id"])["items"]
    assert line["body"]["value"] == block["body"]["value"] == "台北"
    assert line["target"] == f"{canvas['id']}#xywh=10,10,80,30"
    assert (line["textGranularity"], block["textGranularity"]) == ("line", "block")

    hits = got(anybody, f"{found['service'][0]['id']}?q=臺北&motivation=painting")
    assert [hit["target"].partition("#")[0] for hit in hits["items"]] == [c["id"] for c in found["items"]]
    assert hits["ignored"] == ["motivation"]


def test_viewers_of_other_sites_may_ask_with_a_link(document: Document, link: ShareLink) -> None:
    answer = Client().get(f"/iiif/{link.token}/documents/{document.pk}/manifest")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    mine = holding(document.owner, "read").get(f"/iiif/me/documents/{document.pk}/manifest")
    assert "Access-Control-Allow-Origin" not in mine.headers


def test_a_link_opens_its_document_until_it_ends(document: Document, link: ShareLink, receive, owner: User) -> None:
    other = receive(upload("other.pdf", book(1)))
    addresses = [f"documents/{document.pk}/manifest", f"images/{document.pk}-1/info.json"]
    assert Client().get(f"/iiif/{link.token}/documents/{other.pk}/manifest").status_code == 404
    assert Client().get(f"/iiif/{link.token[:-1]}x/{addresses[0]}").status_code == 404
    assert {Client().get(f"/iiif/{link.token}/{address}").status_code for address in addresses} == {200}
    ShareLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert {Client().get(f"/iiif/{link.token}/{address}").status_code for address in addresses} == {404}
    guarded = links.make(document, owner, days=7, password="correct horse")
    assert Client().get(f"/iiif/{guarded.token}/{addresses[0]}").status_code == 404  # viewers cannot give one


def test_people_and_their_programs_see_what_they_may_see(document: Document, owner: User, stranger: User) -> None:
    folder = Folder.create(owner, "letters")
    Folder.create(owner, "1937", folder)
    Document.objects.filter(pk=document.pk).update(folder=folder)
    program = holding(owner, "read")
    assert manifest(program, "me", document)["items"]
    listed = got(program, f"/iiif/me/folders/{folder.pk}/collection")["items"]
    assert [(item["type"], item["label"]["none"]) for item in listed] == [
        ("Collection", ["1937"]),
        ("Manifest", ["book"]),
    ]
    for path in (f"documents/{document.pk}/manifest", f"folders/{folder.pk}/collection", f"images/{document.pk}-1"):
        assert Client().get(f"/iiif/me/{path}").status_code == 401
        assert holding(stranger, "read").get(f"/iiif/me/{path}").status_code == 404


ASKED = [  # of an image of 400 x 600
    ("full/max/0/default.jpg", Cut((0, 0, 400, 600), (400, 600))),
    ("square/100,/90/gray.png", Cut((0, 100, 400, 500), (100, 100), 90, colour="gray", format="PNG")),
    ("10,20,100,50/,25/180/color.jpg", Cut((10, 20, 110, 70), (50, 25), 180)),
    ("350,20,100,50/max/0/default.jpg", Cut((350, 20, 400, 70), (50, 50))),
    ("pct:50,0,50,10/pct:50/!0/default.jpg", Cut((200, 0, 400, 60), (100, 30), mirror=True)),
    ("full/!100,100/270/bitonal.png", Cut((0, 0, 400, 600), (67, 100), 270, colour="bitonal", format="PNG")),
    ("full/200,100/0/default.jpg", Cut((0, 0, 400, 600), (200, 100))),
    ("full/!900,900/0/default.jpg", Cut((0, 0, 400, 600), (400, 600))),
]


@pytest.mark.parametrize(("address", "cut"), ASKED)
def test_the_image_api_gives_what_level_two_has(address: str, cut: Cut) -> None:
    region, size, rotation, name = address.split("/")
    assert image.asked(400, 600, region, size, rotation, *name.split(".")) == cut


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("some/max/0/default.jpg", 400),
        ("0,0,0,9/max/0/default.jpg", 400),
        ("9000,0,9,9/max/0/default.jpg", 400),
        ("full/9999,/0/default.jpg", 400),
        ("full/0,9/0/default.jpg", 400),
        ("full/,/0/default.jpg", 400),
        ("full/^max/0/default.jpg", 501),
        ("full/max/45/default.jpg", 501),
        ("full/max/22.5/default.jpg", 501),
        ("full/max/400/default.jpg", 400),
        ("full/max/0/sepia.jpg", 400),
        ("full/max/0/default.tif", 400),
        ("pct:1e9,0,1,1/max/0/default.jpg", 400),
    ],
)
def test_what_cannot_be_given_is_refused(address: str, status: int, document: Document, as_owner: Client) -> None:
    assert as_owner.get(f"/iiif/me/images/{document.pk}-1/{address}").status_code == status


def test_an_image_tells_its_tiles_and_gives_them(document: Document, as_owner: Client) -> None:
    address = f"/iiif/me/images/{document.pk}-1"
    moved = as_owner.get(address)
    assert moved.status_code == 303
    info = got(as_owner, moved.headers["Location"])
    assert (info["profile"], info["tiles"][0]["width"]) == ("level2", 512)
    half = f"{address}/0,0,{info['width'] // 2},{info['height'] // 2}/50,/90/gray.png"
    first, again = as_owner.get(half), as_owner.get(half)
    content = first.getvalue()
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.mode, picture.size[1]) == ("PNG", "L", 50)
    assert again.getvalue() == content
    assert as_owner.get(half, headers={"if-none-match": first.headers["ETag"]}).status_code == 304
