"""A searchable PDF of several files, whose pages people have turned and put in another order."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from documents.transcript import Origin, Transcript, TranscriptOriginal, TranscriptPage
from recognition import searchable_pdf
from recognition.page import PagePlace, apply_matrix, to_upright_page
from tests.support import synthetic_pages
from tests.support.searchable_pdf import boxes, by_pdfium, horizontal, written


def saved(path: Path, text: str) -> TranscriptOriginal:
    synthetic_pages.horizontal([text]).save(path)
    return TranscriptOriginal(text * 16, 1, lambda: nullcontext(path))


def test_pages_of_several_files_come_in_their_order_as_they_were_turned(tmp_path: Path) -> None:
    book = synthetic_pages.scanned_pdf(tmp_path / "book.pdf", [synthetic_pages.horizontal([text]) for text in "丙丁"])
    first, second = saved(tmp_path / "a.png", "甲"), saved(tmp_path / "b.jpg", "乙")
    with Image.open(tmp_path / "b.jpg") as picture:
        size, upright = picture.size, np.asarray(picture.convert("L"), dtype=int)
    matrix = to_upright_page(90, *size)
    lines = [replace(line, line=line.line.mapped(matrix)) for line in horizontal(["乙"])]
    whole = 1000, 1400
    exported = Transcript(
        title="書",
        page_count=4,
        options={},
        engine={},
        pages=[
            TranscriptPage(1, *whole, "done", horizontal(["丁"]), origin=Origin(0, 2)),
            TranscriptPage(2, *size[::-1], "done", lines, origin=Origin(2, 1, 90)),
            TranscriptPage(3, *size, "done", horizontal(["甲"]), origin=Origin(1, 1)),
            TranscriptPage(4, *whole, "done", horizontal(["丙"]), origin=Origin(0, 1, 180)),
        ],
        originals=[TranscriptOriginal("丙" * 16, 2, lambda: nullcontext(book)), first, second],
    )
    data = written(exported)
    assert [by_pdfium(data, number) for number in (1, 2, 3, 4)] == [["丁"], ["乙"], ["甲"], ["丙"]]
    shown = pypdfium2.PdfDocument(data)[1]
    scale = size[1] / shown.get_width()
    drawn = np.asarray(shown.render(scale=scale).to_pil().convert("L").resize(size[::-1]), dtype=int)
    assert np.abs(drawn - np.rot90(upright, -1)).mean() < 3
    only = replace(exported, pages=[replace(exported.pages[1], number=1)])
    ((_, box),) = boxes(written(only), size[::-1])
    xs, ys = zip(*lines[0].line.polygon, strict=True)
    assert min(xs) - 5 < box[0] < box[2] < max(xs) + 5
    assert min(ys) - 5 < box[1] < box[3] < max(ys) + 5
    assert apply_matrix(matrix, [(0, 0)]) == [(size[1], 0)]


def test_a_pdf_of_many_files_has_few_open_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searchable_pdf, "AT_ONCE", 2)
    for number in range(5):
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(100 + number, 100))
            pdf.save(tmp_path / f"{number}.pdf")
    places = [PagePlace(f"{number}.pdf", 1) for number in (4, 0, 3, 1, 2)]
    searchable_pdf.assemble(tmp_path, places, "書", tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert [int(page.mediabox[2]) for page in pdf.pages] == [104, 100, 103, 101, 102]
