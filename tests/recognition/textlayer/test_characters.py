"""Characters of a text layer that its fonts name otherwise than people see them."""

import pytest

from recognition.textlayer import symbols
from tests.support import synthetic_pages
from tests.support.synthetic_pages import PdfPage, Text
from tests.support.text_layers import HAN, in_font, layer_of, layers, texts


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


def test_radicals_and_small_capitals_are_given_as_they_are_written(tmp_path):
    said = dict(zip("民長一二三", "⺠⻑\uf76f\uf76b\uf739", strict=True))
    assert texts(layer_of(tmp_path, [Text(["民長一二三"])], to_unicode=said)) == ["民長ok9"]
