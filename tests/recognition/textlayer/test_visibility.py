"""Text of a layer that people see, or not."""

import pytest

from tests.support.synthetic_pages import Fill, Picture, Text
from tests.support.text_layers import HAN, LINES, PICTURE, layer_of, texts


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


def test_spaces_behind_something_do_not_count_as_hidden_text(tmp_path):
    assert texts(layer_of(tmp_path, [Text(LINES), Text(["   "], at=(72, 600)), Fill((60, 590, 200, 620))])) == LINES


def test_text_that_shows_through_what_lies_over_it_is_seen(tmp_path):
    clear = PICTURE.convert("RGBA")
    clear.putalpha(64)
    assert texts(layer_of(tmp_path, [Text(LINES), Picture(clear, (0, 0, 595, 842))])) == LINES


def test_white_text_on_a_dark_ground_is_seen(tmp_path):
    assert texts(layer_of(tmp_path, [Fill((50, 700, 400, 780), grey=0.2), Text(LINES, white=True)])) == LINES
