"""The invisible text of a searchable PDF: a font without shapes, and the operators that lay lines over a page.

What is written here was chosen by what PDFium (Chrome, Edge) and Poppler (Evince, Okular, pdftotext) make of it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pikepdf import Array, Dictionary, Name, Stream

from recognition.page import Line, Matrix, apply_matrix
from recognition.strip import Strip, Vector, cells, is_narrow

ASCENT, DESCENT = 700, -100
"""In thousandths of the size, which is the height of a line's box.

Together they are less than the box, because detectors draw boxes with some air, so that those of neighbours touch, and
readers take what touches for one line.
"""

MARGIN = (1000 - ASCENT + DESCENT) / 2000
"""That air on each side of a line, as part of its height."""

LEVELLED = 0.75
"""A line that rises by less than this part of its height is set straight."""

CODES = 0xFFFF
PAIRS_A_BLOCK = 100
"""Of a character map, by its specification."""


class InvisibleFont:
    """A font of as many characters as the document uses, each as wide as high and without any ink.

    ``name``: what the pages call it.

    Codes are given out as characters first turn up, so that characters outside the Basic Multilingual Plane are one
    code like all others. ``embed`` is called at the end, when they are all known.
    """

    def __init__(self, pdf: pikepdf.Pdf, name: str) -> None:
        self.name = Name(f"/{name}")
        self.codes: dict[str, int] = {}
        self.reference = pdf.make_indirect(Dictionary(Type=Name.Font))
        self._pdf = pdf

    def encode(self, text: str) -> str:
        """``text`` as a hexadecimal string."""
        return "".join(f"{self.codes.setdefault(character, len(self.codes) + 1):04x}" for character in text)

    def embed(self) -> None:
        """Writes the font. Raises ValueError if there are more characters than codes."""
        if len(self.codes) > CODES:
            raise ValueError(f"{len(self.codes)} different characters are more than a font of a PDF can have")
        pdf, name = self._pdf, Name("/OcrText")
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=Array([0, DESCENT, 1000, ASCENT]),
            ItalicAngle=0,
            Ascent=ASCENT,
            Descent=DESCENT,
            CapHeight=ASCENT,
            StemV=0,
            FontFile2=pdf.make_stream(_true_type()),
        )
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor),
            DW=1000,
            CIDToGIDMap=pdf.make_stream(b"\0\1" * (len(self.codes) + 1)),
        )
        self.reference.Subtype = Name.Type0
        self.reference.BaseFont = name
        self.reference.Encoding = Name("/Identity-H")
        self.reference.DescendantFonts = Array([pdf.make_indirect(descendant)])
        self.reference.ToUnicode = self._to_unicode()

    def _to_unicode(self) -> Stream:
        pairs = [f"<{code:04x}> <{character.encode('utf-16-be').hex()}>" for character, code in self.codes.items()]
        blocks = [pairs[i : i + PAIRS_A_BLOCK] for i in range(0, len(pairs), PAIRS_A_BLOCK)]
        maps = "\n".join(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks)
        return self._pdf.make_stream(
            (
                "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /OcrText def\n"
                "/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
                f"{maps}\nendcmap\nend\nend"
            ).encode()
        )


def _true_type() -> bytes:
    """A TrueType font of one character, a line without breadth across its cell.

    It shows nothing even where it is drawn. But PDFium passes over characters without extent when they run downwards.
    """
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    pen.lineTo((1000, ASCENT))
    pen.closePath()
    cell = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "cell"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": cell, "cell": cell})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "cell": (1000, 0)})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=0, modified=0)
    out = io.BytesIO()
    builder.font.recalcTimestamp = False
    builder.save(out)
    return out.getvalue()


def operators(lines: Sequence[Line], to_points: Matrix, font: InvisibleFont) -> bytes:
    """Content that lays ``lines`` over a page; ``to_points``: from pixels of the page image to points of the page.

    PDFium takes runs that begin at the same height for one line and sorts them from left to right. That would turn
    the columns of a vertical page around. So the last run of a line that runs down begins at another height than the
    line after it, which is why the lines are set from the last one to the first.
    """
    shown: list[str] = []
    height = None
    for line in reversed(lines):
        runs = _runs(line, height)
        height = runs[0].feet[1]
        shown.append("\n".join([f"BT {font.name} 1 Tf 3 Tr", *(run.operator(to_points, font) for run in runs), "ET"]))
    return "\n".join(["q", *reversed(shown), "Q\n"]).encode()


@dataclass(frozen=True)
class _Run:
    """Characters side by side, of about the same width. ``feet``: where the first one begins, in pixels of the page
    image; ``along``: from there to the end of the last one; ``up``: from their feet to their heads."""

    text: str
    feet: Vector
    along: Vector
    up: Vector

    def operator(self, to_points: Matrix, font: InvisibleFont) -> str:
        """Shows the run in a size that makes each character as large as its part of the line."""
        base = self.feet + (MARGIN - DESCENT / 1000) * self.up
        corners = [base, base + self.along / len(self.text), base + self.up]
        origin, right, top = (np.array(point) for point in apply_matrix(to_points, [(x, y) for x, y in corners]))
        numbers = " ".join(f"{number:.3f}" for number in (*(right - origin), *(top - origin), *origin))
        return f"{numbers} Tm <{font.encode(self.text)}> Tj"


def _runs(line: Line, next_height: float | None) -> list[_Run]:
    """A line as runs, of which the last one does not begin at ``next_height`` if the line runs down."""
    text, strip = " ".join(line.text.splitlines()), _set(Strip.of(line))
    if strip.runs_down and len(text) == 1:
        text += " "  # which is narrow, so that there are two runs that begin well apart
    edges = cells(text, line.positions)
    cuts = [0]
    if strip.along[0] > 0 and not strip.runs_down:  # upside down, several runs would be sorted into reverse order
        cuts += _changes_of_width(text)
    if strip.runs_down and next_height is not None:
        apart = [abs(strip.at(edge)[1] - next_height) > np.hypot(*strip.up) / 2 for edge in edges]
        if not apart[0]:
            places = [place for place in range(1, len(text)) if apart[place]]
            # Of single characters PDFium does not know which way they run.
            cuts += sorted(places, key=lambda place: (len(text) - place < 2, abs(place - len(text) / 2)))[:1]
    return [
        _Run(text[begin:end], strip.at(edges[begin]), (edges[end] - edges[begin]) * strip.along, strip.up)
        for begin, end in pairwise([*cuts, len(text)])
    ]


def _set(strip: Strip) -> Strip:
    """The part of a strip that text is set into: without the air at its ends, and straight if it is hardly tilted.

    Poppler breaks a line up where its characters do not stand at one height.
    """
    middle = strip.start + strip.along / 2 + strip.up / 2
    along, up = strip.along, strip.up
    height = float(np.hypot(*up))
    if min(abs(along)) <= LEVELLED * height:
        along, up = (np.where(abs(vector) < max(abs(vector)), 0, vector) for vector in (along, up))
    along = along * max(0.5, 1 - 2 * MARGIN * height / float(np.hypot(*along)))
    return Strip(middle - along / 2 - up / 2, along, up)


def _changes_of_width(text: str) -> list[int]:
    """Where narrow characters follow wide ones or the reverse."""
    narrow = [is_narrow(character) for character in text]
    return [place for place in range(1, len(text)) if narrow[place] != narrow[place - 1]]
