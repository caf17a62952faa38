"""Accounts: labels with numbers beside them, sums between short rules, and often two such tables side by side."""

from __future__ import annotations

from .draft import Draft
from .page import FramedPage
from .prose import is_number

SUMS = 2
"""So many rules above or below numbers alone are those of sums."""


def is_account(page: FramedPage, draft: Draft) -> bool:
    """Whether there are labels and numbers, or twice such, and rules above or below the numbers alone."""
    columns = _columns(page, draft)
    if not _are_labels_and_numbers(columns) and not all(map(_are_labels_and_numbers, _halves(columns))):
        return False
    labels = [i for place, lines in draft.cells.items() if (place.column, place.colspan) == (0, 1) for i in lines]
    left, right = page.boxes[labels, 2].max() - page.height / 2, draft.grid.xs[-1] + page.height
    top, bottom = draft.grid.ys[0], draft.grid.ys[-1] + page.height
    sums = [rule for rule in page.across if top < rule.at < bottom and left < rule.start and rule.end < right]
    return len(sums) >= SUMS


def are_abreast(page: FramedPage, draft: Draft) -> bool:
    """Whether the two halves of a table are one each, side by side: labels and numbers, and in both some label has no
    number, as headings have none. The last numbers, those of the totals, are level if they are in one table."""
    halves = _halves(_columns(page, draft))
    if draft.grid.columns % 2 or not all(_are_labels_and_numbers(half) and _has_heading(half) for half in halves):
        return False
    left, right = (
        max(row for column in numbers for row, text in column.items() if is_number(text)) for _, *numbers in halves
    )
    return left != right


def _halves(columns: list[dict[int, str]]) -> tuple[list[dict[int, str]], list[dict[int, str]]]:
    middle = len(columns) // 2
    return columns[:middle], columns[middle:]


def _columns(page: FramedPage, draft: Draft) -> list[dict[int, str]]:
    """For each column the text that each of its cells below the head begins with, by its row."""
    columns: list[dict[int, str]] = [{} for _ in range(draft.grid.columns)]
    for place, lines in draft.cells.items():
        if place.row and place.colspan == 1:
            columns[place.column][place.row] = page.lines[lines[0]].raw
    return columns


def _are_labels_and_numbers(columns: list[dict[int, str]]) -> bool:
    kinds = [2 * sum(map(is_number, column.values())) > len(column) for column in columns]
    return len(kinds) > 1 and not kinds[0] and all(kinds[1:])


def _has_heading(columns: list[dict[int, str]]) -> bool:
    labels, *numbers = columns
    return any(all(row not in column for column in numbers) for row in labels)
