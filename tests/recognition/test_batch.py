"""Many files on several processes: order, failures, and a process that crashes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from recognition import raster
from recognition.batch import ReaderPool
from recognition.errors import EngineError
from recognition.options import Options
from tests.support import synthetic_pages
from tests.support.fake_engine import Echo
from tests.support.stack import wait_for


def no_engine() -> Echo:
    raise EngineError("no engine here")


@pytest.fixture(scope="module")
def readers() -> Iterator[ReaderPool]:
    with ReaderPool(partial(Echo, deadly=130), Options(), raster.Limits(), workers=2) as opened:
        yield opened


def picture(folder: Path, width: int) -> Path:
    path = folder / f"{width}.png"
    synthetic_pages.blank((width, 50)).save(path)
    return path


def test_files_come_back_in_order_with_all_their_pages(readers: ReaderPool, tmp_path: Path) -> None:
    book = synthetic_pages.scanned_pdf(tmp_path / "book.pdf", [synthetic_pages.blank((200 + n, 50)) for n in range(5)])
    files = [picture(tmp_path, 101), book, picture(tmp_path, 102)]
    heard = []
    results = list(readers.read(files, lambda path, number, count: heard.append((path, number, count))))
    assert [result.path for result in results] == files
    assert [page.number for page in results[1].pages] == [1, 2, 3, 4, 5]
    assert results[2].pages[0].text == "102"
    assert heard == [(files[0], 1, 1), *((book, n, 5) for n in range(1, 6)), (files[2], 1, 1)]


def test_page_images_stay_where_they_were_made(readers: ReaderPool, tmp_path: Path) -> None:
    (result,) = readers.read([picture(tmp_path, 101)])
    assert result.pages[0].image is None


def test_a_file_that_is_refused_does_not_stop_the_others(readers: ReaderPool, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing of the kind")
    first, second = readers.read([bad, picture(tmp_path, 101)])
    assert first.error is not None
    assert first.error.code == "file-type-unsupported"
    assert second.pages[0].text == "101"


def test_a_file_that_may_not_be_opened_does_not_stop_the_others(readers: ReaderPool, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()  # root may open anything but this
    first, second = readers.read([tmp_path / "folder.png", picture(tmp_path, 101)])
    assert first.error is not None
    assert "cannot be opened" in first.error.message
    assert second.pages[0].text == "101"


def test_what_fails_unexpectedly_costs_only_that_page_or_file_and_is_logged(
    readers: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def inspect(path: Path, limits: raster.Limits) -> raster.FileInfo:
        if path.name == "102.png":
            raise ValueError("an odd file")
        return look(path, limits)

    look = raster.inspect
    monkeypatch.setattr(raster, "inspect", inspect)
    book = synthetic_pages.scanned_pdf(
        tmp_path / "book.pdf", [synthetic_pages.blank((width, 50)) for width in (300, 600, 900)]
    )
    read, odd, last = readers.read([book, picture(tmp_path, 102), picture(tmp_path, 103)])
    assert [page.error is None for page in read.pages] == [True, False, True]
    assert odd.error is not None
    assert last.pages[0].text == "103"
    assert "ZeroDivisionError" in caplog.text
    assert "an odd file" in caplog.text


def test_a_crash_costs_only_the_file_that_causes_it(readers: ReaderPool, tmp_path: Path) -> None:
    results = list(readers.read([picture(tmp_path, width) for width in (128, 129, 130, 131, 132)]))
    assert [result.error is None for result in results] == [True, True, False, True, True]
    assert [result.pages[0].text for result in results if result.pages] == ["128", "129", "131", "132"]
    assert results[2].error is not None
    assert "crashed" in results[2].error.message


def test_no_process_outlives_the_one_that_opened_the_pool() -> None:
    opened = (
        "import os, sys; from functools import partial; from recognition import raster;"
        "from recognition.batch import ReaderPool; from recognition.options import Options;"
        "from tests.support.fake_engine import Echo;"
        "readers = ReaderPool(partial(Echo, deadly=0), Options(), raster.Limits(), workers=1);"
        "readers.metadata(); print(*readers._pool._processes, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", opened], capture_output=True, text=True, check=False, timeout=60)
    (child,) = killed.stdout.split()
    wait_for(lambda: not alive(int(child)))


def alive(number: int) -> bool:
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False


def test_an_engine_that_cannot_be_loaded_says_so() -> None:
    with (
        ReaderPool(no_engine, Options(), raster.Limits(), workers=1) as readers,
        pytest.raises(EngineError, match="no engine here"),
    ):
        readers.metadata()
