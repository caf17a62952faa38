"""Reading by a link, without an account: what it opens, and when it leads nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from documents.library import links, operations
from documents.models import Document, Event, RefusedError, ShareLink, Verb
from tests.support.api import holding
from tests.support.documents import new_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(owner: User) -> Document:
    return new_document(owner, "合約", "第一頁的文字", "第二頁的文字")


@pytest.fixture
def link(document: Document, owner: User) -> ShareLink:
    return links.make(document, owner, name="律師", days=7)


def test_whoever_has_the_address_reads_the_document_and_nothing_is_kept(link: ShareLink, client: Client) -> None:
    answer = client.get(link.get_absolute_url())
    assert "第一頁的文字" in answer.content.decode()
    assert "律師" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "same-origin"  # not none: forms are then sent without an origin
    assert "第二頁的文字" in client.get(f"{link.get_absolute_url()}?page=2").content.decode()
    event = Event.objects.get(verb=Verb.LINK_OPENED)
    assert (event.actor, event.details["name"]) == (None, "律師")
    assert ShareLink.objects.get().last_opened


def test_no_other_right_follows_from_it(link: ShareLink, document: Document, client: Client) -> None:
    client.get(link.get_absolute_url())
    for address in (
        document.get_absolute_url(),
        f"/documents/{document.pk}/pages/1/image/",
        f"/documents/{document.pk}/original/",
        "/",
    ):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")
    assert client.get(f"{link.get_absolute_url()}export/txt/").status_code == 404
    assert client.post(link.get_absolute_url()).status_code == 302
    assert client.get(f"/api/v1/documents/{document.pk}/").status_code == 401


def test_it_gives_files_only_where_that_is_allowed(document: Document, owner: User, client: Client) -> None:
    link = links.make(document, owner, days=1, may_export=True)
    answer = client.get(f"{link.get_absolute_url()}export/txt/")
    assert "第一頁的文字" in b"".join(answer.streaming_content).decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert Event.objects.filter(verb=Verb.EXPORTED, actor=None).exists()


@pytest.mark.parametrize(
    "what", ["ended", "expired", "trashed", "owner gone", "switched off", "given away", "mistyped"]
)
def test_a_link_that_no_longer_holds_leads_nowhere(
    what: str, link: ShareLink, document: Document, owner: User, stranger: User, client: Client, settings
) -> None:
    address = link.get_absolute_url()
    match what:
        case "ended":
            links.end(link, owner)
        case "expired":
            ShareLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
        case "trashed":
            operations.trash(document, owner)
        case "owner gone":
            User.objects.filter(pk=owner.pk).update(is_active=False)
        case "switched off":
            settings.OCRSITE_LINKS = False
        case "given away":
            operations.reassign(document, stranger, owner)
        case "mistyped":
            address = address.replace("/link/", "/link/0")
    answer = client.get(address)
    assert answer.status_code == 404
    assert "合約" not in answer.content.decode()
    assert client.get(f"{address}pages/1/image/").status_code == 404


def test_a_password_is_asked_for_once_by_each_browser(document: Document, owner: User, client: Client) -> None:
    link = links.make(document, owner, days=1, password="correct horse")
    address = link.get_absolute_url()
    asked = client.get(address)
    assert "合約" not in asked.content.decode()
    assert client.get(f"{address}pages/1/image/").headers["Content-Type"].startswith("text/html")
    assert (
        "This is not the password."
        in client.post(address, {"password": "wrong"}, headers={"accept-language": "en"}).content.decode()
    )
    assert client.post(address, {"password": "correct horse"}).status_code == 302
    assert "第一頁的文字" in client.get(address).content.decode()
    assert "合約" not in Client().get(address).content.decode()
    ShareLink.objects.update(password=links.make_password("another password"))
    assert "第一頁的文字" not in client.get(address).content.decode()


def test_guesses_at_a_password_have_to_wait(document: Document, owner: User, client: Client, redis_server) -> None:
    link = links.make(document, owner, days=1, password="correct horse")
    answers = [client.post(link.get_absolute_url(), {"password": f"guess {n}"}).status_code for n in range(6)]
    assert answers == [200] * 5 + [429]
    assert client.post(link.get_absolute_url(), {"password": "correct horse"}).status_code == 429


def test_the_owner_makes_lists_and_ends_links(document: Document, as_owner: Client, client: Client) -> None:
    sent = {"name": "律師", "days": "30", "password": "", "may_export": "on"}
    made = as_owner.post(f"/documents/{document.pk}/links/", sent)
    link = ShareLink.objects.get()
    shown = as_owner.get(made.headers["Location"].partition("#")[0]).content.decode()
    assert link.get_absolute_url() in shown
    assert "律師" in shown
    as_owner.post(f"/documents/{document.pk}/links/{link.pk}/end/")
    assert client.get(link.get_absolute_url()).status_code == 404
    assert "律師" not in as_owner.get(f"/documents/{document.pk}/manage/").content.decode()
    verbs = Event.objects.filter(verb__in=[Verb.LINKED, Verb.UNLINKED]).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [Verb.LINKED, Verb.UNLINKED]


def test_what_cannot_be_a_link_is_said_beside_the_form(document: Document, owner: User, as_owner: Client) -> None:
    answer = as_owner.post(f"/documents/{document.pk}/links/", {"days": "7", "password": "short"})
    assert answer.status_code == 400
    assert "at least 8 characters" in answer.content.decode()
    for _ in range(links.MOST_LINKS):
        links.make(document, owner, days=1)
    with pytest.raises(RefusedError):
        links.make(document, owner, days=1)


def test_an_administrator_sees_and_ends_links_of_all(link: ShareLink, client: Client, admin_client: Client) -> None:
    address = "/admin/documents/sharelink/"
    assert "律師" in admin_client.get(address).content.decode()
    admin_client.post(address, {"action": "end_links", "_selected_action": str(link.pk)})
    assert client.get(link.get_absolute_url()).status_code == 404
    assert Event.objects.get(verb=Verb.UNLINKED).actor_name == "admin"


def test_programs_make_and_end_links(document: Document, owner: User, client: Client) -> None:
    program = holding(owner, "write")
    address = f"/api/v1/documents/{document.pk}/links/"
    made = program.post(address, {"days": 3, "password": "correct horse"}, content_type="application/json").json()
    assert made["has_password"] is True
    assert [each["id"] for each in program.get(address).json()] == [made["id"]]
    assert client.get(made["url"]).status_code == 200
    assert program.delete(f"{address}{made['id']}/").status_code == 204
    assert client.get(made["url"]).status_code == 404
