"""Which lines of a page can be believed, and what to say of the others.

The model has characters for Chinese, Japanese and Latin. Of other scripts it makes blanks, a few marks, or letters that
look alike; what it makes of them may have any confidence. They show by how little is read for the length of a line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist

from .geometry import BBox, expanded, touch, union
from .page import Line, PageWarning
from .scripts import is_east_asian

SLENDER = 2.5
SLENDER_BLANK = 5
"""A line this much longer than thick has room for several characters. Of what is shorter and gives not even blanks
nobody knows whether it is text."""

SPARSE = 0.45
"""Fewer characters than this for each piece of a line as long as thick: Han characters fill one each, Latin letters
half of one."""

POOR_CONFIDENCE, LOW_CONFIDENCE, FAIR_CONFIDENCE, SURE = 0.4, 0.75, 0.85, 0.9

FEW_EAST_ASIAN = 2

DOUBTFUL_SPARSE = 0.6
"""The same for what is read with low confidence."""

GREEK_LETTERS = 6
GREEK_SHARE = 0.6
"""A line with so many Greek letters, this part of all its letters, is Greek text, which the model reads in part: it has
the letters of formulas, without accents."""

THIN = 0.5
"""A line less thick than this part of the others' thickness is a rule rather than text."""

MOST_OF_PAGE = 0.5

FOREIGN_SHARE, FOREIGN_OR_DOUBTFUL = 0.15, 0.75
"""Of the lengths of lines: a page with so much that is certainly in another script, and so much that may be, is one."""

DOUBTFUL_SHARE = 0.6
LEAST_LENGTH = 5
"""A page says so if so much of its lines is read in doubt. Of lines that are less than so many times as long as thick
nobody knows."""

NOTE_THICKNESS = 0.75
"""Of the column that it stands beside: the most that a column of bopomofo has."""

OVER = 0.3
"""How far bopomofo may stand over its line, in thicknesses of that."""

MARKS = frozenset(".,:;«»„“")
"""Of sentences and dates: what the model still reads of Cyrillic lines with numbers. A leader has dots only."""

KANA = frozenset(map(chr, range(0x3041, 0x3100)))

LOOKALIKE_SHARE = 0.55
LOOKALIKES = frozenset(
    "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦㄧㄨㄩ"
    "勹攵夂口冂门匚万力刀カ七方去云士土弓马マ丩《〈＜<く巜厂广丁丅下T止屮中出户戸尸彳亍日曰目卩ㄗ专ち千于ム厶幺么"
    "丫Y了せ世也历力カア九乃几ん尢大太ㄟヌ乂义又メ×xX一丨L乚乙し儿ルろ山凵U卜ト·・˙ˊˇˋ'`´」、,."
)
"""What the model makes of bopomofo."""

BESIDE = 0.6
"""How much of a column of bopomofo has the column of characters beside it, and how far they may be apart, as part of
that one's thickness."""


SMALL_PRINT = 11.0
SMALL_PRINT_DOUBT = 0.95
FEW_CHARACTERS = 4
"""Lines thinner than this, in pixels, have characters of at most eight. Those that are read with less confidence, and
are no mere marks, are too small."""


@dataclass(frozen=True)
class Legible:
    """``lines``: those to be believed. ``warnings``: what is said of the others."""

    lines: tuple[Line, ...]
    warnings: tuple[PageWarning, ...]


def legible(lines: Sequence[Line], *, whole_page: bool = True) -> Legible:
    """Parts the lines of a page, as an engine reads them, into those to be believed and those that are not.

    ``whole_page``: or else they are those of a part of it. Lines that say nothing are left out without a word where
    they may be rules, stains or pictures.
    """
    thickness = _middle([_thickness(line) for line in lines])
    foreign = [line for line in lines if _is_foreign(line) and _thickness(line) >= THIN * thickness]
    if all(map(_is_single_character, foreign)):
        foreign = []  # a character in a wide box says nothing of a script
    read = [line for line in lines if line.raw and line not in foreign]
    notes = [line for line in read if _is_bopomofo(line, read)]
    read = [line for line in read if line not in notes]
    total = _length([*foreign, *read])
    doubtful = _length([line for line in read if _is_doubtful(line) and not _has_east_asian(line)])
    may_be_foreign = _length(foreign) > FOREIGN_SHARE * total and (
        _length(foreign) + doubtful > FOREIGN_OR_DOUBTFUL * total
    )
    if may_be_foreign or _length(foreign) > MOST_OF_PAGE * total:
        read = [line for line in read if line.confidence >= FAIR_CONFIDENCE]
    warnings = [PageWarning("script-unsupported", box) for box in _regions(notes)]
    if foreign and not read and whole_page:
        warnings.append(PageWarning("script-unsupported"))
    else:
        warnings += [PageWarning("script-unsupported", box) for box in _regions(foreign)]
    small = [line for line in read if _is_too_small(line)]
    if whole_page and _length(small) > MOST_OF_PAGE * _length(read):
        warnings.append(PageWarning("text-too-small"))
    else:
        warnings += [PageWarning("text-too-small", box) for box in _regions(small)]
    if not warnings and whole_page and _is_doubtful_page(read):
        warnings.append(PageWarning("text-doubtful"))
    return Legible(tuple(read), tuple(warnings))


def _is_doubtful_page(lines: Sequence[Line]) -> bool:
    """Whether most of a page is in doubt: poor print, handwriting, or a script of which the model makes letters."""
    long = [line for line in lines if _extent(line) > LEAST_LENGTH * _thickness(line)]
    return _length([line for line in long if _is_doubtful(line)]) > DOUBTFUL_SHARE * _length(long)


def _is_doubtful(line: Line) -> bool:
    return line.confidence < FAIR_CONFIDENCE


def _has_east_asian(line: Line) -> bool:
    return sum(map(is_east_asian, line.raw)) >= FEW_EAST_ASIAN


def _is_too_small(line: Line) -> bool:
    return (
        _thickness(line) < SMALL_PRINT
        and line.confidence < SMALL_PRINT_DOUBT
        and len("".join(line.raw.split())) >= FEW_CHARACTERS
    )


def _is_foreign(line: Line) -> bool:
    """Whether a line has room for more than is read of it."""
    characters = "".join(line.raw.split())
    pieces = _extent(line) / max(_thickness(line), 1)
    if pieces < (SLENDER if line.raw else SLENDER_BLANK):
        return False
    letters = [character for character in characters if unicodedata.category(character)[0] in "LN"]
    greek = sum("\u0370" <= character <= "\u03ff" or "\u1f00" <= character <= "\u1fff" for character in letters)
    if greek >= GREEK_LETTERS and greek >= GREEK_SHARE * len(letters):
        return True
    if _lacks_words(line.raw):
        return True
    if _has_east_asian(line) and line.confidence >= POOR_CONFIDENCE:
        return False  # worn or widely spaced print; of other scripts the model makes no such characters
    if len(characters) < DOUBTFUL_SPARSE * pieces and line.confidence < LOW_CONFIDENCE:
        return True
    # A label that is widely spaced is read with confidence.
    return len(characters) < SPARSE * pieces and (line.confidence < FAIR_CONFIDENCE or not letters)


def _lacks_words(text: str) -> bool:
    """Whether numbers and marks stand where they are left over of a line whose words are blanks."""
    if any(map(str.isalpha, text)) or not any(map(str.isdigit, text)):
        return False
    alone = [part for part in text.split() if part in MARKS]
    return len(alone) >= 2 and len(set(alone)) >= 2 and (text[:1].isspace() or text[0] in MARKS or "  " in text)


def _is_single_character(line: Line) -> bool:
    characters = "".join(line.raw.split())
    return len(characters) == 1 and unicodedata.category(characters)[0] in "LNS"


def _is_bopomofo(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is bopomofo at the right of a column, or over a line, among the others of ``lines``.

    Kana over a line are small kana of a Japanese page, unless no other line has any.
    """
    if line.confidence >= SURE:
        return False
    others = [other for other in lines if other.direction == line.direction and other.confidence >= SURE]
    characters = "".join(line.raw.split())
    if line.direction == "vertical-rl":
        return _share(characters, LOOKALIKES) >= LOOKALIKE_SHARE and any(_is_beside(line, main) for main in others)
    if sum(map(str.isalpha, characters)) < 2 or not any(_is_over(line, main) for main in others):
        return False
    return _share(characters, LOOKALIKES | KANA) >= LOOKALIKE_SHARE and not any(KANA & set(each.raw) for each in others)


def _share(characters: str, of: frozenset[str]) -> float:
    return sum(character in of for character in characters) / max(len(characters), 1)


def _is_beside(note: Line, main: Line) -> bool:
    """Whether a column is the note at the right of another."""
    return abs(note.box[0] - main.box[2]) < BESIDE * _thickness(main) and _runs_along(note, main, 1)


def _is_over(note: Line, main: Line) -> bool:
    """Whether a line is the note over another."""
    return abs(note.box[3] - main.box[1]) < OVER * _thickness(main) and _runs_along(note, main, 0)


def _runs_along(note: Line, main: Line, axis: int) -> bool:
    """Whether a line is as thin as a note, and stands along another for the most part. ``axis``: 0 across, 1 down."""
    start, end = note.box[axis], note.box[axis + 2]
    shared = min(end, main.box[axis + 2]) - max(start, main.box[axis])
    return shared > BESIDE * (end - start) and _thickness(note) < NOTE_THICKNESS * _thickness(main)


def _regions(lines: Sequence[Line]) -> list[BBox]:
    """Boxes around lines that stand together, from the top."""
    regions: list[BBox] = []
    for line in lines:
        box = line.box
        reach = 1.5 * _thickness(line)
        while near := [other for other in regions if touch(expanded(box, reach), other)]:
            regions = [other for other in regions if other not in near]
            box = union([box, *near])
        regions.append(box)
    return sorted(regions, key=lambda box: box[1])


def _extent(line: Line) -> float:
    return max(_sides(line))


def _thickness(line: Line) -> float:
    return min(_sides(line))


def _sides(line: Line) -> tuple[float, float]:
    a, b, _, d = line.polygon
    return dist(a, b), dist(a, d)


def _length(lines: Sequence[Line]) -> float:
    return sum(map(_extent, lines))


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
