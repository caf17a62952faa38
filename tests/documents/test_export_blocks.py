"""What formats make of headings, lists, tables and figures, read back by other programs than those that write them."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from hocr_spec import HocrValidator
from htrvx.schemas import Validator
from lxml import etree, html

from documents import blocks, exports
from documents.exports import flow
from documents.transcript import Transcript, TranscriptPage, as_read
from recognition.geometry import BBox, corners
from recognition.page import Block, BlockType, Cell, Line, LineDirection, Table


def written(export: Transcript, name: str) -> bytes:
    out = io.BytesIO()
    exports.FORMATS[name].write(export, out)
    return out.getvalue()


ALTO_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"
ALTO = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
PAGE = {"p": "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"}
HTML = {"h": "http://www.w3.org/1999/xhtml"}
S = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def lines(*texts: str, direction: LineDirection = "horizontal") -> list[Line]:
    boxes: list[BBox] = [(10, 10 + 30 * k, 10 + 20 * len(text), 30 + 30 * k) for k, text in enumerate(texts)]
    return [Line(text, 0.9, corners(box), direction) for text, box in zip(texts, boxes, strict=True)]


def page(read: list[Line], found: list[Block], number: int = 1) -> TranscriptPage:
    standing = as_read(number, read)
    return TranscriptPage(number, 800, 1000, "done", standing, blocks.placed(number, found, standing))


def block(kind: BlockType, *numbers: int, table: Table | None = None) -> Block:
    return Block(kind, (0, 0, 9, 9), numbers, table)


def cell(*numbers: int, rowspan: int = 1, colspan: int = 1) -> Cell:
    return Cell((0, 0, 9, 9), numbers, rowspan, colspan)


READ = lines(
    "季報", "第一章", "本季的情形如下，", "詳見下表。", "• 甲項", "續甲項", "• 乙項", "圖一　外觀",
    "品名", "數量", "編號", "00123", "1E5", "=1+1", "第 3 頁",
)  # fmt: skip
PLAIN = Table(((cell(8), cell(9)), (cell(10), cell(11)), (cell(12), cell(13))))
SPANNING = Table(((cell(8, colspan=2),), (cell(10, rowspan=2), cell(11)), (cell(12, 13),)))


def report(table: Table) -> Transcript:
    found = [
        block("header", 0),
        block("title", 1),
        block("text", 2, 3),
        block("list", 4, 5, 6),
        block("figure"),
        block("caption", 7),
        block("table", 8, 9, 10, 11, 12, 13, table=table),
        block("page-number", 14),
    ]
    return Transcript("報告", 1, {"direction": "auto"}, {}, [page(READ, found)])


VERTICAL = page(lines("天地玄黃", "宇宙洪荒", direction="vertical-rl"), [block("text", 0, 1)], 2)


def test_txt_has_a_row_of_a_table_in_a_line_with_tabs() -> None:
    found = written(report(PLAIN), "txt").decode().splitlines()
    assert found[8:11] == ["品名\t數量", "編號\t00123", "1E5\t=1+1"]
    assert found[:4] == ["季報", "第一章", "本季的情形如下，", "詳見下表。"]


def test_txt_gives_the_text_chosen_in_cells_too() -> None:
    export = report(PLAIN)
    shown = export.pages[0]
    corrected = [replace(each, corrected="360") if each.line.raw == "00123" else each for each in shown.lines]
    found = [each for each in report(PLAIN).pages[0].blocks if each.table]
    assert len(found) == 1
    stored = [block("table", 8, 9, 10, 11, 12, 13, table=PLAIN)]
    export = replace(export, pages=[replace(shown, lines=corrected, blocks=blocks.placed(1, stored, corrected))])
    assert "編號\t360" in written(export, "txt").decode()
    assert "編號\t00123" in written(export.chosen(text="raw"), "txt").decode()


def test_markdown_has_headings_lists_figures_and_tables() -> None:
    found = written(report(PLAIN), "md").decode().split("\n\n")
    assert found[2:7] == [
        "<!-- header: 季報 -->",
        "## 第一章",
        "本季的情形如下，詳見下表。",
        "- 甲項續甲項\n- 乙項",
        "*[figure 1-b5]*",
    ]
    assert "| 品名 | 數量 |\n| --- | --- |\n| 編號 | 00123 |\n| 1E5 | =1+1 |" in found


def test_markdown_writes_a_table_with_spanning_cells_as_html() -> None:
    found = written(report(SPANNING), "md").decode()
    table = html.fragment_fromstring(found[found.index("<table>") : found.index("</table>") + 8])
    assert [[(td.text, td.get("rowspan"), td.get("colspan")) for td in tr] for tr in table] == [
        [("品名", None, "2")],
        [("編號", "2", None), ("00123", None, None)],
        [("1E5 =1+1", None, None)],
    ]


def test_html_is_one_page_with_the_same_structure() -> None:
    export = report(SPANNING)
    root = html.fromstring(written(replace(export, pages=[*export.pages, VERTICAL]), "html"))
    assert [each.text for each in root.iter("h1", "h2")] == ["報告", "第一章"]
    assert [each.text for each in root.iter("li")] == ["• 甲項續甲項", "• 乙項"]
    assert [each.get("class") for each in root.iter("section")] == [None, "vertical"]
    assert [each.get("colspan") for each in root.iter("td")] == ["2", None, None, None]
    assert not list(root.iter("script", "link", "img"))


def test_csv_files_have_one_table_each() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(report(SPANNING), "tables")))
    assert archive.namelist() == ["page-0001-table-1.csv"]
    rows = list(csv.reader(io.StringIO(archive.read("page-0001-table-1.csv").decode("utf-8-sig"))))
    assert rows == [["品名", ""], ["編號", "00123"], ["", "1E5 =1+1"]]
    plain = zipfile.ZipFile(io.BytesIO(written(report(PLAIN), "tables"))).read("page-0001-table-1.csv").decode()
    assert plain.splitlines()[-1] == "1E5,'=1+1"


def test_a_workbook_keeps_text_as_text_and_cells_merged() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(report(SPANNING), "xlsx")))
    names = etree.fromstring(archive.read("xl/workbook.xml")).xpath("//s:sheet/@name", namespaces=S)
    assert names == ["p1 table 1", "text"]
    strings = etree.fromstring(archive.read("xl/sharedStrings.xml")).xpath("//s:si/s:t/text()", namespaces=S)
    sheet = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    cells = {
        each.get("r"): strings[int(each.findtext("s:v", namespaces=S))]
        for each in sheet.iterfind(".//s:c[@t='s']", S)
        if each.findtext("s:v", namespaces=S)
    }
    assert {name: text for name, text in cells.items() if text} == {
        "A1": "品名", "A2": "編號", "B2": "00123", "B3": "1E5 =1+1",
    }  # fmt: skip
    assert sheet.xpath("//s:mergeCell/@ref", namespaces=S) == ["A1:B1", "A2:A3"]
    assert not sheet.xpath("//s:f", namespaces=S)


def test_a_word_document_has_headings_lists_and_merged_cells() -> None:
    document = docx.Document(io.BytesIO(written(report(SPANNING), "docx")))
    styles = [(each.style.name, each.text) for each in document.paragraphs if each.style and each.text]
    assert ("Title", "報告") in styles
    assert ("Heading 1", "第一章") in styles
    assert ("List Paragraph", "• 甲項續甲項") in styles
    assert ("Caption", "圖一　外觀") in styles
    (table,) = document.tables
    assert [[each.text for each in row.cells] for row in table.rows] == [
        ["品名", "品名"], ["編號", "00123"], ["編號", "1E5 =1+1"],
    ]  # fmt: skip


def test_pages_of_vertical_text_are_vertical_sections_of_a_word_document() -> None:
    export = report(PLAIN)
    third = replace(export.pages[0], number=3)
    both = replace(export, pages=[*export.pages, VERTICAL, third])
    document = docx.Document(io.BytesIO(written(both, "docx")))
    directions = [
        [each.get(qn("w:val")) for each in section._sectPr.findall(qn("w:textDirection"))]
        for section in document.sections
    ]
    assert directions == [[], ["tbRl"], []]
    assert [(section.page_width or 0) > (section.page_height or 0) for section in document.sections] == [
        False, True, False,
    ]  # fmt: skip


def test_pages_without_blocks_are_set_as_paragraphs() -> None:
    bare = replace(report(PLAIN), pages=[TranscriptPage(1, 800, 1000, "done", as_read(1, READ))])
    assert [part.type for part in flow.parts(bare.pages[0])] == ["text"]
    assert "00123" in written(bare, "md").decode()
    assert len(docx.Document(io.BytesIO(written(bare, "docx"))).tables) == 0


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    strange = Transcript("報\x07告", 1, {}, {}, [page(lines("甲\x07乙"), [block("text", 0)])])
    for name in ("docx", "xlsx", "html"):
        assert written(strange, name)


@pytest.mark.parametrize(("name", "want"), [("docx", "pdf"), ("html", "pdf"), ("xlsx", "csv")])
def test_libreoffice_opens_and_renders_them(name: str, want: str, tmp_path: Path) -> None:
    export = report(SPANNING)
    path = tmp_path / f"report.{name}"
    path.write_bytes(written(replace(export, pages=[*export.pages, VERTICAL]), name))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", want, "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    made = (tmp_path / f"report.{want}").read_bytes()
    assert made.startswith(b"%PDF") if want == "pdf" else "00123" in made.decode()


def test_txt_has_paragraphs_and_no_margins_if_so_chosen() -> None:
    export = report(PLAIN).chosen(lines="joined", margins="left-out")
    assert written(export, "txt").decode().splitlines() == [
        "第一章",
        "本季的情形如下，詳見下表。",
        "• 甲項續甲項",
        "• 乙項",
        "圖一　外觀",
        "品名\t數量",
        "編號\t00123",
        "1E5\t=1+1",
    ]


def test_alto_has_kinds_of_blocks_and_tables_of_rows() -> None:
    root = etree.fromstring(written(report(SPANNING), "alto"))
    validator = Validator(Validator.cache_xsd_path(ALTO_SCHEMA))
    assert validator.validate(etree.ElementTree(root)), validator.xmlschema.error_log
    kinds = root.xpath("//a:PrintSpace/*/@TAGREFS", namespaces=ALTO)
    expected = ["header", "title", "text", "list", "figure", "caption", "table", "page-number"]
    assert kinds == [f"kind-{kind}" for kind in expected]
    assert len(root.xpath("//a:Illustration", namespaces=ALTO)) == 1
    rows = root.xpath("//a:ComposedBlock[@TYPE='table']/a:ComposedBlock[@TYPE='row']", namespaces=ALTO)
    assert [row.xpath("a:TextBlock/@TAGREFS", namespaces=ALTO) for row in rows] == [["colspan-2"], ["rowspan-2"], []]
    assert rows[2].xpath(".//a:String/@CONTENT", namespaces=ALTO) == ["1E5", "=1+1"]


def test_page_xml_has_kinds_of_regions_and_tables_with_cells() -> None:
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(written(report(SPANNING), "page"))).read("0001.xml"))
    assert Validator("page").validate(etree.ElementTree(root)), Validator("page").xmlschema.error_log
    types = root.xpath("p:Page/p:TextRegion/@type", namespaces=PAGE)
    assert types == ["header", "heading", "paragraph", "other", "caption", "page-number"]
    assert len(root.xpath("//p:ImageRegion", namespaces=PAGE)) == 1
    (table,) = root.xpath("//p:TableRegion", namespaces=PAGE)
    assert (table.get("rows"), table.get("columns")) == ("3", "2")
    roles = table.xpath("p:TextRegion/p:Roles/p:TableCellRole", namespaces=PAGE)
    assert [tuple(role.attrib.values()) for role in roles] == [
        ("0", "0", "1", "2"),
        ("1", "0", "2", "1"),
        ("1", "1", "1", "1"),
        ("2", "1", "1", "1"),
    ]
    assert len(root.xpath("//p:RegionRefIndexed", namespaces=PAGE)) == 8


def test_hocr_has_kinds_of_areas_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "page.hocr"
    path.write_bytes(written(report(SPANNING), "hocr"))
    assert HocrValidator("standard").validate(str(path)).is_valid()
    root = etree.parse(path)
    classes = root.xpath("//h:div[@class='ocr_page']/*/@class", namespaces=HTML)
    assert classes == [
        "ocr_header", "ocr_carea", "ocr_carea", "ocr_carea", "ocr_image", "ocr_caption", "ocr_table", "ocr_pageno",
    ]  # fmt: skip
    assert root.xpath("string(//h:h2)", namespaces=HTML).strip() == "第一章"
    spans = root.xpath("//h:table[@class='ocr_table']//h:td[@rowspan or @colspan]", namespaces=HTML)
    assert ["".join(cell.itertext()).strip() for cell in spans] == ["品名", "編號"]
