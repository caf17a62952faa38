"""Searchable PDFs of pages that have text already: shown text stays alone, hidden text gives way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from tests.support import synthetic_pages
from tests.support.searchable_pdf import by_pdfium, by_poppler, export, line, rendered, written

SCAN = synthetic_pages.Picture(synthetic_pages.horizontal(["圖中文字"]), (0, 0, 595, 842))
READ = line("圖中文字", (200, 1000), 400, size=60)
A4 = 1653, 2339


def test_text_that_an_earlier_export_added_gives_way(picture: Path, tmp_path: Path) -> None:
    path = tmp_path / "exported.pdf"
    path.write_bytes(written(export(picture, [line("統一編號", (100, 100), 160)])))
    again = export(path, [line("甲乙丙丁", (100, 300), 160)])
    again = replace(again, originals=[replace(original, sha256="1" * 64) for original in again.originals])
    assert by_pdfium(written(again)) == by_poppler(written(again)) == ["甲乙丙丁"]


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([SCAN, synthetic_pages.Text(["圖中"], invisible=True)], id="invisible"),
        pytest.param([synthetic_pages.Text(["圖中"]), SCAN], id="behind the picture"),
        pytest.param([synthetic_pages.Text(["圖中"], white=True)], id="white"),
        pytest.param(
            [SCAN, synthetic_pages.Raw("BT /FH 9 Tf 3 Tr 12 TL 72 700 Td <570b> Tj <570b> ' 1 2 <570b> \" ET")],
            id="rows",
        ),
    ],
)
def test_text_that_another_program_recognised_gives_way(items: list, tmp_path: Path) -> None:
    path = synthetic_pages.pdf(tmp_path / "scan.pdf", [synthetic_pages.PdfPage(items)])
    data = written(export(path, [READ], size=A4))
    assert by_pdfium(data) == ["圖中文字"]
    assert np.array_equal(rendered(data), rendered(path))


def test_text_that_was_recognised_into_a_form_gives_way(tmp_path: Path) -> None:
    path = synthetic_pages.pdf(
        tmp_path / "scan.pdf", [synthetic_pages.PdfPage([SCAN, synthetic_pages.Text(["圖中"], invisible=True)])]
    )
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        form = pdf.make_stream(page.Contents.read_bytes())
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, page.MediaBox
        form.Resources = page.Resources
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(OCR=pdf.make_indirect(form)))
        page.Contents = pdf.make_stream(b"/OCR Do")
        pdf.save()
    data = written(export(path, [READ], size=A4))
    assert by_pdfium(data) == ["圖中文字"]
    assert np.array_equal(rendered(data), rendered(path))


def test_what_a_page_shows_stays_where_invisible_text_is_taken_off(tmp_path: Path) -> None:
    """Invisible text may say where visible text stands."""
    raw = "BT /FH 24 Tf 72 700 Td 3 Tr <570b> Tj 0 Tr <5b57> Tj 3 Tr 0 -40 Td <570b> Tj 0 -40 Td 0 Tr <5b57> Tj ET"
    path = synthetic_pages.pdf(tmp_path / "scan.pdf", [synthetic_pages.PdfPage([SCAN, synthetic_pages.Raw(raw)])])
    data = written(export(path, [READ], size=A4))
    assert np.array_equal(rendered(data), rendered(path))
    assert "".join(by_pdfium(data)).count("國") == 1


def test_text_of_a_page_that_was_read_from_its_picture_is_not_doubled(tmp_path: Path) -> None:
    path = synthetic_pages.pdf(
        tmp_path / "born.pdf", [synthetic_pages.PdfPage([synthetic_pages.Text(["電子文件"], at=(72, 740), size=24)])]
    )
    scale = 200 / 72
    again = line("電子文件", (72 * scale - 4, (842 - 740 - 20) * scale - 5), 96 * scale + 8, size=24 * scale + 10)
    assert written(export(path, [again], size=A4)) == path.read_bytes()
    assert sorted(by_pdfium(written(export(path, [again, READ], size=A4)))) == ["圖中文字", "電子文件"]


def test_a_pdf_that_needs_no_text_is_handed_out_as_it_is_be_it_protected(tmp_path: Path) -> None:
    path = synthetic_pages.pdf(
        tmp_path / "born.pdf", [synthetic_pages.PdfPage([synthetic_pages.Text(["電子文件"], at=(72, 740), size=24)])]
    )
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        forbidden = pikepdf.Permissions(modify_other=False)
        pdf.save(encryption=pikepdf.Encryption(owner="secret", user="", allow=forbidden))
    scale = 200 / 72
    own = line("電子文件", (72 * scale, (842 - 740 - 20) * scale), 96 * scale, size=24 * scale)
    assert written(export(path, [own], size=A4)) == path.read_bytes()


def test_operators_that_make_no_sense_are_left_as_they_are(tmp_path: Path) -> None:
    broken = synthetic_pages.Raw("BT /FH 9 Tf (x) Tr 3 Tr 72 700 Td <570b> Tj ET")
    path = synthetic_pages.pdf(tmp_path / "scan.pdf", [synthetic_pages.PdfPage([SCAN, broken])])
    assert "圖中文字" in by_pdfium(written(export(path, [READ], size=A4)))
