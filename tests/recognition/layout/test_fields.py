"""Fields of registers, of which some rows hold two."""

from __future__ import annotations

from collections.abc import Sequence

from recognition.layout import arrange
from recognition.page import Line
from tests.support.tables import text

ROWS = [
    ["登記日期：民國55年5月4日", "登記原因：分割"],
    ["地目：旱", "等則：12"],
    ["面積：3053.19平方公尺"],
    ["使用分區：空白", "使用地類別：空白"],
    ["公告土地現值：民國105年1月24,270元"],
    ["地上建物建號：04600"],
    ["登記次序：0016"],
    ["登記日期：民國92年4月8日", "登記原因：拍賣"],
    ["原因發生日期：民國112年2月8日"],
    ["所有權人：陳某", "統一編號：A1119"],
    ["住址：嘉義縣大安區中山路214號6樓"],
]


def register(left: Sequence[str], right: Sequence[str]) -> list[Line]:
    """Rows 36 pixels apart; no line where a text is empty."""
    sides = ((left, 80), (right, 700))
    return [text(raw, x, 200 + 36 * k) for column, x in sides for k, raw in enumerate(column) if raw]


def read(lines: Sequence[Line]) -> list[str]:
    return [line.raw for line in arrange(lines).lines]


def test_fields_that_stand_beside_some_of_others_are_read_row_by_row() -> None:
    lines = register([row[0] for row in ROWS], [row[1] if len(row) > 1 else "" for row in ROWS])
    assert read(lines) == [raw for row in ROWS for raw in row]
