"""The order by cuts on drawn layouts: each layout lists its lines in the order in which a person reads them."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from recognition.geometry import corners
from recognition.layout.order import cuts
from recognition.options import Direction
from recognition.page import Doubt, Line
from recognition.separators import Separators


def arrange(lines: Sequence[Line], direction: Direction = "auto") -> list[Line]:
    return [each for _, each in cuts.ordered(lines, direction)]


def sequence(lines: Sequence[Line]) -> list[int]:
    return list(dict.fromkeys(index for index, _ in cuts.ordered(lines)))


H = 20
"""Height of a printed line in the layouts below, in pixels."""

STEP = 32
"""From line to line."""

FULL = [1, 1, 1, 0.4, 0.92, 1, 1, 0.7, 1, 1]
"""How much of the column the lines of a paragraph or two fill."""


def line(x: float, y: float, width: float, height: float = H) -> Line:
    """A horizontal line with its top left corner at (x, y)."""
    corners = (x, y), (x + width, y), (x + width, y + height), (x, y + height)
    return Line("文" * max(1, round(width / height)), 0.9, corners)


def column(x: float, y: float, width: float, shares: Iterable[float], step: float = STEP) -> list[Line]:
    return [line(x, y + i * step, share * width) for i, share in enumerate(shares)]


def rows(xs: Sequence[float], y: float, cells: Iterable[Sequence[float]], step: float = STEP) -> list[Line]:
    """A table: each row the widths of its cells, 0 for none."""
    return [
        line(x, y + i * step, width) for i, row in enumerate(cells) for x, width in zip(xs, row, strict=True) if width
    ]


def upright(lines: Iterable[Line]) -> list[Line]:
    """The same layout in vertical text: lines that ran to the right run down, the next one to the left."""
    turned = []
    for each in lines:
        left, top, right, bottom = each.box
        corners = (-bottom, left), (-top, left), (-top, right), (-bottom, right)
        turned.append(replace(each, polygon=corners, direction="vertical-rl"))
    return turned


def one_column() -> list[Line]:
    return [line(200, 0, 250, 34), *column(0, 60, 600, FULL * 2)]


def two_columns_level_with_each_other() -> list[Line]:
    return column(0, 0, 300, FULL * 2) + column(330, 0, 300, FULL * 2)


def two_captions_of_which_one_has_a_label_that_hangs_out() -> list[Line]:
    return [line(-40, 0, 365), *column(0, STEP, 300, [1, 1, 1, 1, 0.5]), *column(330, 0, 300, [1, 1, 1, 1, 1, 0.3])]


def two_columns_with_rows_of_their_own() -> list[Line]:
    return column(0, 0, 300, FULL * 2) + column(330, 14, 300, [0.3, 0.8, 0.5, 0.6, 0.9] * 4, step=31)


def two_columns_whose_lines_come_in_pieces() -> list[Line]:
    lines = []
    for i, whole in enumerate(column(0, 0, 300, [1, 0.5, 0.6, 1] * 5)):
        left, top, right, _ = whole.box
        if i % 4 == 0:
            middle = left + 0.4 * (right - left)
            lines += [line(left, top, middle - left - 4), line(middle, top, right - middle)]
        else:
            lines.append(whole)
    return lines + column(330, 0, 300, FULL * 2)


def three_columns_under_a_heading() -> list[Line]:
    return [line(150, 0, 640, 50), *(each for x in (0, 330, 660) for each in column(x, 90, 300, FULL * 2))]


def columns_interrupted_by_a_heading() -> list[Line]:
    return [
        *two_columns_level_with_each_other(),
        line(100, 700, 430, 40),
        *column(0, 780, 300, [1, 1, 0.3]),
        *column(330, 780, 300, [1, 0.8]),
        line(150, 930, 350, 40),
        *column(0, 1010, 300, [1, 0.3, 0.5, 1, 0.6]),
        *column(330, 1010, 300, [0.5, 1, 0.4, 0.7, 0.5]),
    ]


def columns_over_a_table() -> list[Line]:
    cells = [(80, 180), (300, 90), (60, 300), (150, 130), (90, 200), (100, 60), (120, 210), (70, 90)]
    return [*two_columns_level_with_each_other(), line(100, 700, 430, 40), *rows((0, 330), 780, cells)]


def columns_under_a_wide_paragraph() -> list[Line]:
    return column(0, -300, 630, FULL) + two_columns_level_with_each_other() + [line(300, 700, 30)]


def a_figure_with_labels_beside_text() -> list[Line]:
    labels = [line(x, y, 60) for x, y in ((40, 10), (150, 57), (20, 104), (180, 150), (90, 202), (60, 255))]
    return [*labels, line(20, 300, 200), *column(300, 0, 330, [1] * 10)]


def a_receipt() -> list[Line]:
    head = [line(80, 0, 240), line(120, 30, 160)]
    items = [(150, 0, 55), (210, 30, 60), (90, 0, 55), (240, 0, 70), (120, 25, 60), (180, 0, 60)] * 2
    return head + rows((0, 260, 330), 90, items, step=26) + [line(60, 430, 280)]


def a_table_of_words() -> list[Line]:
    return rows((0, 250, 520), 0, [(80, 180, 60), (200, 90, 90), (60, 240, 40), (150, 130, 90), (90, 200, 60)] * 3)


def a_table_with_cells_of_two_lines() -> list[Line]:
    lines = []
    for i, width in enumerate((90, 60, 150, 70, 120)):
        lines += [line(0, 80 * i + 14, width), line(200, 80 * i + 14, 60)]
        lines += [line(320, 80 * i, 300), line(320, 80 * i + 28, 140)]
    return lines


def a_form() -> list[Line]:
    return rows((0, 120, 400, 520), 0, [(80, 200, 60, 180), (100, 90, 100, 60), (60, 240, 80, 220)] * 4)


def a_page_between_header_and_footer() -> list[Line]:
    return [line(0, -120, 150), line(560, -120, 40), *column(0, 0, 600, FULL * 2), line(290, 720, 30)]


def vertical_text() -> list[Line]:
    return upright([line(40, 0, 200, 30), *column(0, 60, 600, FULL * 2)])


def vertical_text_in_two_tiers() -> list[Line]:
    return upright(two_columns_level_with_each_other())


def vertical_text_in_three_tiers_beside_a_title() -> list[Line]:
    return upright([line(0, -60, 550, 40), *(each for x in (0, 190, 380) for each in column(x, 0, 180, FULL))])


def vertical_text_with_notes_in_two_rows() -> list[Line]:
    lines = []
    for i, (before, note) in enumerate([(120, 90), (200, 40), (60, 130), (160, 70), (100, 110)]):
        y = i * 50
        lines += [line(0, y, before, 40), line(before + 2, y, note, 20), line(before + 2, y + 20, note - 15, 20)]
        lines += [line(before + note + 5, y, 150, 40)]
    return upright(lines)


def vertical_text_under_a_horizontal_heading() -> list[Line]:
    return [line(-500, -80, 400, 40), *vertical_text_in_two_tiers(), line(-350, 700, 60)]


def vertical_articles_with_tiers_level_with_each_other() -> list[Line]:
    lines = []
    for y in (0, 420):
        lines += [line(0, y, 180, 40), *(each for x in (0, 220, 440) for each in column(x, y + 60, 200, FULL))]
    return upright(lines)


def horizontal_text_beside_a_vertical_strip() -> list[Line]:
    return upright([line(20, 60, 150, 24), line(300, 60, 200, 24)]) + one_column()


LAYOUTS = [
    one_column,
    two_columns_level_with_each_other,
    two_captions_of_which_one_has_a_label_that_hangs_out,
    two_columns_with_rows_of_their_own,
    two_columns_whose_lines_come_in_pieces,
    three_columns_under_a_heading,
    columns_interrupted_by_a_heading,
    columns_over_a_table,
    columns_under_a_wide_paragraph,
    a_figure_with_labels_beside_text,
    a_receipt,
    a_table_of_words,
    a_table_with_cells_of_two_lines,
    a_form,
    a_page_between_header_and_footer,
    vertical_text,
    vertical_text_in_two_tiers,
    vertical_text_in_three_tiers_beside_a_title,
    vertical_text_with_notes_in_two_rows,
    vertical_text_under_a_horizontal_heading,
    vertical_articles_with_tiers_level_with_each_other,
    horizontal_text_beside_a_vertical_strip,
]

each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)


def moved(
    lines: Iterable[Line], *, degrees: float = 0, scale: float = 1, by: tuple[float, float] = (0, 0)
) -> list[Line]:
    cos, sin = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    matrix = np.array([[cos, -sin, by[0]], [sin, cos, by[1]], [0, 0, 1.0]])
    return [each.mapped(matrix) for each in lines]


def order_of(lines: Sequence[Line], seed: int = 1) -> list[int]:
    """Where in ``lines`` each line is that ``arrange`` gives when it gets them shuffled."""
    place = {each.polygon: i for i, each in enumerate(lines)}
    shuffled = random.Random(seed).sample(lines, len(lines))
    return [place[each.polygon] for each in arrange(shuffled)]


@each_layout
@pytest.mark.parametrize("degrees", [-10, -2, 0, 2, 10])
def test_a_layout_is_read_as_a_person_reads_it_tilted_or_not(layout: Callable[[], list[Line]], degrees):
    lines = moved(layout(), degrees=degrees, by=(3000, 3000))
    assert order_of(lines) == list(range(len(lines)))


@each_layout
def test_order_depends_neither_on_the_order_of_detection_nor_on_size_or_place(layout: Callable[[], list[Line]]):
    lines = layout()
    assert order_of(lines, seed=2) == order_of(moved(lines, scale=0.31, by=(-50, 7)), seed=3)


@each_layout
def test_boxes_need_not_be_exact(layout: Callable[[], list[Line]]):
    noise = random.Random(5)
    lines = [
        replace(
            each, polygon=tuple((x + noise.uniform(-1.5, 1.5), y + noise.uniform(-1.5, 1.5)) for x, y in each.polygon)
        )
        for each in layout()
    ]
    assert order_of(lines) == list(range(len(lines)))


@each_layout
@pytest.mark.parametrize("direction", ["auto", "horizontal", "vertical-rl"])
def test_the_same_lines_come_out(layout: Callable[[], list[Line]], direction):
    lines = layout()
    arranged = arrange(lines, direction)
    assert sorted(each.polygon for each in arranged) == sorted(each.polygon for each in lines)
    assert {each.raw for each in arranged} == {each.raw for each in lines}


@pytest.mark.parametrize("seed", range(30))
def test_no_character_is_lost_on_a_page_of_chance_boxes(seed: int):
    chance = random.Random(seed)
    lines = []
    for _ in range(60):
        x, y = chance.uniform(0, 500), chance.uniform(0, 500)
        width, height = chance.choice([(0, 0.01), (H, H), (chance.uniform(1, 300), H), (H, chance.uniform(1, 300))])
        raw = "".join(chance.choices("ab 文", k=20)).strip() or "文"
        places = tuple(sorted(chance.random() for _ in raw))
        lines.append(replace(line(x, y, width, height), raw=raw, text=raw, positions=places))

    def characters(page):
        return sorted("".join(each.raw for each in page).replace(" ", ""))

    assert characters(arrange(lines)) == characters(lines)


def test_no_lines_and_one_line_are_pages_too():
    alone = line(10, 10, 100)
    assert arrange([]) == []
    assert arrange([alone]) == [alone]


def test_a_forced_direction_governs_where_boxes_leave_it_open():
    grid = {(x, y): line(40 * x, 40 * y, H) for x in range(4) for y in range(3)}
    across = [grid[x, y] for y in range(3) for x in range(4)]
    down = [replace(grid[x, y], direction="vertical-rl") for x in reversed(range(4)) for y in range(3)]

    def polygons(lines):
        return [each.polygon for each in lines]

    assert polygons(arrange(down, "horizontal")) == polygons(across)
    assert polygons(arrange(across, "vertical-rl")) == polygons(down)
    assert {each.direction for each in arrange(across, "vertical-rl")} == {"vertical-rl"}


def test_square_boxes_follow_the_lines_around_them():
    lone = line(-400, 0, H)
    page = arrange([*upright(column(0, 0, 600, FULL)), lone])
    assert page[-1].polygon == lone.polygon
    assert page[-1].direction == "vertical-rl"


def test_a_caption_amid_vertical_text_keeps_its_direction():
    caption = line(-300, 300, 100)
    page = arrange([*vertical_text_in_two_tiers(), caption])
    assert next(each for each in page if each.polygon == caption.polygon).direction == "horizontal"


def bridged_columns(*, positions: bool, text: str = "", off: float = 0.0) -> list[Line]:
    """Two columns whose third lines detection took for one; 15 characters, a wide gap, 15 characters.

    ``off``: by how many pixels the characters' places are wrong.
    """
    left, right = column(0, 0, 300, [1] * 10), column(340, 0, 300, [1] * 10)
    raw = "甲" * 15 + "乙" * 15
    centres = [10 + 20 * i + (40 if i >= 15 else 0) for i in range(30)]
    bridge = Line(
        raw,
        0.8,
        ((0, 64), (640, 64), (640, 84), (0, 84)),
        text=text or raw,
        positions=tuple((at + off) / 640 for at in centres) if positions else (),
    )
    return [*left[:2], bridge, *left[3:], *right[:2], *right[3:]]


def test_a_line_that_bridges_two_columns_is_split_where_it_has_no_ink():
    texts = [each.raw for each in arrange(bridged_columns(positions=True))]
    assert (texts.index("甲" * 15), texts.index("乙" * 15), len(texts)) == (2, 12, 20)


def test_a_line_is_split_though_its_characters_are_not_exactly_where_they_are_said_to_be():
    texts = [each.raw for each in arrange(bridged_columns(positions=True, off=6))]
    assert (texts.index("甲" * 15), texts.index("乙" * 15), len(texts)) == (2, 12, 20)


def test_the_parts_of_a_split_line_keep_their_places_on_the_page():
    _, _, head, *rest = arrange(bridged_columns(positions=True))
    tail = rest[9]
    assert head.box == pytest.approx((0, 64, 300, 84), abs=1)
    assert tail.box == pytest.approx((340, 64, 640, 84), abs=1)
    assert head.positions[0] == pytest.approx(10 / 300, abs=0.01)
    assert tail.positions == pytest.approx(head.positions, abs=0.01)
    assert tail.confidence == 0.8


def test_the_parts_of_a_split_line_keep_their_doubts():
    lines = bridged_columns(positions=True)
    lines[2] = replace(lines[2], doubts=(Doubt(14, 0.5, ("申",)), Doubt(15, 0.4, ("已",)), Doubt(29, 0.6)))
    _, _, head, *rest = arrange(lines)
    assert head.doubts == (Doubt(14, 0.5, ("申",)),)
    assert rest[9].doubts == (Doubt(0, 0.4, ("已",)), Doubt(14, 0.6))


@pytest.mark.parametrize("lines", [bridged_columns(positions=False), bridged_columns(positions=True, text="換過的字")])
def test_a_line_is_not_split_where_its_characters_have_no_known_places(lines):
    assert len(arrange(lines)) == len(lines)


def test_a_split_works_in_vertical_text_too():
    texts = [each.raw for each in arrange(upright(bridged_columns(positions=True)))]
    assert (texts.index("甲" * 15), texts.index("乙" * 15)) == (2, 12)


@each_layout
def test_the_sequence_names_the_lines_in_the_order_in_which_they_are_read(layout: Callable[[], list[Line]]):
    lines = layout()
    assert [lines[index].polygon for index in sequence(lines)] == [each.polygon for each in arrange(lines)]


def test_in_the_sequence_a_line_stands_once_where_it_begins():
    lines = bridged_columns(positions=True)
    assert sequence(lines) == list(range(len(lines)))
    assert sequence([]) == []


def test_text_in_high_boxes_begins_no_article():
    def in_high_box(each: Line) -> Line:
        left, top, right, bottom = each.box
        return replace(each, polygon=((left, top - 5), (right, top - 5), (right, bottom + 5), (left, bottom + 5)))

    tiers = [in_high_box(each) if each.box[1] == 4 * STEP else each for each in two_columns_level_with_each_other()]
    assert sum(each.box[3] - each.box[1] > 1.4 * H for each in tiers) == 2
    assert order_of(upright(tiers)) == list(range(len(tiers)))


@pytest.mark.parametrize("lower", [-2, 2])
def test_boxes_in_a_row_may_overlap(lower: float):
    number, heading = line(100, 100 + lower, 50), line(140, 100, 200)
    assert arrange([heading, number]) == [number, heading]


def test_what_is_in_a_frame_is_read_by_itself():
    """Of two notices beside each other, whose lines are level, and of one in another one's frame."""
    widths = (90, 60, 120, 80)
    first, second, inner = (column(x, y, 1, widths) for x, y in ((20, 20), (220, 20), (60, 190)))
    rest = column(20, 350, 300, (1, 0.6))
    frames = [(40, 175, 190, 325), (0, 0, 200, 330), (200, 0, 400, 330)]
    lines = [*first, *inner, *second, *rest]
    shuffled = random.Random(2).sample(range(len(lines)), len(lines))
    order = [shuffled[k] for k, _ in cuts.ordered([lines[i] for i in shuffled], frames=frames)]
    assert order == list(range(len(lines)))
    assert [shuffled[k] for k, _ in cuts.ordered([lines[i] for i in shuffled])] != order


def test_a_gutter_with_a_rule_in_its_lower_part_goes_up_as_far_as_the_white_does():
    """Of a column beside two short ones above an advertisement, whose side is a rule."""
    long = column(0, 0, 300, [1] * 24)
    second, third = (column(x, 0, 300, [1, 1, 0.3, 1, 1, 1, 1, 1]) for x in (330, 660))
    advertisement = [line(560, 330, 200, 2 * H), line(600, 480, 150), line(540, 620, 240), line(560, 700, 200)]
    lines = [*long, *second, *third, *advertisement]
    shuffled = random.Random(2).sample(range(len(lines)), len(lines))
    rules = Separators(vertical=((330, 290, 332, 770),))
    order = [shuffled[k] for k, _ in cuts.ordered([lines[i] for i in shuffled], separators=rules)]
    assert order == list(range(len(lines)))


def test_a_frame_beside_a_column_is_read_after_it():
    text, notice = column(0, 0, 400, FULL), column(460, 40, 200, [0.5, 1, 0.6])
    frame = (420, 20, 700, 170)
    lines = [*text, *notice]
    shuffled = random.Random(2).sample(range(len(lines)), len(lines))
    sides = Separators(vertical=((420, 20, 422, 170), (698, 20, 700, 170)))
    order = [shuffled[k] for k, _ in cuts.ordered([lines[i] for i in shuffled], frames=[frame], separators=sides)]
    assert order == list(range(len(lines)))


def test_a_frame_around_the_whole_page_or_a_heading_says_nothing():
    lines = [*column(0, 0, 300, FULL), *column(340, 0, 300, FULL)]
    assert cuts.ordered(lines, frames=[(-5, -5, 305, 45), (-20, -20, 660, 400)]) == cuts.ordered(lines)


@pytest.mark.parametrize(("height", "parts"), [(1.6 * H, 1), (H, 2)])
def test_a_heading_is_whole_though_words_of_it_are_apart_over_a_gutter(height: float, parts: int):
    left, right = column(0, 40, 400, FULL), column(430, 40 + STEP / 2, 400, FULL)
    places = (*(0.04 + 0.1 * k for k in range(5)), 0.5, *(0.57 + 0.1 * k for k in range(5)))
    text = f"{'文' * 5} {'文' * 5}"
    heading = replace(line(0, 0, 830, height), raw=text, text=text, positions=places)
    assert len(arrange([heading, *left, *right])) == len(left) + len(right) + parts


def test_fields_beside_a_name_in_much_larger_type_are_read_with_their_values() -> None:
    fields = [("Account number", "61634775"), ("Sort code", "204577"), ("Statement", "193"), ("Page", "2 of 3")]
    lines = [Line("And Bank", 1.0, corners((93, 80, 400, 135)))]
    for k, (label, value) in enumerate(fields):
        top = 83 + 33 * k
        lines.append(Line(label, 1.0, corners((1178, top, 1178 + 12 * len(label), top + 25))))
        lines.append(Line(value, 1.0, corners((1386, top, 1386 + 12 * len(value), top + 25))))
    assert [line.raw for _, line in cuts.ordered(lines)][1:] == [text for pair in fields for text in pair]
