"""Hosts in networks of their own on one machine (Linux network namespaces), with cables that can be pulled."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

SERVERS = "10.77.0.1"
"""The address of the host on which this process and the servers are."""

CLONE_NEWNET = 0x40000000


class NoRightsError(Exception):
    """This machine does not let us make networks. The message says why."""


class Network:
    """Hosts by name, each on a cable to the host of the servers."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def inside(self, host: str) -> list[str]:
        """What a command begins with that runs on ``host``."""
        return ["ip", "netns", "exec", f"{self._prefix}-{host}"]

    def pull(self, host: str) -> None:
        """Takes the cable of ``host`` out."""
        self._ip("-n", f"{self._prefix}-servers", "link", "set", host, "down")

    def plug(self, host: str) -> None:
        """Puts the cable of ``host`` in again."""
        self._ip("-n", f"{self._prefix}-servers", "link", "set", host, "up")

    def add(self, host: str) -> None:
        self._ip("netns", "add", f"{self._prefix}-{host}")
        self._ip("-n", f"{self._prefix}-{host}", "link", "set", "lo", "up")

    def remove(self, host: str) -> None:
        self._ip("netns", "del", f"{self._prefix}-{host}")

    def bridge(self) -> None:
        servers = ("-n", f"{self._prefix}-servers")
        self._ip(*servers, "link", "add", "bridge", "type", "bridge")
        self._ip(*servers, "addr", "add", f"{SERVERS}/24", "dev", "bridge")
        self._ip(*servers, "link", "set", "bridge", "up")

    def connect(self, host: str, address: str) -> None:
        servers, there = f"{self._prefix}-servers", f"{self._prefix}-{host}"
        cable = ("type", "veth", "peer", "name", "eth0", "netns", there)
        self._ip("-n", servers, "link", "add", host, *cable)
        self._ip("-n", servers, "link", "set", host, "master", "bridge", "up")
        self._ip("-n", there, "addr", "add", f"{address}/24", "dev", "eth0")
        self._ip("-n", there, "link", "set", "eth0", "up")

    def enter(self) -> None:
        """Moves this thread, and whatever it starts from now on, to the host of the servers."""
        with Path(f"/run/netns/{self._prefix}-servers").open() as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
                raise NoRightsError(f"setns: {os.strerror(ctypes.get_errno())}")

    def _ip(self, *arguments: str) -> None:
        try:
            subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise NoRightsError("The program ip is missing: apt-get install iproute2") from error
        except subprocess.CalledProcessError as error:
            raise NoRightsError(f"ip {' '.join(arguments)}: {error.stderr.strip()}") from error


@contextmanager
def network(hosts: Sequence[str]) -> Iterator[Network]:
    """A network of the servers' host, which this process enters, and of ``hosts``. Raises NoRightsError."""
    with ExitStack() as stack:
        made = Network(f"ocrsite{os.getpid()}")
        for host in ("servers", *hosts):
            made.add(host)
            stack.callback(made.remove, host)
        made.bridge()
        for number, host in enumerate(hosts, start=2):
            made.connect(host, f"10.77.0.{number}")
        made.enter()
        yield made
