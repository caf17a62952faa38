"""Searchable PDFs, read back with PDFium and Poppler."""

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
import pytest
from PIL import Image

from documents import exports
from documents.exports import Export, ExportLine, ExportPage
from recognition import pdfium
from recognition.errors import BrokenFile, OriginalMissing, ProtectedFile
from recognition.page import Line
from tests import drawing

SIZE = 1200, 1600
"""Of the drawn pages, in pixels."""

COLUMNS = ["春眠不覺曉，處處聞啼鳥。", "夜來風雨聲", "花", "落", "知多", "第12條", "𠀋𠮷野家"]
LINES = ["繁體中文的第一行文字", "第二行有 English 和數字 2026", "Traditional Chinese first.", "𠀋𠮷野家", "末行"]


def line(text: str, start: tuple[float, float], length: float, *, size: float = 40, **more) -> ExportLine:
    """A line ``length`` pixels long. ``vertical``: downwards; ``angle``: degrees turned clockwise about its start."""
    vertical, angle = more.pop("vertical", False), math.radians(more.pop("angle", 0))
    width, height = (size, length) if vertical else (length, size)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = [turn @ corner + start for corner in ((0, 0), (width, 0), (width, height), (0, height))]
    polygon = tuple((float(x), float(y)) for x, y in corners)
    direction = "vertical-rl" if vertical else "horizontal"
    read = Line(more.pop("raw", text), 0.9, polygon, direction, text, more.pop("positions", ()))  # type: ignore[arg-type]
    return ExportLine("1-1", read, **more)


def horizontal(texts: Sequence[str], left: float = 100, angle: float = 0) -> list[ExportLine]:
    return [line(text, (left, 100 + 80 * n), 20 * drawn_width(text), angle=angle) for n, text in enumerate(texts)]


def vertical(texts: Sequence[str], size: float = 40) -> list[ExportLine]:
    return [line(text, (1000 - 70 * n, 100), size * len(text), vertical=True) for n, text in enumerate(texts)]


def drawn_width(text: str) -> int:
    """In half Han characters."""
    return sum(1 if character.isascii() else 2 for character in text)


def export(path: Path, *pages: Sequence[ExportLine], size: tuple[int, int] = SIZE, **more) -> Export:
    return Export(
        title="書",
        sha256="0" * 64,
        page_count=len(pages),
        options={},
        engine={},
        pages=[ExportPage(n, *size, "done", lines, **more) for n, lines in enumerate(pages, start=1)],
        original=lambda: nullcontext(path),
    )


def written(exported: Export) -> bytes:
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


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    drawing.blank(SIZE).save(tmp_path / "blank.png", dpi=(200, 200))
    return tmp_path / "blank.png"


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


def rendered(data: bytes | Path) -> np.ndarray:
    return np.array(pypdfium2.PdfDocument(data)[0].render(scale=1).to_numpy())


def test_the_original_page_stays_what_it_was(tmp_path: Path) -> None:
    path = drawing.scanned_pdf(tmp_path / "scan.pdf", [drawing.horizontal(LINES), drawing.horizontal(LINES)])
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
    path = drawing.scanned_pdf(tmp_path / "scan.pdf", [drawing.horizontal(LINES)])
    lines = [line("天地玄黃宇宙洪荒日月盈昃辰宿列張", (100, 40 * n), 640) for n in range(40)]
    added = len(written(export(path, lines))) - path.stat().st_size
    assert added < 4000


def test_a_pdf_with_text_of_its_own_is_handed_out_as_it_is(tmp_path: Path) -> None:
    path = drawing.pdf(tmp_path / "born.pdf", [drawing.PdfPage([drawing.Text(["電子文件"], at=(72, 740), size=24)])])
    scale = 200 / 72
    own = line("電子文件", (72 * scale, (842 - 740 - 20) * scale), 96 * scale, size=24 * scale)
    exported = export(path, [own], size=(1653, 2339), source="text-layer")
    assert written(exported) == path.read_bytes()


def test_beside_text_of_its_own_only_what_was_read_from_pictures_is_added(tmp_path: Path) -> None:
    path = drawing.pdf(tmp_path / "mixed.pdf", [drawing.PdfPage([drawing.Text(["電子文件"], at=(72, 740), size=24)])])
    scale = 200 / 72
    own = line("電子文件", (72 * scale, (842 - 740 - 20) * scale), 96 * scale, size=24 * scale)
    read = line("圖中文字", (200, 1000), 400, size=60)
    data = written(export(path, [own, read], size=(1653, 2339), source="text-layer"))
    assert sorted(by_pdfium(data)) == ["圖中文字", "電子文件"]


SCAN = drawing.Picture(drawing.horizontal(["圖中文字"]), (0, 0, 595, 842))
READ = line("圖中文字", (200, 1000), 400, size=60)
A4 = 1653, 2339


def test_text_that_an_earlier_export_added_gives_way(picture: Path, tmp_path: Path) -> None:
    path = tmp_path / "exported.pdf"
    path.write_bytes(written(export(picture, [line("統一編號", (100, 100), 160)])))
    again = replace(export(path, [line("甲乙丙丁", (100, 300), 160)]), sha256="1" * 64)
    assert by_pdfium(written(again)) == by_poppler(written(again)) == ["甲乙丙丁"]


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([SCAN, drawing.Text(["圖中"], invisible=True)], id="invisible"),
        pytest.param([drawing.Text(["圖中"]), SCAN], id="behind the picture"),
        pytest.param([drawing.Text(["圖中"], white=True)], id="white"),
        pytest.param(
            [SCAN, drawing.Raw("BT /FH 9 Tf 3 Tr 12 TL 72 700 Td <570b> Tj <570b> ' 1 2 <570b> \" ET")], id="rows"
        ),
    ],
)
def test_text_that_another_program_recognised_gives_way(items: list, tmp_path: Path) -> None:
    path = drawing.pdf(tmp_path / "scan.pdf", [drawing.PdfPage(items)])
    data = written(export(path, [READ], size=A4))
    assert by_pdfium(data) == ["圖中文字"]
    assert np.array_equal(rendered(data), rendered(path))


def test_text_that_was_recognised_into_a_form_gives_way(tmp_path: Path) -> None:
    path = drawing.pdf(tmp_path / "scan.pdf", [drawing.PdfPage([SCAN, drawing.Text(["圖中"], invisible=True)])])
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
    path = drawing.pdf(tmp_path / "scan.pdf", [drawing.PdfPage([SCAN, drawing.Raw(raw)])])
    data = written(export(path, [READ], size=A4))
    assert np.array_equal(rendered(data), rendered(path))
    assert "".join(by_pdfium(data)).count("國") == 1


def test_text_of_a_page_that_was_read_from_its_picture_is_not_doubled(tmp_path: Path) -> None:
    path = drawing.pdf(tmp_path / "born.pdf", [drawing.PdfPage([drawing.Text(["電子文件"], at=(72, 740), size=24)])])
    scale = 200 / 72
    again = line("電子文件", (72 * scale - 4, (842 - 740 - 20) * scale - 5), 96 * scale + 8, size=24 * scale + 10)
    assert written(export(path, [again], size=A4)) == path.read_bytes()
    assert sorted(by_pdfium(written(export(path, [again, READ], size=A4)))) == ["圖中文字", "電子文件"]


def test_a_pdf_that_needs_no_text_is_handed_out_as_it_is_be_it_protected(tmp_path: Path) -> None:
    path = drawing.pdf(tmp_path / "born.pdf", [drawing.PdfPage([drawing.Text(["電子文件"], at=(72, 740), size=24)])])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        forbidden = pikepdf.Permissions(modify_other=False)
        pdf.save(encryption=pikepdf.Encryption(owner="secret", user="", allow=forbidden))
    scale = 200 / 72
    own = line("電子文件", (72 * scale, (842 - 740 - 20) * scale), 96 * scale, size=24 * scale)
    assert written(export(path, [own], size=A4)) == path.read_bytes()


def test_operators_that_make_no_sense_are_left_as_they_are(tmp_path: Path) -> None:
    broken = drawing.Raw("BT /FH 9 Tf (x) Tr 3 Tr 72 700 Td <570b> Tj ET")
    path = drawing.pdf(tmp_path / "scan.pdf", [drawing.PdfPage([SCAN, broken])])
    assert "圖中文字" in by_pdfium(written(export(path, [READ], size=A4)))


def test_a_pdf_that_allows_no_changes_is_refused(tmp_path: Path) -> None:
    path = drawing.scanned_pdf(tmp_path / "scan.pdf", [drawing.horizontal(LINES)])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        forbidden = pikepdf.Permissions(modify_other=False)
        pdf.save(encryption=pikepdf.Encryption(owner="secret", user="", allow=forbidden))
    with pytest.raises(ProtectedFile, match="Upload a copy without protection"):
        written(export(path, horizontal(LINES)))


def test_a_pdf_that_is_encrypted_but_allows_changes_gets_its_text(tmp_path: Path) -> None:
    path = drawing.scanned_pdf(tmp_path / "scan.pdf", [drawing.horizontal(LINES)])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(encryption=pikepdf.Encryption(owner="secret", user=""))
    assert by_pdfium(written(export(path, horizontal(LINES)))) == LINES


def test_a_pdf_whose_pages_cannot_be_found_says_so(tmp_path: Path) -> None:
    path = drawing.scanned_pdf(tmp_path / "scan.pdf", [drawing.horizontal(LINES)])
    with pytest.raises(BrokenFile, match="Export or scan it again"):
        written(export(path, horizontal(LINES), horizontal(LINES)))


def test_an_original_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(OriginalMissing, match="Tell an administrator"):
        written(export(tmp_path / "gone.pdf", horizontal(LINES)))


def test_a_damaged_page_of_a_tiff_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    first, second = (drawing.horizontal([text]) for text in ("第一頁", "第二頁"))
    first.save(path, save_all=True, append_images=[second], compression="tiff_adobe_deflate")
    with Image.open(path) as image:
        image.seek(1)
        begin = image.tag_v2[273][0]  # where its pixels are
    data = path.read_bytes()
    path.write_bytes(data[:begin] + bytes(50) + data[begin + 50 :])
    with pytest.raises(BrokenFile, match="Page 2 is damaged, so no PDF can be made"):
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


def test_what_people_corrected_is_in_the_text(picture: Path) -> None:
    read = line("台北", (100, 100), 80, raw="合北", corrected="臺北車站")
    gone = line("污點", (100, 200), 80, corrected="")
    exported = export(picture, [read, gone])
    assert by_pdfium(written(exported)) == ["臺北車站"]
    assert by_pdfium(written(exported.chosen(text="converted"))) == ["台北", "污點"]
    assert by_pdfium(written(exported.chosen(text="raw"))) == ["合北", "污點"]


def pictures(page: pikepdf.Page) -> list[pikepdf.Object]:
    return list(page.get_images().values())


def test_a_jpeg_is_embedded_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    drawing.horizontal(LINES).save(path)
    with pikepdf.open(io.BytesIO(written(export(path, horizontal(LINES))))) as pdf:
        (picture,) = pictures(pdf.pages[0])
        assert picture.read_raw_bytes() == path.read_bytes()
        assert max(pdf.pages[0].mediabox) == pytest.approx(842, abs=5)


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "RGBA", "P"])
def test_other_pictures_lose_nothing(suffix: str, mode: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    drawn = drawing.horizontal(LINES).convert(mode)
    drawn.save(path, **({"lossless": True} if suffix == "webp" else {}))
    data = written(export(path, horizontal(LINES), size=drawn.size))
    scale = drawn.width / pypdfium2.PdfDocument(data)[0].get_width()
    shown = pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil().convert("L").resize(drawn.size)
    assert np.abs(np.asarray(shown, dtype=int) - np.asarray(drawn.convert("L"), dtype=int)).mean() < 3
    assert by_pdfium(data) == LINES


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_stand_upright(orientation: int, tmp_path: Path) -> None:
    upright = drawing.horizontal(["上方文字"])
    turn = Image.Transpose
    undo = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_90,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    stored.save(path, exif=exif, quality=95)
    data = written(export(path, [line("上方文字", (100, 100), 160)], size=upright.size))
    page = pypdfium2.PdfDocument(data)[0]
    shown = page.render(scale=upright.width / page.get_width()).to_pil().convert("L").resize(upright.size)
    assert np.abs(np.asarray(shown, dtype=int) - np.asarray(upright.convert("L"), dtype=int)).mean() < 5
    (first, box), *_ = boxes(data, upright.size)
    assert first == "上"
    assert box == pytest.approx((100, 100, 140, 140), abs=8)


def test_all_pages_of_a_tiff_come_along(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    first, second = (drawing.horizontal([text]).convert("1") for text in ("第一頁", "第二頁"))
    first.save(path, save_all=True, append_images=[second], compression="group4", dpi=(200, 200))
    data = written(export(path, horizontal(["第一頁"]), horizontal(["第二頁"]), size=first.size))
    assert [by_pdfium(data, number) for number in (1, 2)] == [["第一頁"], ["第二頁"]]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert float(pdf.pages[0].mediabox[2]) == pytest.approx(first.width * 72 / 200, abs=0.1)
    assert len(data) < 20_000
