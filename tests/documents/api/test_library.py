"""What programs do with the library: filing at upload, folders, tags, the trash, many documents at once, webhooks."""

from __future__ import annotations

import io
import uuid
import zipfile

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from documents.models import Document, Folder, Share
from tests.support.api import API, patch, problem
from tests.support.files import book, upload

pytestmark = pytest.mark.django_db


def send(program: Client, count: int = 1, **fields: object):
    files = [upload(f"book{number}.pdf", book(1)) for number in range(count)]
    return program.post(f"{API}/documents/", {"file": files, **fields})


def post(program: Client, path: str, data: object):
    return program.post(f"{API}/{path}", data, content_type="application/json")


@pytest.fixture
def chen() -> User:
    return User.objects.create_user("chen")


def test_an_upload_is_filed_tagged_and_shared_as_it_comes_in(program: Client, owner: User, chen: User) -> None:
    team = Group.objects.create(name="archive")
    owner.groups.add(team)
    folder = Folder.create(owner, "letters")
    filing = {"title": "家書", "tags": ["1937", "letters"], "folder": folder.pk}
    answer = send(program, **filing, editors="chen", reading_teams="archive")
    assert answer.status_code == 201, answer.content
    document = Document.objects.get(pk=answer.json()[0]["id"])
    assert (document.title, document.folder) == ("家書", folder)
    assert {tag.name for tag in document.tags.all()} == {"1937", "letters"}
    shares = {(share.user or share.team): share.may_edit for share in document.shares.all()}
    assert shares == {chen: True, team: False}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"readers": "nobody"}, "readers"),
        ({"editing_teams": "strangers"}, "editing_teams"),
        ({"folder": 999}, "folder"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"title": "\u200b"}, "title"),
    ],
)
def test_filing_that_cannot_be_done_keeps_nothing(program: Client, fields: dict, field: str) -> None:
    answer = send(program, **fields)
    (error,) = problem(answer, 400, "invalid")["errors"]
    assert error["field"] == field
    assert not Document.objects.exists()


def test_a_title_is_for_one_file(program: Client) -> None:
    problem(send(program, 2, title="both"), 400, "invalid")


def test_folders_are_made_changed_shared_and_deleted(program: Client, owner: User, chen: User) -> None:
    top = post(program, "folders/", {"name": "1937"}).json()
    made = post(program, "folders/", {"name": "letters", "parent": top["id"]})
    assert made.status_code == 201
    inner = made.json()
    problem(post(program, "folders/", {"name": "letters", "parent": top["id"]}), 422, "refused")

    address = f"{API}/folders/{inner['id']}/"
    changed = patch(program, address, {"name": "postcards", "parent": None}).json()
    assert changed == {"id": inner["id"], "name": "postcards", "parent": None, "owner": owner.username}
    assert program.get(address).json() == changed

    share = post(program, f"folders/{inner['id']}/shares/", {"user": "chen"}).json()
    assert [found["user"] for found in program.get(f"{address}shares/").json()] == ["chen"]
    assert program.delete(f"{address}shares/{share['id']}/").status_code == 204
    assert not Share.objects.exists()

    (taken,) = send(program, folder=inner["id"]).json()
    problem(program.delete(address), 422, "refused")
    assert program.delete(f"{address}?with_contents=true").status_code == 204
    assert [found["id"] for found in program.get(f"{API}/trash/").json()["results"]] == [taken["id"]]


def test_the_trash_gives_back_or_deletes_for_good(program: Client, document: Document) -> None:
    program.delete(f"{API}/documents/{document.pk}/")
    (trashed,) = program.get(f"{API}/trash/").json()["results"]
    assert trashed["trashed"]
    assert program.post(f"{API}/trash/{document.pk}/restore/").json()["id"] == str(document.pk)
    problem(program.delete(f"{API}/trash/{document.pk}/"), 404, "not-found")
    program.delete(f"{API}/documents/{document.pk}/")
    assert program.delete(f"{API}/trash/{document.pk}/").status_code == 204
    assert not Document.objects.exists()


def test_tags_count_only_what_one_may_see(program: Client, document: Document, receive, chen: User) -> None:
    hidden = receive(upload("other.pdf", book(1)), owner=chen)
    for found in (document, hidden):
        found.tags.create(name="letters") if found is document else found.tags.add(document.tags.get())
    assert program.get(f"{API}/tags/").json() == [{"name": "letters", "documents": 1}]


def test_many_documents_at_once_each_have_their_answer(
    program: Client, document: Document, receive, owner: User, chen: User
) -> None:
    readable = receive(upload("hers.pdf", book(1)), owner=chen)
    Share.objects.create(document=readable, user=owner)
    stranger, numbers = uuid.uuid4(), [str(document.pk), str(readable.pk)]

    def act(action: str, **fields: object) -> dict:
        answer = post(program, f"bulk/{action}/", {"documents": [*numbers, str(stranger)], **fields})
        assert answer.status_code == 200, answer.content
        return answer.json()

    expected = [(str(readable.pk), "permission-denied"), (str(stranger), "not-found")]
    folder = Folder.create(owner, "letters")
    for action, fields in [
        ("tag", {"add": ["letters"]}),
        ("move", {"folder": folder.pk}),
        ("share", {"user": "chen", "may_edit": True}),
        ("read-again", {"script": "none"}),
    ]:
        done = act(action, **fields)
        assert done["done"] == [str(document.pk)], action
        assert [(refusal["id"], refusal["code"]) for refusal in done["refused"]] == expected
    document = Document.objects.get(pk=document.pk)
    assert document.folder == folder
    assert document.shares.get().user == chen
    assert document.runs.count() == 2

    answer = post(program, "bulk/bundle/", {"documents": [*numbers, str(stranger)], "formats": ["txt", "json"]})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as bundle:
        assert len(bundle.namelist()) >= 4
    assert act("trash")["done"] == [str(document.pk)]
    assert Document.objects.get(pk=document.pk).trashed


def test_webhooks_are_made_tried_switched_and_deleted(program: Client) -> None:
    made = post(program, "webhooks/", {"url": "https://example.org/hook", "subjects": ["document.done"]})
    assert made.status_code == 201, made.content
    webhook = made.json()
    assert webhook["secret"].startswith("whsec_")
    address = f"{API}/webhooks/{webhook['id']}/"
    ping = program.post(f"{address}ping/").json()
    assert [found["id"] for found in program.get(f"{address}deliveries/").json()["results"]] == [ping["id"]]
    assert patch(program, address, {"active": False}).json()["active"] is False
    assert program.post(f"{address}deliveries/{ping['id']}/repeat/").json()["state"] == "queued"
    assert "secret" not in program.get(address).json()
    assert program.delete(address).status_code == 204
    assert program.get(f"{API}/webhooks/").json() == []


def test_a_webhook_into_the_own_network_is_refused(program: Client) -> None:
    (error,) = problem(post(program, "webhooks/", {"url": "http://127.0.0.1/"}), 400, "invalid")["errors"]
    assert error["field"].startswith("url")


def test_webhooks_of_others_do_not_exist(program: Client, chen: User) -> None:
    theirs = chen.webhooks.create(url="https://example.org/")
    problem(program.get(f"{API}/webhooks/{theirs.pk}/"), 404, "not-found")
    problem(program.delete(f"{API}/webhooks/{theirs.pk}/"), 404, "not-found")
