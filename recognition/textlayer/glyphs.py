"""The glyphs of a PDF page, with what PDFium knows of each."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise, repeat
from typing import Self

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.page import Matrix

from .symbols import has_pictures, signs_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
Codes = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

HYPHEN = 0x2
"""What PDFium makes of a hyphen at the end of a line, to join the word."""

REPLACEMENT = 0xFFFD

BLANKS = np.zeros(0x10000, dtype=np.bool_)
BLANKS[[*range(33), 0xA0, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]] = True
"""Code points that show nothing."""

NO_SPACE, GUESSED_SPACE, SPACE = range(3)
"""Before a glyph: nothing; a space or a line break that PDFium put there; a space that is in the file."""

VERTICAL_FORMS = str.maketrans(
    "︐︑︒︓︔︕︖︗︘︙︱︲︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈",
    "，、。：；！？〖〗…—–（）｛｝〔〕【】《》〈〉「」『』［］",
)
"""From marks as they are drawn in columns to marks as they are written."""

RADICALS = {code: ord(unicodedata.normalize("NFKC", chr(code))) for code in range(0x2F00, 0x2FD6)} | str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "母民虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
"""From the radicals, which fonts give in place of the Han characters that look the same, to these (Unicode's
EquivalentUnifiedIdeograph)."""

SMALL_CAPITALS = {0xF761 + n: ord("a") + n for n in range(26)} | {0xF730 + n: ord("0") + n for n in range(10)}
"""From Adobe's private code points for small capitals and old-style figures to letters and digits."""

_unicode = pdfium.quick(c.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)
_generated = pdfium.quick(c.FPDFText_IsGenerated, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_object = pdfium.quick(c.FPDFText_GetTextObject, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
_loose_box = pdfium.quick(c.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_origin = pdfium.quick(c.FPDFText_GetCharOrigin, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 2)


@dataclass(frozen=True, eq=False)
class Glyphs:
    """The n glyphs of a page that are more than blanks, in drawing order; lengths in points of the page's space, y up.

    ``codes``: (n,) code points; what is no character is U+FFFD. ``boxes``: (n, 4) left, top, right, bottom, from the
    fonts' metrics. ``origins``: (n, 2) where the pen was. ``angles``: (n,) of their baselines in radians, clockwise.
    ``ems``: (n,) the size of their type. ``objects``: (n,) which of the things drawn each belongs to; -1 where PDFium
    does not say. ``fonts``: (n,) a number for each font. ``signs``: (n,) which are of picture fonts. ``serials``: (n,)
    the place in PDFium's own order. ``spaces``: (n,) what stands before each in that order.
    """

    codes: Codes
    boxes: Floats
    origins: Floats
    angles: Floats
    ems: Floats
    objects: Integers
    fonts: Integers
    signs: Mask
    serials: Integers
    spaces: Integers

    @classmethod
    def on(cls, page: pypdfium2.PdfPage, drawn: Mapping[int, int]) -> Self:
        """The glyphs of ``page``; ``drawn``: the number of each object by its address. PDFium's lock must be held."""
        textpage = page.get_textpage()
        address = ctypes.cast(textpage.raw, ctypes.c_void_p).value
        count = c.FPDFText_CountChars(textpage)
        units = np.fromiter(map(_unicode, repeat(address), range(count)), dtype=np.uint32, count=count)
        for place in np.flatnonzero(units == HYPHEN).tolist():
            if c.FPDFText_IsHyphen(textpage, place) != 1:
                units[place] = REPLACEMENT
        codes, firsts = _code_points(units)
        made = np.fromiter(map(_generated, repeat(address), range(count)), dtype=np.bool_, count=count)[firsts]
        blank = BLANKS[np.minimum(codes, 0xFFFF)] & (codes != HYPHEN) | made
        blank &= codes != REPLACEMENT
        # PDFium's guesses are told from the file's own spaces by who made them.
        spaces = _before(np.where(blank, np.where(made, GUESSED_SPACE, SPACE), NO_SPACE), blank)
        places = firsts[~blank].tolist()
        boxes, origins = np.zeros((len(places), 4), dtype=np.float32), np.zeros((len(places), 2), dtype=np.float64)
        base = boxes.ctypes.data
        deque(map(_loose_box, repeat(address), places, range(base, base + boxes.nbytes, 16)), maxlen=0)
        base = origins.ctypes.data
        ends = range(base, base + origins.nbytes, 16), range(base + 8, base + origins.nbytes, 16)
        deque(map(_origin, repeat(address), places, *ends), maxlen=0)
        owners = np.fromiter(map(_object, repeat(address), places), dtype=np.uint64, count=len(places))
        about, names = _ways(textpage, owners, places)
        textpage.close()
        _part(boxes, origins, about[:, 0])
        objects = np.array([drawn.get(owner, -1) for owner in owners.tolist()], dtype=np.intp)
        meant, signs = _meant(codes[~blank], about[:, 2], names)
        glyphs = cls(
            codes=meant,
            boxes=boxes.astype(np.float64),
            origins=origins,
            angles=about[:, 0],
            ems=about[:, 1],
            objects=objects,
            fonts=about[:, 2].astype(np.intp),
            signs=signs,
            serials=np.arange(len(places)),
            spaces=spaces,
        )
        return glyphs.only(np.argsort(_filled(objects), kind="stable"))

    def __len__(self) -> int:
        return len(self.codes)

    def only(self, chosen: Integers | Mask) -> Self:
        """Those that are chosen, in the order in which they are chosen."""
        return type(self)(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def on_image(self, to_image: Matrix) -> Floats:
        """(n, 2, 2): two opposite corners of each box, in pixels."""
        return np.asarray(self.boxes.reshape(-1, 2, 2) @ to_image[:2, :2].T + to_image[:2, 2])

    @property
    def text(self) -> str:
        return self.codes.tobytes().decode("utf-32-le")


def _ways(
    textpage: pypdfium2.PdfTextPage, owners: npt.NDArray[np.uint64], places: Sequence[int]
) -> tuple[Floats, Mapping[int, str]]:
    """(n, 3): angle, em and font of the glyphs at ``places``, asked once for each text object that owns some; and the
    names of the fonts."""
    _, firsts, inverse = np.unique(owners, return_index=True, return_inverse=True)
    about, fonts, names = [], dict[int, int](), dict[int, str]()
    for owner, place in zip(owners[firsts].tolist(), (places[first] for first in firsts), strict=True):
        matrix, font = c.FS_MATRIX(), 0
        c.FPDFText_GetMatrix(textpage, place, matrix)
        if owner:
            handle = c.FPDFTextObj_GetFont(ctypes.cast(owner, c.FPDF_PAGEOBJECT))
            font = fonts.setdefault(ctypes.cast(handle, ctypes.c_void_p).value or 0, len(fonts) + 1)
            if font not in names:
                names[font] = pdfium.font_name(handle)
        em = c.FPDFText_GetFontSize(textpage, place) * math.hypot(matrix.c, matrix.d)
        turned = math.pi if em < 0 else 0.0  # which the angle leaves out
        about.append((c.FPDFText_GetCharAngle(textpage, place) + turned, abs(em), font))
    return np.array(about, dtype=np.float64).reshape(-1, 3)[inverse], names


def _code_points(units: Codes) -> tuple[Codes, Integers]:
    """The code points in UTF-16 ``units`` (some of which may be whole ones) and where each starts."""
    high, low = (units >> 10) == 0x36, (units >> 10) == 0x37
    second = low & np.concatenate([[False], high[:-1]])
    first = high & np.concatenate([low[1:], [False]])
    codes = units.copy()
    codes[first] = 0x10000 + ((units[first] - 0xD800) << 10) + (units[second] - 0xDC00)
    codes[(high & ~first) | (low & ~second) | (units > 0x10FFFF)] = REPLACEMENT
    # Neither XML nor PostgreSQL takes these.
    controls = (codes < 32) & ~np.isin(codes, [HYPHEN, 9, 10, 13])
    codes[controls | (codes == 0x7F) | (codes == 0xFFFE) | (codes == 0xFFFF)] = REPLACEMENT
    starts = np.flatnonzero(~second)
    return codes[starts], starts


def _meant(codes: Codes, fonts: Floats, names: Mapping[int, str]) -> tuple[Codes, Mask]:
    """The characters that are meant by those that fonts name, and which of them are of fonts of pictures.

    ``fonts``: (n,) their numbers; ``names``: by number.
    """
    codes, of_signs = codes.copy(), np.zeros(len(codes), dtype=np.bool_)
    for font, name in names.items():
        own = np.flatnonzero(fonts == font)
        if signs := signs_of(name, codes[own].tolist()):
            codes[own] = [signs.get(code, code) for code in codes[own].tolist()]
            of_signs[own] = has_pictures(name)
    codes[(codes >= 0x80) & (codes < 0xA0)] = REPLACEMENT  # fonts of signs have some here
    text = codes.tobytes().decode("utf-32-le").translate({HYPHEN: "-", **RADICALS, **SMALL_CAPITALS, **VERTICAL_FORMS})
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32), of_signs


def _before(kinds: Integers, blank: Mask) -> Integers:
    """For each that is not blank the greatest of ``kinds`` since the one before."""
    if not len(kinds) or blank.all():
        return np.zeros(0, dtype=np.intp)
    shown = np.flatnonzero(~blank)
    starts = np.concatenate([[0], shown[:-1] + 1])
    return np.asarray(np.maximum.reduceat(kinds[: shown[-1] + 1], starts), dtype=np.intp)


def _part(boxes: npt.NDArray[np.float32], origins: Floats, angles: Floats) -> None:
    """Gives each character of a ligature its own part of the glyph's box."""
    same = (np.diff(boxes, axis=0) == 0).all(axis=1) & (np.diff(origins, axis=0) == 0).all(axis=1)
    bounds = np.flatnonzero(np.concatenate([[True], ~same, [True]])) if len(boxes) else np.zeros(0, dtype=np.intp)
    for start, end in pairwise(bounds):
        count = int(end - start)
        if count == 1:
            continue
        way = np.cos(angles[start]), -np.sin(angles[start])
        axis = int(abs(way[1]) > abs(way[0]))
        low, high = ((0, 2), (3, 1))[axis]  # left and right, or bottom and top
        first, last = (low, high) if way[axis] > 0 else (high, low)
        edges = np.linspace(float(boxes[start, first]), float(boxes[start, last]), count + 1)
        parts = np.stack([edges[:-1], edges[1:]])
        boxes[start:end, low], boxes[start:end, high] = parts.min(axis=0), parts.max(axis=0)
        origins[start:end, axis] += edges[:-1] - edges[0]


def _filled(objects: Integers) -> Integers:
    """``objects`` with the one before in place of -1."""
    known = np.where(objects >= 0, np.arange(len(objects)), 0)
    return objects[np.maximum.accumulate(known)] if len(objects) else objects
