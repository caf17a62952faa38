"""Page orientation: by how many degrees a page has to be rotated to be upright.

Detected and recognised lines tell it more reliably than a classifier on the whole page would. Lines are wide or tall,
they are readable from one end only, and Han characters in them stand or lie. These three observations decide between
the four rotations, for horizontal and for vertical text:

    lines  read    characters in the strip   text        rotation
    wide   onward  stand                     horizontal  0
    wide   back    stand                     horizontal  180
    wide   onward  lie on their left side    vertical    90
    wide   back    lie on their left side    vertical    270
    tall   onward  lie on their left side    vertical    0
    tall   back    lie on their left side    vertical    180
    tall   onward  stand                     horizontal  270
    tall   back    stand                     horizontal  90

(A tall line is read as a strip laid on its left side; "back" means the strip rotated by 180 degrees.)
In doubt a page is not rotated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from recognition.page import Pixels
from recognition.scripts import is_han

from .lines import TextQuad, resized
from .recogniser import Text

SAMPLE_SIZE = 4  # lines
SAMPLE_LENGTHS = (3.0, 16.0)  # of sample lines, in thicknesses
CLEARLY_ONWARD = 0.9  # readability from which the other end is not tried: numbers have it upside down ...
CLEARLY_ONWARD_HAN = 0.7  # ... and Han characters 0.55 at most, on a degraded page
BACKWARD_ADVANTAGE = 0.05  # how much better a line must read from the other end to be taken for upside down
MAX_CHARACTERS = 12  # of the sample that are looked at one by one
LYING_AGREEMENT = 0.6  # characters that lie are read at least this often set upright, for each that is read lying
CHARACTER_SIDE = 48  # pixels
MIN_CHARACTERS = 4  # with fewer, nothing follows from how they stand
ROTATION = {
    (False, False, False): 0,
    (False, True, False): 180,
    (False, False, True): 90,
    (False, True, True): 270,
    (True, False, True): 0,
    (True, True, True): 180,
    (True, False, False): 270,
    (True, True, False): 90,
}


def sample_lines(quads: Sequence[TextQuad]) -> list[int]:
    """Indices of a few lines of the prevailing kind (wide or tall), neither too long nor too short.

    Where there are only a few such ones, longer ones are among them: a name or a stamp says little of its page.
    """
    tall = is_mostly_vertical(quads)
    lengths = {i: quad.length / max(quad.thickness, 1.0) for i, quad in enumerate(quads) if quad.vertical == tall}
    long = sorted((max(0.0, length - SAMPLE_LENGTHS[1]), abs(length - 8.0), i) for i, length in lengths.items())
    chosen = [i for _, _, i in long if lengths[i] >= SAMPLE_LENGTHS[0]] or list(lengths)
    return chosen[:SAMPLE_SIZE]


def is_mostly_vertical(quads: Sequence[TextQuad]) -> bool:
    """Whether the total length of tall lines exceeds that of wide ones."""
    return sum(quad.length if quad.vertical else -quad.length for quad in quads) > 0


def rotation_to_upright(
    tall: bool,
    strips: Sequence[Pixels],
    texts: Sequence[Text],
    read_line: Callable[[Pixels], Text],
    read_characters: Callable[[Pixels], Text],
) -> int:
    """Degrees clockwise from the page to the upright page.

    ``tall``: whether most lines are tall. ``strips``: of sample lines. ``texts``: of the strips as they are.
    ``read_line``: must not invent characters where a line cannot be read, as in a script that the model lacks.
    ``read_characters``: reads a row of clear characters, of every page, and so has to be quick.
    """
    back = False
    onward = _readability(strips, texts)
    if onward < (CLEARLY_ONWARD_HAN if _are_mostly_han(texts) else CLEARLY_ONWARD):
        strips_back = [np.ascontiguousarray(strip[::-1, ::-1]) for strip in strips]
        texts_back = [read_line(strip) for strip in strips_back]
        if _readability(strips_back, texts_back) > onward + BACKWARD_ADVANTAGE:
            back, strips, texts = True, strips_back, texts_back
    return ROTATION[tall, back, _characters_lie(tall, strips, texts, read_characters)]


def readability(text: Text, quad: TextQuad) -> float:
    """Mean probability of the characters of a line, reduced if they are few for its length."""
    room = quad.length / max(quad.thickness, 1.0)
    return float(text.probabilities.sum() / max(len(text.probabilities), room / 2, 1.0))


def _readability(strips: Sequence[Pixels], texts: Sequence[Text]) -> float:
    """Mean probability of the characters, reduced if they are few for the length of the strips.

    Upside-down text gives characters of low probability, or only a few dashes.
    """
    probabilities = np.concatenate([text.probabilities for text in texts]) if texts else np.zeros(0)
    room = sum(strip.shape[1] / strip.shape[0] for strip in strips)
    return float(probabilities.sum() / max(len(probabilities), room / 2, 1.0))


def _characters_lie(
    tall: bool, strips: Sequence[Pixels], texts: Sequence[Text], read: Callable[[Pixels], Text]
) -> bool:
    """Whether Han characters in ``strips`` lie on their left side.

    If they lie, they are readable both as they are and rotated upright. If they stand, they are readable only as
    they are: rotating them lays them on their right side, which the recogniser was not trained for.
    """
    cells = [cell for strip, text in zip(strips, texts, strict=True) for cell in _cells(strip, text)]
    if len(cells) < MIN_CHARACTERS:
        return tall and _are_mostly_han(texts)
    cells = cells[:: -(-len(cells) // MAX_CHARACTERS)]
    set_upright = _agreement([(character, np.rot90(cell, -1)) for character, cell in cells], read)
    # Most pages are decided by this alone: all of their characters are read upright, or none.
    return set_upright > LYING_AGREEMENT or (
        set_upright > 0 and set_upright > LYING_AGREEMENT * _agreement(cells, read)
    )


def _are_mostly_han(texts: Sequence[Text]) -> bool:
    characters = "".join(map(str, texts))
    return 2 * sum(map(is_han, characters)) > len(characters)


def _cells(strip: Pixels, text: Text) -> Iterator[tuple[str, Pixels]]:
    """The Han characters of a line, each with its cell of ``strip``."""
    centres = text.centres * strip.shape[1]
    pitch = float(np.median(np.diff(centres))) if len(centres) > 1 else 0.0
    if not 0.3 * strip.shape[0] < pitch < 2 * strip.shape[0]:
        return
    for character, probability, centre in zip(text.characters, text.probabilities, centres, strict=True):
        left, right = round(centre - pitch / 2), round(centre + pitch / 2)
        if is_han(character) and probability > 0.5 and left >= 0 and right <= strip.shape[1]:
            yield character, strip[:, left:right]


def _agreement(cells: Sequence[tuple[str, Pixels]], read: Callable[[Pixels], Text]) -> float:
    """The share of ``cells``, put side by side, that are read as their own character."""
    row = read(
        np.concatenate(
            [resized(np.ascontiguousarray(cell), CHARACTER_SIDE, CHARACTER_SIDE) for _, cell in cells], axis=1
        )
    )
    seen = {
        (int(centre * len(cells)), character) for character, centre in zip(row.characters, row.centres, strict=True)
    }
    return sum((i, character) in seen for i, (character, _) in enumerate(cells)) / len(cells)
