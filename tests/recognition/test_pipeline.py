"""From files to page results: which way a page takes, and in whose coordinates its lines come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recognition import pipeline, textlayer
from recognition.errors import EngineError, OptionError
from recognition.files import DirectReader
from recognition.options import Options
from recognition.page import Doubt, Line, PageImage
from recognition.raster import Limits
from tests.support import synthetic_pages


class Surveyor:
    """An engine that finds the dark parts of an image and reads each as one line, or turns pages as told."""

    def __init__(self, rotation: int = 0) -> None:
        self.seconds: dict[str, float] = {}
        self.rotation = rotation
        self.images: list[PageImage] = []

    def orientation(self, image: PageImage) -> int:
        return self.rotation

    def read_line(self, image: PageImage, direction: str) -> Line | None:
        self.images.append(image)
        right, bottom = float(image.width), float(image.height)
        return Line("一行", 0.4, ((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)))

    def read(self, image: PageImage) -> list[Line]:
        self.images.append(image)
        ys, xs = np.nonzero(image.pixels.min(axis=2) < 128)
        if not len(xs):
            return []
        left, top, right, bottom = map(float, (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
        return [Line("后面", 0.5, ((left, top), (right, top), (right, bottom), (left, bottom)))]


def marked(size: tuple[int, int] = (400, 600)) -> PageImage:
    """A white page with one black bar at (100, 50) of 200 x 20."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[50:70, 100:300] = 0
    return PageImage(pixels)


def saved(image: PageImage, path: Path) -> Path:
    from PIL import Image

    Image.fromarray(image.pixels).save(path)
    return path


@pytest.mark.parametrize(("rotation", "start"), [(0, (100, 50)), (90, (100, 70)), (180, (300, 70)), (270, (300, 50))])
def test_lines_of_a_turned_page_come_in_the_coordinates_of_the_page(tmp_path: Path, rotation, start) -> None:
    path = saved(marked(), tmp_path / "page.png")
    (page,) = pipeline.recognise(path, Options(), Surveyor(rotation))
    assert (page.width, page.height, page.rotation) == (400, 600, rotation)
    (line,) = page.lines
    assert line.polygon[0] == pytest.approx(start)  # where the text begins when the page is upright
    assert line.box == pytest.approx((100, 50, 300, 70))


def test_a_page_of_text_is_taken_from_its_layer_and_not_read(tmp_path: Path) -> None:
    text = synthetic_pages.Text(["文字層的第一行很長很長", "文字層的第二行也很長"], (72, 700))
    path = synthetic_pages.pdf(tmp_path / "digital.pdf", [synthetic_pages.PdfPage([text])])
    engine = Surveyor()
    (page,) = pipeline.recognise(path, Options(), engine)
    assert page.source == "text-layer"
    assert page.text == "文字層的第一行很長很長\n文字層的第二行也很長"
    assert not engine.images
    assert page.image is None


def test_a_text_layer_can_be_ignored(tmp_path: Path) -> None:
    text = synthetic_pages.Text(["文字層的第一行很長很長", "文字層的第二行也很長"], (72, 700))
    path = synthetic_pages.pdf(tmp_path / "digital.pdf", [synthetic_pages.PdfPage([text])])
    engine = Surveyor()
    (page,) = pipeline.recognise(path, Options(text_layer="ignore"), engine)
    assert page.source == "recognition"
    assert len(engine.images) == 1


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_table_that_a_pdf_draws_is_a_table_with_its_cells(tmp_path: Path, rotation: int) -> None:
    cells = [["科目", "時數", "備註"], ["國文", "五", "甲組"], ["數學", "四", "乙組"]]
    lines = ["1 w", *(f"72 {y} m 372 {y} l S" for y in (700, 670, 640, 610))]
    lines += [f"{x} 610 m {x} 700 l S" for x in (72, 172, 272, 372)]
    items = [
        synthetic_pages.Raw(" ".join(lines)),
        *(
            synthetic_pages.Text([text], (80 + 100 * column, 680 - 30 * row))
            for row, texts in enumerate(cells)
            for column, text in enumerate(texts)
        ),
    ]
    page_of_pdf = synthetic_pages.PdfPage(items, entries=f"/Rotate {rotation}")
    (page,) = pipeline.recognise(synthetic_pages.pdf(tmp_path / "table.pdf", [page_of_pdf]), Options(), Surveyor())
    (block,) = page.blocks
    assert block.table
    assert [["".join(page.lines[i].raw for i in cell.lines) for cell in row] for row in block.table.rows] == cells


def test_pictures_on_a_page_of_text_are_read_in_place(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.fromarray(marked((400, 200)).pixels)
    items = [
        synthetic_pages.Text(["文字層的第一行很長很長", "文字層的第二行也很長"], (72, 760)),
        synthetic_pages.Picture(picture, (72, 400, 472, 600)),
    ]
    path = synthetic_pages.pdf(tmp_path / "mixed.pdf", [synthetic_pages.PdfPage(items)])
    engine = Surveyor()
    (page,) = pipeline.recognise(path, Options(), engine)
    assert page.source == "text-layer"
    assert [line.raw for line in page.lines] == ["文字層的第一行很長很長", "文字層的第二行也很長", "后面"]
    left, top, right, bottom = page.lines[-1].box
    scale = 200 / 72
    expected = (172 * scale, (842 - 550) * scale, 372 * scale, (842 - 530) * scale)
    assert (left, top, right, bottom) == pytest.approx(expected, abs=4)


def test_a_page_that_cannot_be_read_does_not_stop_the_next(tmp_path: Path) -> None:
    pages = [synthetic_pages.horizontal(["一"]), synthetic_pages.horizontal(["二"])]
    path = synthetic_pages.scanned_pdf(tmp_path / "two.pdf", pages)

    class Failing(Surveyor):
        def read(self, image: PageImage) -> list[Line]:
            if not self.images:
                super().read(image)
                raise EngineError("out of paper")
            return super().read(image)

    first, second = pipeline.recognise(path, Options(), Failing())
    assert first.error is not None
    assert first.error.message == "out of paper"
    assert second.error is None


def test_raw_text_is_kept_beside_the_converted(tmp_path: Path) -> None:
    path = saved(marked(), tmp_path / "page.png")
    (page,) = pipeline.recognise(path, Options(script="s2twp"), Surveyor())
    (line,) = page.lines
    assert (line.raw, line.text) == ("后面", "後面")


def test_a_crop_maps_back_to_the_page() -> None:
    crop = marked().rotated(90).cropped((10.4, 20.6, 600, 400))
    (line,) = Surveyor().read(crop)
    assert line.mapped(crop.to_page).box == pytest.approx((100, 50, 300, 70))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_of_a_turned_pdf_page_comes_in_order_and_where_it_is_seen(tmp_path: Path, rotation: int) -> None:
    """The page is shown turned; its text layer is read as if it stood upright."""
    lines = ["文字層的第一行很長很長", "文字層的第二行也很長", "文字層的第三行到此為止"]
    text = synthetic_pages.Text(lines, (72, 700))
    path = synthetic_pages.pdf(
        tmp_path / "turned.pdf", [synthetic_pages.PdfPage([text], entries=f"/Rotate {rotation}")]
    )
    (page,) = pipeline.recognise(path, Options(), Surveyor())
    assert page.text.splitlines() == lines
    first, last = page.lines[0].polygon[0], page.lines[-1].polygon[0]
    downwards = {0: (0, 1), 90: (-1, 0), 180: (0, -1), 270: (1, 0)}[rotation]
    assert ((last[0] - first[0]) * downwards[0] + (last[1] - first[1]) * downwards[1]) > 50


def test_what_a_layer_says_is_not_said_again_by_the_picture_below_it(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.fromarray(marked((400, 200)).pixels)
    items = [
        synthetic_pages.Picture(picture, (72, 400, 472, 600)),
        synthetic_pages.Text(["文字層的第一行很長很長", "文字層的第二行也很長"], (72, 760)),
        synthetic_pages.Text(["標題"], (262, 535)),  # on the bar of the picture
    ]
    path = synthetic_pages.pdf(tmp_path / "stamped.pdf", [synthetic_pages.PdfPage(items)])
    engine = Surveyor()
    (page,) = pipeline.recognise(path, Options(), engine)
    assert len(engine.images) == 1
    assert sorted(line.raw for line in page.lines) == sorted(["文字層的第一行很長很長", "文字層的第二行也很長", "標題"])


def test_text_typed_on_a_scan_is_no_part_of_what_is_read_there(tmp_path: Path) -> None:
    from PIL import Image

    scan = Image.fromarray(marked((595, 842)).pixels)
    typed = ["在掃描的表格上打字填寫的答案"] * 20
    items = [synthetic_pages.Picture(scan, (0, 0, 595, 842)), synthetic_pages.Text(typed, (150, 760))]
    path = synthetic_pages.pdf(tmp_path / "form.pdf", [synthetic_pages.PdfPage(items)])
    (page,) = pipeline.recognise(path, Options(), Surveyor())
    scale = 200 / 72
    (read,) = [line for line in page.lines if line.raw == "后面"]
    assert read.box == pytest.approx((100 * scale, 50 * scale, 300 * scale, 70 * scale), abs=4)
    assert [line.raw for line in page.lines if line is not read] == typed


def test_a_picture_of_one_colour_is_not_read(tmp_path: Path) -> None:
    items = [
        synthetic_pages.Picture(synthetic_pages.blank((400, 400), "ivory"), (0, 0, 595, 842)),
        synthetic_pages.Text(["文字層的第一行很長很長"]),
    ]
    path = synthetic_pages.pdf(tmp_path / "paper.pdf", [synthetic_pages.PdfPage(items)])
    engine = Surveyor()
    (page,) = pipeline.recognise(path, Options(), engine)
    assert page.text == "文字層的第一行很長很長"
    assert not engine.images


def region(left: float, top: float, right: float, bottom: float) -> Options:
    return Options(region=((left, top), (right, top), (right, bottom), (left, bottom)))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_of_a_region_the_lines_come_in_the_coordinates_of_the_page(tmp_path: Path, rotation) -> None:
    path, engine = saved(marked(), tmp_path / "page.png"), Surveyor()
    (page,) = pipeline.recognise(path, region(80, 30, 350, 90), engine, rotation=rotation)
    assert (page.width, page.height) == (400, 600)
    (line,) = page.lines
    assert line.box == pytest.approx((100, 50, 300, 70))
    assert engine.images[0].width * engine.images[0].height < 400 * 600 / 4  # the rest was not looked at


def test_what_stands_beside_a_region_is_not_read(tmp_path: Path) -> None:
    path = saved(marked(), tmp_path / "page.png")
    (page,) = pipeline.recognise(path, region(80, 65, 350, 120), Surveyor())  # the bar reaches into it
    assert [line.raw for line in page.lines] == ["一行"]


def test_a_region_in_which_no_line_is_found_is_read_as_one(tmp_path: Path) -> None:
    path = saved(marked(), tmp_path / "page.png")
    (page,) = pipeline.recognise(path, region(80, 200, 180, 240), Surveyor(), rotation=90)
    (line,) = page.lines
    assert (line.raw, line.box) == ("一行", pytest.approx((80, 200, 180, 240)))
    assert line.polygon[0] == pytest.approx((80, 240))  # where it begins on a page that lies on its side


def test_a_region_of_a_page_with_a_text_layer_is_read_from_its_picture(tmp_path: Path) -> None:
    path = synthetic_pages.pdf(tmp_path / "page.pdf", [synthetic_pages.PdfPage([synthetic_pages.Text(["文字層"])])])
    (page,) = pipeline.recognise(path, region(0, 0, 800, 800), Surveyor())
    assert page.source == "recognition"
    assert [line.raw for line in page.lines] == ["后面"]


@pytest.mark.parametrize("box", [(500, 10, 600, 50), (10, 700, 50, 800), (-50, -50, -10, -10), (50, 50, 50, 90)])
def test_a_region_off_the_page_is_refused(tmp_path: Path, box) -> None:
    path = saved(marked(), tmp_path / "page.png")
    (page,) = pipeline.recognise(path, region(*box), Surveyor())
    assert page.error is not None
    assert page.error.code == "option-invalid"


def test_a_picture_of_a_single_line_is_read_without_looking_for_lines(tmp_path: Path) -> None:
    path, engine = saved(marked(), tmp_path / "a.png"), Surveyor(rotation=90)
    (page,) = pipeline.recognise(path, Options(layout="single-line"), engine)
    assert [line.raw for line in page.lines] == ["一行"]
    assert (page.rotation, [image.pixels.shape for image in engine.images]) == (0, [(600, 400, 3)])
    (page,) = pipeline.recognise(path, replace(region(80, 30, 350, 90), layout="single-line"), engine)
    assert page.lines[0].box == (80, 30, 350, 90)


@pytest.mark.parametrize("layered", [False, True])
def test_a_page_that_is_one_table_is_given_as_one(tmp_path: Path, layered: bool) -> None:
    text = synthetic_pages.Text(["文字層的第一行很長很長", "文字層的第二行也很長"], (72, 700))
    if layered:
        path = synthetic_pages.pdf(tmp_path / "digital.pdf", [synthetic_pages.PdfPage([text])])
    else:
        path = saved(marked(), tmp_path / "a.png")
    (page,) = pipeline.recognise(path, Options(layout="table", script="none"), Surveyor())
    (block,) = page.blocks
    assert block.type == "table"
    assert block.table is not None
    assert sorted(n for row in block.table.rows for cell in row for n in cell.lines) == list(range(len(page.lines)))


def test_a_region_is_written_as_svg_writes_polygons() -> None:
    options = region(1, 2.5, 30, 40)
    assert options.to_dict()["region"] == "1,2.5 30,2.5 30,40 1,40"
    assert Options.parse(options.to_dict()) == options
    assert "region" not in Options().to_dict()


@pytest.mark.parametrize("text", ["", "1,2 3,4 5,6", "1,2 3,4 5,6 7,x", "1,2 3,4 5,6 7,nan", "1,2,3 4,5 6,7 8,9"])
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="four corners"):
        Options.parse({"region": text})


def test_candidates_are_converted_as_their_line_is() -> None:
    polygon = ((0.0, 0.0), (90.0, 0.0), (90.0, 20.0), (0.0, 20.0))
    read = Line("在河后面", 0.9, polygon, doubts=(Doubt(2, 0.5, ("国", "说")),))
    lines, _ = pipeline.order_and_convert([read], Options(script="s2tw"), pipeline.Clock(), np.eye(3))
    assert lines[0].text == "在河後面"
    assert lines[0].doubts == (Doubt(2, 0.5, ("國", "說")),)
    lines, _ = pipeline.order_and_convert([read], Options(script="none"), pipeline.Clock(), np.eye(3))
    assert lines[0].doubts == read.doubts


SAID = ["鐘毓瑾彭郁涵蕭逸飛龔玟妤魏碩亨柯筱葳", "翁珮綺譚詠麒簡莛芸尤睿哲凌翊庭詹奕辰"]


class Reader(Surveyor):
    """An engine that reads a line as ``said``, with this confidence."""

    def __init__(self, said: str, confidence: float) -> None:
        super().__init__()
        self.said, self.confidence = said, confidence

    def read_line(self, image: PageImage, direction: str) -> Line | None:
        line = super().read_line(image, direction)
        return line and replace(line, raw=self.said, confidence=self.confidence)


def of_names(path: Path) -> Path:
    """A page of a text that is in no dictionary."""
    return synthetic_pages.pdf(path, [synthetic_pages.PdfPage([synthetic_pages.Text(SAID)])])


@pytest.mark.parametrize(("read", "confidence", "looks"), [(SAID[0], 0.95, 1), ("依行政程序法規定公告", 0.7, 2)])
def test_a_suspicious_layer_is_believed_unless_its_picture_says_otherwise(
    tmp_path: Path, read, confidence, looks
) -> None:
    engine = Reader(read, confidence)
    (page,) = pipeline.recognise(of_names(tmp_path / "a.pdf"), Options(), engine)
    assert [line.raw for line in page.lines] == SAID
    assert (page.source, page.warnings) == ("text-layer", ())
    assert [image.height < 60 for image in engine.images] == [True] * looks


def test_a_page_whose_layer_the_picture_contradicts_is_read(tmp_path: Path) -> None:
    (page,) = pipeline.recognise(of_names(tmp_path / "a.pdf"), Options(), Reader("依行政程序法規定公告", 0.95))
    assert page.source == "recognition"
    assert page.warnings[0].code == "text-layer-contradicts"
    assert [line.raw for line in page.lines] == ["后面"]


def test_lines_in_a_false_font_are_read_among_those_that_are_true(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    true = ["本市都市計畫變更案自即日起公開展覽", "任何公民或團體得於期間內以書面提出意見"] * 2
    with_names = [synthetic_pages.Text(true), synthetic_pages.Text(SAID[:1], at=(72, 400))]
    synthetic_pages.pdf(path, [synthetic_pages.PdfPage(with_names)])
    layer = replace(dict(textlayer.pages(path, dpi=200, pixels=10**8))[1], suspects=((4,),))

    class Suspicious(DirectReader):
        def text_layer(self, path: Path, number: int, limits: Limits) -> textlayer.TextLayer | None:
            return layer

    (page,) = pipeline.recognise(path, Options(), Reader("依行政程序法規定公告", 0.95), files=Suspicious())
    assert [line.raw for line in page.lines] == [*true, "后面"]
    (warning,) = page.warnings
    assert warning.code == "text-layer-contradicts"
    assert warning.box == pytest.approx(layer.lines[4].box)
