"""Bands: short vertical columns in rows across the page, with white between the rows at common heights.

The same picture is two things. Names of members stand in tiers, each read to its end before the next one. Names and
sums of donors, dishes and prices, posts and who holds them are the fields of records: what stands below belongs to what
stands above. The white tells little, so what the bands hold decides: those of one kind are tiers; kinds that differ, or
that come again every few bands, are fields.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from recognition.layout.boxes import Floats, Indices, Mask
from recognition.layout.neighbours import Neighbours
from recognition.layout.text_cues import ENTRY, is_punctuated, list_cues

from . import rosters
from .gutters import SLACK

FEW = 4
"""So many columns, at least, go on below the white between two bands."""

TIERS, ABREAST, LEVEL = 3, 6, 0.7
"""Fewer bands of one kind, or fewer columns, may be tiers or, as in the contents of old books, columns with blanks. So
may bands of which a smaller share of the columns begins and ends level."""

FILLED, SINGLE = 0.75, 0.9
"""Share of the columns that stand in each band, but for the last one, at least; and of those in a band that are one
line there."""

CROSSED = 0.1
"""Share of the columns that may run through the white between two bands."""

SHORT = 8
"""So many characters, at most, have most columns of a band."""

SENTENCES = 0.2
"""Share of the columns from which on they are prose."""

LARGER, LONGER = 1.15, 2
"""Type larger by this factor, or columns longer by so many characters, are of another kind."""

MOST = 3
"""Fields of a record that comes once, at most: more kinds that all differ are no list."""

COMMON = 0.6
"""Share of the columns of a band that begin with one character, or are numbers, where this is their kind."""


SUM = re.compile(r"\d$|[\d〇零一二三四五六七八九十百千萬壹貳參伍陸柒捌玖拾佰仟][元圓文錢角分]$")
"""How a line ends where a sum, or a number, was read with the words above it."""


class Kind(NamedTuple):
    """What the columns of a band have in common: the thickness and number of characters of most, whether they are
    numbers, and the character with which they begin, or none."""

    thickness: float
    length: float
    values: bool
    initial: str

    def is_like(self, other: Kind) -> bool:
        ratio = self.thickness / other.thickness
        alike = self.values == other.values and self.initial == other.initial
        return alike and 1 / LARGER < ratio < LARGER and abs(self.length - other.length) < LONGER


Band = dict[int, list[int]]
"""The lines of a band, by the number of their column from the right."""


def reading_on(page: Neighbours, raws: Sequence[str]) -> Mask:
    """(n, n): whether the second of two vertical lines must come next: of its band, or the next field of a record.

    ``page``: in the frame of vertical text, where columns run to the right and follow each other downwards. ``raws``:
    the text of each line.
    """
    found = np.zeros((page.count, page.count), dtype=bool)
    for bands in _grids(page):
        for tier in _tiers(page, raws, bands):
            for a, b in pairwise(_in_order(tier)):
                found[a, b] = True
    return found


def _tiers(page: Neighbours, raws: Sequence[str], bands: Sequence[Band]) -> Sequence[Sequence[Band]]:
    """The ``bands`` in tiers, each to be read column by column; none where nothing tells."""
    cells = [cell for band in bands for cell in band.values()]
    if sum(is_punctuated(raws[i]) for cell in cells for i in cell) > SENTENCES * len(cells):
        return ()
    sums = _with_values(raws, bands)
    if all(_have_values(raws, tier) for tier in sums):
        return sums
    kinds = [_kind(page, raws, [i for cell in band.values() for i in cell]) for band in bands]
    if max(kind.length for kind in kinds) > SHORT or sum(len(cell) == 1 for cell in cells) < SINGLE * len(cells):
        return ()
    fields = _fields(kinds)
    if not fields or (fields == 1 and not _are_alike(page, bands)):
        return ()
    return [bands[start : start + fields] for start in range(0, len(bands), fields)]


def _are_alike(page: Neighbours, bands: Sequence[Band]) -> bool:
    """Whether bands of one kind are enough, and as level as lists of names are."""
    lines = [[i for column in sorted(band) for i in band[column]] for band in bands]
    level = min(
        sum(rosters.held(edge[own], page.usual) * len(own) for own in lines) / sum(map(len, lines))
        for edge in (page.left, page.right)
    )
    return len(bands) >= TIERS and len(bands[0]) >= ABREAST and level >= LEVEL


def _with_values(raws: Sequence[str], bands: Sequence[Band]) -> list[list[Band]]:
    """The ``bands``, those of numbers in one tier with the words above."""
    tiers: list[list[Band]] = []
    values = [
        sum(_is_value(raws[i]) for cell in band.values() for i in cell) > COMMON * sum(map(len, band.values()))
        for band in bands
    ]
    for band, is_last, before in zip(bands, values, [True, *values], strict=False):
        if is_last and not before:
            tiers[-1].append(band)
        else:
            tiers.append([band])
    return tiers


def _have_values(raws: Sequence[str], tier: Sequence[Band]) -> bool:
    """Whether most columns of a tier begin with words and end with a number, or dots that lead to one, be it in the
    same line or in another."""
    columns: dict[int, list[str]] = {}
    for band in tier:
        for column, lines in band.items():
            columns.setdefault(column, []).extend(raws[i] for i in lines)
    ended = [not _is_value(texts[0]) and _ends_with_value(texts[-1]) for texts in columns.values()]
    return sum(ended) > COMMON * len(ended)


def _ends_with_value(text: str) -> bool:
    return _is_value(text) or bool(SUM.search(text)) or list_cues(text)[ENTRY]


def _fields(kinds: Sequence[Kind]) -> int:
    """The same by the kinds of the bands alone, where each column has one line in each."""
    for fields in range(1, len(kinds)):
        again = all(a.is_like(b) for a, b in zip(kinds, kinds[fields:], strict=False))
        if again and len(kinds) % fields == 0:
            return fields
    differ = len(kinds) <= MOST and not any(a.is_like(b) for a, b in pairwise(kinds))
    return len(kinds) if differ else 0


def _kind(page: Neighbours, raws: Sequence[str], lines: Sequence[int]) -> Kind:
    texts = [raws[i] for i in lines]
    ((initial, count),) = Counter(text[:1] for text in texts).most_common(1)
    values = sum(map(_is_value, texts)) > COMMON * len(texts)
    return Kind(
        float(np.median(page.high[lines])),
        float(np.median([len(text) for text in texts])),
        values,
        initial if count > COMMON * len(texts) and not values else "",
    )


def _is_value(text: str) -> bool:
    """Whether a text is a number, in digits or in Chinese, with little more."""
    counted = [char.isnumeric() for char in text if char.isalnum()]
    return bool(counted) and counted[0] and 2 * sum(counted) >= len(counted)


def _in_order(bands: Sequence[Band]) -> Iterator[int]:
    """The lines column by column."""
    for column in sorted({column for band in bands for column in band}):
        for band in bands:
            yield from band.get(column, ())


def _grids(page: Neighbours) -> Iterator[list[Band]]:
    """The bands of each part of the page, from the top, in which columns go on below common white."""
    column = _columns(page)
    while (found := _next_run(page, column)) is not None:
        inside = np.flatnonzero((column >= found.start) & (column < found.stop))
        bands = _bands(page, column, inside, len(found))
        column[inside] = -1
        if _is_filled(bands, len(found)):
            yield bands


def _is_filled(bands: Sequence[Band], count: int) -> bool:
    fewest = min((len(band) for band in bands[:-1]), default=0)
    return fewest >= FILLED * count and len(bands[-1]) >= FEW


def _columns(page: Neighbours) -> Indices:
    """(n,): the number of each vertical line's column, from the right; -1 for other lines."""
    column = np.full(page.count, -1)
    own = ~page.foreign
    column[own] = np.unique(page.row[own], return_inverse=True)[1].reshape(-1)
    return column


def _next_run(page: Neighbours, column: Indices) -> range | None:
    """The numbers of columns next to each other of which most go on below one white; None where there are few."""
    gaps = _gaps(page, column, np.flatnonzero(column >= 0))
    while len(gaps):
        at, members = _common_white(gaps)
        if len(members) < FEW:
            return None
        crossed = _crossed(page, column, np.flatnonzero(column >= 0), at)
        runs = np.split(members, np.flatnonzero(np.diff(np.searchsorted(crossed, members))) + 1)
        run = max(runs, key=len)
        if len(run) >= FEW:
            return range(int(run[0]), int(run[-1]) + 1)
        gaps = _others(gaps, at)
    return None


def _bands(page: Neighbours, column: Indices, inside: Indices, count: int) -> list[Band]:
    """The lines ``inside`` of so many columns, parted at all white that hardly any of these columns crosses."""
    gaps, borders = _gaps(page, column, inside), list[float]()
    while len((white := _common_white(gaps))[1]) >= FEW:
        at, _ = white
        if len(_crossed(page, column, inside, at)) <= CROSSED * count:
            borders.append(at)
        gaps = _others(gaps, at)
    bands: list[Band] = [{} for _ in range(len(borders) + 1)]
    place = np.searchsorted(np.sort(borders), page.x[inside])
    for i, k in sorted(zip(inside.tolist(), place.tolist(), strict=True), key=lambda pair: float(page.left[pair[0]])):
        bands[k].setdefault(int(column[i]), []).append(i)
    return bands


def _gaps(page: Neighbours, column: Indices, lines: Indices) -> Floats:
    """(k, 3): the white between lines of one column: the number of the column, and from where to where it is."""
    slack = SLACK * page.usual
    ranked = lines[np.lexsort([page.left[lines], column[lines]])]
    a, b = ranked[:-1], ranked[1:]
    low, high = page.right[a] - slack, page.left[b] + slack
    chosen = (column[a] == column[b]) & (low < high)
    gaps: Floats = np.stack([column[a], low, high], axis=1)[chosen].astype(np.float64)
    return gaps


def _others(gaps: Floats, at: float) -> Floats:
    """The ``gaps`` that are not at a place."""
    kept: Floats = gaps[(gaps[:, 1] >= at) | (gaps[:, 2] <= at)]
    return kept


def _common_white(gaps: Floats) -> tuple[float, Indices]:
    """Where most columns have a gap, and which do."""
    if not len(gaps):
        return 0.0, np.array([], dtype=np.intp)
    column, low, high = gaps.T
    middle = (low + high) / 2
    at = float(
        middle[(np.searchsorted(np.sort(low), middle) - np.searchsorted(np.sort(high), middle, "right")).argmax()]
    )
    return at, np.unique(column[(low < at) & (at < high)]).astype(np.intp)


def _crossed(page: Neighbours, column: Indices, lines: Indices, at: float) -> Indices:
    """The numbers of the columns of which one of ``lines`` runs through a place."""
    slack = SLACK * page.usual
    through = (page.left[lines] + slack < at) & (at < page.right[lines] - slack)
    return np.unique(column[lines[through]])
