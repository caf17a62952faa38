"""Files of pictures and PDFs, and the pages that are made of them."""

import numpy as np
from PIL import Image

from recognition import raster
from recognition.page import PageImage
from tests.support import synthetic_pages

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(mode="RGB"):
    """Red, green, blue and white in reading order, large enough to survive lossy compression."""
    image = Image.new("RGB", (64, 32))
    for index, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        image.paste(colour, (index % 2 * 32, index // 2 * 16, index % 2 * 32 + 32, index // 2 * 16 + 16))
    return image.convert(mode)


def first_page(path, **options):
    number, page = next(raster.pages(path, **options))
    assert number == 1
    assert isinstance(page, PageImage)
    assert page.pixels.dtype == np.uint8
    assert page.pixels.shape[2] == 3
    return page


def corners(page):
    """The colours in the middles of the four quarters, each channel rounded to 0 or 255."""
    height, width = page.pixels.shape[:2]
    middles = page.pixels[height // 4 :: height // 2, width // 4 :: width // 2][:2, :2]
    return [tuple(int(value > 127) * 255 for value in colour) for colour in middles.reshape(-1, 3)]


def saved(path, image, **options):
    image.save(path, **options)
    return path


def damaged_second_page(path, old, new):
    ink = synthetic_pages.Fill((100, 100, 200, 200), grey=0)  # text would be as dark as the fonts of this machine are
    synthetic_pages.pdf(path, [synthetic_pages.PdfPage([ink], (300 + index, 800)) for index in range(3)])
    data = path.read_bytes()
    at = data.index(old, data.index(b"/MediaBox [0 0 301 800]") - 100)
    path.write_bytes(data[:at] + new + data[at + len(old) :])
    return path


def written(path, data):
    path.write_bytes(data)
    return path
