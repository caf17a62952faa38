"""The whole suite (``make test``): checks, tests on SQLite, database tests on PostgreSQL, one summary."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

TOOLS = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=5"]
STEPS = {
    "Lint": [str(TOOLS / "ruff"), "check", "."],
    "Formatting": [str(TOOLS / "ruff"), "format", "--check", "."],
    "Types": [str(TOOLS / "mypy")],
    "Tests, on SQLite": PYTEST,
    "Database tests, on PostgreSQL": [sys.executable, "-m", "tests.with_postgres", *PYTEST, "-m", "database"],
}
# The tests are to see the defaults, not the servers of whoever runs them.
UNSET = ("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "SECRET_KEY", "ALLOWED_HOSTS", "OCRSITE_DEBUG", "OCRSITE_HTTPS")


def main() -> int:
    environment = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in UNSET}
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
    return 0 if all(passed for _, passed, _ in report) else 1


if __name__ == "__main__":
    sys.exit(main())
