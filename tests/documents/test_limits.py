"""What one person may ask for, by whichever door, and that nobody waits for somebody else's share."""

from __future__ import annotations

import base64
import http.server
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import editing, limits
from documents.ingest import intake, tus
from documents.models import AccessToken, Delivery, Document, RefusedError, Run, Scope, Tag, Webhook
from documents.models.webhooks import EACH_AT_ONCE
from documents.processing import interactive, queue
from documents.turns import FEW, Turns
from documents.webhooks.delivery import Sender
from recognition.options import Options
from tests.support.documents import make
from tests.support.files import upload

pytestmark = pytest.mark.django_db
HTML = {"accept": "text/html"}


@pytest.fixture
def program(owner: User) -> Client:
    _token, secret = AccessToken.issue(owner, "scanner", Scope.WRITE, timedelta(days=1))
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_requests_to_site_and_api_count_together(as_owner: Client, program: Client, settings) -> None:
    settings.OCRSITE_USER_REQUESTS_A_MINUTE = 4
    assert [client.get(where).status_code for client, where in 2 * [(as_owner, "/"), (program, "/api/v1/me/")]] == [
        200
    ] * 4
    page, problem = as_owner.get("/", headers=HTML), program.get("/api/v1/me/")
    assert (page.status_code, problem.status_code) == (429, 429)
    assert "more than 4 requests" in page.content.decode()
    assert (problem.json()["code"], problem.json()["params"]["allowed"]) == ("throttled", 4)
    assert 0 < int(page["Retry-After"]) <= 60
    assert 0 < int(problem["Retry-After"]) <= 60
    assert as_owner.get("/", headers={"accept": "application/json"}).json()["message"]


def test_one_persons_limit_is_not_anothers(as_owner: Client, as_stranger: Client, settings) -> None:
    settings.OCRSITE_USER_REQUESTS_A_MINUTE = 1
    assert [as_owner.get("/").status_code for _ in range(2)] == [200, 429]
    assert as_stranger.get("/").status_code == 200


def test_searches_count_wherever_they_are_made(as_owner: Client, program: Client, settings) -> None:
    settings.OCRSITE_USER_SEARCHES_A_MINUTE = 3
    assert as_owner.get("/search/?q=車站").status_code == 200
    assert program.get("/api/v1/search/?q=車站").status_code == 200
    assert program.get("/api/v1/documents/?q=車站").status_code == 200
    page, problem = as_owner.get("/search/?q=車站", headers=HTML), program.get("/api/v1/search/?q=車站")
    assert (page.status_code, problem.status_code, problem.json()["code"]) == (429, 429, "too-many-searches")
    assert int(page["Retry-After"]) > 0
    assert as_owner.get("/search/").status_code == 200  # nothing is searched


def test_files_count_one_by_one_and_each_has_its_reason(as_owner: Client, program: Client, settings) -> None:
    settings.OCRSITE_USER_UPLOADS_AN_HOUR = 1
    answer = as_owner.post(
        "/documents/", {"file": [upload("a.png"), upload("b.png")]}, headers={"accept": "application/json"}
    )
    taken, refused = answer.json()["files"]
    assert "id" in taken
    assert refused["error"]["code"] == "too-many-uploads"
    problem = program.post("/api/v1/documents/", {"file": upload("c.png")})
    assert (problem.status_code, problem.json()["code"]) == (429, "too-many-uploads")
    assert Document.objects.count() == 1


def test_bytes_are_counted_before_they_are_received(as_owner: Client, program: Client, settings) -> None:
    settings.OCRSITE_USER_UPLOAD_MEGABYTES_AN_HOUR = 2
    big = {"Tus-Resumable": "1.0.0", "Upload-Length": str(2 * 2**20)}
    assert as_owner.post("/parts/", headers=big).status_code == 201
    refused = as_owner.post("/parts/", headers=big)
    assert (refused.status_code, "more than 2 MB" in refused.content.decode()) == (429, True)
    problem = program.post("/api/v1/documents/", {"file": upload("a.png", b"\0" * 100_000)})
    assert (problem.status_code, problem.json()["code"]) == (429, "too-many-megabytes")


def test_a_file_that_comes_too_early_can_be_taken_later(owner: User, settings) -> None:
    content = upload().read()
    settings.OCRSITE_USER_UPLOADS_AN_HOUR = 1
    for _ in range(2):
        part = tus.begin(name="a.png", size=len(content), owner=owner)
        tus.append(part, 0, upload())  # type: ignore[arg-type]

        def receive(file):
            return intake.receive(file, name="a.png", owner=owner, options=Options())

        if Document.objects.exists():
            with pytest.raises(limits.TooManyUploadsError):
                tus.take(part, receive)
            settings.OCRSITE_USER_UPLOADS_AN_HOUR = 2
        tus.take(part, receive)
    assert Document.objects.count() == 2


def test_only_so_many_files_may_be_on_their_way(as_owner: Client, settings) -> None:
    settings.OCRSITE_USER_UNFINISHED_UPLOADS = 2
    name = base64.b64encode(b"a.png").decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": f"filename {name}"}
    answers = [as_owner.post("/parts/", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert "2 of your files" in answers[-1].content.decode()
    assert int(answers[-1]["Retry-After"]) > 0


def test_tags_are_counted_before_any_is_made(document: Document, as_owner: Client, program: Client) -> None:
    many = [f"tag {number}" for number in range(101)]
    answer = program.patch(f"/api/v1/documents/{document.pk}/", {"tags": many}, content_type="application/json")
    assert answer.status_code in {400, 422}
    form = {"action": "tag", "document": str(document.pk), "add": ",".join(many)}
    page = as_owner.post("/documents/selection/", form, follow=True)
    assert "at most 100 tags" in page.content.decode()
    assert not Tag.objects.exists()
    editing.tag(document, document.owner, add=many[:100])
    with pytest.raises(RefusedError):
        editing.tag(document, document.owner, add=["one more"])
    editing.tag(document, document.owner, add=["one more"], remove=many[:1])
    assert document.tags.count() == 100


def test_no_line_is_longer_than_lines_are(document: Document, as_owner: Client, program: Client) -> None:
    long = "長" * 10_001
    drawing = {"polygon": [[1, 1], [50, 1], [50, 20], [1, 20]], "text": long, "direction": "horizontal"}
    change = {"line": "1", "text": long, "seen": None}
    for sent in {"changes": [change]}, {"drawings": [drawing]}:
        body = {name: json.dumps(value) for name, value in sent.items()}
        web = as_owner.post(f"/documents/{document.pk}/pages/1/lines/", body, headers={"accept": "application/json"})
        assert (web.status_code, "at most 10000 characters" in web.json()["message"]) == (422, True)
    many = {"changes": json.dumps([change | {"text": "a"}] * 1001)}
    web = as_owner.post(f"/documents/{document.pk}/pages/1/lines/", many, headers={"accept": "application/json"})
    assert (web.status_code, "At most 1000 lines" in web.json()["message"]) == (422, True)
    answer = program.patch(
        f"/api/v1/documents/{document.pk}/pages/1/lines/1-0/", {"text": long}, content_type="application/json"
    )
    assert answer.status_code == 400
    with pytest.raises(RefusedError):
        editing.correct(document.current_run.results.get(), "1-0", long, author=document.owner, seen=None)


def test_tokens_and_webhooks_have_an_end(as_owner: Client, owner: User, settings) -> None:
    settings.OCRSITE_USER_TOKENS = settings.OCRSITE_USER_WEBHOOKS = 1
    Webhook.register(owner, "https://a.example.org/", ["document.done"])
    more = {"url": "https://b.example.org/", "subjects": ["document.done"]}
    page = as_owner.post("/programs/webhooks/", more)
    assert (page.status_code, "You have 1 webhooks" in page.content.decode()) == (422, True)
    AccessToken.issue(owner, "one", Scope.READ, timedelta(days=1))
    with pytest.raises(RefusedError):
        AccessToken.issue(owner, "two", Scope.READ, timedelta(days=1))


def test_what_takes_seconds_is_done_in_turns_and_what_is_done_at_once_is_not(
    document: Document, owner: User, as_owner: Client, program: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_turns = Turns(at_once=1, of_one=0, patience=0)
    monkeypatch.setattr("documents.turns.LONG", no_turns)
    monkeypatch.setattr("documents.views.comparing.LONG", no_turns)
    many = [str(make(owner, f"{number}").pk) for number in range(FEW + 1)]
    refused = program.post("/api/v1/bulk/trash/", {"documents": many}, "application/json")
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (429, "too-much-at-once", "10")
    assert as_owner.post("/documents/selection/", {"action": "trash", "document": many}).status_code == 429
    page = as_owner.get(f"{document.get_absolute_url()}compare/", headers=HTML)
    assert (page.status_code, "Too much of this is being done" in page.content.decode()) == (429, True)
    assert not Document.objects.exclude(trashed=None).exists()
    assert program.post("/api/v1/bulk/trash/", {"documents": many[:1]}, "application/json").status_code == 200
    as_owner.post("/documents/selection/", {"action": "trash", "document": many[1:3]})
    assert Document.objects.exclude(trashed=None).count() == 3


def test_regions_are_limited_by_the_minute(document: Document, as_owner: Client, settings) -> None:
    settings.OCRSITE_USER_REGIONS_A_MINUTE = 1
    where, region = f"/documents/{document.pk}/pages/1/region/", {"region": "10,10 60,10 60,60 10,60"}
    answers = [as_owner.post(where, region, headers={"accept": "application/json"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]
    assert "more than 1 regions" in answers[1].json()["message"]


def test_people_take_turns_at_what_is_read_at_once(document: Document, stranger: User) -> None:
    page = document.pages.get()
    mine = [interactive.ask(page, Options(), None, 1) for _ in range(30)]
    theirs = [interactive.ask(page, Options(), None, 2) for _ in range(2)]
    waiting = queue.get_queue(queue.INTERACTIVE).get_job_ids()
    assert waiting[:5] == [mine[0], theirs[0], mine[1], theirs[1], mine[2]]
    assert waiting[5:] == mine[3:]


def test_one_document_does_not_wait_for_all_those_of_somebody_else(
    receive: Callable[..., Document], stranger: User
) -> None:
    for number in range(5):
        receive(upload(f"{number}.png"))
    theirs = receive(upload("theirs.png"), owner=stranger)
    runs = [uuid.UUID(queue.subject_of(each)) for each in queue.get_queue().get_job_ids()]
    assert runs.index(theirs.current_run_id) == 1
    assert len(runs) == Run.objects.count() == 6


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of a receiver that answers when it is told to stop."""
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            over.wait(30)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    yield f"127.0.0.1:{server.server_port}"
    over.set()
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_slow_receivers_of_one_person_delay_nobody_elses_messages(
    owner: User, stranger: User, deaf: str, settings
) -> None:
    settings.OCRSITE_WEBHOOK_HOSTS = [deaf, "127.0.0.1:9"]
    for number in range(40):
        Webhook.objects.create(user=owner, url=f"http://{deaf}/{number}").ping()
    other = Webhook.objects.create(user=stranger, url="http://127.0.0.1:9/").ping()  # refuses at once
    sender = Sender()
    assert sender.begin() == EACH_AT_ONCE + 1
    sender.note(10)
    other.refresh_from_db()
    assert other.error
    assert sender.begin() == 0  # the owner's wait for the owner's
    assert Delivery.objects.filter(tries=1).count() == EACH_AT_ONCE + 1
