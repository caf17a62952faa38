"""The short form of ``python -m bench.faults``: every fault once, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.faults import hosts
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


def test_a_flood_of_hostile_files_stays_within_bounds_and_each_file_has_its_reason(weights_folder: Path) -> None:
    command = [sys.executable, "-m", "bench.faults", "flood", "--files", "3", "--pages", "2"]
    environment = os.environ | {"OCRSITE_WEIGHTS": str(weights_folder)}
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "| 3 | 0 |" in shown.stdout


def test_three_hosts_without_a_common_folder_read_each_page_once_though_one_is_cut_off_and_one_freezes() -> None:
    command = [sys.executable, "-m", "bench.faults.hosts", "--pages", "200", "--lease", "6", "--seconds", "0.05"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    if shown.returncode == hosts.NO_RIGHTS:
        pytest.skip(shown.stderr)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "| 200 |" in shown.stdout
