"""The short form of ``python -m bench.faults``: every fault once, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.stack import ROOT

SERVERS = ["database-restarted", "redis-emptied", "redis-restarted"]
WORKERS = ["worker-killed", "host-lost", "host-frozen"]


@pytest.mark.parametrize("faults", [SERVERS, WORKERS], ids=["servers", "workers"])
def test_work_goes_on_after_every_fault_and_no_page_is_lost(faults: list[str]) -> None:
    short = ["--times", "1", "--away", "2", "--lease", "4", "--within", "60"]
    command = [sys.executable, "-m", "bench.faults", *faults, *short]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for fault in faults:
        assert f"| {fault} | 1 | 0 |" in shown.stdout
