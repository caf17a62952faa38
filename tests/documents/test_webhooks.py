"""Webhooks: what is told, to whom, how often it is tried, and where nothing is ever sent."""

from __future__ import annotations

import datetime
import http.server
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from documents import editing, models
from documents.editing import correct
from documents.library import operations
from documents.models import Delivery, Document, Subject, Webhook
from documents.models.webhooks import PATIENCE, WAITS
from documents.webhooks import delivery as sender
from documents.webhooks import safe_http
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker


@dataclass
class Receiver:
    """A server that notes what it is sent and answers as told."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thank you"
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=ocr"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.status)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(kept.body)

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """Who sends hangs up on long answers, as it should."""

    server = Server(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hook(owner: User, receiver: Receiver, settings) -> Webhook:
    """The owner's webhook for everything, at a receiver that this installation allows."""
    settings.OCRSITE_WEBHOOK_HOSTS = [f"127.0.0.1:{receiver.port}"]
    settings.OCRSITE_URL = "https://ocr.example.org"
    return Webhook.objects.create(user=owner, url=receiver.url, subjects=Subject.values)


def messages(receiver: Receiver) -> list[dict]:
    return [json.loads(body) for _, body in receiver.received]


def hurry() -> None:
    """Makes everything that waits due now."""
    Delivery.objects.filter(next_try__isnull=False).update(next_try=timezone.now())


# What is told


@pytest.mark.django_db(transaction=True)
def test_a_document_that_was_read_is_told_with_its_addresses(
    hook: Webhook, receiver: Receiver, receive, fake_engine
) -> None:
    document = receive(upload("book.pdf", book(2)))
    run_worker()
    assert sender.deliver() == 1
    (message,) = messages(receiver)
    assert message["type"] == "document.done"
    assert message["data"] == {
        "id": str(document.pk),
        "title": "book",
        "page_count": 2,
        "status": "done",
        "run": str(document.current_run_id),
        "current": True,
        "pages_done": 2,
        "pages_failed": 0,
        "url": f"https://ocr.example.org/api/v1/documents/{document.pk}/",
        "html_url": f"https://ocr.example.org/documents/{document.pk}/",
    }
    assert Delivery.objects.get().state == "done"
    assert sender.deliver() == 0


@pytest.mark.django_db(transaction=True)
def test_who_has_given_a_document_away_is_told_nothing_more_of_it(
    hook: Webhook, receiver: Receiver, receive, fake_engine, owner: User, stranger: User
) -> None:
    document = receive()
    stale = Document.objects.get(pk=document.pk)  # as in a request that has just begun
    run_worker()
    theirs = Webhook.objects.create(user=stranger, url=receiver.url, subjects=Subject.values)
    operations.reassign(document, stranger, owner)
    assert not hook.deliveries.exists()
    result = stale.runs.get().results.select_related("page").get()
    result.page.document = stale
    correct(result, "1-1", "臺北", author=stranger, seen=None)
    assert not hook.deliveries.exists()
    assert [delivery.subject for delivery in theirs.deliveries.all()] == [Subject.CORRECTED]


@pytest.mark.django_db(transaction=True)
def test_failed_and_partly_failed_documents_are_told_as_such(
    hook: Webhook, receiver: Receiver, receive, fake_engine: FakeEngine, owner: User
) -> None:
    document = receive(upload("book.pdf", book(2)))
    editing.cancel(document.current_run, owner)
    editing.retry(document.current_run, owner, 1)
    run_worker()
    sender.deliver()
    sender.deliver()
    assert [message["type"] for message in messages(receiver)] == ["document.failed", "document.partial"]


@pytest.fixture
def told(hook: Webhook, receive, fake_engine: FakeEngine) -> Document:
    """A document that has been read, of which the webhook knows."""
    document: Document = receive()
    run_worker()
    Delivery.objects.all().delete()
    return document


@pytest.mark.django_db(transaction=True)
def test_many_corrections_are_told_once(hook: Webhook, receiver: Receiver, told: Document, owner: User) -> None:
    result = told.current_run.results.get()
    first = editing.correct(result, "1-1", "臺北", author=owner, seen=None)
    editing.correct(result, "1-1", "臺北市", author=owner, seen=first.pk)
    assert sender.deliver() == 0  # they are gathered for a while
    hurry()
    sender.deliver()
    (message,) = messages(receiver)
    assert (message["type"], message["data"]["id"]) == ("document.corrected", str(told.pk))


@pytest.mark.django_db(transaction=True)
def test_a_webhook_switched_off_and_on_is_told_of_the_next_correction(
    hook: Webhook, receiver: Receiver, told: Document, owner: User
) -> None:
    result = told.current_run.results.get()
    first = editing.correct(result, "1-1", "臺北", author=owner, seen=None)
    hook.switch(False)
    hook.switch(True)
    editing.correct(result, "1-1", "臺北市", author=owner, seen=first.pk)
    hurry()
    assert sender.deliver() == 1
    assert [message["type"] for message in messages(receiver)] == ["document.corrected"]


@pytest.mark.django_db(transaction=True)
def test_only_the_owner_is_told_and_only_what_was_asked_for(
    hook: Webhook, receiver: Receiver, receive, fake_engine, stranger: User
) -> None:
    Webhook.objects.create(user=stranger, url=receiver.url, subjects=Subject.values)
    Webhook.objects.filter(pk=hook.pk).update(subjects=["document.failed"])
    receive()
    run_worker()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_did_not_happen_is_not_told(told: Document, owner: User) -> None:
    result = told.current_run.results.get()
    with pytest.raises(editing.ConflictError):
        editing.correct(result, "1-1", "x", author=owner, seen=99)
    assert not Delivery.objects.exists()


# How it is sent


@pytest.mark.django_db(transaction=True)
def test_messages_are_signed_as_standard_webhooks_says(hook: Webhook, receiver: Receiver) -> None:
    delivery = hook.ping()
    sender.deliver()
    ((headers, body),) = receiver.received
    assert Verifier(hook.secret).verify(body, headers)["type"] == "ping"
    assert headers["webhook-id"] == str(delivery.pk)
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    with pytest.raises(WebhookVerificationError):
        Verifier(hook.secret).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):  # replayed later
        Verifier(hook.secret).verify(body, headers | {"webhook-timestamp": str(int(time.time()) - 3600)})


@pytest.mark.django_db(transaction=True)
def test_what_does_not_arrive_is_tried_again_ever_more_seldom_and_given_up(hook: Webhook, receiver: Receiver) -> None:
    receiver.status, receiver.body = 503, b"busy \x00"
    delivery = hook.ping()
    waits = []
    for _ in range(len(WAITS) + 1):
        assert sender.deliver() == 1
        delivery.refresh_from_db()
        if delivery.next_try:
            waits.append(delivery.next_try - timezone.now())
            assert sender.deliver() == 0
        hurry()
    assert all(abs(wait - wanted) < timedelta(seconds=2) for wait, wanted in zip(waits, WAITS, strict=True))
    assert (delivery.state, delivery.status, delivery.answer) == ("failed", 503, "busy \ufffd")
    assert len(receiver.received) == len(WAITS) + 1
    receiver.status = 204
    delivery.repeat()
    sender.deliver()
    delivery.refresh_from_db()
    assert delivery.state == "done"
    assert {headers["webhook-id"] for headers, _ in receiver.received} == {str(delivery.pk)}


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_fails_for_days_is_switched_off_and_one_success_forgives(
    hook: Webhook, receiver: Receiver
) -> None:
    receiver.status = 500
    hook.ping()
    sender.deliver()
    hook.refresh_from_db()
    assert hook.failing_since
    receiver.status = 200
    hurry()
    sender.deliver()
    hook.refresh_from_db()
    assert hook.failing_since is None
    receiver.status = 500
    hook.ping()
    Webhook.objects.update(failing_since=timezone.now() - PATIENCE - timedelta(minutes=1))
    sender.deliver()
    hook.refresh_from_db()
    assert not hook.active
    assert not Delivery.objects.filter(next_try__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_try_is_made_by_one_sender_only(hook: Webhook) -> None:
    hook.ping()
    claimed = Delivery.objects.claim(5)
    assert len(claimed) == 1
    assert Delivery.objects.claim(5) == []
    late = Delivery.objects.get()
    Delivery.objects.update(tries=5)  # somebody else was quicker
    assert not late.lease()


@pytest.mark.django_db(transaction=True)
def test_one_receiver_does_not_hold_up_another(hook: Webhook, owner: User, receiver: Receiver) -> None:
    other = Webhook.objects.create(user=owner, url=receiver.url, subjects=[])
    for _ in range(10):
        hook.ping()
    other.ping()
    assert {delivery.webhook_id for delivery in Delivery.objects.claim(2)} == {hook.pk, other.pk}


@pytest.mark.django_db(transaction=True)
def test_why_a_message_did_not_arrive_is_told_in_the_readers_language(
    hook: Webhook, receiver: Receiver, as_owner: Client
) -> None:
    receiver.status = 500
    hook.ping()
    sender.deliver()
    Webhook.objects.update(url="https://127.0.0.1:1/")
    hook.ping()
    sender.deliver()
    as_owner.cookies["django_language"] = "zh-hant"
    shown = as_owner.get(f"/programs/webhooks/{hook.pk}/").content.decode()
    assert "500 接收端回應錯誤。" in shown
    assert "這部主機在內部網路。" in shown


def test_the_words_of_the_system_stand_behind_ours() -> None:
    with override("zh-hant"):
        assert Delivery(error="Nobody answered.\ntimed out").reason == "沒有回應。 timed out"
        assert Delivery(error="").reason == ""


@pytest.mark.django_db(transaction=True)
def test_a_redirect_is_not_followed(hook: Webhook, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": f"http://127.0.0.1:{receiver.port}/secret"}
    hook.ping()
    sender.deliver()
    assert len(receiver.received) == 1
    assert "Redirects are not followed" in Delivery.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_the_command_sends_what_is_due(hook: Webhook, receiver: Receiver) -> None:
    hook.ping()
    call_command("webhooks", "--once")
    assert len(receiver.received) == 1


# Where nothing is sent


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("127.255.0.3", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1", False),
        ("2002:7f00:1::1", False),
        ("2001:0:7f00:1::1", False),
        ("2001:db8::1", False),
        ("fe80::1", False),
        ("fe80::1%1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_only_addresses_of_single_machines_in_the_internet_are_public(address: str, expected: bool) -> None:
    assert safe_http.is_public(ipaddress.ip_address(address)) is expected


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0177.0.0.1", "0", "127.1"],
)
def test_no_spelling_of_this_machine_is_written_to(host: str, receiver: Receiver) -> None:
    with pytest.raises(safe_http.UnreachableError, match=r"internal network|There is no host"):
        safe_http.post(f"https://{host}:{receiver.port}/", b"", {})
    assert receiver.received == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://user:pass@example.org/",
        "https:///path",
        "https://[::1",
        "https://example.org:99999/",
        "",
    ],
)
def test_only_plain_https_addresses_are_taken(url: str) -> None:
    with pytest.raises(safe_http.UnreachableError):
        safe_http.target(url)


TRUSTED = ["printer.test", "mailer.test:8025", "fd00::1", "[fd00::2]:8080"]


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        ("http://printer.test/", True),
        ("http://printer.test:443/", True),
        ("http://PRINTER.test/", True),
        ("http://printer.test:6379/", False),
        ("http://mailer.test:8025/", True),
        ("http://mailer.test/", False),
        ("http://mailer.test:25/", False),
        ("http://[fd00::1]/", True),
        ("http://[fd00::1]:8080/", False),
        ("http://[fd00::2]:8080/", True),
        ("http://[fd00::2]/", False),
    ],
)
def test_a_host_is_trusted_for_the_web_and_for_the_ports_that_are_named(url: str, is_trusted: bool) -> None:
    if is_trusted:
        safe_http.target(url, TRUSTED)
    else:
        with pytest.raises(safe_http.UnreachableError):
            safe_http.target(url, TRUSTED)


def test_other_ports_of_a_trusted_host_are_not_written_to(receiver: Receiver) -> None:
    with pytest.raises(safe_http.UnreachableError, match="internal network"):
        safe_http.post(f"https://127.0.0.1:{receiver.port}/", b"", {}, trusted=["127.0.0.1", "127.0.0.1:1"])
    assert receiver.received == []


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A name server that answers each question about receiver.test with the next of ``answers``; the questions."""
    ask, asked, left = socket.getaddrinfo, [], list(answers)

    def resolve(host: str, port: int, *args: object, **kwargs: object):
        if host != "receiver.test":
            return ask(host, port, *args, **kwargs)
        asked.append(host)
        return [entry for address in left.pop(0) for entry in ask(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_with_one_internal_address_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(safe_http.UnreachableError, match="internal network"):
        safe_http.post("https://receiver.test/", b"", {})


def test_a_name_is_asked_once_and_the_checked_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = names(monkeypatch, ["192.0.2.55"], ["127.0.0.1"])
    connected = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise TimeoutError("nobody is there")

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(safe_http, "is_public", lambda address: str(address) == "192.0.2.55")
    with pytest.raises(safe_http.UnreachableError, match="nobody is there"):
        safe_http.post("https://receiver.test/", b"", {})
    assert connected == [("192.0.2.55", 443)]
    assert asked == ["receiver.test"]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Key and certificate of receiver.test, which this machine trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


@dataclass
class SecureReceiver:
    """A TLS server for one request. ``asked``: the name in the handshake, then the one in the request."""

    port: int
    asked: list[str]


@pytest.fixture
def secure_receiver(certificate: Path) -> Iterator[SecureReceiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str] = []
    context.sni_callback = lambda sock, name, ctx: asked.append(name)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                request = b""
                while not request.endswith(b"{}"):  # closed before all of it is received, it would be reset
                    part = secure.recv(65536)
                    if not part:
                        return
                    request += part
                asked.append(request.split(b"Host: ")[1].split(b"\r\n")[0].decode())
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except OSError:
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield SecureReceiver(listener.getsockname()[1], asked)
    listener.close()
    thread.join(5)


def test_the_checked_address_is_spoken_to_in_the_name_of_the_host(
    secure_receiver: SecureReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, ["127.0.0.1"])
    url = f"https://receiver.test:{secure_receiver.port}/hook"
    assert safe_http.post(url, b"{}", {}, trusted=[f"receiver.test:{secure_receiver.port}"]).status == 200
    assert secure_receiver.asked == ["receiver.test", f"receiver.test:{secure_receiver.port}"]


def test_a_certificate_of_another_name_is_not_trusted(secure_receiver: SecureReceiver) -> None:
    here = f"localhost:{secure_receiver.port}"
    with pytest.raises(safe_http.UnreachableError, match="certificate"):
        safe_http.post(f"https://{here}/", b"{}", {}, trusted=[here])


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["headers", "body"])
def test_a_receiver_that_dawdles_is_left(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_http, "SECONDS", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def dawdle() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(beginning)
            while not over.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=dawdle)
    thread.start()
    begun = time.monotonic()
    try:
        here = f"127.0.0.1:{listener.getsockname()[1]}"
        answer = safe_http.post(f"http://{here}/", b"", {}, trusted=[here])
        assert beginning
        assert len(answer.text) < safe_http.MOST_ANSWER
    except safe_http.UnreachableError:
        assert not beginning
    finally:
        over.set()
        thread.join()
        listener.close()
    assert time.monotonic() - begun < 3


def test_many_addresses_at_which_nobody_answers_take_no_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_http, "SECONDS", 0.5)
    monkeypatch.setattr(safe_http, "SECONDS_TO_CONNECT", 0.2)
    names(monkeypatch, [f"8.8.8.{number}" for number in range(1, 31)])
    tried = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address)
        time.sleep(timeout)
        raise TimeoutError("nobody is there")

    monkeypatch.setattr(socket, "create_connection", connect)
    begun = time.monotonic()
    with pytest.raises(safe_http.UnreachableError):
        safe_http.post("https://receiver.test/", b"", {})
    assert time.monotonic() - begun < 1
    assert 1 < len(tried) < 30


def test_no_more_of_an_answer_is_read_than_is_kept(receiver: Receiver) -> None:
    receiver.body = b"x" * 10_000_000
    answer = safe_http.post(receiver.url, b"", {}, trusted=[f"127.0.0.1:{receiver.port}"])
    assert answer.text == "x" * safe_http.MOST_ANSWER


# The pages


@pytest.mark.django_db
def test_a_token_is_shown_once_listed_and_revoked(as_owner: Client, owner: User) -> None:
    form = {"name": "scanner", "scope": "write", "days": "30"}
    made = as_owner.post("/programs/tokens/", form)
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    listed = as_owner.get("/programs/").content.decode()
    assert "scanner" in listed
    assert secret not in listed
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me/").status_code == 200
    as_owner.post(f"/programs/tokens/{owner.access_tokens.get().pk}/revoke/")
    assert program.get("/api/v1/me/").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", [{"name": ""}, {"scope": "all"}, {"days": "9999"}])
def test_a_token_that_is_asked_for_wrongly_is_not_made(spoil: dict, as_owner: Client, owner: User) -> None:
    form = {"name": "scanner", "scope": "write", "days": "30"} | spoil
    assert as_owner.post("/programs/tokens/", form).status_code == 422
    assert not owner.access_tokens.exists()


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_made_tried_repeated_switched_and_deleted(
    as_owner: Client, receiver: Receiver, hook: Webhook, owner: User
) -> None:
    answer = as_owner.post("/programs/webhooks/", {"url": receiver.url, "subjects": ["document.done"]})
    made = owner.webhooks.get(pk=int(answer.headers["Location"].rstrip("/").rpartition("/")[2]))
    page = f"/programs/webhooks/{made.pk}/"
    as_owner.post(f"{page}ping/")
    sender.deliver()
    receiver.body = b"<script>alert(1)</script>"
    as_owner.post(f"{page}deliveries/{made.deliveries.get().pk}/")
    sender.deliver()
    assert len(receiver.received) == 2
    shown = as_owner.get(page).content.decode()
    assert made.secret in shown
    assert "&lt;script&gt;" in shown
    as_owner.post(f"{page}switch/", {"active": "0"})
    made.refresh_from_db()
    assert not made.active
    as_owner.post(f"{page}delete/")
    assert owner.webhooks.get() == hook


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://me:secret@example.org/", "nonsense", "javascript:alert(1)"]
)
def test_an_address_that_nobody_writes_to_is_refused(url: str, as_owner: Client, owner: User) -> None:
    assert as_owner.post("/programs/webhooks/", {"url": url, "subjects": ["document.done"]}).status_code == 422
    assert not owner.webhooks.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://n8n:5678/webhook/1", True),
        ("https://N8N:5678/", True),
        ("http://n8n:5679/", False),
        ("https://n8n/", False),
        ("https://printer/", False),
    ],
)
def test_a_host_without_a_dot_can_be_entered_where_it_is_allowed(
    url: str, taken: bool, as_owner: Client, owner: User, settings
) -> None:
    settings.OCRSITE_WEBHOOK_HOSTS = ["n8n:5678"]
    as_owner.post("/programs/webhooks/", {"url": url, "subjects": ["document.done"]})
    assert [hook.url for hook in owner.webhooks.all()] == [url] * taken


@pytest.mark.django_db
def test_tokens_and_webhooks_are_nobody_elses(as_stranger: Client, owner: User, hook: Webhook) -> None:
    token, _ = models.AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    delivery = hook.ping()
    page = f"/programs/webhooks/{hook.pk}/"
    assert as_stranger.get(page).status_code == 404
    for path in ("switch/", "ping/", "delete/", f"deliveries/{delivery.pk}/"):
        assert as_stranger.post(page + path).status_code == 404
    assert as_stranger.post(f"/programs/tokens/{token.pk}/revoke/").status_code == 404
    assert owner.webhooks.get().active
    assert owner.access_tokens.exists()
    assert Document.objects.count() == 0


@pytest.mark.django_db
def test_administrators_see_and_revoke_what_programs_use_but_no_secrets(owner: User, hook: Webhook) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    token, _ = models.AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    for kind, thing, secret in [("accesstoken", token, token.digest), ("webhook", hook, hook.secret)]:
        for page in (f"/admin/documents/{kind}/", f"/admin/documents/{kind}/{thing.pk}/change/"):
            shown = boss.get(page).content.decode()
            assert str(thing) in shown
            assert secret not in shown
        boss.post(f"/admin/documents/{kind}/{thing.pk}/delete/", {"post": "yes"})
        assert not type(thing).objects.exists()
    noted = models.Event.objects.filter(verb=models.Verb.SECURITY).values_list("details", flat=True)
    assert {"what": "token_revoked", "user": "owner"} in noted
    shown = boss.get("/accounts/activity/", headers={"accept-language": "en"}).content.decode()
    assert "person: owner · what was changed: a token was revoked" in shown


def test_who_may_not_log_in_any_more_is_told_nothing(hook: Webhook, receive, owner: User, receiver: Receiver) -> None:
    document = receive()
    hook.ping()
    owner.is_active = False
    owner.save()
    models.webhooks.announce_correction(document)
    assert sender.deliver() == 0
    assert not receiver.received
    assert not hook.deliveries.exclude(subject="ping").exists()
