"""Notes, fields and forms of a page are text of its layer."""

import pikepdf
import pytest

from tests.support import synthetic_pages
from tests.support.synthetic_pages import Note, PdfPage, Raw, Text
from tests.support.text_layers import LINES, layer_of, layers, texts

NOTE = Note("駁回", (100, 100, 300, 120))


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
