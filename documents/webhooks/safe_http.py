"""HTTP to addresses that users enter: to the public Internet, never to the internal network.

A name is resolved once; every address it has must be public, and the connection is made to one of exactly
these, so that a name that changes its mind between check and connection gains nothing. What is sent follows no
redirect; what is fetched follows a few, each of which is checked as the first address was. Time and size are bounded.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.translation import gettext_noop

SECONDS_TO_CONNECT = 5.0
SECONDS = 15.0
"""For the whole exchange from the first connection on, whatever the other side does to draw it out."""

WEB_PORTS = (80, 443)
"""The ports that are trusted with a host that is named without one."""

MOST_ANSWER = 500
"""Bytes of an answer that are read."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3
PIECE = 256 * 1024

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
TUNNELS = [ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16")]
"""Teredo and 6to4 carry an IPv4 address inside; nobody serves from there."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnreachableError(Exception):
    """The host does not answer, or may not be contacted.

    The message says why: a sentence that can be translated, and what the system says, if anything, in a second line.
    """


class InternalHostError(UnreachableError):
    """The host lies in an internal network, and nobody has allowed it."""


@dataclass(frozen=True)
class Answer:
    """``text``: the beginning of the body, decoded as far as it goes."""

    status: int
    text: str


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    trusted: Collection[str] = (),
    *,
    seconds: float | None = None,
    most: int = MOST_ANSWER,
) -> Answer:
    """Sends ``body`` to ``url``. What ``trusted`` names may lie in the internal network, and needs no HTTPS.

    ``trusted``: entries ``host``, for the ports 80 and 443, and ``host:port``; an IPv6 address with a port stands
    in brackets. ``seconds``: for the whole exchange, SECONDS without it. ``most``: bytes of the answer that are read.
    Raises UnreachableError.
    """
    limit = SECONDS if seconds is None else seconds
    with _asked("POST", url, body, headers, trusted, limit) as (connection, response):
        try:
            said = _read(response, most)
        except UnreachableError:  # what is still on its way when the time is up resets the connection
            if not connection.is_aborted:
                raise
            said = b""
        return Answer(response.status, said.decode(errors="replace").replace("\0", "\ufffd"))


def fetch(url: str, out: BinaryIO, trusted: Collection[str] = (), *, seconds: float, most: int) -> int:
    """Writes what is at ``url`` to ``out``; how many bytes that is.

    ``trusted``: as for ``post``. ``seconds``: for each address on the way. Raises UnreachableError, also for any status
    but 200, for more than ``most`` bytes, and for one redirect too many.
    """
    for _ in range(MOST_REDIRECTS + 1):
        with _asked("GET", url, None, {"User-Agent": "ocrsite"}, trusted, seconds) as (connection, response):
            if response.status in REDIRECTS and (location := response.headers.get("Location")):
                url = urljoin(url, location)
                continue
            if response.status != 200:
                raise UnreachableError(gettext_noop("The server answers with an error.") + f"\n{response.status}")
            size = 0
            while piece := _read(response, PIECE):
                size += len(piece)
                if size > most:
                    raise UnreachableError(gettext_noop("The file is larger than may be fetched."))
                out.write(piece)
            if connection.is_aborted or response.length:  # http.client takes an early end for the end
                raise UnreachableError(gettext_noop("The server has not sent all of the file."))
            return size
    raise UnreachableError(gettext_noop("The address is redirected too often."))


@contextmanager
def _asked(
    method: str, url: str, body: bytes | None, headers: dict[str, str], trusted: Collection[str], seconds: float
) -> Iterator[tuple[_Pinned, http.client.HTTPResponse]]:
    """The connection to ``url``, and its answer, to be read within ``seconds`` from now. Raises UnreachableError."""
    parts = target(url, trusted)
    connection = _connection(parts, _addresses(parts, trusted), seconds)
    deadline = threading.Timer(seconds, connection.abort)
    deadline.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with _nobody_answered():
            connection.request(method, path, body, headers)
            response = connection.getresponse()
        yield connection, response
    finally:
        deadline.cancel()
        connection.close()


def _read(response: http.client.HTTPResponse, most: int) -> bytes:
    with _nobody_answered():
        return response.read(most)


@contextmanager
def _nobody_answered() -> Iterator[None]:
    """Raises what goes wrong on the network as an UnreachableError."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(gettext_noop("Nobody answered.") + f"\n{error or type(error).__name__}") from error


def target(url: str, trusted: Collection[str] = ()) -> SplitResult:
    """The parts of an address that may be written to, as far as one can tell without asking the network."""
    try:
        parts = urlsplit(url)
        host, _port_number = parts.hostname, parts.port
    except ValueError as error:
        raise UnreachableError(gettext_noop("This is no address.") + f"\n{error}") from error
    if not host or parts.username is not None or parts.password is not None:
        raise UnreachableError(gettext_noop("An address has a host, and no user name or password."))
    if parts.scheme != "https" and not (parts.scheme == "http" and is_trusted(parts, trusted)):
        raise UnreachableError(gettext_noop("Only https:// addresses are allowed."))
    return parts


def is_public(address: Address) -> bool:
    """Whether ``address`` belongs to one machine in the public Internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if address in NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    if any(address in tunnel for tunnel in TUNNELS):
        return False
    return address in GLOBAL_UNICAST and address.is_global


def is_trusted(parts: SplitResult, trusted: Collection[str]) -> bool:
    """Whether ``trusted`` names this host and port: trust in a web server is none in the mail server beside it."""
    host, port = parts.hostname or "", _port(parts)
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" in trusted or (port in WEB_PORTS and (name in trusted or host in trusted))


def host_of(url: str) -> str:
    """Host and port of an endpoint that an administrator has chosen, as ``trusted`` names them."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{_port(parts)}"


class _Pinned(http.client.HTTPConnection):
    """A connection to one of ``addresses``, in the name of ``host``; there are ``seconds`` from now to make it."""

    def __init__(self, host: str, port: int, addresses: list[str], tls: ssl.SSLContext | None, seconds: float) -> None:
        super().__init__(host, port)
        self.default_port = 443 if tls else 80
        self._addresses = addresses
        self._tls = tls
        self._until = time.monotonic() + seconds
        self.is_aborted = False
        self._open: socket.socket | None = None  # http.client forgets its own with the headers of the answer

    def connect(self) -> None:
        for last, address in enumerate(self._addresses, start=1):
            try:
                plain = socket.create_connection((address, self.port), min(SECONDS_TO_CONNECT, self._left()))
                break
            except OSError:
                if last == len(self._addresses):
                    raise
        self._keep(plain)
        if self._tls:
            secure = self._tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
            self._keep(secure)
            secure.do_handshake()

    def abort(self) -> None:
        """Ends the exchange from another thread, wherever it stands."""
        self.is_aborted = True
        if self._open:
            with suppress(OSError):
                self._open.shutdown(socket.SHUT_RDWR)

    def _keep(self, connected: socket.socket) -> None:
        self.sock = self._open = connected
        self._left()  # ``abort`` may have come just before, when there was nothing to end

    def _left(self) -> float:
        """Seconds; TimeoutError if there are none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def _connection(parts: SplitResult, addresses: list[str], seconds: float) -> _Pinned:
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    return _Pinned(parts.hostname or "", _port(parts), addresses, tls, seconds)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _addresses(parts: SplitResult, trusted: Collection[str]) -> list[str]:
    """Where the host is; UnreachableError if nowhere, or if any of it is not public and it is not trusted."""
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(gettext_noop("There is no host of this name.")) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not is_trusted(parts, trusted) and not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        raise InternalHostError(
            gettext_noop("The host lies in an internal network. Administrators can allow it: OCRSITE_WEBHOOK_HOSTS.")
        )
    return addresses
