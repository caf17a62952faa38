"""Text layers that are not what their pages show."""

import pytest

from recognition import textlayer
from tests.support import synthetic_pages
from tests.support.synthetic_pages import PdfPage, Text
from tests.support.text_layers import DPI, HAN, in_font, layer_of, layers, texts


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
