"""Detection: where the text lines of a page are.

PaddleOCR's detector and DB post-processing find the lines. This module decides at which scale: a page is first
scaled to a size at which ordinary print is found. A page of small print is scaled up and detected again. Such print
vanishes on a huge page, so the part of it with the most edges is looked at in full size first. At some sizes the
white between the characters of close columns passes for that between lines; a page of columns in pieces is detected
again, too. An image that would have to shrink too much (a long receipt, a banner) is split into overlapping tiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from recognition.page import Pixels

from .bands import Band, bands
from .curves import lines_of, without_echoes
from .lines import VERTICAL_ASPECT, Quad, TextQuad, resized
from .model_settings import DetectorSettings
from .networks import Runner

LONG_SIDE = 1280  # pixels that the detector sees of a page's long side
SHORT_SIDE = 640  # ... and at least of its short side, if it has them
TILE_SIDE = 1600  # pixels of the largest side that is shown in one piece ...
MOST_SHOWN = 1_700_000  # ... and of all of it: a little over LONG_SIDE squared, at 120 bytes for each
TILE_OVERLAP = 160  # pixels
MOST_KEPT = LONG_SIDE * 896  # pixels shown, as of A4, for which the network keeps its memory
USUAL_SIZES = ((1280, 896), (320, 256))  # height and width of what is shown of an A4 page
LARGE_IMAGE = 48 * 2**20  # bytes of one that takes as much memory as the network, which gives its own back first
SIZE_STEP = 32  # pixels; the network halves a picture five times
SMALL_PRINT = 12.0  # thickness of lines, in pixels that the detector sees, below which a page is looked at again ...
TARGET_THICKNESS = 18.0  # ... at a size at which they are this thick
TORN = 0.25  # share of single characters among the lines, from which the page is looked at again ...
TORN_ENLARGED = 1.5  # ... so many times as large; what is torn at one size is hardly ever torn at both
MENDED = 0.5  # share of the single characters that may be left, or else the lines were not torn
PROBED_BELOW = 0.25  # a scale at which print of 20 pixels is 5 pixels high
PROBED_SIDE = 1024  # pixels of the part that is then looked at
PROBED_THICKNESS = 24.0  # of lines of 20 pixels, some are missed at 18
BESIDE = 0.5  # thicknesses of a strip that two lines share, below which they are close neighbours
EVEN = 16  # difference of the darkest and the lightest pixel of a tile without any text, or of pixels from the paper
MARGIN = 16  # pixels that the detector sees at least around all that is not blank, since it misses text at an edge
MARGIN_STEP = 64  # pixels; it is slower at the first image of another size, so there should be few sizes
MOST_WITHOUT_MARGINS = 0.9  # share of a page below which its blank margins are left out
LEAST_LINEAR_SCALE = 0.5  # the last step interpolates linearly, which skips pixels at a smaller scale
MAX_SCALE = 2.0  # enlarging further shows nothing new
HUGE_SCALE = 0.25  # at which type is looked for that is too large to be seen as such at the usual scale ...
HUGE_STEP = 64  # ... in few sizes, since such type can be seen in an image of other proportions ...
HUGE_THICKNESS = 240.0  # ... from this thickness of its lines on, in pixels that the detector sees there
HUGE_ROOM = 0.7  # part of it that is free of text in a square wherever such a line may be
ROOM_STEP = 16.0  # pixels that the detector sees, to which such a square is measured
PIECE_THICKNESS = 0.3  # part of a huge line's thickness from which something within it is a piece of it
SLENDER = 3.0  # length of a line, in thicknesses, from which it has several characters
SAME = 0.6  # intersection over union from which a huge line was seen at the usual scale as well


class Detector:
    def __init__(self, runner: Runner, settings: DetectorSettings, release: Callable[[], None]) -> None:
        """``runner``: of ``Networks``. ``release``: gives back the memory that it took for an image."""
        self._runner = runner
        self._settings = settings
        self._release = release
        self._most_shown = 0  # pixels, since the memory was given back

    def warm(self) -> None:
        """Shows the network blank images of the usual sizes, since the first one of a size takes longer."""
        for height, width in USUAL_SIZES:
            self._text_map(np.zeros((height, width, 3), np.uint8))
        self._release()

    def detect(self, image: Pixels) -> list[TextQuad]:
        """The lines of ``image`` (height, width, 3; RGB), in no particular order."""
        if image.nbytes > LARGE_IMAGE:
            self._release()
        height, width = image.shape[:2]
        scale = min(1.0, max(LONG_SIDE / max(height, width), SHORT_SIDE / min(height, width)))
        left, top, right, bottom = _without_margins(image, scale)
        image = image[top:bottom, left:right]
        seen_at, lines = scale, self._lines_at(image, scale)
        probed = self._lines_at(_densest_part(image), 1.0) if scale < PROBED_BELOW else []
        if typical := probed or lines:
            thickness = float(np.median([line.thickness for line in typical])) * scale
            target = PROBED_THICKNESS if probed else TARGET_THICKNESS
            larger = min(MAX_SCALE, scale * target / max(thickness, 1.0))
            if thickness < SMALL_PRINT and larger > scale:
                seen_at, lines = larger, self._lines_at(image, larger)
        if len(_single_characters(lines)) > TORN * len(lines) and seen_at < MAX_SCALE:
            again = self._lines_at(image, min(MAX_SCALE, seen_at * TORN_ENLARGED))
            if len(_single_characters(again)) < MENDED * len(_single_characters(lines)):
                lines = again
        huge = self._huge_lines_at(image, scale) if _has_room_for_huge(lines, image, scale) else []
        lines = without_echoes(_with_huge_lines(lines, huge), image)
        if self._most_shown > MOST_KEPT:
            self._release()
            self._most_shown = 0
        return [line.shifted(left, top) for line in lines]

    def _lines_at(self, image: Pixels, scale: float) -> list[TextQuad]:
        return [line for band in self._bands_at(image, scale) for line in lines_of(band, image)]

    def _huge_lines_at(self, image: Pixels, scale: float) -> list[TextQuad]:
        """The lines that are too thick to be seen as such at ``scale``."""
        bands = self._bands_at(image, scale * HUGE_SCALE, HUGE_STEP)
        seen = [TextQuad.around(band.quad) for band in bands if band.fills]
        return [line for line in seen if line.thickness * scale > HUGE_THICKNESS]

    def _bands_at(self, image: Pixels, scale: float, step: int = SIZE_STEP) -> list[Band]:
        """The bands that the detector sees in ``image`` at ``scale``, in pixels of ``image``.

        ``step``: of which the sides of what it is shown are multiples.
        """
        found = list[list[Band]]()
        tiles = list(_tiles(image.shape[1], image.shape[0], scale))
        for left, top, right, bottom in tiles:
            tile = image[top:bottom, left:right]
            if int(tile.max()) - int(tile.min()) < EVEN:
                found.append([])
                continue
            side = max(32, round(max(tile.shape[:2]) * scale))
            if scale < LEAST_LINEAR_SCALE:
                tile = _reduced(tile, scale)
            seen = bands(self._text_map(_shown(tile, side, step)), self._settings, right - left, bottom - top)
            found.append([band.shifted(left, top) for band in seen])
        return found[0] if len(tiles) == 1 else _merge_tiles(found)

    def _text_map(self, shown: Pixels) -> npt.NDArray[np.float32]:
        """The probabilities (height, width) that the pixels of ``shown`` are within text."""
        pixels = shown.shape[0] * shown.shape[1]
        if self._most_shown <= MOST_KEPT < pixels:
            self._release()  # before it takes more, and not only afterwards
        self._most_shown = max(self._most_shown, pixels)
        batch = np.empty((1, 3, *shown.shape[:2]), np.float32)
        # The network was trained with blue first.
        for channel, values, factor, summand in zip(
            batch[0], shown.T[::-1], self._settings.factors, self._settings.summands, strict=True
        ):
            np.multiply(values.T, factor, out=channel, dtype=np.float32)
            channel += summand
        return np.asarray(self._runner(x=[batch])[0][0, 0])


def _single_characters(lines: Sequence[TextQuad]) -> list[TextQuad]:
    """The lines that are hardly longer than thick."""
    return [line for line in lines if not line.vertical and line.length < VERTICAL_ASPECT * line.thickness]


def _reduced(tile: Pixels, scale: float) -> Pixels:
    """``tile`` at a small ``scale``. By halves first, which takes a third of the time."""
    width, height = (max(1, round(length * scale)) for length in (tile.shape[1], tile.shape[0]))
    while tile.shape[1] >= 4 * width and tile.shape[0] >= 4 * height:
        tile = np.asarray(cv2.resize(tile, (tile.shape[1] // 2, tile.shape[0] // 2)))
    return resized(tile, width, height)


def _shown(tile: Pixels, side: int, step: int) -> Pixels:
    """``tile`` with its longer side as near to ``side`` as multiples of ``step`` allow."""
    height, width = tile.shape[:2]
    ratio = side / max(height, width)
    height, width = (max(step, round(int(length * ratio) / step) * step) for length in (height, width))
    return tile if tile.shape[:2] == (height, width) else np.asarray(cv2.resize(tile, (width, height)))


def _without_margins(image: Pixels, scale: float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of ``image`` that differs from its first pixel, with some room around it.

    Or all of it, if that part is not much smaller.
    """
    paper = image[0, 0].astype(np.int16)
    blank = cv2.inRange(image, paper - EVEN + 1, paper + EVEN - 1)
    left, top, width, height = cv2.boundingRect(cv2.bitwise_not(blank, dst=blank))
    spans = []
    for first, length, most in ((left, width, image.shape[1]), (top, height, image.shape[0])):
        start = math.floor((first * scale - MARGIN) / MARGIN_STEP) * MARGIN_STEP / scale
        end = math.ceil(((first + length) * scale + MARGIN) / MARGIN_STEP) * MARGIN_STEP / scale
        spans.append((max(0, round(start)), min(most, round(end))))
    (left, right), (top, bottom) = spans
    if (right - left) * (bottom - top) > MOST_WITHOUT_MARGINS * blank.size:
        return 0, 0, image.shape[1], image.shape[0]
    return left, top, right, bottom


def _has_room_for_huge(lines: Sequence[TextQuad], image: Pixels, scale: float) -> bool:
    """Whether a huge line may be somewhere in ``image``: where there is a square without text, or with pieces of it."""
    to_grid = scale / ROOM_STEP
    height, width = (math.ceil(side * to_grid) for side in image.shape[:2])
    free = np.ones((height, width), np.uint8)
    for line in lines:
        if _is_text_in_huge(line, HUGE_THICKNESS / scale):
            cv2.fillConvexPoly(free, np.round(line.corners * to_grid).astype(np.int32), 0)
    around = cv2.copyMakeBorder(free, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    room = 2 * float(cv2.distanceTransform(around, cv2.DIST_C, 3).max()) - 1
    return room * ROOM_STEP >= HUGE_ROOM * HUGE_THICKNESS


def _with_huge_lines(lines: Sequence[TextQuad], huge: Sequence[TextQuad]) -> list[TextQuad]:
    """``lines`` and the ``huge`` ones that were seen in a smaller picture, in place of their pieces.

    Something small within a huge line says that it is none, but a picture or several lines.
    """
    kept = list(lines)
    for line in huge:
        inside = [
            other
            for other in kept
            if cv2.pointPolygonTest(line.corners, other.corners.mean(axis=0).tolist(), False) >= 0
        ]
        if not any(
            _is_text_in_huge(other, line.thickness) or _overlap(other.corners, line.corners) > SAME for other in inside
        ):
            kept = [*(other for other in kept if other not in inside), line]
    return kept


def _is_text_in_huge(other: TextQuad, thickness: float) -> bool:
    """Whether ``other`` is too thin for a piece of a line of this ``thickness``, and too long for a stroke of its
    characters."""
    return other.thickness < PIECE_THICKNESS * thickness and other.length > SLENDER * other.thickness


def _overlap(one: Quad, other: Quad) -> float:
    """Intersection over union."""
    shared, _ = cv2.intersectConvexConvex(one, other)
    return shared / (cv2.contourArea(one) + cv2.contourArea(other) - shared)


def _densest_part(image: Pixels) -> Pixels:
    """The tile of ``image`` in full size with the most edges."""
    tiles = _tiles(image.shape[1], image.shape[0], 1.0, PROBED_SIDE)
    return max((image[top:bottom, left:right] for left, top, right, bottom in tiles), key=_edges)


def _edges(tile: Pixels) -> float:
    """How much there is of edges in ``tile``, on average of its pixels."""
    return float(cv2.mean(cv2.convertScaleAbs(cv2.Laplacian(np.ascontiguousarray(tile[..., 1]), cv2.CV_16S)))[0])


def _tiles(width: int, height: int, scale: float, side: int = TILE_SIDE) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right, bottom of tiles that cover an image and overlap.

    When scaled, each has at most ``side`` pixels on its longer side, and MOST_SHOWN in all.
    """
    rows = _spans(height, scale, side)
    tall = (rows[0][1] - rows[0][0]) * scale
    for top, bottom in rows:
        for left, right in _spans(width, scale, min(side, MOST_SHOWN / tall)):
            yield left, top, right, bottom


def _spans(length: int, scale: float, side: float) -> list[tuple[int, int]]:
    tile, overlap = side / scale, TILE_OVERLAP / scale
    if length <= tile:
        return [(0, length)]
    count = int(np.ceil((length - overlap) / (tile - overlap)))
    size = (length - overlap) / count + overlap
    starts = [round(i * (size - overlap)) for i in range(count)]
    return [(start, min(length, round(start + size))) for start in starts]


def _merge_tiles(found: list[list[Band]]) -> list[Band]:
    """The bands of all tiles. Pieces from different tiles that overlap become one band.

    Such pieces arise if a line crosses a seam, or if it lies in the overlap and is found in both tiles.
    """
    groups: list[list[tuple[int, Band]]] = []
    for tile, band in [(tile, band) for tile, some in enumerate(found) for band in some]:
        same = [group for group in groups if any(t != tile and _are_one_line(b.quad, band.quad) for t, b in group)]
        groups = [group for group in groups if not any(group is other for other in same)]
        groups.append([piece for group in same for piece in group] + [(tile, band)])
    return [_merged([band for _, band in group]) for group in groups]


def _merged(pieces: list[Band]) -> Band:
    return Band(
        _enclosing_quad([piece.quad for piece in pieces]),
        tuple(outline for piece in pieces for outline in piece.outlines),
        any(piece.fills for piece in pieces),
        pieces[0].unclip_ratio,
        tuple(part for piece in pieces for part in piece.parts),
    )


def _are_one_line(one: Quad, other: Quad) -> bool:
    """Whether two rectangles are pieces of one line: the smaller lies mostly in the larger, or continues it."""
    area, shared = cv2.intersectConvexConvex(one, other)
    if area <= 0:
        return False
    thinner, thicker = sorted(TextQuad.around(quad).thickness for quad in (one, other))
    smaller = min(cv2.contourArea(one), cv2.contourArea(other))
    beside = min(cv2.minAreaRect(shared)[1]) < BESIDE * thinner
    return area > 0.5 * smaller or (area > thinner**2 and thicker < 1.5 * thinner and not beside)


def _enclosing_quad(quads: list[Quad]) -> Quad:
    """The smallest rectangle around ``quads``."""
    if len(quads) == 1:
        return quads[0]
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(np.concatenate(quads))), np.float32)
