"""Entries of a table of contents, or a menu, on a vertical page: each title has the number of its page, or its price,
below, at the foot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from recognition.layout.boxes import Boxes, Indices, Mask
from recognition.page import Line

FEW = 4
"""So many numbers, at least, are level with each other."""

LEVEL = 0.7
"""Numbers end, or begin, no further from each other, in line heights."""

BELOW = 0.5
"""Share of its thickness with which a number stands in the column of its title."""

RISING = 0.8
"""Share of the numbers that are no smaller than the one before, or are prices, and of those with a title."""

DIGITS = "〇一二三四五六七八九"
NUMBER = re.compile(rf"\d{{1,4}}|[{DIGITS}零十百千]{{1,7}}")
UNITS = {"十": 10, "百": 100, "千": 1000}
PRICE = re.compile(r"(.+)[元圓文錢]")


def value_of(text: str) -> int | None:
    """The number, of a page or a price, that ``text`` says in digits or in Chinese ones (一〇四, 百四, 二十三元); None
    if it says none."""
    text = match[1] if (match := PRICE.fullmatch(text)) else text
    if not NUMBER.fullmatch(text):
        return None
    if text.isascii():
        return int(text)
    if not any(unit in text for unit in UNITS):
        return int("".join(str(DIGITS.index(char)) for char in text.replace("零", "〇")))
    total = digit = 0
    for char in text:
        if char in UNITS:
            total += max(digit, 1) * UNITS[char]
            digit = 0
        else:
            digit = DIGITS.index(char.replace("零", "〇"))
    return total + digit


def with_numbers(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which, with the number of its page after each title."""
    titles = _titles(lines)
    changed = {first: second for first, second in following.items() if first not in titles and second not in titles}
    for number, title in titles.items():
        after = following.get(title)
        while after in titles:
            after = following.get(after)
        changed[title] = number
        if after is not None and after not in changed.values():
            changed[number] = after
    return changed


def _titles(lines: Sequence[Line]) -> dict[int, int]:
    """The title over each number of a page."""
    vertical = np.array([line.direction == "vertical-rl" for line in lines])
    if 2 * vertical.sum() <= len(lines):
        return {}
    boxes = np.array([line.box for line in lines])
    height = float(np.median((boxes[:, 2] - boxes[:, 0])[vertical]))
    value = {i: number for i, line in enumerate(lines) if (number := value_of(line.raw.strip())) is not None}
    found: dict[int, int] = {}
    for edge in (3, 1):
        ranked = sorted(value, key=lambda i: float(boxes[i, edge]))
        breaks = np.flatnonzero(np.diff(boxes[ranked, edge]) > LEVEL * height) + 1
        for level in np.split(np.array(ranked, dtype=np.intp), breaks):
            prices = sum(bool(PRICE.fullmatch(lines[i].raw.strip())) for i in level.tolist())
            found |= _entries(level, value, boxes, vertical, are_prices=prices >= RISING * len(level))
    return found


def _entries(
    level: Indices, value: Mapping[int, int], boxes: Boxes, vertical: Mask, *, are_prices: bool
) -> dict[int, int]:
    """The titles over the numbers of one ``level``; none where these are no numbers of pages, nor prices."""
    from_right = level[np.argsort(-boxes[level, 2])].tolist()
    rises = [value[a] <= value[b] for a, b in pairwise(from_right)]
    if len(level) < FEW or (sum(rises) < RISING * len(rises) and not are_prices):
        return {}
    above = {number: _above(number, boxes, vertical) for number in from_right}
    found = {number: title for number, title in above.items() if title is not None and title not in value}
    return found if len(found) >= RISING * len(level) else {}


def _above(number: int, boxes: Boxes, vertical: Mask) -> int | None:
    """The column that ends nearest above a number."""
    left, top, right, bottom = boxes[number]
    shared = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], left)
    under = vertical & (shared > BELOW * (right - left)) & (boxes[:, 3] < (top + bottom) / 2)
    return int(np.argmax(np.where(under, boxes[:, 3], -np.inf))) if under.any() else None
