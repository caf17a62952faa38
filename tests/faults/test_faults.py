"""The short form of ``python -m bench.faults``: every fault once, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys

from tests.support.stack import ROOT


def test_work_goes_on_after_every_fault_and_no_page_is_lost() -> None:
    command = [sys.executable, "-m", "bench.faults", "--times", "1", "--away", "2", "--lease", "4", "--within", "40"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.count("| 1 | 0 |") == 6, shown.stdout
