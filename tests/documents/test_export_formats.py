"""Every export format against its own schema, or read back by programs that know it."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hocr_spec import HocrValidator
from htrvx.schemas import Validator
from lxml import etree

from documents import exports
from documents.exports.csv_table import inert
from documents.exports.paragraphs import glued, paragraphs
from documents.exports.structure import blocks
from documents.transcript import Transcript, TranscriptLine, TranscriptOriginal, TranscriptPage
from recognition.page import Code, Line, PageWarning
from recognition.page_warnings import MESSAGES
from tests.support import synthetic_pages

ALTO_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"
ALTO = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
PAGE = {"p": "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"}
HTML = {"h": "http://www.w3.org/1999/xhtml"}


def line(number: int, text: str, box: tuple[int, int, int, int], vertical: bool = False, **more) -> TranscriptLine:
    left, top, right, bottom = box
    polygon = ((left, top), (right, top), (right, bottom), (left, bottom))
    read = Line(
        raw=more.pop("raw", text),
        confidence=0.9876,
        polygon=polygon,
        direction="vertical-rl" if vertical else "horizontal",
        text=text,
        positions=more.pop("positions", ()),
    )
    return TranscriptLine(f"1-{number}", read, **more)


LINES = [
    line(1, "使用手冊", (100, 50, 260, 90), positions=(0.125, 0.375, 0.625, 0.875)),
    line(2, "第二行 English text", (100, 100, 400, 140), raw="第二行 English text"),
    line(3, "=1+1 <b>&\x07𠀋", (100, 150, 400, 190)),
    line(4, "軍書", (600, 400, 640, 480), vertical=True, corrected="直書"),
    line(5, "左欄", (550, 400, 590, 480), vertical=True),
    line(6, "污點", (700, 700, 710, 710), corrected=""),
]


@pytest.fixture
def export(tmp_path: Path) -> Transcript:
    path = synthetic_pages.scanned_pdf(tmp_path / "scan.pdf", [synthetic_pages.horizontal(["使用手冊"])] * 2)
    return Transcript(
        title="手冊 <1> & 2",
        page_count=2,
        options={"direction": "auto"},
        engine={"model": "PP-OCRv6_small"},
        pages=[
            TranscriptPage(1, 800, 1000, "done", LINES),
            TranscriptPage(2, None, None, "failed", error={"code": "page-failed", "message": "Page 2 is damaged."}),
        ],
        originals=[TranscriptOriginal("0" * 64, 2, lambda: nullcontext(path))],
    )


def written(export: Transcript, name: str) -> bytes:
    out = io.BytesIO()
    exports.FORMATS[name].write(export, out)
    return out.getvalue()


@pytest.mark.parametrize("name", exports.FORMATS)
def test_pages_without_text_and_documents_without_pages_are_written_too(name: str, export: Transcript) -> None:
    empty = Transcript(
        title="空",
        page_count=2,
        options={},
        engine={},
        originals=export.originals,
        pages=[TranscriptPage(1, 800, 1000, "done"), TranscriptPage(2, None, None, "queued")],
    )
    assert written(empty, name) or name == "chunks"  # without text there are no chunks


def test_txt_tells_pages_apart_as_chosen(export: Transcript) -> None:
    first = "使用手冊\n第二行 English text\n=1+1 <b>&\x07𠀋\n直書\n左欄"
    assert written(export, "txt").decode() == f"{first}\n\n[page 2: not read]\n"
    assert written(export.chosen(pages="form-feed"), "txt").decode() == f"{first}\n\f[page 2: not read]\n"
    assert written(export.chosen(pages="heading"), "txt").decode().startswith(f"--- 1 ---\n{first}\n\n--- 2 ---\n")


@pytest.mark.parametrize(("version", "text"), [("corrected", "直書"), ("converted", "軍書"), ("raw", "軍書")])
@pytest.mark.parametrize("name", ["txt", "md", "csv", "json", "hocr", "alto"])
def test_each_of_the_three_texts_can_be_had(name: str, version: str, text: str, export: Transcript) -> None:
    shown = written(export.chosen(text=version), name).decode()
    assert text in shown
    assert ("污點" in shown) == (version != "corrected" or name in {"json", "csv"})


def test_json_keeps_to_its_schema(export: Transcript) -> None:
    schema = json.loads((Path(exports.__file__).parent.parent / "schema" / "ocrsite-1.json").read_text())
    jsonschema.validate(json.loads(written(export, "json")), schema)


def test_json_says_what_was_not_read_as_it_should_be(export: Transcript) -> None:
    warnings = [PageWarning("script-unsupported", (10, 20, 30, 40.25)).to_dict()]
    shown = replace(export, pages=[TranscriptPage(1, 800, 1000, "done", LINES, warnings=warnings)])
    data = json.loads(written(shown, "json"))
    schema = json.loads((Path(exports.__file__).parent.parent / "schema" / "ocrsite-1.json").read_text())
    jsonschema.validate(data, schema)
    message = MESSAGES["script-unsupported"]
    expected = {"code": "script-unsupported", "message": message, "box": [10, 20, 30, 40.2]}
    assert data["pages"][0]["warnings"] == [expected]


def test_json_has_codes_and_the_invoices_that_they_describe(export: Transcript) -> None:
    left = "AB123456781150102999900000064000000690000000004595257" + "A" * 24 + ":**********:1:1:1:便當:1:105"
    codes = [Code("QRCode", left, (10, 20, 30, 40)).to_dict()]
    shown = replace(export, pages=[TranscriptPage(1, 800, 1000, "done", LINES, codes=codes)])
    data = json.loads(written(shown, "json"))
    jsonschema.validate(
        data, json.loads((Path(exports.__file__).parent.parent / "schema" / "ocrsite-1.json").read_text())
    )
    (page,) = data["pages"]
    assert page["codes"] == codes
    assert page["invoices"][0]["total_amount"] == 105
    assert page["invoices"][0]["items"] == [{"name": "便當", "quantity": "1", "unit_price": "105"}]


def test_alto_keeps_to_its_schema_and_has_order_direction_and_characters(export: Transcript) -> None:
    root = etree.fromstring(written(export, "alto"))
    validator = Validator(Validator.cache_xsd_path(ALTO_SCHEMA))
    assert validator.validate(etree.ElementTree(root)), validator.xmlschema.error_log
    assert root.xpath("//a:TextLine/@ID", namespaces=ALTO) == [f"line-1-{n}" for n in range(1, 6)]
    assert root.xpath("//a:ElementRef/@REF", namespaces=ALTO) == ["block-1-b1", "block-1-b2"]
    assert root.xpath("//a:TextLine/@BASEDIRECTION", namespaces=ALTO) == ["ltr"] * 3 + ["ttb"] * 2
    assert root.xpath("//a:TextLine[2]/a:String/@CONTENT", namespaces=ALTO)[:3] == ["第二行", "English", "text"]
    glyphs = root.xpath("//a:Glyph", namespaces=ALTO)
    assert [(glyph.get("CONTENT"), glyph.get("HPOS"), glyph.get("WIDTH")) for glyph in glyphs] == [
        ("使", "100", "40"),
        ("用", "140", "40"),
        ("手", "180", "40"),
        ("冊", "220", "40"),
    ]
    assert root.xpath("//a:Page/@QUALITY_DETAIL", namespaces=ALTO) == ["Page 2 is damaged."]
    corrected = root.xpath("//a:String[@CONTENT='直書']", namespaces=ALTO)[0]
    assert corrected.get("WC") is None  # the engine's confidence was in other words


def test_page_xml_keeps_to_its_schema_and_has_order_and_direction(export: Transcript) -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(export, "page")))
    assert archive.namelist() == ["0001.xml", "0002.xml"]
    first, second = (etree.fromstring(archive.read(name)) for name in archive.namelist())
    validator = Validator("page")
    for root in (first, second):
        assert validator.validate(etree.ElementTree(root)), validator.xmlschema.error_log
    regions = first.xpath("//p:RegionRefIndexed/@regionRef", namespaces=PAGE)
    assert regions == first.xpath("//p:TextRegion/@id", namespaces=PAGE)
    assert first.xpath("//p:TextRegion/@textLineOrder", namespaces=PAGE) == ["top-to-bottom", "right-to-left"]
    assert first.xpath("//p:TextLine/p:TextEquiv/p:Unicode/text()", namespaces=PAGE)[3] == "直書"
    assert first.xpath("//p:Glyph/p:TextEquiv/p:Unicode/text()", namespaces=PAGE) == list("使用手冊")
    assert second.xpath("//p:Comments/text()", namespaces=PAGE) == ["Page 2 is damaged."]


def is_valid_hocr(data: bytes, path: Path) -> bool:
    path.write_bytes(data)
    return bool(HocrValidator("standard").validate(str(path)).is_valid())


def test_hocr_keeps_to_its_specification_and_is_well_formed(export: Transcript, tmp_path: Path) -> None:
    data = written(export, "hocr")
    assert is_valid_hocr(data, tmp_path / "page.hocr")
    assert not is_valid_hocr(data.replace(b"x_wconf 99", b"x_wconf high"), tmp_path / "broken.hocr")
    root = etree.fromstring(data)
    lines = root.xpath("//h:span[@class='ocr_line']", namespaces=HTML)
    assert ["".join(line.itertext()) for line in lines] == [
        "使用手冊",
        "第二行 English text",
        "=1+1 <b>&\ufffd𠀋",
        "直書",
        "左欄",
    ]
    assert lines[0].get("title") == "bbox 100 50 260 90; poly 100 50 260 50 260 90 100 90"
    assert root.xpath("//h:div[@id='page-2']//text()", namespaces=HTML) == ["[page 2: not read]"]


@pytest.mark.parametrize("name", ["hocr", "alto", "page"])
def test_what_reaches_over_the_edge_of_a_page_ends_there(name: str, export: Transcript) -> None:
    over = line(1, "甲乙", (-20, -12, 900, 1100), positions=(0.25, 0.75))
    data = written(replace(export, pages=[TranscriptPage(1, 800, 1000, "done", [over])]), name)
    if name == "page":
        data = zipfile.ZipFile(io.BytesIO(data)).read("0001.xml")
    shown = data.decode()
    if name == "alto":
        (shape,) = re.findall('POINTS="([^"]+)', shown)
        assert shape == "0.0,0.0 800.0,0.0 800.0,1000.0 0.0,1000.0"
        boxes = re.findall('HPOS="(.+?)" VPOS="(.+?)" WIDTH="(.+?)" HEIGHT="(.+?)"', shown)
        assert len(boxes) == 5
        assert boxes[-2:] == [("0", "0", "440", "1000"), ("440", "0", "360", "1000")]
    elif name == "hocr":
        assert 'title="bbox 0 0 800 1000; poly 0 0 800 0 800 1000 0 1000"' in shown
        assert re.findall('x_bboxes ([^"]+)', shown) == ["0 0 440 1000", "440 0 800 1000"]
    else:
        whole = "0,0 800,0 800,1000 0,1000"
        halves = ["0,0 440,0 440,1000 0,1000", "440,0 800,0 800,1000 440,1000"]
        assert re.findall('points="([^"]+)', shown) == [whole, whole, whole, *halves]


def test_csv_is_read_back_with_nothing_that_computes(export: Transcript) -> None:
    data = written(export, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["line"] for row in rows] == ["1-1", "1-2", "1-3", "1-4", "1-5", "1-6", ""]
    assert rows[2]["text"].startswith("'=1+1")
    assert (rows[3]["text"], rows[3]["read"], rows[3]["corrected"]) == ("直書", "軍書", "直書")
    assert (rows[0]["x1"], rows[0]["y3"], rows[0]["confidence"]) == ("100", "90", "0.9876")
    assert rows[6]["text"] == "[page 2: not read]"


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("para-", "graph", "paragraph"),
        ("para\u00ad", "graph", "paragraph"),
        ("para\u2010", "graph", "paragraph"),
        ("1990-", "to 1995", "1990- to 1995"),
        ("English", "words", "English words"),
        ("漢字", "words", "漢字words"),
        ("한국어", "문장", "한국어 문장"),
    ],
)
def test_lines_are_joined_as_their_script_wants_it(above: str, below: str, joined: str) -> None:
    assert glued(above, below) == joined


@pytest.mark.parametrize("text", ["=SUM(A1)", "+1", "-1", "@x", "\tx", "＝1", "＋1", "－1", "＠x"])
def test_whatever_starts_a_formula_is_made_inert(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_lines_that_mostly_leave_room_stay_lines() -> None:
    receipt = [
        line(1, "咖啡豆 640 元", (100, 100, 400, 140)),
        line(2, "濾紙 85 元", (100, 150, 300, 190)),
        line(3, "應付總額新臺幣 725 元", (100, 200, 620, 240)),
        line(4, "謝謝光臨", (100, 250, 320, 290)),
    ]
    assert paragraphs(receipt) == ["咖啡豆 640 元", "濾紙 85 元", "應付總額新臺幣 725 元", "謝謝光臨"]


def test_markdown_joins_paragraphs_and_shows_special_characters_as_they_are(export: Transcript) -> None:
    paragraph = [
        line(1, "本系統可將影像與掃描文件轉換為文字，並且", (100, 100, 900, 140)),
        line(2, "保留原圖。", (100, 150, 300, 190)),
        line(3, "The second para-", (100, 200, 900, 240)),
        line(4, "graph is *not* bold", (100, 250, 900, 290)),
        line(5, "1. 不是清單", (100, 600, 900, 640)),
    ]
    shown = Transcript(**{**vars(export), "pages": [TranscriptPage(3, 1000, 1000, "done", paragraph)]})
    assert written(shown, "md").decode() == (
        "# 手冊 \\<1\\> \\& 2\n\n<!-- page 3 -->\n\n"
        "本系統可將影像與掃描文件轉換為文字，並且保留原圖。\n\n"
        "The second paragraph is \\*not\\* bold\n\n1\\. 不是清單\n"
    )


@pytest.mark.parametrize(
    ("second", "together"),
    [
        (line(2, "下一行", (100, 150, 500, 190)), True),
        (line(2, "遠處", (100, 300, 500, 340)), False),
        (line(2, "旁邊", (600, 100, 900, 140)), False),
        (line(2, "大字", (100, 150, 500, 250)), False),
        (line(2, "直書", (100, 150, 140, 500), vertical=True), False),
    ],
)
def test_a_block_ends_where_the_next_line_stands_elsewhere(second: TranscriptLine, together: bool) -> None:
    first = line(1, "第一行", (100, 100, 500, 140))
    assert blocks([first, second]) == ([[first, second]] if together else [[first], [second]])


def test_columns_of_a_block_follow_from_right_to_left() -> None:
    right, left = line(1, "右", (600, 100, 640, 500), vertical=True), line(2, "左", (550, 100, 590, 400), vertical=True)
    assert blocks([right, left]) == [[right, left]]
    assert blocks([left, right]) == [[left], [right]]


@pytest.mark.parametrize("suffix", exports.FORMATS)
def test_the_same_text_gives_the_same_bytes_a_day_later(
    export: Transcript, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that browsers and programs that have a file are told that it is unchanged."""
    same = replace(export, started=datetime(2026, 11, 30, 6, tzinfo=UTC))
    first, second = io.BytesIO(), io.BytesIO()
    exports.FORMATS[suffix].write(same, first)
    tomorrow = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    exports.FORMATS[suffix].write(same, second)
    assert second.getvalue() == first.getvalue()
