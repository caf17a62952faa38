"""The whole suite (``make test``): checks, tests on SQLite, database tests on PostgreSQL, one summary."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TOOLS = Path(sys.executable).parent
PROCESSES = 1 + (os.cpu_count() or 1)
"""Each with its own database, Redis and, in the browser, platform. One more than cores, since some tests wait."""

PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=15", "-n", str(PROCESSES), "--dist", "loadfile"]
PYTEST += ["--no-loadscope-reorder"]  # files of a folder one after the other: they share a running platform
PYTEST += ["--max-worker-restart", "0"]  # after a restart, tests that were dealt to the dead process may be waited for
ON_POSTGRES = [sys.executable, "-m", "tests.support.with_postgres"]
SAME_ANYWHERE = ["tests/documents/api/test_conformance.py", "tests/documents/test_permissions.py"]
"""Long tests of addresses, to which it makes no difference what database answers; SQLite does."""
STEPS = {
    "Lint": [str(TOOLS / "ruff"), "check", "."],
    "Formatting": [str(TOOLS / "ruff"), "format", "--check", "."],
    "Types": [str(TOOLS / "mypy")],
    "Types of the scripts": ["node_modules/.bin/tsc", "--project", "jsconfig.json"],
    "Tests, on SQLite": PYTEST,
    "Database tests, on PostgreSQL": [
        *ON_POSTGRES,
        *PYTEST,
        "-m",
        "database",
        *map("--ignore={}".format, SAME_ANYWHERE),
    ],
}
LIMIT = 1800
"""Seconds after which a step is given up: the whole takes a quarter of an hour, and what hangs is to be heard of."""

SERVERS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TIME_ZONE"}
FOLDERS = {"OCRSITE_DATA", "OCRSITE_WEIGHTS"}


def is_configuration(variable: str) -> bool:
    """Whether ``variable`` is a setting of whoever runs the tests; they are to see the defaults."""
    name = variable.removesuffix("_FILE")
    return name in SERVERS or name.startswith("S3_") or (name.startswith("OCRSITE_") and name not in FOLDERS)


def passes(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Runs a step; one that takes too long is ended, with all that it started."""
    step = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return step.wait(LIMIT) == 0
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"\nGiven up after {LIMIT} s.\n")
        return False
    finally:
        with suppress(ProcessLookupError):
            os.killpg(step.pid, signal.SIGTERM)
            step.wait(30)


def main() -> int:
    environment = {name: value for name, value in os.environ.items() if not is_configuration(name)}
    environment["PATH"] = f"{TOOLS}{os.pathsep}{environment['PATH']}"  # Node may be among the packages
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would each compile the platform anew
    report = []
    for name, command in STEPS.items():
        sys.stdout.write(f"\n=== {name}\n")
        sys.stdout.flush()
        start = time.monotonic()
        report.append((name, passes(command, environment), time.monotonic() - start))
    sys.stdout.write("\n=== Summary\n")
    for name, passed, seconds in report:
        sys.stdout.write(f"{'passed' if passed else 'FAILED'}  {seconds:6.0f} s  {name}\n")
    failures = sum(not passed for _, passed, _ in report)
    sys.stdout.write(f"\n{f'{failures} of {len(report)} steps failed' if failures else 'All is well'}.\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
