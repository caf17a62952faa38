"""Pages with known text, drawn for the tests: pictures with Pillow, PDFs with a text layer by hand.

Fonts are those of Debian's fonts-noto-cjk.
"""

from __future__ import annotations

import math
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

A4 = 595, 842
"""In points."""

MARGIN = 100


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans CJK with Taiwan's shapes, ``size`` pixels high."""
    file = subprocess.run(
        ["fc-match", "-f", "%{file} %{index}", "Noto Sans CJK TC"], capture_output=True, text=True, check=True
    ).stdout
    path, index = file.rsplit(" ", 1)
    return ImageFont.truetype(path, size, index=int(index))


def blank(size: tuple[int, int], colour: str = "white") -> Image.Image:
    return Image.new("RGB", size, colour)


def write(page: Image.Image, lines: Sequence[str], at: tuple[int, int], size: int = 40, ink: str = "black") -> None:
    """Lines from left to right, the first with its top left corner at ``at``; 1.75 font sizes from line to line."""
    draw = ImageDraw.Draw(page)
    for index, line in enumerate(lines):
        draw.text((at[0], at[1] + index * size * 7 // 4), line, font=font(size), fill=ink)


def write_column(page: Image.Image, text: str, at: tuple[int, int], size: int = 40, ink: str = "black") -> None:
    """One column from top to bottom, the first character with its top left corner at ``at``."""
    ImageDraw.Draw(page).text(at, text, font=font(size), fill=ink, direction="ttb", language="zh-Hant")


def horizontal(lines: Sequence[str], size: int = 40) -> Image.Image:
    """A page of lines from left to right, as large as they need."""
    width = max((int(font(size).getlength(line)) for line in lines), default=0)
    page = blank((width + 2 * MARGIN, len(lines) * size * 7 // 4 + 2 * MARGIN))
    write(page, lines, (MARGIN, MARGIN), size)
    return page


def vertical(columns: Sequence[str], size: int = 40) -> Image.Image:
    """A page of columns from top to bottom, the first at the right."""
    step = size * 7 // 4
    page = blank((len(columns) * step + 2 * MARGIN, max(map(len, columns)) * (size + 4) + 2 * MARGIN))
    for index, column in enumerate(columns):
        write_column(page, column, (page.width - MARGIN - index * step - size, MARGIN), size)
    return page


def curved(page: Image.Image, sag: float) -> Image.Image:
    """``page`` as the leaf of an open book: from the left each line rises by ``sag`` pixels, and falls again."""
    step, room = 4, math.ceil(sag)
    mesh = []
    for left in range(0, page.width, step):
        right = min(left + step, page.width)
        lefts, rights = (sag * math.sin(math.pi * x / page.width) - room for x in (left, right))
        bottom = page.height + room
        mesh.append(
            ((left, 0, right, bottom), (left, lefts, left, lefts + bottom, right, rights + bottom, right, rights))
        )
    size = page.width, page.height + room
    return page.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor="white")


def two_columns(left: Sequence[str], right: Sequence[str], size: int = 40) -> Image.Image:
    """A page of two columns of lines, to be read left column first."""
    gutter = MARGIN + max(int(font(size).getlength(line)) for line in left) + 2 * size
    width = gutter + max(int(font(size).getlength(line)) for line in right) + MARGIN
    page = blank((width, max(len(left), len(right)) * size * 7 // 4 + 2 * MARGIN))
    write(page, left, (MARGIN, MARGIN), size)
    write(page, right, (gutter, MARGIN), size)
    return page


def ruled_table(rows: Sequence[Sequence[str]], above: Sequence[str] = (), size: int = 40) -> Image.Image:
    """A page of lines, and below them a table whose cells rules part."""
    widths = [max(int(font(size).getlength(row[column])) for row in rows) + size for column in range(len(rows[0]))]
    lefts = [MARGIN + sum(widths[:column]) for column in range(len(widths) + 1)]
    tops = [MARGIN + (len(above) + 1) * size * 7 // 4 + row * 2 * size for row in range(len(rows) + 1)]
    page = blank(
        (max(lefts[-1], *(MARGIN + int(font(size).getlength(line)) for line in above)) + MARGIN, tops[-1] + MARGIN)
    )
    write(page, above, (MARGIN, MARGIN), size)
    draw = ImageDraw.Draw(page)
    for x in lefts:
        draw.line((x, tops[0], x, tops[-1]), fill="black", width=3)
    for y in tops:
        draw.line((lefts[0], y, lefts[-1], y), fill="black", width=3)
    for row, top in zip(rows, tops, strict=False):
        for text, left in zip(row, lefts, strict=False):
            write(page, [text], (left + size // 2, top + size // 3), size)
    return page


def scanned_pdf(path: Path, pages: Sequence[Image.Image], dpi: int = 200) -> Path:
    """A PDF of pictures, without text."""
    first, *rest = pages
    first.save(path, "PDF", save_all=True, append_images=rest, resolution=dpi)
    return path


@dataclass(frozen=True)
class Text:
    """Text on a PDF page. ``at``: where its first baseline starts, in points from the lower left corner.

    ``vertical``: columns from the right in place of lines from the top. ``tilt``: degrees counterclockwise.
    ``invisible``: as programs lay recognised text over a scan. ``white``: not black.
    """

    lines: Sequence[str]
    at: tuple[float, float] = (72, 740)
    size: float = 12
    vertical: bool = False
    tilt: float = 0
    invisible: bool = False
    white: bool = False

    def content(self) -> str:
        step = f"{-2 * self.size} 0" if self.vertical else f"0 {-1.75 * self.size}"
        shown = f" {step} Td ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in self.lines)
        name = "FV" if self.vertical else "FH"
        mode = 3 if self.invisible else 0
        cos, sin = math.cos(math.radians(self.tilt)), math.sin(math.radians(self.tilt))
        matrix = f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {self.at[0]} {self.at[1]} Tm"
        return f"{1 if self.white else 0} g BT /{name} {self.size} Tf {mode} Tr {matrix} {shown} ET"


@dataclass(frozen=True)
class Picture:
    """A picture on a PDF page; ``box``: left, bottom, right, top in points."""

    image: Image.Image
    box: tuple[float, float, float, float]

    def content(self, name: str) -> str:
        left, bottom, right, top = self.box
        return f"q {right - left} 0 0 {top - bottom} {left} {bottom} cm /{name} Do Q"


@dataclass(frozen=True)
class Fill:
    """A rectangle on a PDF page; ``box``: left, bottom, right, top in points. ``grey``: 0 is black, 1 white."""

    box: tuple[float, float, float, float]
    grey: float = 1

    def content(self) -> str:
        left, bottom, right, top = self.box
        return f"q {self.grey} g {left} {bottom} {right - left} {top - bottom} re f Q"


@dataclass(frozen=True)
class Raw:
    """Operators of a PDF page."""

    operators: str

    def content(self) -> str:
        return f"q {self.operators} Q"


@dataclass(frozen=True)
class Note:
    """A line on a PDF page that is an annotation. ``box``: left, bottom, right, top in points."""

    line: str
    box: tuple[float, float, float, float]
    kind: str = "FreeText"
    entries: str = ""

    def appearance(self) -> str:
        return Text([self.line], at=(2, 5)).content()


@dataclass(frozen=True)
class PdfPage:
    """What is on a PDF page, in drawing order. ``entries``: more of its dictionary, e.g. ``/Rotate 90``."""

    items: Sequence[Text | Picture | Fill | Raw]
    size: tuple[float, float] = A4
    entries: str = ""
    notes: Sequence[Note] = ()


def pdf(path: Path, pages: Sequence[PdfPage], to_unicode: dict[str, str] | None = None) -> Path:
    """A PDF with a text layer, in fonts that are not embedded (Adobe-CNS1, which every reader knows).

    ``to_unicode``: a wrong character map, from what is drawn to what the layer says it is.
    """
    file = _PdfFile()
    fonts = _fonts(file, to_unicode)
    kids = []
    for page in pages:
        names: dict[str, str] = {}
        content = []
        for item in page.items:
            if isinstance(item, Picture):
                name = f"P{len(names)}"
                names[name] = _picture(file, item.image)
                content.append(item.content(name))
            else:
                content.append(item.content())
        pictures = " ".join(f"/{name} {reference}" for name, reference in names.items())
        stream = file.add_stream("", "\n".join(content).encode())
        notes = " ".join(_note(file, note, fonts) for note in page.notes)
        kids.append(
            file.add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.size[0]} {page.size[1]}] /Contents {stream} "
                f"/Resources << /Font << {fonts} >> /XObject << {pictures} >> >> "
                f"/Annots [{notes}] {page.entries} >>"
            )
        )
    path.write_bytes(file.assembled(kids))
    return path


class _PdfFile:
    """The objects of a PDF file, numbered from 1: the catalogue, the page tree and what is added."""

    def __init__(self) -> None:
        self.objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]

    def add(self, body: str) -> str:
        """The reference of a new object."""
        self.objects.append(body.encode())
        return f"{len(self.objects)} 0 R"

    def add_stream(self, entries: str, data: bytes) -> str:
        packed = zlib.compress(data)
        head = f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >> stream\n".encode()
        self.objects.append(head + packed + b"\nendstream")
        return f"{len(self.objects)} 0 R"

    def assembled(self, pages: Sequence[str]) -> bytes:
        self.objects[1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(pages)}] >>".encode()
        data = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
        table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(self.objects) + 1)
        for number, body in enumerate(self.objects, start=1):
            table += b"%010d 00000 n \n" % len(data)
            data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(self.objects) + 1, len(data))
        return data + table + end


def _picture(file: _PdfFile, image: Image.Image) -> str:
    head = f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /BitsPerComponent 8"
    mask = ""
    if image.mode == "RGBA":
        opacity = file.add_stream(f"{head} /ColorSpace /DeviceGray", image.getchannel("A").tobytes())
        mask = f"/SMask {opacity}"
    return file.add_stream(f"{head} /ColorSpace /DeviceRGB {mask}", image.convert("RGB").tobytes())


def _note(file: _PdfFile, note: Note, fonts: str) -> str:
    left, bottom, right, top = note.box
    appearance = file.add_stream(
        f"/Type /XObject /Subtype /Form /BBox [0 0 {right - left} {top - bottom}] /Resources << /Font << {fonts} >> >>",
        note.appearance().encode(),
    )
    return file.add(
        f"<< /Type /Annot /Subtype /{note.kind} /Rect [{left} {bottom} {right} {top}] /AP << /N {appearance} >> "
        f"{note.entries} >>"
    )


def _fonts(file: _PdfFile, to_unicode: dict[str, str] | None) -> str:
    """The font resources: FH writes from left to right, FV from top to bottom."""
    descriptor = file.add(
        "<< /Type /FontDescriptor /FontName /MSung-Light /Flags 6 /FontBBox [0 -120 1000 880] "
        "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
    )
    descendant = file.add(
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /MSung-Light /DW 1000 /FontDescriptor "
        f"{descriptor} /CIDSystemInfo << /Registry (Adobe) /Ordering (CNS1) /Supplement 0 >> /W [1 95 500] >>"
    )
    named = "" if to_unicode is None else f"/ToUnicode {file.add_stream('', character_map(to_unicode))}"
    entries = []
    for name, encoding in ("FH", "UniCNS-UTF16-H"), ("FV", "UniCNS-UTF16-V"):
        reference = file.add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /MSung-Light /Encoding /{encoding} "
            f"/DescendantFonts [{descendant}] {named} >>"
        )
        entries.append(f"/{name} {reference}")
    return " ".join(entries)


def character_map(to_unicode: dict[str, str]) -> bytes:
    """What a font says its characters are: from what is drawn to what the layer says it is."""
    pairs = "\n".join(
        f"<{drawn.encode('utf-16-be').hex()}> <{said.encode('utf-16-be').hex()}>" for drawn, said in to_unicode.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(to_unicode)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    ).encode()
