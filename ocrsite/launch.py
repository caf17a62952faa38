"""``make run`` and ``make dev``: prepare the data folder, then run every process until Ctrl-C.

supervisor starts the processes (``processes``) and restarts those that die; this module shows their
logs, and sees to it that nothing survives: supervisor and all it starts live in a session
of their own, which ends with this process however it ends.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import hashlib
import http.client
import ipaddress
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from django.core.exceptions import ImproperlyConfigured

from .processes import HOST, Program, configuration, default_workers, development_web, place, programs, web

LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108
SECONDS_TO_STOP = 20

ASKING = {"OCRSITE_LLM_URL": "proposals", "OCRSITE_VISION_URL": "vision", "OCRSITE_EMBEDDINGS_URL": "embeddings"}
"""The commands that ask models, each by the setting that says where there is one."""


class LaunchError(Exception):
    """The platform cannot start; the message says what to do."""


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


def require_free_port(text: str, host: str = HOST) -> int:
    """The number of a port of ``host`` that nobody listens on; LaunchError otherwise."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        raise LaunchError(f"OCRSITE_HOST={host!r} is no address, such as 127.0.0.1, ::1, or :: for all.") from None
    try:
        port = int(text)
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
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
            with suppress(FileNotFoundError), path.open("rb") as file:  # it may just be rotated away
                size = os.fstat(file.fileno()).st_size
                start = self.read.get(path, 0)
                file.seek(start if start <= size else 0)  # a shorter file is a new one
                start = file.tell()
                whole, newline, _ = file.read(size - start).rpartition(b"\n")
                self.read[path] = start + len(whole) + len(newline)
                for line in whole.decode(errors="replace").splitlines():
                    say(f"{path.stem:>12} | {line}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def prepare() -> None:
    """Weights, database and the first admin: each does nothing where nothing is to do."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    from recognition import weights

    models = dict.fromkeys([*weights.DEFAULT_MODELS, settings.OCRSITE_MODEL])
    install = [sys.executable, "-m", "recognition.weights", "--folder", settings.OCRSITE_WEIGHTS, *models]
    subprocess.run(install, check=True)
    django.setup()
    from django.db import DatabaseError

    from documents.messages import trouble

    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("ensure_admin")
    except DatabaseError as error:
        if not (known := trouble(error)):
            raise
        raise LaunchError(f"{known[1]} ({error}; see docs/faults.md)") from error


def collect_static_files() -> None:
    """Puts the static files where the site serves them from, under names that change with their content.

    That takes seconds, so it is done once: until one of them, or what makes the names, is another file.
    """
    from django.conf import settings
    from django.core.management import call_command

    done = Path(settings.STATIC_ROOT) / ".sources"
    sources = static_sources()
    if done.exists() and done.read_text() == sources:
        return
    done.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    done.write_text(sources)


def static_sources() -> str:
    """What static files are made of now: a digest of names, sizes and times of change."""
    import whitenoise.storage
    from django.conf import settings
    from django.contrib.staticfiles import finders, storage

    from . import statics

    found = [(path, home.path(path)) for finder in finders.get_finders() for path, home in finder.list([])]
    found += [(module.__name__, module.__file__) for module in (statics, storage, whitenoise.storage)]
    digest = hashlib.sha256(settings.STATIC_URL.encode())
    for name, file in sorted(found):
        state = Path(file).stat()
        digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


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


def answers(host: str, port: int) -> bool:
    """Whether the site serves; a redirect or a refused host is an answer too."""
    everywhere = {"0.0.0.0": HOST, "::": "::1"}
    connection = http.client.HTTPConnection(everywhere.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(supervisor: subprocess.Popen[bytes], logs: Logs, host: str, port: int) -> None:
    """Shows the logs, and the address once the site answers, until supervisor ends."""
    announced = False
    while supervisor.poll() is None:
        logs.show()
        if not announced and answers(host, port):
            announced = True
            path = os.environ.get("OCRSITE_PATH", "").rstrip("/")
            say(f"\nReady: http://{place(host, port)}{path}/  (Ctrl-C stops everything)\n")
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


def serve(web: Program, host: str, port: int, workers: int, data: Path, redis_url: str, backup: str) -> None:
    """Runs all processes until interrupted; ``web`` is the one that answers at ``host`` and ``port``."""
    folder = data / "run"
    logs = Logs(data / "logs")
    file = folder / "supervisor.conf"
    models = [command for name, command in ASKING.items() if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
    wanted = programs(web, workers, embedded_redis(redis_url, data), backup, models)
    file.write_text(configuration(wanted, folder, logs.folder))
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # it repeats its log file, which is shown anyway
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        watch(supervisor, logs, host, port)
        raise LaunchError(f"supervisor has ended by itself: see {logs.folder}.")
    finally:
        stop(supervisor)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="ocrsite.launch", description="Run the platform on this machine.")
    parser.add_argument("--dev", action="store_true", help="for those who work on it: a web server that reloads itself")
    development = parser.parse_args(arguments).dev
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    os.umask(0o077)  # what people upload is not for other users of this machine
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, interrupt)
    try:
        from .settings import DATA_DIR, REDIS_URL, env, env_count

        workers = env_count("OCRSITE_WORKERS", default_workers())
        host = env.str("OCRSITE_HOST", default=HOST)
        port = require_free_port(env.str("PORT", default="8000"), host)
        backup = env.str("OCRSITE_BACKUP", default="")
        (DATA_DIR / "run").mkdir(exist_ok=True)
        with only_one(DATA_DIR / "run"):
            prepare()
            if development:
                serve(development_web(host, port), host, port, workers, DATA_DIR, REDIS_URL, backup)
            else:
                collect_static_files()
                serve(web(host, port), host, port, workers, DATA_DIR, REDIS_URL, backup)
    except (LaunchError, ImproperlyConfigured) as error:
        sys.exit(f"\n{error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"\nThis step failed (see above): {shlex.join(map(str, error.cmd))}")
    except KeyboardInterrupt:
        say("\nStopped.")


if __name__ == "__main__":
    main()
