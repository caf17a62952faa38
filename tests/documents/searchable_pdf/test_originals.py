"""The original page of a searchable PDF stays what it was, whatever file it came from."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from recognition.errors import BrokenFileError, OriginalMissingError, ProtectedFileError
from tests.support import synthetic_pages
from tests.support.searchable_pdf import (
    LINES,
    boxes,
    by_pdfium,
    export,
    horizontal,
    line,
    rendered,
    written,
)


def test_the_original_page_stays_what_it_was(tmp_path: Path) -> None:
    path = synthetic_pages.scanned_pdf(
        tmp_path / "scan.pdf", [synthetic_pages.horizontal(LINES), synthetic_pages.horizontal(LINES)]
    )
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 50, 50], Border=[0, 0, 0]
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(link)])
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("第一頁", 0))
        contents = pdf.pages[0].Contents.read_bytes()
        pdf.save()
    data = written(export(path, horizontal(LINES), horizontal(LINES)))
    assert np.array_equal(rendered(data), rendered(path))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.pages[0].Contents[-1].read_bytes() == contents
        assert pdf.pages[0].Annots[0].Subtype == pikepdf.Name.Link
        with pdf.open_outline() as outline:
            assert outline.root[0].title == "第一頁"
    assert by_pdfium(data, 2) == LINES


def test_little_is_added(tmp_path: Path) -> None:
    path = synthetic_pages.scanned_pdf(tmp_path / "scan.pdf", [synthetic_pages.horizontal(LINES)])
    lines = [line("天地玄黃宇宙洪荒日月盈昃辰宿列張", (100, 40 * n), 640) for n in range(40)]
    added = len(written(export(path, lines))) - path.stat().st_size
    assert added < 4000


def test_a_pdf_with_text_of_its_own_is_handed_out_as_it_is(tmp_path: Path) -> None:
    path = synthetic_pages.pdf(
        tmp_path / "born.pdf", [synthetic_pages.PdfPage([synthetic_pages.Text(["電子文件"], at=(72, 740), size=24)])]
    )
    scale = 200 / 72
    own = line("電子文件", (72 * scale, (842 - 740 - 20) * scale), 96 * scale, size=24 * scale)
    exported = export(path, [own], size=(1653, 2339), source="text-layer")
    assert written(exported) == path.read_bytes()


def test_a_filled_in_form_is_handed_out_as_it_is(tmp_path: Path) -> None:
    field = synthetic_pages.Note("陳美華", (72, 700, 272, 720), "Widget")
    path = synthetic_pages.pdf(tmp_path / "form.pdf", [synthetic_pages.PdfPage([], notes=[field])])
    scale = 200 / 72
    own = line("陳美華", (74 * scale, (842 - 705 - 10) * scale), 36 * scale, size=12 * scale)
    exported = export(path, [own], size=(1653, 2339), source="text-layer")
    assert written(exported) == path.read_bytes()


def test_beside_text_of_its_own_only_what_was_read_from_pictures_is_added(tmp_path: Path) -> None:
    path = synthetic_pages.pdf(
        tmp_path / "mixed.pdf", [synthetic_pages.PdfPage([synthetic_pages.Text(["電子文件"], at=(72, 740), size=24)])]
    )
    scale = 200 / 72
    own = line("電子文件", (72 * scale, (842 - 740 - 20) * scale), 96 * scale, size=24 * scale)
    read = line("圖中文字", (200, 1000), 400, size=60)
    data = written(export(path, [own, read], size=(1653, 2339), source="text-layer"))
    assert sorted(by_pdfium(data)) == ["圖中文字", "電子文件"]


@pytest.mark.parametrize(
    ("read", "added"), [("鐘毓瑾彭郁涵蕭逸飛龔玟妤魏碩亨柯筱葳", False), ("依行政程序法規定公告本市都市計畫變", True)]
)
def test_text_that_shows_something_else_than_it_says_is_no_text_of_the_page(
    tmp_path: Path, read: str, added: bool
) -> None:
    said = "鐘毓瑾彭郁涵蕭逸飛龔玟妤魏碩亨柯筱葳"
    path = synthetic_pages.pdf(
        tmp_path / "false.pdf", [synthetic_pages.PdfPage([synthetic_pages.Text([said], at=(72, 740), size=24)])]
    )
    scale = 200 / 72
    own = line(read, (72 * scale, (842 - 740 - 20) * scale), 24 * len(said) * scale, size=24 * scale)
    data = written(export(path, [own], size=(1653, 2339)))
    assert (read in "".join(by_pdfium(data)) and data != path.read_bytes()) == added


def test_a_pdf_that_allows_no_changes_is_refused(tmp_path: Path) -> None:
    path = synthetic_pages.scanned_pdf(tmp_path / "scan.pdf", [synthetic_pages.horizontal(LINES)])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        forbidden = pikepdf.Permissions(modify_other=False)
        pdf.save(encryption=pikepdf.Encryption(owner="secret", user="", allow=forbidden))
    with pytest.raises(ProtectedFileError, match="Upload a copy without protection"):
        written(export(path, horizontal(LINES)))


def test_a_pdf_that_is_encrypted_but_allows_changes_gets_its_text(tmp_path: Path) -> None:
    path = synthetic_pages.scanned_pdf(tmp_path / "scan.pdf", [synthetic_pages.horizontal(LINES)])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(encryption=pikepdf.Encryption(owner="secret", user=""))
    assert by_pdfium(written(export(path, horizontal(LINES)))) == LINES


def test_a_pdf_whose_pages_cannot_be_found_says_so(tmp_path: Path) -> None:
    path = synthetic_pages.scanned_pdf(tmp_path / "scan.pdf", [synthetic_pages.horizontal(LINES)])
    with pytest.raises(BrokenFileError, match="Export or scan it again"):
        written(export(path, horizontal(LINES), horizontal(LINES)))


def test_an_original_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(OriginalMissingError, match="Tell an administrator"):
        written(export(tmp_path / "gone.pdf", horizontal(LINES)))


def test_a_damaged_page_of_a_tiff_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    first, second = (synthetic_pages.horizontal([text]) for text in ("第一頁", "第二頁"))
    first.save(path, save_all=True, append_images=[second], compression="tiff_adobe_deflate")
    with Image.open(path) as image:
        image.seek(1)
        begin = image.tag_v2[273][0]  # where its pixels are
    data = path.read_bytes()
    path.write_bytes(data[:begin] + bytes(50) + data[begin + 50 :])
    with pytest.raises(BrokenFileError, match="Page 2 is damaged, so no PDF can be made"):
        written(export(path, horizontal(["第一頁"]), horizontal(["第二頁"])))


@pytest.mark.parametrize(
    "boxes_of_the_page",
    [
        {},
        {"/MediaBox": [0, 0, 0, 0]},
        {"/MediaBox": [0, 0, 612, 792], "/CropBox": [0, 0, 100]},
        {"/MediaBox": [0, 0, 612, 792], "/CropBox": [100, 0, 100, 50]},
        {"/MediaBox": [612, 792, 0, 0], "/CropBox": pikepdf.Name.Foo},
        {"/MediaBox": pikepdf.Name.Foo},
    ],
    ids=str,
)
def test_a_page_that_does_not_say_its_size_is_written_on_as_it_is_drawn(boxes_of_the_page, tmp_path: Path) -> None:
    path = tmp_path / "unsized.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page().obj
        del page["/MediaBox"]
        for name, box in boxes_of_the_page.items():
            page[name] = box
        pdf.save(path)
    assert pypdfium2.PdfDocument(path)[0].get_size() == (612, 792)
    size = (1700, 2200)  # 8.5 by 11 inches
    (_, box), *_ = boxes(written(export(path, [line("文字", (100, 100), 200, size=100)], size=size)), size)
    assert box == pytest.approx((100, 100, 200, 200), abs=15)
