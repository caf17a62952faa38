"""Lines on a page as a searchable PDF, and its text as other programs read it."""

from __future__ import annotations

import io
import math
import subprocess
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2

from documents import exports
from documents.transcript import Transcript, TranscriptLine, TranscriptOriginal, TranscriptPage
from recognition import pdfium
from recognition.page import Line

SIZE = 1200, 1600
"""Of the drawn pages, in pixels."""


COLUMNS = ["春眠不覺曉，處處聞啼鳥。", "夜來風雨聲", "花", "落", "知多", "第12條", "𠀋𠮷野家"]


LINES = ["繁體中文的第一行文字", "第二行有 English 和數字 2026", "Traditional Chinese first.", "𠀋𠮷野家", "末行"]


def line(text: str, start: tuple[float, float], length: float, *, size: float = 40, **more) -> TranscriptLine:
    """A line ``length`` pixels long. ``vertical``: downwards; ``angle``: degrees turned clockwise about its start."""
    vertical, angle = more.pop("vertical", False), math.radians(more.pop("angle", 0))
    width, height = (size, length) if vertical else (length, size)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = [turn @ corner + start for corner in ((0, 0), (width, 0), (width, height), (0, height))]
    polygon = tuple((float(x), float(y)) for x, y in corners)
    direction = "vertical-rl" if vertical else "horizontal"
    read = Line(more.pop("raw", text), 0.9, polygon, direction, text, more.pop("positions", ()))  # type: ignore[arg-type]
    return TranscriptLine("1-1", read, **more)


def horizontal(texts: Sequence[str], left: float = 100, angle: float = 0) -> list[TranscriptLine]:
    return [line(text, (left, 100 + 80 * n), 20 * drawn_width(text), angle=angle) for n, text in enumerate(texts)]


def vertical(texts: Sequence[str], size: float = 40) -> list[TranscriptLine]:
    return [line(text, (1000 - 70 * n, 100), size * len(text), vertical=True) for n, text in enumerate(texts)]


def export(path: Path, *pages: Sequence[TranscriptLine], size: tuple[int, int] = SIZE, **more) -> Transcript:
    return Transcript(
        title="書",
        page_count=len(pages),
        options={},
        engine={},
        pages=[TranscriptPage(n, *size, "done", _numbered(n, lines), **more) for n, lines in enumerate(pages, start=1)],
        originals=[TranscriptOriginal("0" * 64, len(pages), lambda: nullcontext(path))],
    )


def _numbered(page: int, lines: Sequence[TranscriptLine]) -> list[TranscriptLine]:
    return [replace(line, id=f"{page}-{number}") for number, line in enumerate(lines, start=1)]


def written(exported: Transcript) -> bytes:
    out = io.BytesIO()
    exports.FORMATS["pdf"].write(exported, out)
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        assert pdf.check_pdf_syntax() == []
    return out.getvalue()


def by_pdfium(data: bytes, number: int = 1) -> list[str]:
    page = pypdfium2.PdfDocument(data)[number - 1]
    return page.get_textpage().get_text_range().split("\r\n")


def by_poppler(data: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
    assert done.stderr == b""
    return [row for row in done.stdout.decode().replace("\f", "").split("\n") if row]


def drawn_width(text: str) -> int:
    """In half Han characters."""
    return sum(1 if character.isascii() else 2 for character in text)


def boxes(data: bytes, size: tuple[int, int]) -> list[tuple[str, tuple[float, float, float, float]]]:
    """What PDFium selects for each character, in pixels of the page image."""
    page = pypdfium2.PdfDocument(data)[0]
    text = page.get_textpage()
    matrix = pdfium.to_image(page, *size)
    found = []
    for index in range(text.count_chars()):
        character = text.get_text_range(index, 1)
        if character.strip():
            found.append((character, pdfium.mapped(text.get_charbox(index), matrix, size)))
    return found


def rendered(data: bytes | Path) -> np.ndarray:
    return np.array(pypdfium2.PdfDocument(data)[0].render(scale=1).to_numpy())
