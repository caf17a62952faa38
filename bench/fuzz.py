"""Damages files at random and has them parsed: ``python -m bench.fuzz --seconds 600``.

Whatever a file is, the answer has to be a page, or an error that blames the file in words. Anything else is a finding:
an error that nobody expected, or an answer that takes longer than its limit. ``tests/recognition/test_fuzzing.py`` is
the short form.
"""

from __future__ import annotations

import argparse
import io
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from recognition.confinement import ConfinedReader, ProcessLimits
from recognition.errors import EngineError, RecognitionError
from recognition.page import DocumentText, Line, PageText
from recognition.raster import Limits
from tests.support import synthetic_pages
from tests.support.synthetic_pages import PdfPage, Text

LIMITS = Limits(pixels=20_000_000, pages=50)
PROCESS = ProcessLimits(memory=2**30, seconds=5)
INTERESTING = (
    b"\0",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x80\0\0\0",
    b"0",
    b"-1",
    b"99999999999",
    b"<<",
)
"""What parsers stumble over: ends of ranges, in bytes and in digits, and something that begins and never ends."""


@dataclass(frozen=True)
class Finding:
    """A file that was not answered as it should be. ``number``: what it is made from, together with the seed."""

    number: int
    kind: str
    said: str


def originals(folder: Path) -> dict[str, bytes]:
    """Small sound files of each type, by suffix."""
    page = synthetic_pages.horizontal(["臺北市立圖書館", "Second line 2026"], size=24).resize((300, 220))

    def saved(format_name: str, **options: object) -> bytes:
        out = io.BytesIO()
        page.save(out, format_name, **options)
        return out.getvalue()

    pdf = synthetic_pages.pdf(
        folder / "own.pdf", [PdfPage([Text(["Own text of the page", "第二行文字"])]), PdfPage([])]
    )
    scans = synthetic_pages.scanned_pdf(folder / "scans.pdf", [page, page])
    return {
        ".jpg": saved("JPEG"),
        ".progressive.jpg": saved("JPEG", progressive=True),
        ".png": saved("PNG"),
        ".webp": saved("WEBP"),
        ".tif": saved("TIFF", save_all=True, append_images=[page.convert("1"), page.convert("L")]),
        ".lzw.tif": saved("TIFF", compression="tiff_lzw"),
        ".pdf": pdf.read_bytes(),
        ".scans.pdf": scans.read_bytes(),
    }


def damaged(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """``content`` with some places changed; ``other``: a file to take pieces from."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        begin = chance.randrange(len(data) + 1)
        end = min(len(data), begin + chance.choice((1, 2, 4, 16, 200)))
        match chance.randrange(6):
            case 0:
                data[begin:end] = chance.randbytes(end - begin)
            case 1:
                data[begin:end] = chance.choice(INTERESTING)
            case 2:
                del data[begin:end]
            case 3:
                data[begin:begin] = data[begin:end] * chance.choice((1, 2, 100))
            case 4:
                start = chance.randrange(len(other))
                data[begin:end] = other[start : start + chance.choice((4, 64, 1000))]
            case _:
                if chance.random() < 0.3:
                    del data[begin:]
                elif begin < len(data):
                    data[begin] ^= 1 << chance.randrange(8)
    return bytes(data)


def questions(reader: ConfinedReader, path: Path) -> Iterator[Callable[[], object]]:
    """All that is ever asked of a file."""
    yield partial(reader.inspect, path, LIMITS)
    for number in (1, 2):
        yield partial(reader.draw, path, number, LIMITS)
        if path.suffix == ".pdf":
            yield partial(reader.text_layer, path, number, LIMITS)
            yield partial(reader.without_text, path, number, LIMITS)
    line = Line("臺北", 0.9, ((20, 20), (90, 20), (90, 40), (20, 40)))
    text = DocumentText("書", "0" * 64, 2, (PageText(1, 300, 220, (line,)), PageText(2, 300, 220)))
    yield partial(reader.write_searchable_pdf, path, text, io.BytesIO())


def run(seed: int, numbers: Iterator[int], folder: Path, answers: Counter[str]) -> Iterator[Finding]:
    """Damages and parses a file for each of ``numbers``; those with findings stay in ``folder``."""
    sound = originals(folder)
    for number in numbers:
        chance = random.Random(f"{seed}-{number}")
        kind = chance.choice(list(sound))
        path = folder / f"{number}{kind}"
        path.write_bytes(damaged(sound[kind], sound[chance.choice(list(sound))], chance))
        said = _answer(path, answers)
        if said:
            yield Finding(number, kind, said)
        else:
            path.unlink()


def _answer(path: Path, answers: Counter[str]) -> str:
    """What is wrong with the answers to the questions of one file; empty if nothing is."""
    with ConfinedReader(PROCESS) as reader:
        for ask in questions(reader, path):
            begun = time.monotonic()
            try:
                ask()
                answers["answered"] += 1
            except EngineError as error:
                return error.message
            except RecognitionError as error:
                answers[error.code] += 1
            except Exception as error:
                return repr(error)
            if time.monotonic() - begun > 10 * PROCESS.seconds:
                return f"no answer within {10 * PROCESS.seconds} s"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats an earlier run")
    parser.add_argument("--keep", type=Path, help="folder for files with findings (default: a new one)")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="ocrsite-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    until, answers, found = time.monotonic() + arguments.seconds, Counter[str](), 0

    def numbers() -> Iterator[int]:
        number = 0
        while time.monotonic() < until:
            yield number
            number += 1
        sys.stdout.write(f"Seed {arguments.seed}: {number} files; {dict(answers)}\n")

    for finding in run(arguments.seed, numbers(), folder, answers):
        found += 1
        sys.stdout.write(f"{folder / (str(finding.number) + finding.kind)}: {finding.said}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
