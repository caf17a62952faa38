"""Helpers of the tests are in tests/support, where whoever writes a test finds them, and leave nothing behind."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stack import ROOT, wait_for

TESTS = Path(__file__).parent


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_helper_is_imported_from_a_test_module(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [name for name in modules if name.rpartition(".")[2].startswith("test_")] == []


BEGINS_ONE = """
import os, sys
from tests.support.stack import begin
print(begin(["sleep", "300"], dict(os.environ), sys.stderr).pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_tests_have_started_ends_with_them_however_they_end(number: int) -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", BEGINS_ONE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout is not None
    begun = int(tests.stdout.readline())
    os.kill(begun, 0)  # it runs
    tests.send_signal(number)
    tests.communicate(timeout=60)
    wait_for(lambda: not Path(f"/proc/{begun}").exists())
