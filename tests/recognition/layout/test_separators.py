"""Rules and pictures found in pages that are drawn here."""

import itertools

import cv2
import numpy as np
import pytest

from recognition.layout.detection import find_separators
from recognition.page import Line, PageImage, Pixels
from recognition.separators import Separators
from tests.support import synthetic_pages

WIDTH, HEIGHT = 1000, 1400


def paper(level: int = 250) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def find(pixels: Pixels) -> Separators:
    return find_separators(PageImage(pixels))


def write(pixels: Pixels, top: int, text: str = "The quick brown fox jumps over it", size: float = 1.0) -> None:
    cv2.putText(pixels, text, (60, top), cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), 2, cv2.LINE_AA)


def dashes(pixels: Pixels, y: int, on: int, off: int) -> None:
    for x in range(100, 900, on + off):
        pixels[y : y + 2, x : x + on] = 40


def test_a_hairline_is_found_from_end_to_end() -> None:
    pixels = paper()
    cv2.line(pixels, (100, 300), (900, 300), (90, 90, 90), 1)
    (rule,) = find(pixels).horizontal
    assert rule == pytest.approx((100, 300, 900, 301), abs=6)


def test_vertical_rules_are_found_as_horizontal_ones_are() -> None:
    pixels = paper()
    cv2.line(pixels, (500, 200), (500, 1200), (0, 0, 0), 2)
    found = find(pixels)
    (rule,) = found.vertical
    assert rule == pytest.approx((500, 200, 502, 1200), abs=6)
    assert not found.horizontal


@pytest.mark.parametrize(("on", "off"), [(2, 2), (3, 4), (8, 5)])
def test_dotted_and_dashed_rules_are_rules(on: int, off: int) -> None:
    pixels = paper()
    dashes(pixels, 300, on, off)
    (rule,) = find(pixels).horizontal
    assert rule[2] - rule[0] > 750


def test_a_tilted_rule_on_grainy_paper_is_one_rule() -> None:
    pixels = paper(225)
    cv2.line(pixels, (100, 300), (900, 314), (60, 60, 60), 2)
    grain = np.random.default_rng(1).normal(0, 7, pixels.shape[:2])[..., None]
    noisy = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 70])
    (rule,) = find(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)).horizontal
    assert rule[2] - rule[0] > 780


def test_text_is_no_rule() -> None:
    pixels = paper()
    for k, size in enumerate((0.5, 0.8, 1.0, 1.4, 2.0)):
        write(pixels, 200 + 150 * k, size=size)
    assert find(pixels) == Separators()


def test_a_short_side_of_a_cell_counts_between_two_rules_only() -> None:
    pixels = paper()
    for y in (300, 326):
        cv2.line(pixels, (100, y), (900, y), (0, 0, 0), 2)
    cv2.line(pixels, (400, 300), (400, 326), (0, 0, 0), 2)
    cv2.line(pixels, (600, 700), (600, 726), (0, 0, 0), 2)
    (side,) = find(pixels).vertical
    assert side[0] == pytest.approx(400, abs=3)


def test_a_side_of_a_narrow_cell_is_found_though_numbers_touch_it() -> None:
    """The middle cell is open to the one below, and its number stands on a level with the sides of the others."""
    pixels = paper()
    for y in (300, 400):
        cv2.line(pixels, (200, y), (500, y), (0, 0, 0), 2)
    for x in (200, 300, 400, 500):
        cv2.line(pixels, (x, 300), (x, 400), (0, 0, 0), 2)
    for left in (200, 400):
        cv2.line(pixels, (left, 350), (left + 100, 350), (0, 0, 0), 2)
    for left, bottom in ((232, 346), (432, 346), (318, 357)):
        cv2.putText(pixels, "9,6,3", (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20), 2, cv2.LINE_AA)
    inner = sorted(rule for rule in find(pixels).horizontal if 310 < rule[1] < 390)
    assert inner == [pytest.approx((left, 350, left + 100, 352), abs=6) for left in (200, 400)]


def test_a_rule_beside_a_tint_is_found_and_the_tint_is_not() -> None:
    pixels = paper()
    pixels[300:360, 100:900] = 200
    cv2.line(pixels, (100, 360), (900, 360), (0, 0, 0), 2)
    found = find(pixels)
    assert len(found.horizontal) == 1
    assert found.horizontal[0][1] == pytest.approx(360, abs=4)
    assert not found.vertical
    assert not found.pictures


def test_a_photograph_is_a_picture_without_rules_in_it() -> None:
    pixels = paper()
    waves = 90 + 60 * np.sin(np.arange(400) / 9)[None, :] * np.cos(np.arange(300) / 14)[:, None]
    pixels[500:800, 300:700] = waves[..., None].astype(np.uint8)
    write(pixels, 300)
    found = find(pixels)
    (picture,) = found.pictures
    assert picture == pytest.approx((300, 500, 700, 800), abs=20)
    assert not found.horizontal
    assert not found.vertical


def test_a_drawing_of_broad_strokes_on_flat_grey_is_a_picture_and_print_on_it_is_none() -> None:
    pixels = paper()
    pixels[500:800, 300:700] = 160
    for top in range(520, 760, 40):
        write(pixels[:, 310:], top)
    assert not find(pixels).pictures
    pixels[500:800, 420:500] = 40
    (picture,) = find(pixels).pictures
    assert picture == pytest.approx((300, 500, 700, 800), abs=20)


def test_the_ground_around_the_paper_is_no_picture_and_hides_no_rules() -> None:
    pixels = paper(60)
    pixels += np.random.default_rng(1).integers(0, 60, pixels.shape, dtype=np.uint8)
    pixels[80:1320, 90:920] = 250
    pixels[700:702, 200:800] = 0
    found = find(pixels)
    assert found.pictures == ()
    (rule,) = found.horizontal
    assert rule == pytest.approx((200, 700, 800, 702), abs=6)


def test_the_tinted_head_of_a_table_is_no_picture() -> None:
    """Rules run through it, and on between the rows below."""
    pixels = paper()
    pixels[300:380, 100:900] = np.linspace(60, 200, 800).astype(np.uint8)[:, None]
    assert find(pixels).pictures
    for x in range(100, 901, 160):
        pixels[300:700, x : x + 2] = 0
    for y in range(300, 701, 80):
        pixels[y : y + 2, 100:902] = 0
    found = find(pixels)
    assert not found.pictures
    assert len(found.horizontal) == len(found.vertical) == 6


def test_a_ruled_table_with_tinted_cells_all_around_is_no_picture() -> None:
    """Its rules end where the tints do: at its edges."""
    pixels = paper()
    pixels[300:620, 100:900] = 160
    pixels[380:620, 420:740] = 250
    assert find(pixels).pictures
    for x in range(100, 901, 160):
        pixels[300:620, x : x + 2] = 0
    for y in range(300, 621, 80):
        pixels[y : y + 2, 100:902] = 0
    found = find(pixels)
    assert not found.pictures
    assert (len(found.horizontal), len(found.vertical)) == (5, 6)


def test_boxes_are_in_pixels_of_the_image_however_large_it_is() -> None:
    pixels = np.full((4200, 3000, 3), 250, np.uint8)
    cv2.line(pixels, (300, 900), (2700, 900), (0, 0, 0), 4)
    (rule,) = find(pixels).horizontal
    assert rule == pytest.approx((300, 898, 2700, 903), abs=15)


def test_strokes_inside_a_line_of_text_are_left_out_and_underlines_kept() -> None:
    line = Line("text", 0.9, ((100, 100), (500, 100), (500, 140), (100, 140)))
    stroke, underline = (120.0, 118.0, 300.0, 121.0), (100.0, 138.0, 500.0, 140.0)
    assert Separators(horizontal=(stroke, underline)).without_text([line]).horizontal == (underline,)


def test_leaders_between_an_entry_and_its_value_are_no_rules() -> None:
    def text(left: float, top: float, right: float) -> Line:
        return Line("text", 0.9, ((left, top), (right, top), (right, top + 30), (left, top + 30)))

    lines = [text(100, 100, 220), text(700, 100, 760), text(100, 140, 300), text(700, 140, 760)]
    leader, longer = (232.0, 122.0, 690.0, 125.0), (290.0, 163.0, 745.0, 166.0)
    between, under = (95.0, 134.0, 765.0, 136.0), (95.0, 171.0, 765.0, 173.0)
    found = Separators(horizontal=(leader, longer, between, under)).without_text(lines)
    assert found.horizontal == (between, under)


def stamped(shape: str) -> Pixels:
    """A page with text, and a stamp at (600, 900), 160 wide."""
    pixels = paper()
    for top in range(100, 1300, 60):
        write(pixels, top)
    red = (205, 50, 40)
    if shape == "round":
        cv2.circle(pixels, (680, 980), 78, red, 4)
    else:
        cv2.rectangle(pixels, (602, 902), (758, 1058), red, 5 if shape == "square" else -1)
    colour = (250, 250, 250) if shape == "filled" else red
    for x, y in ((625, 960), (690, 960), (625, 1030), (690, 1030)):
        cv2.putText(pixels, "W", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, colour, 4, cv2.LINE_AA)
    _, packed = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 75])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1], dtype=np.uint8)


@pytest.mark.parametrize("shape", ["round", "square", "filled"])
def test_a_stamp_in_red_is_a_seal_and_neither_frame_nor_picture(shape: str) -> None:
    found = find(np.ascontiguousarray(stamped(shape)))
    (seal,) = found.seals
    assert seal == pytest.approx((600, 900, 760, 1060), abs=8)
    assert not [*found.horizontal, *found.vertical, *found.pictures]


def test_bars_and_underlines_in_red_are_no_seals() -> None:
    pixels = paper()
    cv2.rectangle(pixels, (60, 300), (900, 360), (205, 50, 40), -1)
    cv2.line(pixels, (60, 500), (900, 500), (205, 50, 40), 4)
    assert not find(pixels).seals


def test_seals_and_panels_move_with_their_page() -> None:
    quarter = np.array([[0.0, -1, HEIGHT], [1, 0, 0], [0, 0, 1]])
    box, moved = (600, 900, 760, 1060), (340, 600, 500, 760)
    found = Separators(seals=(box,), panels=(box,)).mapped(quarter)
    assert (found.seals, found.panels) == ((moved,), (moved,))


def test_a_picture_that_lines_cover_is_dense_text() -> None:
    box = (100.0, 100.0, 400.0, 220.0)
    lines = [
        Line("主要鍵的位置", 0.99, ((90, top), (390, top), (390, top + 24), (90, top + 24)))
        for top in (100, 130, 160, 190)
    ]
    assert Separators(pictures=(box,)).without_text(lines).pictures == ()
    assert Separators(pictures=(box,)).without_text(lines[:1]).pictures == (box,)


@pytest.mark.parametrize("tilt", [-0.6, 0.6])
def test_rules_that_text_touches_are_rules(tilt: float) -> None:
    """Rows of a table so close that their characters reach from rule to rule."""
    pixels = paper()
    for row in range(9):
        y = 300 + 30 * row
        cv2.line(pixels, (50, y), (950, y), (60, 60, 60), 2)
        if row < 8:
            write(pixels, y + 27, "(jumping) quickly (over) lazy yellow dogs [9]", size=1.0)
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), tilt, 1)
    pixels = np.asarray(cv2.warpAffine(pixels, turn, (WIDTH, HEIGHT), borderValue=(250, 250, 250)), dtype=np.uint8)
    rules = sorted((top + bottom) / 2 for _, top, _, bottom in find(pixels).horizontal)
    assert rules == pytest.approx([301 + 30 * row for row in range(9)], abs=4)


@pytest.mark.parametrize(("size", "white"), [(18, 1), (20, 3), (22, 3), (22, 5)])
def test_rules_right_below_han_characters_are_found_from_end_to_end(size: int, white: int) -> None:
    """They touch more than half of a rule, but on one side of it."""
    text = "在大硬碟類裝置上的跨平臺共享資料和後續版本原生支援通過使用與作業系統的網路檔案分享"
    page = synthetic_pages.blank((WIDTH, HEIGHT))
    for row in range(6):
        synthetic_pages.write(page, [text[:38]], (100, 300 + row * (size + white)), size)
    pixels = np.array(page)
    for row in range(7):
        pixels[300 + row * (size + white), 90:960] = 60
    assert [round(right - left, -1) for left, _, right, _ in find(pixels).horizontal if right - left > 100] == [870] * 7


@pytest.mark.parametrize("height", [1, 2])
def test_a_rule_with_print_close_below_it_is_one(height: int) -> None:
    pixels = paper()
    pixels[500 : 500 + height, 100:900] = 90
    for x, y in itertools.product(range(104, 890, 20), range(501 + height, 522, 4)):
        pixels[y : y + 2, x : x + 14] = 40
    (rule,) = find(pixels).horizontal
    assert rule == pytest.approx((100, 500, 900, 500 + height), abs=4)


def test_a_rule_ends_before_the_text_of_a_cell_beside_several_rows() -> None:
    """That text stands level with the rule between these rows, and touches it."""
    pixels = paper()
    for y, end in ((270, 900), (300, 780), (330, 900)):
        cv2.line(pixels, (60, y), (end, y), (60, 60, 60), 2)
    cv2.putText(pixels, "wombat 42", (782, 312), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2, cv2.LINE_AA)
    (rule,) = (each for each in find(pixels).horizontal if 285 < each[1] < 315)
    assert rule[2] == pytest.approx(780, abs=25)


def test_a_side_of_cells_is_found_above_and_below_the_text_of_a_wide_cell() -> None:
    """That text crosses where the side would be, and touches both of its parts."""
    pixels = paper()
    for y in range(300, 421, 24):
        cv2.line(pixels, (60, y), (900, y), (60, 60, 60), 2)
    for top, bottom in ((300, 348), (372, 420)):
        cv2.line(pixels, (400, top), (400, bottom), (60, 60, 60), 2)
    write(pixels, 371, "HIIHIIHIIHIIHIIHIIHIIHIIHIIHIIHIIHIIHII", size=1.0)
    sides = sorted((top, bottom) for left, top, _, bottom in find(pixels).vertical if abs(left - 400) < 5)
    assert sides == [pytest.approx(side, abs=6) for side in ((300, 348), (372, 420))]


def test_dense_cells_between_rules_are_no_picture() -> None:
    pixels = paper()
    shades = np.linspace(0, 140, 280).astype(np.uint8)
    pixels[302:582, 400:600] = shades[:, None, None]
    assert find(pixels).pictures
    for row in range(12):
        cv2.line(pixels, (50, 300 + 24 * row), (950, 300 + 24 * row), (0, 0, 0), 2)
    assert not find(pixels).pictures


def test_edges_of_stripes_are_tints_and_lines_of_text_are_none() -> None:
    pixels = np.full((1400, WIDTH, 3), 250, dtype=np.uint8)
    pixels = np.clip(pixels + np.random.default_rng(1).normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)
    for row in range(0, 6, 2):
        pixels[300 + 40 * row : 340 + 40 * row, 100:900] -= 12
    for row in range(6):
        write(pixels, 328 + 40 * row)
    edges = find(pixels).tints
    assert sorted((top + bottom) / 2 for _, top, _, bottom in edges) == pytest.approx(range(300, 501, 40), abs=4)
    assert all(abs(left - 100) < 40 and abs(right - 900) < 40 for left, _, right, _ in edges)


def test_a_tinted_ground_is_a_panel_from_side_to_side() -> None:
    pixels = np.full((1400, WIDTH, 3), 250, dtype=np.uint8)
    pixels = np.clip(pixels + np.random.default_rng(1).normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)
    grounds = [(40, 300, 480, 620), (520, 300, 960, 620), (40, 800, 960, 1000)]
    for left, top, right, bottom in grounds:
        pixels[top:bottom, left:right] -= 25
    for row in range(14):
        write(pixels, 330 + 50 * row)
    panels = find(pixels).panels
    assert len(panels) == len(grounds)
    for panel in grounds:
        assert any(panel == pytest.approx(found, abs=8) for found in panels)


def test_what_lines_run_out_of_is_no_panel() -> None:
    def line(left: float, top: float, right: float) -> Line:
        return Line("文字", 0.9, ((left, top), (right, top), (right, top + 20), (left, top + 20)))

    panel = (100.0, 100.0, 400.0, 300.0)
    inside = [line(120, 120 + 30 * row, 380) for row in range(5)]
    assert Separators(panels=(panel,)).without_text([*inside, line(60, 400, 480)]).panels == (panel,)
    assert Separators(panels=(panel,)).without_text([*inside, line(300, 270, 480), line(60, 120, 200)]).panels == ()


def test_a_side_of_a_cell_ends_at_the_rule_below_though_a_stroke_of_text_goes_on() -> None:
    pixels = paper()
    for y in (300, 360, 420):
        cv2.line(pixels, (100, y), (900, y), (0, 0, 0), 2)
    cv2.line(pixels, (400, 300), (400, 360), (0, 0, 0), 2)
    cv2.line(pixels, (600, 300), (600, 420), (0, 0, 0), 2)
    cv2.line(pixels, (400, 366), (400, 384), (0, 0, 0), 2)
    assert sorted(rule[3] for rule in find(pixels).vertical) == pytest.approx([361, 421], abs=6)


def test_a_side_that_goes_on_below_a_rule_without_white_is_left_whole() -> None:
    pixels = paper()
    for y in (300, 360):
        cv2.line(pixels, (100, y), (900, y), (0, 0, 0), 2)
    cv2.line(pixels, (400, 300), (400, 390), (0, 0, 0), 2)
    assert [rule[3] for rule in find(pixels).vertical] == pytest.approx([390], abs=6)
