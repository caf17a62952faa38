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


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database on a server that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ocrsite-postgres-"))
    user: list[str] = []
    if os.geteuid() == 0:
        user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    programs, cluster = server_programs(), folder / "cluster"

    def control(program: str, *arguments: str) -> None:
        command = [*user, str(programs / program), "--pgdata", str(cluster), *arguments]
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    try:
        control("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control("pg_ctl", "start", "--wait", "--log", str(folder / "log"), "--options", options)
        try:
            yield f"postgres:///{folder}/postgres"
        finally:
            control("pg_ctl", "stop", "--wait", "--mode=immediate")
    finally:
        shutil.rmtree(folder)


def main(command: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with postgres() as url:
        return subprocess.run(
            command, env=os.environ | {"DATABASE_URL": url, "PGUSER": "postgres"}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
