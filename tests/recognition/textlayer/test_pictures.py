"""Pictures and outlines whose text is not in the layer."""

import pytest

from tests.support import synthetic_pages
from tests.support.synthetic_pages import Picture, Text
from tests.support.text_layers import LINES, PICTURE, layer_of, texts


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
