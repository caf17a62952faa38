"""The order in which the lines of a page are read, where people edited it.

What was read stays as it is: the order is kept beside it, as the ids of the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from documents.transcript import TranscriptLine
from recognition import layout
from recognition.page import Line
from recognition.page import to_upright_page as to_upright


def in_order(
    lines: Sequence[TranscriptLine], known: Sequence[str], geometry: Callable[[], Sequence[Line]]
) -> list[TranscriptLine]:
    """``lines`` as the ids ``known`` have it; one that they do not name follows the line that it follows on the page.

    ``geometry``: gives the same lines on the upright page, if that is needed.
    """
    waiting = {line.id: line for line in lines}
    ordered = [waiting.pop(line_id) for line_id in known if line_id in waiting]
    if waiting:
        as_seen = [lines[index] for index in layout.sequence(geometry())]
        if as_seen[0].id in waiting:
            ordered.insert(0, as_seen[0])
        for before, line in pairwise(as_seen):
            if line.id in waiting:
                ordered.insert(ordered.index(before) + 1, line)
    return ordered


def to_upright_page(lines: Sequence[TranscriptLine], rotation: int, width: int, height: int) -> list[Line]:
    """The lines as they are on the page set upright, each with the text that stands there.

    ``rotation``, ``width``, ``height``: of the page as the lines have it, in degrees and in pixels.
    """
    matrix = to_upright(rotation, width, height)
    return [replace(line.line.mapped(matrix), raw=line.text or line.line.raw) for line in lines]
