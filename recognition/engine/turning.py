"""Which way a page has to be turned to stand upright.

What detection and reading say together is surer than a picture of the whole page. Lines are wide or
tall, they read well from one end only, and Han characters in them stand or lie. These three tell the four
ways apart, for horizontal and for vertical text:

    lines  read    characters in the strip   text        to be turned by
    wide   onward  stand                     horizontal  0
    wide   back    stand                     horizontal  180
    wide   onward  lie on their left side    vertical    90
    wide   back    lie on their left side    vertical    270
    tall   onward  lie on their left side    vertical    0
    tall   back    lie on their left side    vertical    180
    tall   onward  stand                     horizontal  270
    tall   back    stand                     horizontal  90

(A tall line is read as a strip laid on its left side; "back" means the strip turned by 180 degrees.)
In doubt a page is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from recognition.page import Pixels

from .lines import Box, resized
from .recogniser import Text
from .upright import is_han

SAMPLE = 4  # lines that are looked at
LENGTHS = (3.0, 16.0)  # of these, in thicknesses
GOOD = 0.9  # confidence from which nobody asks whether the other way would be better
MARGIN = 0.1  # by which the other way must be better
CELLS = 12
FEW = 4  # characters below which nothing follows from them
TURN = {
    (False, False, False): 0,
    (False, True, False): 180,
    (False, False, True): 90,
    (False, True, True): 270,
    (True, False, True): 0,
    (True, True, True): 180,
    (True, False, False): 270,
    (True, True, False): 90,
}


def sample(boxes: Sequence[Box]) -> list[int]:
    """Numbers of a few lines of the prevailing kind (wide or tall), neither too long nor too short."""
    tall = prevailing(boxes)
    fit = [
        (abs(box.length / max(box.thickness, 1.0) - 8.0), i)
        for i, box in enumerate(boxes)
        if box.vertical == tall and LENGTHS[0] <= box.length / max(box.thickness, 1.0) <= LENGTHS[1]
    ]
    return [i for _, i in sorted(fit)[:SAMPLE]] or [i for i, box in enumerate(boxes) if box.vertical == tall][:SAMPLE]


def prevailing(boxes: Sequence[Box]) -> bool:
    """Whether there is more tall than wide text, by length."""
    return sum(box.length if box.vertical else -box.length for box in boxes) > 0


def turn(tall: bool, strips: Sequence[Pixels], texts: Sequence[Text], read: Callable[[Pixels], Text]) -> int:
    """Degrees clockwise, from ``strips`` of sample lines and what is read in them as they are."""
    back = False
    onward = _confidence(texts)
    if onward < GOOD:
        strips_back = [np.ascontiguousarray(strip[::-1, ::-1]) for strip in strips]
        texts_back = [read(strip) for strip in strips_back]
        if _confidence(texts_back) > onward + MARGIN:
            back, strips, texts = True, strips_back, texts_back
    return TURN[tall, back, _lie(tall, strips, texts, read)]


def _confidence(texts: Sequence[Text]) -> float:
    """Mean probability of a character, where a line without any counts as one that is wrong."""
    probabilities = [p for text in texts for p in (text.probabilities if len(text.probabilities) else [0.0])]
    return float(np.mean(probabilities)) if probabilities else 0.0


def _lie(tall: bool, strips: Sequence[Pixels], texts: Sequence[Text], read: Callable[[Pixels], Text]) -> bool:
    """Whether Han characters in ``strips`` lie on their left side: set upright, they are the same again."""
    cells, expected = [], []
    for strip, text in zip(strips, texts, strict=True):
        if len(text.characters) < 2:
            continue
        centres = text.centres * strip.shape[1]
        pitch = float(np.median(np.diff(centres)))
        if not 0.3 * strip.shape[0] < pitch < 2 * strip.shape[0]:
            continue
        for character, probability, centre in zip(text.characters, text.probabilities, centres, strict=True):
            left, right = round(centre - pitch / 2), round(centre + pitch / 2)
            if is_han(character) and probability > 0.5 and left >= 0 and right <= strip.shape[1]:
                cells.append(resized(np.ascontiguousarray(np.rot90(strip[:, left:right], -1)), *strip.shape[:1] * 2))
                expected.append(character)
    if len(cells) < FEW:
        return tall and sum(is_han(c) for text in texts for c in text.characters) > 0
    step = -(-len(cells) // CELLS)
    cells, expected = cells[::step], expected[::step]
    again = read(np.concatenate(cells, axis=1))
    seen = [(again.characters[i], int(centre * len(cells))) for i, centre in enumerate(again.centres)]
    agreement = sum((character, i) in seen for i, character in enumerate(expected)) / len(cells)
    return agreement > (0.2 if tall else 0.5)
