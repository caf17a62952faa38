"""Searchable PDFs, read back with PDFium and Poppler."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from tests.support.searchable_pdf import (
    COLUMNS,
    LINES,
    SIZE,
    boxes,
    by_pdfium,
    by_poppler,
    export,
    horizontal,
    line,
    vertical,
    written,
)

LAYOUTS = {
    "horizontal": horizontal(LINES),
    "two columns": horizontal(LINES) + horizontal(LINES[::-1], left=800),
    "tilted a little": horizontal(LINES, angle=1.5),
    "tilted": horizontal(["繁體中文的第一行文字", "第二行"], angle=7),
    "vertical": vertical(COLUMNS),
    "indented columns": [
        line("甲乙丙丁戊己庚辛", (1000, 100), 320, vertical=True),
        line("壬癸子丑", (930, 260), 160, vertical=True),
        line("寅卯辰巳", (860, 260), 160, vertical=True),
    ],
    "lying on its side": [line(text, (1000 - 70 * n, 100), 40 * len(text), angle=90) for n, text in enumerate(COLUMNS)],
    "upside down": [line(text, (1000, 1000 - 80 * n), 500, angle=180) for n, text in enumerate(LINES[:3])],
}

POPPLER_HAS_ITS_OWN_WAY_WITH = {
    "two columns",  # of lines far apart, which it takes for rows
    "tilted",  # where it starts a new word at each half point that a line rises
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_both_readers_give_the_lines_in_reading_order(layout: str, picture: Path) -> None:
    lines = LAYOUTS[layout]
    texts = [line.text for line in lines]
    data = written(export(picture, lines))
    assert [row.rstrip() for row in by_pdfium(data)] == texts
    if layout not in POPPLER_HAS_ITS_OWN_WAY_WITH:
        assert by_poppler(data) == texts


def test_poppler_reads_columns_of_usual_spacing_one_after_the_other(picture: Path) -> None:
    left, right = ["左欄第一行的文字", "左欄第二行的文字"], ["右欄第一行的文字", "右欄第二行的文字"]
    lines = [line(text, (100, 100 + 50 * n), 400) for n, text in enumerate(left)]
    lines += [line(text, (700, 100 + 50 * n), 400) for n, text in enumerate(right)]
    assert by_poppler(written(export(picture, lines))) == left + right


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_characters_are_selected_where_they_stand_on_turned_and_cropped_pages(rotation: int, tmp_path: Path) -> None:
    path = tmp_path / "turned.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(500, 700))
        page.obj.CropBox = [50, 450, 350, 50]
        page.obj.Rotate = rotation
        # What comes before must not move what is added.
        page.obj.Contents = pdf.make_stream(b"q 2 0 0 2 30 40 cm")
        pdf.save(path)
    size = (900, 1200) if rotation % 180 == 0 else (1200, 900)
    lines = [line("橫排文字", (100, 100), 400, size=60), line("直排文字", (700, 300), 400, size=60, vertical=True)]
    found = boxes(written(export(path, lines, size=size)), size)
    assert [character for character, _ in found] == list("橫排文字直排文字")
    for n, (_, (left, top, right, bottom)) in enumerate(found[:4]):
        assert (left, right) == pytest.approx((100 + 100 * n, 200 + 100 * n), abs=10)
        assert (top, bottom) == pytest.approx((100, 160), abs=10)
    for n, (_, (left, top, right, bottom)) in enumerate(found[4:]):
        assert (left, right) == pytest.approx((700, 760), abs=10)
        assert (top, bottom) == pytest.approx((300 + 100 * n, 400 + 100 * n), abs=10)


def test_known_positions_of_characters_are_kept_to(picture: Path) -> None:
    centres = (0.05, 0.15, 0.4, 0.45, 0.5, 0.55, 0.8, 0.95)
    found = boxes(written(export(picture, [line("第二abcd章節", (100, 100), 800, positions=centres)])), SIZE)
    for (_, (left, _, right, _)), centre in zip(found, centres, strict=True):
        assert left - 30 < 100 + 800 * centre < right + 30


def test_what_people_corrected_is_in_the_text(picture: Path) -> None:
    read = line("台北", (100, 100), 80, raw="合北", corrected="臺北車站")
    gone = line("污點", (100, 200), 80, corrected="")
    exported = export(picture, [read, gone])
    assert by_pdfium(written(exported)) == ["臺北車站"]
    assert by_pdfium(written(exported.chosen(text="converted"))) == ["台北", "污點"]
    assert by_pdfium(written(exported.chosen(text="raw"))) == ["合北", "污點"]
