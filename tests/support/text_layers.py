"""PDFs with a text layer, and what the layer says of them."""

import numpy as np
import pikepdf

from recognition import textlayer
from tests.support import synthetic_pages
from tests.support.synthetic_pages import PdfPage

DPI = 144
LINES = ["臺北市政府公告第一號", "Hello 法定程序 12345"]
COLUMNS = ["春眠不覺曉，", "夜來風雨聲"]
HAN = "臺北市政府公告第號法定程序說明"
PICTURE = synthetic_pages.horizontal(["圖中文字"])


def layers(path, **options):
    return dict(textlayer.pages(path, dpi=DPI, pixels=10**8, **options))


def layer_of(tmp_path, items, **options):
    """The layer of a page with these items."""
    to_unicode = options.pop("to_unicode", None)
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage(items, **options)], to_unicode)
    return layers(path)[1]


def texts(layer):
    return [line.raw for line in layer.lines]


def inside(line, shape):
    """The pixels in the line's box, two more at each side, for boxes do not hold every stroke's edge."""
    mask = np.zeros(shape, dtype=bool)
    left, top, right, bottom = (int(side) for side in line.box)
    mask[max(0, top - 2) : bottom + 3, max(0, left - 2) : right + 3] = True
    return mask


def in_font(path, to_unicode, name="MSung-Light"):
    """The PDF at ``path`` with its last text in another font of this ``name``, with this map."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        fonts = pdf.pages[0].Resources.Font
        own = fonts.FH.DescendantFonts[0]
        below = pikepdf.Dictionary({**{key: own[key] for key in own}, "/BaseFont": pikepdf.Name(f"/{name}")})
        wrong = pikepdf.Dictionary({key: fonts.FH[key] for key in fonts.FH})
        wrong.DescendantFonts = pikepdf.Array([pdf.make_indirect(below)])
        wrong.ToUnicode = pdf.make_stream(synthetic_pages.character_map(to_unicode))
        fonts["/FW"] = pdf.make_indirect(wrong)
        before, after = pdf.pages[0].Contents.read_bytes().rsplit(b"/FH", 1)
        pdf.pages[0].Contents = pdf.make_stream(before + b"/FW" + after)
        pdf.save()
    return path
