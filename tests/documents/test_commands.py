"""The command line, with the real engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import jsonschema
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from documents import batch_output, exports, transcript
from documents.management.commands.recognise import Batch, Progress
from documents.models import Run
from documents.processing import engine
from recognition import batch
from recognition.options import Options
from recognition.page import PageReading
from tests.support import synthetic_pages
from tests.support.files import upload
from tests.support.json_schema import SCHEMA
from tests.support.stack import heed_signals, wait_for
from tests.support.worker import run_worker

ROOT = Path(__file__).parent.parent.parent
LINES = ["繁體中文的第一行文字", "第二行有 English 和數字 2026", "最後一行到此為止"]


def recognise(weights_folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as people run it, in a process and without any database."""
    environment = os.environ | {"OCRSITE_WEIGHTS": str(weights_folder), "DATABASE_URL": "postgres:///nowhere"}
    command = [sys.executable, "manage.py", "recognise", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    synthetic_pages.horizontal(LINES).save(folder / "橫排.png")
    synthetic_pages.scanned_pdf(folder / "書.pdf", [synthetic_pages.horizontal(LINES), synthetic_pages.vertical(LINES)])
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    return folder


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_what_the_web_gives_byte_for_byte(
    sources: Path, tmp_path: Path, weights_folder: Path, receive
) -> None:
    done = recognise(weights_folder, sources / "書.pdf", sources / "橫排.png", "--output-dir", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "書.pdf: page 2 of 2" in done.stderr
    engine.warm_engine.cache_clear()
    for name in ("書.pdf", "橫排.png"):
        document = receive(upload(name, (sources / name).read_bytes()))
        run_worker()
        web = exports.txt(Run.objects.get(document=document).export())
        assert (tmp_path / name).with_suffix(".txt").read_text(encoding="utf-8") == web
    text = (tmp_path / "橫排.txt").read_text(encoding="utf-8")
    assert "繁體中文的第一行文字" in text
    data = json.loads((tmp_path / "書.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, SCHEMA)
    assert data["run"]["engine"]["model"] == "PP-OCRv6_small"
    assert {line["direction"] for line in data["pages"][1]["lines"]} == {"vertical-rl"}


def test_a_file_that_fails_is_named_and_the_others_are_written(
    sources: Path, tmp_path: Path, weights_folder: Path
) -> None:
    files = [sources / "broken.jpg", sources / "橫排.png", sources / "missing.png"]
    done = recognise(weights_folder, *files, "--output-dir", tmp_path, "--format", "txt", "--workers", "1")
    assert done.returncode != 0
    assert "broken.jpg" in done.stderr
    assert "missing.png: there is no such file" in done.stderr
    assert [path.name for path in tmp_path.glob("[!.]*")] == ["橫排.txt"]


class Blank:
    """Readers to whom every file is one blank page, and who lose the file ``gone.png``."""

    def metadata(self) -> dict[str, str]:
        return {}

    def read(self, paths: Sequence[Path], on_page: Callable[[Path, int, int], None]) -> Iterator[batch.FileResult]:
        for path in paths:
            if path.name == "gone.png":
                path.unlink()
            yield batch.FileResult(path, [PageReading(number=1)])


def test_a_result_that_fails_unexpectedly_is_named_and_the_others_are_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def write(exported: transcript.Transcript, out: BinaryIO) -> None:
        out.write(b"half of it")
        if exported.title == "a":
            raise ZeroDivisionError

    for name in ("a.png", "gone.png", "z.png"):
        (tmp_path / name).write_bytes(b"something")
    formats = [replace(exports.FORMATS["csv"], write=write), exports.FORMATS["txt"]]
    files = Batch(tmp_path / "out", formats, Options(), "openvino")
    todo = files.todo(batch_output.find([str(tmp_path)], tmp_path / "out").sources, force=False)
    problems = files.read(Blank(), todo, Progress(3))
    assert [problem.partition(" cannot be")[0] for problem in problems] == [
        f"{tmp_path}/a.png: a.csv",
        f"{tmp_path}/gone.png: it",
    ]
    assert sorted(path.name for path in (tmp_path / "out").glob("[!.]*")) == ["a.txt", "z.csv", "z.txt"]
    assert "ZeroDivisionError" in caplog.text


def test_missing_weights_are_said_plainly(sources: Path, tmp_path: Path) -> None:
    done = recognise(tmp_path / "nowhere", sources / "橫排.png", "--output-dir", tmp_path)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "PP-OCRv6_small" in done.stderr


def test_folders_are_read_with_all_below_and_a_second_call_reads_only_what_is_new(
    tmp_path: Path, weights_folder: Path
) -> None:
    scans, out = tmp_path / "scans", tmp_path / "out"
    (scans / "二月").mkdir(parents=True)
    synthetic_pages.horizontal(["第一頁"]).save(scans / "甲.png")
    synthetic_pages.horizontal(["第二頁"]).save(scans / "二月" / "甲.png")
    (scans / "notes.txt").write_text("no picture")

    first = recognise(weights_folder, scans, "--output-dir", out)
    assert first.returncode == 0, first.stderr
    assert "2 pages of 2 files in" in first.stderr
    assert "pages/s" in first.stderr
    assert "Passed over as no pictures or PDFs: 1 files" in first.stderr
    assert (out / "甲.txt").read_text() == "第一頁\n"
    assert (out / "二月" / "甲.txt").read_text() == "第二頁\n"

    synthetic_pages.horizontal(["第三頁"]).save(scans / "乙.png")
    second = recognise(weights_folder, scans, "--output-dir", out)
    assert "There already: 2 files" in second.stderr
    assert "1 pages of 1 files" in second.stderr
    assert (out / "乙.txt").read_text() == "第三頁\n"


def test_a_batch_that_is_broken_off_leaves_whole_files_and_is_taken_up_again(
    tmp_path: Path, weights_folder: Path
) -> None:
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    for number in range(12):
        synthetic_pages.horizontal([f"第{number}頁", *LINES * 3]).save(scans / f"{number:02}.png")
    environment = os.environ | {"OCRSITE_WEIGHTS": str(weights_folder)}
    command = [sys.executable, "manage.py", "recognise", str(scans), "--output-dir", str(out), "--workers", "1"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, process_group=0, preexec_fn=heed_signals
    )
    wait_for(lambda: len(list(out.glob("*.json"))) >= 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    written = {path: path.stat().st_mtime_ns for path in out.glob("*.json")}
    assert 2 <= len(written) < 12
    for path in written:
        json.loads(path.read_text())
    assert not list(out.glob(".*.partial"))

    again = recognise(weights_folder, scans, "--output-dir", out)
    assert again.returncode == 0, again.stderr
    assert len(list(out.glob("*.json"))) == 12
    kept = [path for path, time in written.items() if path.stat().st_mtime_ns == time]
    assert len(kept) >= len(written) - 1  # the last may have been written and not yet noted


@pytest.mark.django_db
def test_the_first_administrator_gets_the_given_password(settings, capsys) -> None:
    settings.OCRSITE_ADMIN_USER = "chief"
    settings.OCRSITE_ADMIN_PASSWORD = "a long secret"
    call_command("ensure_admin")
    assert User.objects.get(username="chief").check_password("a long secret")
    assert "a long secret" not in capsys.readouterr().out


@pytest.mark.django_db
def test_a_generated_password_is_printed_once(settings, capsys) -> None:
    settings.OCRSITE_ADMIN_PASSWORD = ""
    call_command("ensure_admin")
    password = capsys.readouterr().out.split("Password: ")[1].split()[0]
    assert User.objects.get(username="admin").check_password(password)
    call_command("ensure_admin")
    assert capsys.readouterr().out == ""
