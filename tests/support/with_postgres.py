"""Runs a command with DATABASE_URL naming a PostgreSQL server that lives only as long.

``python -m tests.support.with_postgres COMMAND...``: a fresh cluster in a temporary folder, reached by a Unix socket
only, of the newest server that Debian has installed. As root it runs as the user postgres, since
the server refuses to run as root.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def server_programs() -> Path:
    """The folder of the newest server's programs."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        sys.exit("PostgreSQL's server is missing: apt-get install postgresql")
    return max(folders, key=lambda folder: int(folder.parent.name))


class Server:
    """A cluster in a folder of its own. ``url``: its database, while the server runs.

    ``address``: of a private network of which everybody may come; empty for a Unix socket only.
    """

    def __init__(self, folder: Path, address: str = "") -> None:
        self.folder, self.address = folder, address
        self.url = f"postgres://postgres@{address}/postgres" if address else f"postgres:///{folder}/postgres"
        self._programs, self._user = server_programs(), list[str]()
        if os.geteuid() == 0:
            self._user = ["runuser", "-u", "postgres", "--"]
            shutil.chown(folder, "postgres")
        self._control("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        if address:
            with (folder / "cluster" / "pg_hba.conf").open("a") as file:
                file.write("host all all samenet trust\n")

    def start(self) -> None:
        options = f"-c listen_addresses='{self.address}' -c unix_socket_directories={self.folder} -c fsync=off"
        self._control("pg_ctl", "start", "--wait", "--log", str(self.folder / "log"), "--options", options)

    def stop(self) -> None:
        self._control("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _control(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._programs / program), "--pgdata", str(self.folder / "cluster"), *arguments]
        subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def server(address: str = "") -> Iterator[Server]:
    """A server that is gone afterwards, with its data."""
    folder = Path(tempfile.mkdtemp(prefix="ocrsite-postgres-"))
    try:
        running = Server(folder, address)
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)


def main(command: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with server() as running:
        return subprocess.run(
            command, env=os.environ | {"DATABASE_URL": running.url, "PGUSER": "postgres"}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
