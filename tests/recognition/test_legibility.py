from dataclasses import replace
from pathlib import Path

import pytest

from recognition import pipeline
from recognition.engine import load
from recognition.legibility import legible
from recognition.options import Options
from recognition.page import Line
from tests.support import synthetic_pages

SCRIPT = "script-unsupported"


def line(raw, left=100, top=100, length=600, thickness=40, confidence=0.98, vertical=False):
    width, height = (thickness, length) if vertical else (length, thickness)
    corners = (left, top), (left + width, top), (left + width, top + height), (left, top + height)
    return Line(raw, confidence, corners, "vertical-rl" if vertical else "horizontal")


HAN = [line("各機關處理公文應力求簡淺明確", top=100 + 60 * n) for n in range(6)]


def texts(lines):
    return [line.raw for line in legible(lines).lines]


def warnings(lines):
    return [(warning.code, warning.box) for warning in legible(lines).warnings]


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(line("", confidence=0), id="nothing"),
        pytest.param(line("     ", confidence=0.99), id="blanks, of which the model is sure"),
        pytest.param(line("  .  ", confidence=0.999), id="a mark, of which the model is sure"),
        pytest.param(line("BB   ", confidence=0.8), id="letters that look alike"),
        pytest.param(line("69? – – 8 96", confidence=0.57), id="digits, in doubt"),
        pytest.param(line(", 12  2019 .   ", confidence=0.97), id="numbers and marks between words that are blanks"),
        pytest.param(line(": . , . 5, . 17, . 8-495-123-45-67", confidence=1.0), id="those of an address"),
        pytest.param(line("κινβουλευτι ημρατα. Θεμλι", confidence=0.84), id="Greek without its accents"),
        pytest.param(line("  . ", length=600, confidence=0.99, vertical=True), id="a column"),
    ],
)
def test_a_page_of_a_script_that_the_model_lacks_is_said_and_not_invented(read):
    assert texts([read]) == []
    assert warnings([read]) == [(SCRIPT, None)]


@pytest.mark.parametrize("raw", ["- 12 -", "1 , 200 . 50", ". . . . . . 12", "02-1234-5678", ", 12", "2019 : 12 , 5"])
def test_numbers_and_marks_of_lines_without_words_are_kept(raw):
    assert texts([line(raw, length=300)]) == [raw]


DOUBT = [line("CL CG UIL IAULO CALCO ICICHUUO", top=100 + 60 * n, confidence=0.75) for n in range(6)]


def test_a_page_that_is_mostly_in_doubt_says_so_and_is_kept():
    assert texts(DOUBT) == [line.raw for line in DOUBT]
    assert warnings(DOUBT) == [("text-doubtful", None)]
    assert warnings([*DOUBT[:3], *HAN]) == []
    assert legible(DOUBT, whole_page=False).warnings == ()


def test_short_lines_do_not_make_a_page_doubtful():
    assert warnings([line("12", length=80, confidence=0.6), HAN[0]]) == []


def test_doubtful_lines_beside_some_of_another_script_are_of_that_script_too():
    foreign = [line("    ", top=600 + 60 * n) for n in range(2)]
    assert texts([*DOUBT, *foreign]) == []
    assert warnings([*DOUBT, *foreign]) == [(SCRIPT, None)]
    assert texts([*DOUBT[:2], *HAN, *foreign]) == [line.raw for line in [*DOUBT[:2], *HAN]]


def test_a_part_of_a_page_is_marked_and_the_rest_kept():
    foreign = [line("    ", top=600 + 60 * n) for n in range(2)]
    assert texts([*HAN, *foreign]) == [line.raw for line in HAN]
    assert warnings([*HAN, *foreign]) == [(SCRIPT, (100, 600, 700, 700))]


def test_of_a_part_of_a_page_nothing_is_said_of_all_of_it():
    foreign = line("    ", top=600)
    assert [(each.code, each.box) for each in legible([foreign], whole_page=False).warnings] == [
        (SCRIPT, (100, 600, 700, 640))
    ]


def test_parts_that_stand_apart_are_marked_each():
    foreign = [line("    ", top=600), line("    ", top=1200)]
    assert [box for _, box in warnings([*HAN, *foreign])] == [(100, 600, 700, 640), (100, 1200, 700, 1240)]


def test_what_is_read_in_doubt_among_such_lines_is_left_out():
    foreign = [line("   ", top=600 + 60 * n) for n in range(20)]
    doubtful, sure = line("ı5696997–7–97q73-96–7i37?0qd", confidence=0.59), line("第１２頁", length=160, top=900)
    assert texts([*foreign, doubtful, sure]) == ["第１２頁"]


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(line("統一編號", length=600), id="a label that is widely spaced"),
        pytest.param(line("目錄", length=300), id="a title that is widely spaced"),
        pytest.param(line("All human beings are born free"), id="Latin"),
        pytest.param(line("rovní, čo sa týka ich dôstojnosti"), id="Latin with accents"),
        pytest.param(line("α + β = γ", length=200), id="a formula"),
        pytest.param(line("一", length=60, confidence=0.5), id="a character"),
        pytest.param(line("甲", length=120, confidence=0.7), id="a character in a wide box"),
        pytest.param(line("○", length=120, confidence=0.6), id="a sign in a wide box"),
        pytest.param(line("......................................"), id="leaders"),
        pytest.param(line("「春眠不覺曉，", vertical=True, length=280), id="a column"),
    ],
)
def test_what_the_model_reads_is_kept(read):
    assert texts([read]) == [read.raw]
    assert warnings([read]) == []


def test_bad_print_is_kept_and_said_to_be_in_doubt():
    poor = line("模糊的字跡難以辨認的一行", confidence=0.5)
    assert texts([poor]) == [poor.raw]
    assert warnings([poor]) == [("text-doubtful", None)]


def test_rules_and_stains_without_text_are_left_out_without_a_word():
    rule, stain = line("", thickness=8, confidence=0), line("", length=160, confidence=0, top=900)
    assert texts([*HAN, rule, stain]) == [line.raw for line in HAN]
    assert warnings([*HAN, rule, stain]) == []


COLUMN = line("小鳥在樹上唱歌花園裡的花都開了", left=200, length=900, thickness=60, vertical=True)


def beside(raw, confidence=0.65, **more):
    return line(raw, **{"left": 265, "length": 400, "thickness": 30, "vertical": True, **more}, confidence=confidence)


def test_bopomofo_beside_a_column_is_left_out_and_marked():
    note = beside("T一ム<了一幺<ア历尸×」尸九イ九《")
    assert texts([COLUMN, note]) == [COLUMN.raw]
    assert warnings([COLUMN, note]) == [(SCRIPT, note.box)]


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(beside("ことりがきのうえでうたって", 0.97), id="furigana"),
        pytest.param(beside("傳堯舜考古以建百官內置百揆", 0.7), id="an interlinear note"),
        pytest.param(beside("T一ム<了一幺<ア", left=600), id="a column by itself"),
        pytest.param(beside("二十一人山土日", thickness=60), id="a column as thick"),
    ],
)
def test_other_columns_are_kept(note):
    assert texts([COLUMN, note]) == [COLUMN.raw, note.raw]
    assert warnings([COLUMN, note]) == []


MAIN = line("小鳥在樹上唱歌花園裡", top=104, length=400)


def over(raw, confidence=0.7, **more):
    """Over ``MAIN``, half as thick."""
    return line(raw, **{"left": 100, "top": 82, "length": 300, "thickness": 20, **more}, confidence=confidence)


def test_bopomofo_over_a_line_is_left_out_and_marked():
    note = over("イメクローラ′クメ`ロせTームイ`")
    assert texts([MAIN, note]) == [MAIN.raw]
    assert warnings([MAIN, note]) == [(SCRIPT, note.box)]


@pytest.mark.parametrize(
    ("main", "note"),
    [
        pytest.param("小鳥が樹の上で歌を唱う", over("ことりきうえうたうた"), id="kana on a Japanese page"),
        pytest.param("小鳥在樹上唱歌花園裡", over("本段沒有注音只有一般的文字"), id="small print"),
        pytest.param("小鳥在樹上唱歌花園裡", over("イメクローラ′クメ`ロせTームイ`", top=0), id="a line by itself"),
        pytest.param("小鳥在樹上唱歌花園裡", over("カラー・テレビ", 0.97), id="what is read with confidence"),
    ],
)
def test_other_lines_over_a_line_are_kept(main, note):
    lines = [replace(MAIN, raw=main), note]
    assert texts(lines) == [main, note.raw]
    assert warnings(lines) == []


def test_doubtful_lines_of_small_print_are_marked_and_kept():
    small = line("本聯未經加蓋發票專用章者無效", length=140, thickness=9.5, confidence=0.88)
    assert texts([*HAN, small]) == [*texts(HAN), small.raw]
    assert warnings([*HAN, small]) == [("text-too-small", small.box)]
    assert warnings([small, small]) == [("text-too-small", None)]


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(
            line("本聯未經加蓋發票專用章者無效", length=140, thickness=9.5), id="small print that is read well"
        ),
        pytest.param(line("...", length=30, thickness=9.5, confidence=0.5), id="marks"),
    ],
)
def test_of_small_print_that_is_no_trouble_nothing_is_said(read):
    assert warnings([*HAN, read]) == []


def test_of_no_lines_nothing_is_said():
    assert legible([]).lines == legible([]).warnings == ()


def test_what_the_engine_makes_of_other_scripts_is_no_text(weights_folder: Path, tmp_path: Path):
    page = synthetic_pages.horizontal(["臺北市政府公報第十二期文書處理手冊", "公文分為令呈咨函公告及其他六種"])
    foreign = [
        "Человек, его права и свободы",
        "являются высшей ценностью",
        "모든 인간은 태어날 때부터",
        "자유로우며 그 존엄과 권리에",
    ]
    taller = synthetic_pages.blank((page.width, page.height + 320))
    taller.paste(page)
    synthetic_pages.write(taller, foreign, (100, page.height - 80))
    taller.save(tmp_path / "mixed.png")
    synthetic_pages.horizontal(foreign).save(tmp_path / "foreign.png")
    engine = load(folder=weights_folder)
    (mixed,) = pipeline.recognise(tmp_path / "mixed.png", Options(), engine)
    assert mixed.text == "臺北市政府公報第十二期文書處理手冊\n公文分為令呈咨函公告及其他六種"
    assert {warning.code for warning in mixed.warnings} == {SCRIPT}
    assert all(warning.box[1] > page.height - 100 for warning in mixed.warnings)
    (whole,) = pipeline.recognise(tmp_path / "foreign.png", Options(), engine)
    assert whole.text == ""
    assert [(warning.code, warning.box) for warning in whole.warnings] == [(SCRIPT, None)]
