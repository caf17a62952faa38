"""HTTP to addresses that users enter: to the public Internet, never to the internal network.

A name is resolved once; every address it has must be public, and the connection is made to one of exactly
these, so that a name that changes its mind between check and connection gains nothing. Redirects are
answers like any other. Time and size are bounded.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext_noop

SECONDS_TO_CONNECT = 5.0
SECONDS = 15.0
"""For the whole exchange from the first connection on, whatever the other side does to draw it out."""

WEB_PORTS = (80, 443)
"""The ports that are trusted with a host that is named without one."""

MOST_ANSWER = 500
"""Bytes of an answer that are read."""

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
TUNNELS = [ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16")]
"""Teredo and 6to4 carry an IPv4 address inside; nobody serves from there."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnreachableError(Exception):
    """The host does not answer, or may not be contacted.

    The message says why: a sentence that can be translated, and what the system says, if anything, in a second line.
    """


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
    seconds = SECONDS if seconds is None else seconds
    parts = target(url, trusted)
    connection = _connection(parts, _addresses(parts, trusted), seconds)
    deadline = threading.Timer(seconds, connection.abort)
    deadline.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.read(most).decode(errors="replace").replace("\0", "\ufffd"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(gettext_noop("Nobody answered.") + f"\n{error or type(error).__name__}") from error
    finally:
        deadline.cancel()
        connection.close()


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
        raise UnreachableError(
            gettext_noop("The host lies in an internal network. Administrators can allow it: OCRSITE_WEBHOOK_HOSTS.")
        )
    return addresses
