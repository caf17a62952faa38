import math

import numpy as np
import pikepdf
import pytest

from recognition import raster, textlayer
from recognition.errors import BrokenFileError
from recognition.layout import arrange
from recognition.textlayer import symbols
from tests.support import synthetic_pages
from tests.support.synthetic_pages import Fill, Note, PdfPage, Picture, Raw, Text

DPI = 144
LINES = ["臺北市政府公告第一號", "Hello 法定程序 12345"]
COLUMNS = ["春眠不覺曉，", "夜來風雨聲"]
HAN = "臺北市政府公告第號法定程序說明"
NOTE = Note("駁回", (100, 100, 300, 120))
PICTURE = synthetic_pages.horizontal(["圖中文字"])


def layers(path, **options):
    return dict(textlayer.pages(path, dpi=DPI, pixels=10**8, **options))


def layer_of(tmp_path, items, **options):
    """The layer of a page with these items."""
    to_unicode = options.pop("to_unicode", None)
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage(items, **options)], to_unicode)
    return layers(path)[1]


def texts(layer):
    return [line.raw for line in layer.lines]


def inside(line, shape):
    """The pixels in the line's box, two more at each side, for boxes do not hold every stroke's edge."""
    mask = np.zeros(shape, dtype=bool)
    left, top, right, bottom = (int(side) for side in line.box)
    mask[max(0, top - 2) : bottom + 3, max(0, left - 2) : right + 3] = True
    return mask


def test_lines_have_their_text_and_their_place_in_pixels(tmp_path):
    layer = layer_of(tmp_path, [Text(LINES, at=(72, 740), size=12)])
    assert texts(layer) == LINES
    first = layer.lines[0]
    assert (layer.width, layer.height) == (1190, 1684)
    assert (first.direction, first.confidence) == ("horizontal", 1.0)
    left, top, right, bottom = first.box
    assert (left, right) == pytest.approx((144, 144 + 10 * 24), abs=1)  # ten characters of 12 points
    assert bottom - top == pytest.approx(24, abs=4)
    assert top < 2 * (842 - 740) < bottom  # the baseline
    assert first.positions == pytest.approx([0.05 + 0.1 * index for index in range(10)], abs=0.01)


def test_columns_are_lines_that_run_down(tmp_path):
    layer = layer_of(tmp_path, [Text(COLUMNS, vertical=True)])
    assert sorted(texts(layer)) == sorted(COLUMNS)
    for line in layer.lines:
        left, top, right, bottom = line.box
        assert line.direction == "vertical-rl"
        assert bottom - top == pytest.approx(24 * len(line.raw), abs=2)
        assert right - left == pytest.approx(24, abs=2)
        assert line.polygon[0] == pytest.approx((left, top), abs=0.1)
        assert list(line.positions) == sorted(line.positions)


def test_columns_of_characters_that_pdfium_takes_for_lines_are_put_together(tmp_path):
    """As browsers write them. On a page whose other lines are horizontal PDFium does not see the columns."""
    size = 12
    singles = [
        Text([character], at=(400 - 30 * column, 500 - size * row), size=size)
        for column, text in enumerate(COLUMNS)
        for row, character in enumerate(text)
    ]
    rows = [Text([character], at=(72, 500 - 15 * row), size=size) for row, character in enumerate("甲乙丙")]
    layer = layer_of(tmp_path, [Text([HAN * 2] * 8), *singles, *rows])
    assert [line.raw for line in layer.lines if line.direction == "vertical-rl"] == COLUMNS
    assert [line.raw for line in layer.lines if len(line.raw) == 1] == list("甲乙丙")
    assert all(len(line.positions) == len(line.raw) for line in layer.lines)


def singles(text, at, step, size=12):
    """As browsers write: each character by itself, ``step`` (right, up) from the one before."""
    return [
        Text([character], at=(at[0] + n * step[0], at[1] + n * step[1]), size=size)
        for n, character in enumerate(text)
        if character.strip()
    ]


def by_direction(layer, direction):
    return [line.raw for line in layer.lines if line.direction == direction]


def test_a_running_head_over_columns_stays_a_line(tmp_path):
    head, page = "臺北市政府公報　第12期", "－１２－"
    items = [
        *singles(head[:9], (72, 780), (12, 0)),
        *singles("12", (72 + 9 * 12, 780), (6, 0)),
        *singles("期", (72 + 10 * 12, 780), (12, 0)),
        *(item for n, column in enumerate(COLUMNS) for item in singles(column, (400 - 24 * n, 700), (0, -12))),
        *singles(page, (280, 60), (12, 0)),
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "horizontal") == [head, page]
    assert by_direction(layer, "vertical-rl") == COLUMNS


def test_a_table_beside_columns_keeps_its_cells(tmp_path):
    cells = [["項目", "數量"], ["紙張", "十二"], ["碳粉匣", "三"]]
    items = [Text([column], at=(500 - 24 * n, 760), vertical=True) for n, column in enumerate(COLUMNS * 4)]
    items += [
        item
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
        for item in singles(text, (72 + 90 * column, 300 - 20 * row), (12, 0))
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "horizontal") == [text for row in cells for text in row]
    assert by_direction(layer, "vertical-rl") == COLUMNS * 4


ROW = [Text(["紙張"], at=(72, 700)), Text(["12"], at=(99, 700)), Text(["1,800"], at=(114, 700))]


def rules(bottom, top, places=(97.5, 112.5)):
    return [Fill((x - 0.3, bottom, x + 0.3, top), 0) for x in places]


@pytest.mark.parametrize(
    ("items", "lines"),
    [
        pytest.param(rules(670, 730), ["紙張", "12", "1,800"], id="rules of a table"),
        pytest.param([], ["紙張 12 1,800"], id="none"),
        pytest.param(rules(697, 712), ["紙張 12 1,800"], id="the frame of a word"),
        pytest.param([Fill((60, 695, 200, 695.6), 0)], ["紙張 12 1,800"], id="an underline"),
    ],
)
def test_rules_part_cells_that_stand_as_close_as_words(tmp_path, items, lines):
    assert texts(layer_of(tmp_path, [*ROW, *items])) == lines


def test_rules_part_the_cells_of_columns(tmp_path):
    column = [Text(["紙張"], at=(300, 700), vertical=True), Text(["數量"], at=(300, 674), vertical=True)]
    rule = Fill((250, 674.7, 350, 675.3), 0)
    assert texts(layer_of(tmp_path, [*column, rule])) == ["紙張", "數量"]
    assert texts(layer_of(tmp_path, column)) == ["紙張數量"]


def test_a_number_with_a_place_for_each_digit_stays_one(tmp_path):
    digits = [Text([digit], at=(72 + 15 * place, 700)) for place, digit in enumerate("12345675")]
    assert texts(layer_of(tmp_path, [*digits, *rules(670, 730, [85 + 15 * place for place in range(8)])])) == [
        "1 2 3 4 5 6 7 5"
    ]


def test_a_column_on_a_page_of_rows_stays_a_column(tmp_path):
    layer = layer_of(tmp_path, [Text([HAN * 2] * 8), *singles("承辦人簽章", (500, 400), (0, -12))])
    assert by_direction(layer, "vertical-rl") == ["承辦人簽章"]
    assert by_direction(layer, "horizontal") == [HAN * 2] * 8


def test_a_column_with_a_blank_in_it_stays_one(tmp_path):
    items = [*singles("第三章", (400, 700), (0, -20), 20), *singles("公文處理", (400, 620), (0, -20), 20)]
    assert texts(layer_of(tmp_path, items)) == ["第三章　公文處理"]


def test_spread_columns_stay_columns(tmp_path):
    items = [item for n in range(3) for item in singles("依文書處理手冊", (400 - 40 * n, 700), (0, -19))]
    assert texts(layer_of(tmp_path, items)) == ["依文書處理手冊"] * 3


def test_what_lies_on_its_side_in_a_column_belongs_to_it(tmp_path):
    items = [
        *singles("民國", (400, 700), (0, -12)),
        Text(["2024"], at=(402, 686), tilt=-90),
        *singles("年", (400, 652), (0, -12)),
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "vertical-rl") == ["民國2024年"]
    assert len(layer.lines[0].positions) == 7
    assert list(layer.lines[0].positions) == sorted(layer.lines[0].positions)


def test_digits_set_upright_in_a_column_belong_to_it(tmp_path):
    items = [
        *singles("民國", (400, 700), (0, -12)),
        Text(["12"], at=(400, 676)),
        *singles("年冬", (400, 664), (0, -12)),
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "vertical-rl") == ["民國12年冬"]


def test_marks_of_columns_are_given_as_they_are_written(tmp_path):
    layer = layer_of(
        tmp_path, [Text(["甲乙丙丁"], vertical=True)], to_unicode={"甲": "﹁", "乙": "⼀", "丙": "﹂", "丁": "︒"}
    )
    assert texts(layer) == ["「一」。"]


@pytest.mark.parametrize("off", [(0.3, 0), (0.3, 0.3), (0, 0)])
def test_letters_printed_twice_for_bold_count_once(tmp_path, off):
    once = Text([*LINES, "……illness……"])
    layer = layer_of(tmp_path, [once, Text(["別的"], at=(400, 500)), Text(once.lines, at=(72 + off[0], 740 + off[1]))])
    assert texts(layer) == [*once.lines, "別的"]


def test_a_line_drawn_in_pieces_out_of_order_is_one(tmp_path):
    items = [
        Text(["第一段"]),
        Text(["末行"], at=(72, 600)),
        Text(["第三段"], at=(144, 740)),
        Text(["第二段"], at=(108, 740)),
    ]
    assert sorted(texts(layer_of(tmp_path, items))) == ["末行", "第一段第二段第三段"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("關 於 紅 軍 作 戰 的 原 則", "關於紅軍作戰的原則"),
        ("統　一　編　號：12345678", "統一編號：12345678"),
        ("目　錄", "目錄"),
        ("第一章　總則", "第一章　總則"),
        ("王 大明", "王 大明"),
        ("使用 Python 的人", "使用 Python 的人"),
        ("The quick brown fox", "The quick brown fox"),
        ("民國 113 年 12 月", "民國 113 年 12 月"),
    ],
)
def test_spaces_that_only_spread_han_characters_are_none(tmp_path, text, right):
    layer = layer_of(tmp_path, [Text([text])])
    assert texts(layer) == [right]
    assert len(layer.lines[0].positions) == len(right)


ARABIC = dict(zip("一二三四五六七八九十", "عليهفنالحك", strict=True))


def test_a_line_of_a_script_from_the_right_is_read_from_there(tmp_path):
    layer = layer_of(tmp_path, [Text(["一二三 四五六七"])], to_unicode=ARABIC)
    assert texts(layer) == ["".join(ARABIC[c] for c in "七六五四") + " " + "".join(ARABIC[c] for c in "三二一")]


def test_numbers_in_a_line_from_the_right_keep_their_order(tmp_path):
    layer = layer_of(tmp_path, [Text(["一二三 2024 四五六"])], to_unicode={**ARABIC, **{d: d for d in "0124"}})
    right = "".join(ARABIC[c] for c in "六五四") + " 2024 " + "".join(ARABIC[c] for c in "三二一")
    assert texts(layer) == [right]


def test_characters_follow_each_other_though_a_word_among_them_runs_back(tmp_path):
    layer = layer_of(tmp_path, [Text(["臺北市政府一二三四法定程序"])], to_unicode={**ARABIC, **{c: c for c in HAN}})
    (line,) = layer.lines
    assert line.raw == "臺北市政府 " + "".join(ARABIC[c] for c in "四三二一") + " 法定程序"
    assert list(line.positions) == sorted(line.positions)


@pytest.mark.parametrize("degrees", [7, 33, 58, 90, 135, 250])
def test_text_at_any_angle_stays_whole(tmp_path, degrees):
    lines = ["臺北市政府公告 Hello 2026", "第二行的文字"]
    layer = layer_of(tmp_path, [Text(LINES, at=(30, 60)), Text(lines, at=(300, 420), tilt=degrees)])
    assert sorted(texts(layer)) == sorted(LINES + lines)


@pytest.mark.parametrize("cropped", ["", "/CropBox [40 560 480 800]"])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_boxes_fit_the_page_image_however_the_page_is_turned_and_cropped(tmp_path, degrees, cropped):
    items = [Text(LINES), Text(COLUMNS, at=(400, 700), vertical=True)]
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage(items, entries=f"{cropped} /Rotate {degrees}")])
    layer = layers(path)[1]
    ((_, image),) = raster.pages(path, dpi=DPI)
    ink = image.pixels.min(axis=2) < 128
    assert (layer.width, layer.height) == (image.width, image.height)
    assert sorted(texts(layer)) == sorted(LINES + COLUMNS)
    masks = [inside(line, ink.shape) for line in layer.lines]
    assert all(ink[mask].any() for mask in masks)
    assert not ink[~np.logical_or.reduce(masks)].any()
    for line in layer.lines:
        (left, top), (right, bottom) = line.polygon[:2]
        assert math.degrees(math.atan2(bottom - top, right - left)) % 360 == pytest.approx(degrees, abs=0.1)
    assert layer.rotation == -degrees % 360


@pytest.mark.parametrize("tilt", [-45, 3, 30, 90, 180])
def test_a_tilted_line_has_a_tilted_box(tmp_path, tilt):
    layer = layer_of(tmp_path, [Text(["臺北市政府公告"], at=(300, 400), tilt=tilt)])
    (line,) = layer.lines
    (ax, ay), (bx, by), (cx, cy), _ = line.polygon
    assert line.direction == "horizontal"
    assert math.degrees(math.atan2(ay - by, bx - ax)) == pytest.approx(tilt, abs=1)
    assert math.hypot(bx - ax, by - ay) == pytest.approx(7 * 24, abs=10)
    assert math.hypot(cx - bx, cy - by) == pytest.approx(24, abs=10)


def test_texts_side_by_side_are_different_lines(tmp_path):
    layer = layer_of(tmp_path, [Text(["左欄文字", "左二"]), Text(["右欄文字", "右二"], at=(300, 740))])
    assert sorted(texts(layer)) == ["右二", "右欄文字", "左二", "左欄文字"]


def test_a_word_parted_at_the_end_of_a_line_stays_parted(tmp_path):
    assert texts(layer_of(tmp_path, [Text(["one word is parted-", "across two lines"])])) == [
        "one word is parted-",
        "across two lines",
    ]


def test_characters_beyond_sixteen_bits_are_one_character_each(tmp_path):
    layer = layer_of(tmp_path, [Text(["一二三"])], to_unicode={"二": "𠀀"})
    assert texts(layer) == ["一𠀀三"]
    assert len(layer.lines[0].positions) == 3


def test_marks_from_symbol_fonts_become_bullets(tmp_path):
    layer = layer_of(tmp_path, [Text(["口系統架構", "口辨識模型"])], to_unicode={"口": "\uf06e"})
    assert texts(layer) == ["•系統架構", "•辨識模型"]


def test_what_is_no_character_is_given_as_the_one_that_says_so(tmp_path):
    layer = layer_of(tmp_path, [Text([HAN, "一二三", HAN, HAN])], to_unicode={"二": "\x01"})
    assert texts(layer) == [HAN, "一\ufffd三", HAN, HAN]


def test_text_beside_the_page_is_left_out(tmp_path):
    layer = layer_of(tmp_path, [Text(LINES), Text(["看不見"], at=(700, 400)), Text(["看不見"], at=(72, -50))])
    assert texts(layer) == LINES


@pytest.mark.parametrize(
    ("items", "options"),
    [
        pytest.param([], {}, id="no text"),
        pytest.param([Picture(PICTURE, (0, 0, 595, 842))], {}, id="a scan"),
        pytest.param(
            [Picture(PICTURE, (0, 0, 595, 842)), Text(["圖中文字"], invisible=True)],
            {},
            id="a scan with invisible text",
        ),
        pytest.param([Text(LINES), Picture(PICTURE, (0, 0, 595, 842))], {}, id="text behind a picture"),
        pytest.param(
            [Picture(PICTURE, (0, 0, 595, 842)), Text(["圖中文字"], invisible=True), Text(["1"], at=(72, 40))],
            {},
            id="a scan with invisible text and a page number",
        ),
        pytest.param([Text(LINES, white=True)], {}, id="white on white"),
        pytest.param([Text(["看不見"], at=(700, 400))], {}, id="all text beside the page"),
    ],
)
def test_a_page_without_text_that_people_see_has_no_layer(tmp_path, items, options):
    assert layer_of(tmp_path, items, **options) is None


@pytest.mark.parametrize(
    ("items", "options"),
    [
        pytest.param([Text([HAN] * 3)], {"to_unicode": {c: chr(0xE000 + i) for i, c in enumerate(HAN)}}, id="private"),
        pytest.param([Text([HAN] * 3)], {"to_unicode": dict.fromkeys(HAN, "\ufffd")}, id="replacement characters"),
        pytest.param([Text([HAN] * 3)], {"to_unicode": dict.fromkeys(HAN, "\x01")}, id="control characters"),
        pytest.param([Text([HAN] * 3)], {"to_unicode": {c: chr(ord(c) + 1) for c in HAN}}, id="a shifted map"),
        pytest.param(
            [Text(["the quick brown fox jumps over the lazy dog"] * 5)],
            {"to_unicode": {c: chr((ord(c) - 96) % 26 + 97) for c in "abcdefghijklmnopqrstuvwxyz"}},
            id="shifted letters",
        ),
        pytest.param(
            [Text([HAN] * 8)], {"to_unicode": {c: chr(0xA1 + i * 5) for i, c in enumerate(HAN)}}, id="accented letters"
        ),
        pytest.param(
            [Text(["open access"])],
            {"to_unicode": {c: chr(0x1F0 + i) for i, c in enumerate("opencas")}},
            id="letters of no language",
        ),
    ],
)
def test_a_layer_that_cannot_be_what_the_page_shows_contradicts_its_picture(tmp_path, items, options):
    layer = layer_of(tmp_path, items, **options)
    assert layer.contradicts_picture
    assert layer.lines == ()


@pytest.mark.parametrize(
    ("items", "boxes"),
    [
        pytest.param([Text(LINES)], [], id="no picture"),
        pytest.param([Text(LINES), Picture(PICTURE, (100, 100, 300, 200))], [(200, 1284, 600, 1484)], id="a picture"),
        pytest.param(
            [Text(LINES), *(Picture(PICTURE, (100, y, 300, y + 20)) for y in (100, 120, 140))],
            [(200, 1364, 600, 1484)],
            id="a picture in strips",
        ),
        pytest.param(
            [Text(LINES), Picture(PICTURE, (500, 100, 700, 200))], [(1000, 1284, 1190, 1484)], id="over the edge"
        ),
        pytest.param([Text(LINES), Picture(PICTURE, (100, 100, 110, 110))], [], id="too small for text"),
        pytest.param(
            [Text(LINES), Picture(synthetic_pages.blank((2, 2)), (100, 100, 300, 200))], [], id="a mere colour"
        ),
        pytest.param([Text(LINES), Picture(PICTURE, (100, 100, 300, 120))], [(200, 1444, 600, 1484)], id="a low one"),
        pytest.param([Text(LINES), Picture(PICTURE, (100, 100, 300, 106))], [], id="too low for a line"),
        pytest.param(
            [Picture(PICTURE, (60, 700, 240, 770)), Text(LINES)], [(120, 144, 480, 284)], id="a background of the text"
        ),
        pytest.param([Picture(PICTURE, (0, 0, 595, 842)), Text(["Page 1"])], [(0, 0, 1190, 1684)], id="a stamped scan"),
    ],
)
def test_pictures_whose_text_is_not_in_the_layer_are_named_for_reading(tmp_path, items, boxes):
    layer = layer_of(tmp_path, items)
    assert texts(layer) == [line for item in items if isinstance(item, Text) for line in item.lines]
    assert [pytest.approx(box, abs=1) for box in boxes] == list(layer.pictures)


@pytest.mark.parametrize(
    ("note", "lines"),
    [
        pytest.param(Note("駁回", (100, 100, 300, 120)), ["駁回"], id="a note"),
        pytest.param(Note("副本", (100, 100, 160, 120), "Stamp"), ["副本"], id="a stamp"),
        pytest.param(Note("陳美華", (100, 100, 300, 120), "Widget"), ["陳美華"], id="a field of a form"),
        pytest.param(Note("是", (100, 100, 160, 120), "Widget", "/FT /Btn"), ["是"], id="a button"),
        pytest.param(Note("駁回", (100, 100, 300, 120), entries="/F 2"), [], id="a hidden note"),
        pytest.param(Note("駁回", (100, 100, 300, 120), "Link"), [], id="a link"),
    ],
)
def test_what_notes_and_fields_show_is_text_of_the_page(tmp_path, note, lines):
    layer = layer_of(tmp_path, [Text(LINES)], notes=[note])
    assert texts(layer) == [*LINES, *lines]
    assert layer.pictures == ()
    for line in layer.lines[len(LINES) :]:
        assert line.box == pytest.approx((204, 1448, 204 + 24 * len(line.raw), 1476), abs=6)


def test_fields_are_text_of_a_page_that_has_no_other(tmp_path):
    note = Note("陳美華", (100, 100, 300, 120), "Widget")
    assert texts(layer_of(tmp_path, [], notes=[note])) == ["陳美華"]


def test_a_page_with_notes_keeps_the_fonts_that_it_has_from_its_file(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text(LINES)], notes=[NOTE])])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root.Pages.Resources = pdf.pages[0].Resources
        del pdf.pages[0].obj.Resources
        pdf.save()
    assert texts(layers(path)[1]) == [*LINES, NOTE.line]


def test_a_stamp_without_text_is_named_for_reading(tmp_path):
    layer = layer_of(tmp_path, [Text(LINES)], notes=[Note("", (100, 100, 130, 106), "Stamp")])
    assert list(layer.pictures) == [pytest.approx((200, 1472, 260, 1484), abs=1)]


def test_layers_that_are_switched_off_stay_so_on_a_page_with_notes(tmp_path):
    path = synthetic_pages.pdf(
        tmp_path / "a.pdf",
        [PdfPage([Text(LINES), Raw("/OC /Off BDC BT /FH 12 Tf 72 400 Td <8349 7a3f> Tj ET EMC")], notes=[NOTE])],
    )
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="off"))
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[group], D=pikepdf.Dictionary(OFF=[group]))
        pdf.pages[0].Resources.Properties = pikepdf.Dictionary(Off=group)
        pdf.save()
    assert texts(layers(path)[1]) == [*LINES, NOTE.line]


def test_what_a_form_says_of_its_glyphs_stands_where_they_are(tmp_path):
    """Browsers write so what is transparent in part, with characters for those that a font names otherwise."""
    shown = "BT /FH 12 Tf 10 20 Td <5171> Tj /Span << /ActualText <feff4e00> >> BDC <2f00> Tj EMC <767e> Tj ET"
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text(LINES), Raw(shown)])])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        form = pdf.make_stream(page.Contents.read_bytes())
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, page.MediaBox
        form.Resources = page.Resources
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Group=pdf.make_indirect(form)))
        page.Contents = pdf.make_stream(b"0.5 0 0 0.5 72 300 cm /Group Do")
        pdf.save()
    assert texts(layers(path)[1]) == [*LINES, "共一百"]


def test_the_page_without_its_text_shows_all_else(tmp_path):
    picture = synthetic_pages.blank((360, 140), "lightgrey")
    synthetic_pages.write(picture, ["舊"], (10, 10))
    items = [Picture(picture, (60, 700, 240, 770)), Text(LINES)]
    note = Note("駁回", (100, 100, 300, 120))
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage(items, entries="/Rotate 90", notes=[note])])
    ((_, page),) = raster.pages(path, dpi=DPI)
    bare = textlayer.without_text(path, 1, dpi=DPI, pixels=10**8)
    assert bare.pixels.shape == page.pixels.shape
    gone = (bare.pixels != page.pixels).any(axis=2)
    masks = [inside(line, gone.shape) for line in layers(path)[1].lines]
    assert all(gone[mask].any() for mask in masks)
    assert not gone[~np.logical_or.reduce(masks)].any()


@pytest.mark.parametrize(
    "unseen",
    [
        pytest.param([Text(["   "], at=(72, 600 + 10 * row), invisible=True) for row in range(26)], id="spaces"),
        pytest.param([Text([""], at=(72, 600 + 3 * row), invisible=True) for row in range(82)], id="empty objects"),
        pytest.param([Text(["草稿"], at=(72, 600), invisible=True)], id="an invisible mark"),
        pytest.param([Text(["草稿"], at=(72, 600), white=True)], id="a white mark"),
        pytest.param([Text(["____________"], at=(72, 600), white=True)], id="white underscores"),
        pytest.param([Text(["草稿"], at=(72, 600)), Fill((60, 590, 200, 620))], id="a mark painted over"),
        pytest.param([Text([HAN] * 9, at=(72, 600), white=True)], id="more white text than black"),
        pytest.param([Text(LINES, invisible=True)], id="the same text once more, unseen"),
        pytest.param([Text(["草稿"], at=(700, 400), white=True)], id="a white mark beside the page"),
    ],
)
def test_what_is_not_seen_is_left_out_and_the_rest_is_kept(tmp_path, unseen):
    assert texts(layer_of(tmp_path, [Text(LINES), *unseen])) == LINES


def test_of_a_line_that_is_painted_over_in_part_the_rest_is_kept(tmp_path):
    """As programs redact."""
    layer = layer_of(tmp_path, [Text(["統一編號秘密秘密請保管"], size=20), Fill((152, 730, 232, 770), grey=0)])
    assert texts(layer) == ["統一編號", "請保管"]


def in_font(path, to_unicode, name="MSung-Light"):
    """The PDF at ``path`` with its last text in another font of this ``name``, with this map."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        fonts = pdf.pages[0].Resources.Font
        own = fonts.FH.DescendantFonts[0]
        below = pikepdf.Dictionary({**{key: own[key] for key in own}, "/BaseFont": pikepdf.Name(f"/{name}")})
        wrong = pikepdf.Dictionary({key: fonts.FH[key] for key in fonts.FH})
        wrong.DescendantFonts = pikepdf.Array([pdf.make_indirect(below)])
        wrong.ToUnicode = pdf.make_stream(synthetic_pages.character_map(to_unicode))
        fonts["/FW"] = pdf.make_indirect(wrong)
        before, after = pdf.pages[0].Contents.read_bytes().rsplit(b"/FH", 1)
        pdf.pages[0].Contents = pdf.make_stream(before + b"/FW" + after)
        pdf.save()
    return path


@pytest.mark.parametrize(
    ("font", "said", "sign"),
    [
        ("ABCDEF+Wingdings-Regular", "\uf0fc", "✓"),
        ("Wingdings", "ü", "✓"),
        ("Wingdings", "q", "□"),
        ("Wingdings", "þ", "☑"),
        ("Wingdings", "Œ", "➊"),
        ("Wingdings", "\x8c", "➊"),
        ("Wingdings", "¸", "✓"),  # on a Macintosh
        ("Wingdings2", "R", "☑"),
        ("ABCDEF+Wingdings3", "\uf07d", "▶"),
        ("Webdings", "a", "✔"),
        ("Wingdings", "✓", "✓"),
        ("ABCDEF+Symbolic", "m", "m"),
    ],
)
def test_letters_in_fonts_of_signs_are_the_signs_that_people_see(tmp_path, font, said, sign):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text(["本人"]), Text(["口"], at=(96, 740))])])
    in_font(path, {"口": said}, font)
    assert texts(layers(path)[1]) == [f"本人{sign}"]


@pytest.mark.parametrize(
    ("font", "said", "mark"),
    [
        ("Wingdings", "\uf0d8", "•"),
        ("Wingdings", "²", "•"),
        ("Wingdings", "n", "■"),
        ("Wingdings", "þ", "☑"),
        ("Song", "❖", "❖"),
    ],
)
def test_signs_at_the_start_of_a_line_that_say_nothing_are_bullets(tmp_path, font, said, mark):
    path = synthetic_pages.pdf(
        tmp_path / "a.pdf", [PdfPage([Text(["本人"], at=(96, 740)), Text(["口"], at=(84, 740))])]
    )
    in_font(path, {"口": said}, font)
    assert texts(layers(path)[1]) == [f"{mark}本人"]


@pytest.mark.parametrize(("said", "sign"), [("\uf0b7", "•"), ("m", "μ"), ("\uf02b", "+"), ("±", "±")])
def test_greek_letters_and_marks_of_symbol_are_those_of_unicode(said, sign):
    """PDFium draws this font with one of its own, which has no character of the tests' PDFs."""
    assert chr(symbols.signs_of("ABCDEF+SymbolMT").get(ord(said), ord(said))) == sign
    assert not symbols.has_pictures("ABCDEF+SymbolMT")  # so a formula may begin with it


def test_text_in_a_font_without_a_true_map_is_read_from_the_picture_and_the_rest_kept(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text([HAN] * 3), Text([HAN], at=(72, 500))])])
    in_font(path, {han: chr(0xE000 + n) for n, han in enumerate(HAN)})
    layer = layers(path)[1]
    assert texts(layer) == [HAN] * 3
    assert [pytest.approx(box, abs=8) for box in layer.pictures] == [(144, 660, 144 + 24 * len(HAN), 690)]
    bare = textlayer.without_text(path, 1, dpi=DPI, pixels=10**8).pixels
    assert bare[660:690, 144:].min() < 128 <= bare[:600].min()


def test_a_line_with_glyphs_that_have_no_meaning_is_read_from_the_picture_and_the_rest_kept(tmp_path):
    """In a font whose map lacks some: its other lines are true."""
    layer = layer_of(
        tmp_path,
        [Text(["臺北市政府", "公告十九號"]), Text(["一百二"], at=(72, 600))],
        to_unicode={character: character for character in "臺北市政府公告號十九"}
        | dict(zip("一百二", "\uf6b3\uf6b1\uf6b5", strict=True)),
    )
    assert texts(layer) == ["臺北市政府", "公告十九號"]
    assert list(layer.pictures) == [pytest.approx((144, 2 * (842 - 612), 144 + 72, 2 * (842 - 598)), abs=5)]


def test_radicals_and_small_capitals_are_given_as_they_are_written(tmp_path):
    said = dict(zip("民長一二三", "⺠⻑\uf76f\uf76b\uf739", strict=True))
    assert texts(layer_of(tmp_path, [Text(["民長一二三"])], to_unicode=said)) == ["民長ok9"]


def test_text_drawn_as_outlines_is_named_for_reading(tmp_path):
    outline = "{x} {y} m {x} {top} l {right} {top} l {right} {y} l {middle} {half} l {x} {half} l h f"
    shapes = [
        outline.format(x=x, y=y, top=y + 9, right=x + 9, middle=x + 4, half=y + 4)
        for y in (300, 320)
        for x in range(100, 400, 12)
    ]
    layer = layer_of(tmp_path, [Text(LINES), synthetic_pages.Raw(" ".join(shapes))])
    assert texts(layer) == LINES
    assert [pytest.approx(box, abs=2) for box in layer.pictures] == [(200, 1026, 794, 1084)]


def test_a_few_shapes_are_no_text(tmp_path):
    leaf = synthetic_pages.Raw("100 300 m 105 310 l 112 312 l 118 305 l 110 300 l 104 298 l h f")
    assert layer_of(tmp_path, [Text(LINES), leaf]).pictures == ()


def test_spaces_behind_something_do_not_count_as_hidden_text(tmp_path):
    assert texts(layer_of(tmp_path, [Text(LINES), Text(["   "], at=(72, 600)), Fill((60, 590, 200, 620))])) == LINES


def test_text_that_shows_through_what_lies_over_it_is_seen(tmp_path):
    clear = PICTURE.convert("RGBA")
    clear.putalpha(64)
    assert texts(layer_of(tmp_path, [Text(LINES), Picture(clear, (0, 0, 595, 842))])) == LINES


def test_white_text_on_a_dark_ground_is_seen(tmp_path):
    assert texts(layer_of(tmp_path, [Fill((50, 700, 400, 780), grey=0.2), Text(LINES, white=True)])) == LINES


def test_a_large_page_has_its_boxes_at_the_resolution_of_its_image(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text(LINES)])])
    limits = raster.Limits(pixels=700_000)
    ((_, layer),) = textlayer.pages(path, dpi=DPI, pixels=limits.pixels)
    ((_, image),) = raster.pages(path, dpi=DPI, limits=limits)
    assert (layer.width, layer.height) == (image.width, image.height)
    assert layer.lines[0].box[0] == pytest.approx(72 / 595 * image.width, abs=1)


def test_pages_are_given_in_the_order_that_is_asked_for(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text([f"第{number}頁"])]) for number in range(1, 6)])
    assert [texts(layer) for layer in layers(path, numbers=[4, 2]).values()] == [["第4頁"], ["第2頁"]]


def test_a_file_that_changes_between_two_pages_is_opened_again(tmp_path):
    for text in ("舊", "新的"):
        assert texts(layer_of(tmp_path, [Text([text])])) == [text]


def test_what_is_no_pdf_is_refused(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 and no more")
    with pytest.raises(BrokenFileError):
        layers(tmp_path / "a.pdf")


def test_rules_of_a_page_are_found_whether_drawn_as_lines_or_as_thin_boxes(tmp_path):
    items = [
        Text(LINES, at=(72, 740), size=12),
        Raw("1 w 72 700 m 500 700 l S"),
        Raw("0.5 w 72 600 100 60 re S"),
        Fill((72, 500, 500, 501), grey=0),
        *(Fill((300, y, 301, y + 20), grey=0) for y in (400, 420, 440)),
        Fill((72, 300, 500, 301), grey=1),
        Fill((72, 200, 500, 260), grey=0.8),
        Raw("1 w 72 100 m 500 180 l S"),
    ]
    found = layer_of(tmp_path, items).separators
    assert sorted(round(842 - y / 2) for _, y, _, _ in found.horizontal) == [501, 600, 660, 700]
    assert [tuple(map(round, box)) for box in found.vertical if box[0] > 500] == [(600, 764, 602, 884)]
    assert sorted(round(box[0] / 2) for box in found.vertical if box[0] < 500) == [72, 172]


def test_marks_of_printers_beside_the_page_are_no_rules(tmp_path):
    marks = [Raw(f"1 w {x} {y} m {x + 20} {y} l S") for x in (-30, 605) for y in (0, 842)]
    layer = layer_of(tmp_path, [Text(LINES, at=(72, 740), size=12), *marks])
    assert layer.separators.horizontal == ()
    assert texts(layer) == [line.raw for line in arrange(layer.lines, separators=layer.separators).lines]


def test_pictures_part_the_text_of_a_page(tmp_path):
    layer = layer_of(tmp_path, [Text(LINES, at=(72, 740), size=12), Picture(PICTURE, (100, 300, 400, 500))])
    (box,) = layer.separators.pictures
    assert box == pytest.approx((200, 684, 800, 1084), abs=2)


CLAUSES = ["依行政程序法規定公告本市都市計畫變更案自即日起", "公開展覽三十日，任何公民或團體得於期間內以書面"]
SENTENCES = [
    "The committee met on Monday and approved the annual",
    "budget for the coming year without further changes",
]


def exchanged(lines):
    """A map from each Han character or letter of ``lines`` to another of them."""
    found = sorted({character for line in lines for character in line.lower() if character.isalpha()})
    return {character: character for line in lines for character in line} | dict(
        zip(found, found[7:] + found[:7], strict=True)
    )


@pytest.mark.parametrize("lines", [CLAUSES, SENTENCES])
def test_fonts_whose_characters_stand_in_disorder_are_suspects(tmp_path, lines):
    false = layer_of(tmp_path, [Text(lines)], to_unicode=exchanged(lines))
    assert not false.contradicts_picture
    assert [sorted(numbers) for numbers in false.suspects] == [[0, 1]]
    assert layer_of(tmp_path, [Text(lines)]).suspects == ()


def test_a_font_is_suspect_for_its_own_lines_only(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text(CLAUSES), Text([CLAUSES[1]], at=(72, 500))])])
    layer = layers(in_font(path, exchanged(CLAUSES)))[1]
    ((number,),) = layer.suspects
    assert texts(layer.without({number})) == CLAUSES


def test_few_characters_make_no_suspect(tmp_path):
    assert layer_of(tmp_path, [Text(["龔玟妤", "WXG-77 KHZ"])]).suspects == ()


def test_strips_of_a_ground_under_the_whole_page_are_no_pictures(tmp_path):
    strips = [Picture(PICTURE, (0, 842 - 421 * (k + 1), 595, 842 - 421 * k)) for k in range(2)]
    photograph = Picture(PICTURE, (100, 100, 300, 200))
    (box,) = layer_of(tmp_path, [*strips, photograph, Text(LINES)]).separators.pictures
    assert box == pytest.approx((200, 1284, 600, 1484), abs=1)
