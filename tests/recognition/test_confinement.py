"""Files that ask for too much take down nothing but the process that parses them."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from recognition import raster
from recognition.confinement import ConfinedReader, ProcessLimits, sandbox
from recognition.confinement.client import Nursery
from recognition.errors import BrokenFileError, FileError, TooMuchMemoryError, TooMuchTimeError, UnsupportedTypeError
from recognition.page import DocumentText, Line, PageText
from tests.support import hostile_files
from tests.support.stack import wait_for

ROOT = Path(__file__).parent.parent.parent
LIMITS = raster.Limits(pixels=120_000_000)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    Image.fromarray(np.arange(60 * 80 * 3, dtype=np.uint8).reshape(60, 80, 3)).save(path)
    return path


def test_a_confined_process_answers_what_this_one_would(picture: Path) -> None:
    ((_, image),) = raster.pages(picture)
    with ConfinedReader() as reader:
        assert reader.inspect(picture, LIMITS) == raster.inspect(picture, LIMITS)
        drawn = reader.draw(picture, 1, LIMITS)
    assert (drawn.pixels == image.pixels).all()
    assert (drawn.to_page == image.to_page).all()


def test_errors_arrive_as_what_they_are(tmp_path: Path) -> None:
    with ConfinedReader() as reader:
        with pytest.raises(BrokenFileError, match="damaged or cut off"):
            reader.inspect(hostile_files.saved(tmp_path, "a.jpg", b"\xff\xd8\xff\xe0 no picture"), LIMITS)
        with pytest.raises(UnsupportedTypeError) as refused:
            reader.inspect(hostile_files.saved(tmp_path, "a.svg", b"<svg></svg>"), LIMITS)
    assert refused.value.params == {"found": "an SVG drawing"}


def test_a_page_that_needs_too_much_memory_says_so(tmp_path: Path) -> None:
    path = hostile_files.saved(tmp_path, "large.png", hostile_files.blank_png(10_000, 11_900))
    with (
        ConfinedReader(ProcessLimits(memory=700 * 2**20)) as reader,
        pytest.raises(TooMuchMemoryError, match=r"more memory than a page may use \(700 MB\)"),
    ):
        reader.draw(path, 1, LIMITS)


def test_an_object_stream_deflated_twice_ends_its_own_process_only(tmp_path: Path, picture: Path) -> None:
    path = hostile_files.saved(tmp_path, "bomb.pdf", hostile_files.deflated_twice(700))
    assert path.stat().st_size < 20_000
    with ConfinedReader(ProcessLimits(memory=800 * 2**20)) as reader:
        with pytest.raises(FileError):
            reader.inspect(path, LIMITS)
        assert reader.inspect(picture, LIMITS).kind == "image"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("scans.jpg", lambda: hostile_files.progressive_jpeg(400), id="progressive JPEG of 400 scans"),
        pytest.param("forms.pdf", hostile_files.form_that_draws_itself, id="forms that draw each other"),
    ],
)
def test_a_page_that_needs_too_much_time_is_given_up(tmp_path: Path, name: str, content) -> None:
    path = hostile_files.saved(tmp_path, name, content())
    with (
        ConfinedReader(ProcessLimits(seconds=1)) as reader,
        pytest.raises((TooMuchTimeError, TooMuchMemoryError), match="than a page may use"),
    ):
        reader.draw(path, 1, LIMITS)


def test_a_child_that_is_killed_is_an_answer_and_the_next_page_is_read(picture: Path) -> None:
    with ConfinedReader() as reader:
        reader.inspect(picture, LIMITS)
        assert reader._child is not None
        subprocess.run(["kill", "-KILL", str(reader._child._pid)], check=True)
        with pytest.raises(TooMuchMemoryError):
            reader.draw(picture, 1, LIMITS)
        assert reader.draw(picture, 1, LIMITS).width == 80


def test_a_child_that_falls_silent_and_lives_on_holds_up_nobody(picture: Path) -> None:
    with ConfinedReader() as reader:
        reader.inspect(picture, LIMITS)
        child = reader._child
        assert child is not None
        os.kill(child._pid, signal.SIGSTOP)  # stands for one that a file has taken over and that closes its pipe
        with socket.socket(fileno=os.dup(child._pipe.fileno())) as pipe:
            pipe.shutdown(socket.SHUT_RD)
        with pytest.raises(TooMuchMemoryError):
            reader.draw(picture, 1, LIMITS)
        assert reader.draw(picture, 1, LIMITS).width == 80


def test_a_child_stands_back_behind_whoever_started_it(picture: Path) -> None:
    with ConfinedReader() as reader:
        reader.inspect(picture, LIMITS)
        assert reader._child is not None
        assert os.getpriority(os.PRIO_PROCESS, reader._child._pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_nursery_that_has_died_is_started_again(picture: Path) -> None:
    nursery = Nursery.shared()
    nursery.process.kill()
    nursery.process.wait()
    with ConfinedReader() as reader:
        assert reader.inspect(picture, LIMITS).page_count == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["child gone before", "child at work"])
def test_a_nursery_that_dies_while_a_child_lives_costs_no_page(picture: Path, number: int) -> None:
    with ConfinedReader() as reader:
        reader.inspect(picture, LIMITS)
        child = reader._child
        assert child is not None
        os.kill(child._pid, number)
        child._nursery.process.kill()
        assert reader.draw(picture, 1, LIMITS).width == 80
        Nursery.shared().process.kill()
        out = io.BytesIO()
        reader.write_searchable_pdf(picture, DocumentText("書", "0" * 64, 1), out)
        assert out.getvalue().startswith(b"%PDF")
        Nursery.shared().process.kill()  # and nobody stumbles over that at the end
    wait_for(lambda: not Path(f"/proc/{child._pid}").exists())


def test_no_child_stays_behind(picture: Path) -> None:
    with ConfinedReader() as reader:
        reader.inspect(picture, LIMITS)
        assert reader._child is not None
        pid = reader._child._pid
        assert Path(f"/proc/{pid}").exists()
        assert os.getpgid(pid) == pid  # whatever it has started ends with its group
    assert not Path(f"/proc/{pid}").exists()


def test_the_parsers_know_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch, picture: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "known to nobody")
    fresh = Nursery()
    try:
        environment = Path(f"/proc/{fresh.process.pid}/environ").read_bytes()
    finally:
        fresh.process.kill()
        fresh.process.wait()
    assert b"SECRET_KEY" not in environment
    assert b"DJANGO" not in environment


def test_a_searchable_pdf_is_written_by_a_confined_process(tmp_path: Path, picture: Path) -> None:
    hostile = hostile_files.saved(tmp_path, "bomb.pdf", hostile_files.deflated_twice(700))
    out = io.BytesIO()
    with ConfinedReader(ProcessLimits(memory=800 * 2**20)) as reader:
        with pytest.raises(FileError):
            reader.write_searchable_pdf(hostile, DocumentText("書", "0" * 64, 1), out)
        assert out.getvalue() == b""
        line = Line("臺北", 0.9, ((10, 10), (70, 10), (70, 30), (10, 30)))
        text = DocumentText("書", "0" * 64, 1, (PageText(1, 80, 60, (line,)),))
        reader.write_searchable_pdf(picture, text, out)
    with pypdfium2.PdfDocument(out.getvalue()) as pdf:
        assert pdf[0].get_textpage().get_text_range() == "臺北"


def in_sandbox(code: str, *readable: Path, folder: Path | None = None) -> str:
    """What a confined process prints that runs ``code``; an exception as its name."""
    script = (
        "import os, pathlib, socket, subprocess, sys\n"
        "from recognition.confinement import sandbox\n"
        "sandbox.give_up_privileges()\n"
        f"sandbox.confine([pathlib.Path(p) for p in {[str(path) for path in readable]!r}], 2**31,"
        f" {folder and str(folder)!r})\n"
        f"try:\n    print({code})\nexcept BaseException as error:\n    print(type(error).__name__)\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return shown.stdout.strip()


def test_a_confined_process_reads_its_file_and_no_other(tmp_path: Path) -> None:
    assert sandbox.missing() == []  # where this fails, the machine cannot run these tests in full
    mine = hostile_files.saved(tmp_path, "mine", b"mine")
    other = hostile_files.saved(tmp_path, "other", b"other")
    assert in_sandbox(f"open({str(mine)!r}).read()", mine) == "mine"
    assert in_sandbox(f"open({str(other)!r}).read()", mine) == "PermissionError"
    assert in_sandbox("open('/etc/passwd').read()", mine) == "PermissionError"


def test_a_confined_process_writes_nothing_and_reaches_no_network(tmp_path: Path) -> None:
    mine = hostile_files.saved(tmp_path, "mine", b"mine")
    assert in_sandbox(f"open({str(mine)!r}, 'w')", mine) == "PermissionError"
    assert in_sandbox(f"open({str(tmp_path / 'new')!r}, 'w')", mine) == "PermissionError"
    assert in_sandbox("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", mine) == "PermissionError"
    assert in_sandbox("socket.socket(socket.AF_UNIX)", mine) == "PermissionError"


def test_a_confined_process_signals_nobody() -> None:
    assert in_sandbox("os.kill(os.getppid(), 0)") == "PermissionError"


def test_where_memory_ends_a_child_is_the_first_to_go(picture: Path) -> None:
    with ConfinedReader() as reader:
        reader.inspect(picture, LIMITS)
        assert reader._child is not None
        ours, theirs = (int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in ("self", reader._child._pid))
    assert theirs > ours


def test_a_confined_process_writes_into_the_folder_that_it_is_given_only(tmp_path: Path) -> None:
    mine, beside = tmp_path / "mine", tmp_path / "beside"
    mine.mkdir()
    assert in_sandbox(f"open({str(mine / 'new')!r}, 'w').write('new')", folder=mine) == "3"
    assert in_sandbox(f"open({str(beside)!r}, 'w')", folder=mine) == "PermissionError"
    assert in_sandbox(f"pathlib.Path({str(mine / 'link')!r}).symlink_to('/etc/passwd')", folder=mine) == (
        "PermissionError"
    )


def test_poppler_runs_in_confinement(tmp_path: Path) -> None:
    assert in_sandbox("subprocess.run(['pdftoppm', '-v'], capture_output=True).returncode") == "0"


@pytest.mark.parametrize("head", [b"<!--" * 1024, b"<?xml" * 820, b" " * 4090 + b"<!--", b"<!DOCTYPE svg" * 300])
def test_telling_what_a_file_is_takes_no_long_time(tmp_path: Path, head: bytes) -> None:
    path = hostile_files.saved(tmp_path, "head", head)
    begun = time.process_time()
    with pytest.raises(UnsupportedTypeError):
        raster.inspect(path)
    assert time.process_time() - begun < 1  # it took seconds where patterns went back over the same text
