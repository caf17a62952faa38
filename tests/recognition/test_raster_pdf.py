"""PDFs as page images."""

from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest

from recognition import pdfium, raster
from recognition.errors import DynamicFormError, PageError
from recognition.page import PageImage
from recognition.raster import Limits
from tests.support import synthetic_pages
from tests.support.raster import BLUE, GREEN, RED, WHITE, corners, damaged_second_page, first_page, quarters, saved


def test_a_pdf_is_drawn_at_the_resolution_that_is_asked_for(tmp_path):
    path = synthetic_pages.pdf(
        tmp_path / "a.pdf",
        [synthetic_pages.PdfPage([synthetic_pages.Picture(quarters(), (0, 0, 720, 360))], (720, 360))],
    )
    info = raster.inspect(path)
    assert (info.kind, info.media_type, info.page_count) == ("pdf", "application/pdf", 1)
    page = first_page(path, dpi=100)
    assert (page.width, page.height) == (1000, 500)
    assert corners(page) == [RED, GREEN, BLUE, WHITE]


def test_a_turned_and_cropped_pdf_page_is_drawn_as_readers_show_it(tmp_path):
    picture = synthetic_pages.Picture(quarters(), (100, 100, 300, 200))
    page = synthetic_pages.PdfPage([picture], entries="/CropBox [100 100 300 200] /Rotate 90")
    drawn = first_page(synthetic_pages.pdf(tmp_path / "a.pdf", [page]), dpi=72)
    assert (drawn.width, drawn.height) == (100, 200)
    assert corners(drawn) == [BLUE, RED, WHITE, GREEN]


def test_one_page_of_a_pdf_is_drawn_without_the_others(tmp_path):
    pages = [synthetic_pages.PdfPage([], (100 + number, 100)) for number in range(1, 501)]
    path = synthetic_pages.pdf(tmp_path / "a.pdf", pages)
    assert [(number, page.width) for number, page in raster.pages(path, [500, 7], dpi=72)] == [(500, 600), (7, 107)]


def test_a_large_pdf_page_is_drawn_at_the_resolution_that_fits(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [synthetic_pages.PdfPage([], (1000, 500))])
    limits = Limits(pixels=1_000_000)
    raster.inspect(path, limits)
    page = first_page(path, limits=limits)
    assert 990_000 < page.width * page.height <= 1_000_000
    assert page.width / page.height == pytest.approx(2, abs=0.01)
    assert page.is_reduced
    assert not first_page(path).is_reduced


def test_a_page_that_pdfium_cannot_load_is_drawn_by_poppler(tmp_path):
    path = damaged_second_page(tmp_path / "a.pdf", b"/Type /Page", b"/Type /Nope")
    with pdfium.document(path) as pdf, pytest.raises(PageError), pdfium.page(pdf, 2):
        pass
    raster.inspect(path)
    pages = dict(raster.pages(path, dpi=72))
    assert [(page.width, page.height) for page in pages.values()] == [(300, 800), (301, 800), (302, 800)]
    assert all(page.pixels.min() < 50 for page in pages.values())  # there is ink


def test_a_page_that_shows_nothing_of_itself_does_not_keep_its_neighbours_from_being_read(tmp_path):
    beside = synthetic_pages.PdfPage([synthetic_pages.Text(["一"])], entries="/CropBox [1000 1000 1100 1100]")
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [beside, synthetic_pages.PdfPage([synthetic_pages.Text(["二"])])])
    assert raster.inspect(path).page_count == 2
    assert [type(page) for _, page in raster.pages(path)] == [PageError, PageImage]


def test_a_page_that_nobody_can_load_does_not_keep_its_neighbours_from_being_drawn(tmp_path):
    path = damaged_second_page(tmp_path / "a.pdf", b"<< /Type /Page", b"[< /Type /Page")
    raster.inspect(path)
    assert [type(page) for _, page in raster.pages(path)] == [PageImage, PageError, PageImage]


def test_a_page_that_is_not_there_fails_alone(tmp_path):
    image = saved(tmp_path / "a.png", quarters())
    pdf = synthetic_pages.scanned_pdf(tmp_path / "a.pdf", [quarters()])
    for path in (image, pdf):
        pages = dict(raster.pages(path, [1, 2]))
        assert isinstance(pages[1], PageImage)
        assert isinstance(pages[2], PageError)


def test_a_pdf_may_have_something_before_its_head(tmp_path):
    path = synthetic_pages.scanned_pdf(tmp_path / "a.pdf", [quarters()])
    path.write_bytes(b"\n" * 1000 + path.read_bytes())
    assert raster.inspect(path).page_count == 1


def test_threads_may_draw_pages_of_the_same_and_of_other_pdfs(tmp_path):
    paths = [
        synthetic_pages.pdf(
            tmp_path / f"{name}.pdf",
            [synthetic_pages.PdfPage([synthetic_pages.Text(["字"] * 9)], (200 + n, 200)) for n in range(8)],
        )
        for name in "ab"
    ]
    work = [(paths[index % 2], index // 2 % 8 + 1) for index in range(64)]
    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(lambda item: next(raster.pages(item[0], [item[1]], dpi=72)), work))
    assert [page.width for _, page in pages] == [199 + number for _, number in work]


WAIT = "Please wait... If this message is not eventually replaced by the contents of the document, upgrade your viewer."


def form(path, pages, dynamic):
    synthetic_pages.pdf(path, pages)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        template = pdf.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=template)
        pdf.Root.NeedsRendering = dynamic
        pdf.save()
    return path


def test_a_form_whose_pages_only_a_program_makes_is_refused_with_the_way_out(tmp_path):
    page = synthetic_pages.PdfPage([synthetic_pages.Text([WAIT])])
    with pytest.raises(DynamicFormError, match="print it to a new PDF"):
        raster.inspect(form(tmp_path / "a.pdf", [page], dynamic=True))


@pytest.mark.parametrize(("lines", "count", "dynamic"), [([WAIT], 1, False), ([WAIT], 2, True), ([WAIT] * 30, 1, True)])
def test_forms_that_have_pages_are_taken(tmp_path, lines, count, dynamic):
    pages = [synthetic_pages.PdfPage([synthetic_pages.Text(lines)])] * count
    assert raster.inspect(form(tmp_path / "a.pdf", pages, dynamic)).page_count == count
