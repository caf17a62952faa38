"""Which files a batch reads, where their results go, and which ones are skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from documents import batch_output


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.txt", "2024/a.png", "2024/春/b.PDF", "2024/.hidden.png", ".git/c.png", "out/d.png"):
        path = Path("scans") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"something")
    return Path("scans")


def stems(*names: str, out: str = "scans/out", extensions: tuple[str, ...] = ("txt",)) -> list[str]:
    """The planned results of what ``names`` stand for."""
    found = batch_output.find(names, Path(out))
    assert not found.problems
    return [job.stem for job in batch_output.plan(found.sources, Path(out), extensions)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["scans"], ["a", "2024/a", "2024/春/b"]),
        (["scans/2024"], ["a", "春/b"]),
        (["scans/2024/a.png"], ["a"]),
        (["scans/b.txt"], ["b"]),  # who names a file means it, whatever it is called
        (["scans/**/a.png"], ["2024/a", "a"]),
        (["scans/**/*.png"], ["2024/a", "a"]),  # without scans/out, as for folders
        (["scans/*/[ad].png"], ["2024/a"]),
        (["scans/a.png", "scans"], ["a", "2024/a", "2024/春/b"]),
    ],
)
def test_results_lie_as_the_files_do(scans: Path, names: list[str], expected: list[str]) -> None:
    assert stems(*names) == expected


def test_what_folders_hold_besides_is_counted(scans: Path) -> None:
    assert batch_output.find(["scans"], Path("scans/out")).ignored == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("scans/x.png", "scans/x.png: there is no such file"),
        ("scans/*.tif", "scans/*.tif: no file matches"),
        ("empty", "empty: nothing in this folder can be read"),
    ],
)
def test_a_name_that_stands_for_nothing_is_a_problem(scans: Path, name: str, reason: str) -> None:
    Path("empty").mkdir()
    assert batch_output.find([name], Path("out")).problems == [reason]


def test_a_link_to_nothing_is_a_problem_and_the_others_are_read(scans: Path) -> None:
    Path("scans/2024/b.png").symlink_to("nowhere.png")
    Path("scans/2024/c.png").symlink_to("c.png")
    found = batch_output.find(["scans/2024"], Path("out"))
    assert [problem.partition(": ")[0] for problem in found.problems] == ["scans/2024/b.png", "scans/2024/c.png"]
    assert [source.path.name for source in found.sources] == ["a.png", "b.PDF"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(scans: Path) -> None:
    Path("scans/scan[1].png").write_bytes(b"something")
    assert stems("scans/scan[1].png") == ["scan[1]"]


def test_files_that_only_their_suffix_tells_apart_keep_it(scans: Path) -> None:
    Path("scans/A.jpg").write_bytes(b"something")
    assert stems("scans") == ["A.jpg", "a.png", "2024/a", "2024/春/b"]


def test_files_that_nothing_tells_apart_are_refused(scans: Path) -> None:
    with pytest.raises(
        batch_output.NameClashError, match=r"scans/a\.png and scans/2024/a\.png would both become a\.png\.txt"
    ):
        stems("scans/a.png", "scans/2024/a.png")


def test_results_that_could_be_read_do_not_lie_among_the_files(scans: Path) -> None:
    with pytest.raises(batch_output.NameClashError, match="choose another folder"):
        stems("scans", out="scans", extensions=("txt", "pdf"))
    assert "a" in stems("scans", out="scans", extensions=("txt",))
    assert stems("scans/*.png", out="scans", extensions=("txt",)) == ["a"]


def finished(out: Path, text: str = "…") -> batch_output.Job:
    """The job of the one file of the folder, with its result written and noted."""
    (job,) = batch_output.plan(batch_output.find(["scans/a.png"], out).sources, out, ["txt"])
    with batch_output.whole(out / f"{job.stem}.txt") as file:
        file.write(text.encode())
    batch_output.Journal(out, {"script": "auto"}).note(job, ["txt"])
    return job


def test_what_is_finished_is_known_the_next_time(scans: Path) -> None:
    job = finished(Path("out"))
    assert batch_output.Journal(Path("out"), {"script": "auto"}).is_finished(job, ["txt"])
    assert not batch_output.Journal(Path("out"), {"script": "auto"}).is_finished(job, ["txt", "json"])
    assert not batch_output.Journal(Path("out"), {"script": "none"}).is_finished(job, ["txt"])


def test_formats_written_one_after_the_other_are_all_known(scans: Path) -> None:
    job = finished(Path("out"))
    Path("out/a.json").write_text("{}")
    batch_output.Journal(Path("out"), {"script": "auto"}).note(job, ["json"])
    assert batch_output.Journal(Path("out"), {"script": "auto"}).is_finished(job, ["txt", "json"])


def test_a_file_that_changed_or_a_result_that_went_is_not_finished(scans: Path) -> None:
    finished(Path("out"))
    Path("scans/a.png").write_bytes(b"something else")
    (changed,) = batch_output.plan(batch_output.find(["scans/a.png"], Path("out")).sources, Path("out"), ["txt"])
    assert not batch_output.Journal(Path("out"), {"script": "auto"}).is_finished(changed, ["txt"])
    job = finished(Path("out"))
    Path("out/a.txt").unlink()
    assert not batch_output.Journal(Path("out"), {"script": "auto"}).is_finished(job, ["txt"])


def test_a_journal_that_was_cut_off_is_read_as_far_as_it_goes(scans: Path) -> None:
    job = finished(Path("out"))
    with Path("out", batch_output.JOURNAL).open("a") as file:
        file.write('["b", {"fil')
    assert batch_output.Journal(Path("out"), {"script": "auto"}).is_finished(job, ["txt"])


def test_a_result_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"

    def broken_off() -> None:
        with batch_output.whole(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(path.parent.iterdir()) == []


def test_a_result_may_have_the_longest_name_and_is_as_open_to_others_as_any_new_file(tmp_path: Path) -> None:
    path = tmp_path / f"{'臺' * 83}aa.txt"
    before = os.umask(0o027)
    try:
        with batch_output.whole(path) as file:
            file.write("完".encode())
    finally:
        os.umask(before)
    assert len(path.name.encode()) == 255
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "完"
    assert path.stat().st_mode & 0o777 == 0o640
