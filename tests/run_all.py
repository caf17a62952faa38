"""The whole suite (``make test``): checks, tests on SQLite, database tests on PostgreSQL, one summary."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

TOOLS = Path(sys.executable).parent
# A process for each core, each with its own database, Redis and, in the browser, platform.
PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=15", "-n", "auto", "--dist", "loadfile"]
STEPS = {
    "Lint": [str(TOOLS / "ruff"), "check", "."],
    "Formatting": [str(TOOLS / "ruff"), "format", "--check", "."],
    "Types": [str(TOOLS / "mypy")],
    "Tests, on SQLite": PYTEST,
    "Database tests, on PostgreSQL": [sys.executable, "-m", "tests.with_postgres", *PYTEST, "-m", "database"],
}
SERVERS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TIME_ZONE"}
FOLDERS = {"OCRSITE_DATA", "OCRSITE_WEIGHTS"}


def is_configuration(variable: str) -> bool:
    """Whether ``variable`` is a setting of whoever runs the tests; they are to see the defaults."""
    name = variable.removesuffix("_FILE")
    return name in SERVERS or name.startswith("S3_") or (name.startswith("OCRSITE_") and name not in FOLDERS)


def main() -> int:
    environment = {name: value for name, value in os.environ.items() if not is_configuration(name)}
    report = []
    for name, command in STEPS.items():
        sys.stdout.write(f"\n=== {name}\n")
        sys.stdout.flush()
        start = time.monotonic()
        passed = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0
        report.append((name, passed, time.monotonic() - start))
    sys.stdout.write("\n=== Summary\n")
    for name, passed, seconds in report:
        sys.stdout.write(f"{'passed' if passed else 'FAILED'}  {seconds:6.0f} s  {name}\n")
    failures = sum(not passed for _, passed, _ in report)
    sys.stdout.write(f"\n{f'{failures} of {len(report)} steps failed' if failures else 'All is well'}.\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
