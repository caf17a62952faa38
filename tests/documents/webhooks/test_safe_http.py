"""Where webhooks are never sent, however an address is spelt, and how a receiver is spoken to."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from documents.webhooks import safe_http
from tests.support.webhooks import Receiver

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
    assert time.monotonic() - begun < 15  # the receiver goes on for ever


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
    with pytest.raises(safe_http.UnreachableError):
        safe_http.post("https://receiver.test/", b"", {})
    assert 1 < len(tried) < 10


def test_no_more_of_an_answer_is_read_than_is_kept(receiver: Receiver) -> None:
    receiver.body = b"x" * 10_000_000
    answer = safe_http.post(receiver.url, b"", {}, trusted=[f"127.0.0.1:{receiver.port}"])
    assert answer.text == "x" * safe_http.MOST_ANSWER
