"""Pictures as page images: kinds, orientation, colours, pages."""

import struct
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageDraw

from recognition import raster
from recognition.errors import (
    BrokenFileError,
    PageError,
    TooManyPagesError,
)
from recognition.page import PageImage
from recognition.raster import Limits, pictures
from tests.support import synthetic_pages
from tests.support.raster import BLUE, GREEN, RED, WHITE, corners, first_page, quarters, saved, written


def png(width, height, colour_type, bits, rows):
    """A PNG of raw rows, for what Pillow cannot write."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


pillow_heif.register_heif_opener()

LOSSY = {"a.avif", "a.heic"}


@pytest.mark.parametrize(
    ("name", "options", "media_type"),
    [
        ("a.jpg", {"quality": 95, "subsampling": 0}, "image/jpeg"),
        ("a.png", {}, "image/png"),
        ("a.webp", {"lossless": True}, "image/webp"),
        ("a.tiff", {"compression": "tiff_lzw"}, "image/tiff"),
        ("a.avif", {"quality": 100, "subsampling": "4:4:4"}, "image/avif"),
        ("a.heic", {"quality": -1, "chroma": 444, "matrix_coefficients": 0}, "image/heic"),
        ("a.jp2", {}, "image/jp2"),
        ("a.j2k", {}, "image/jp2"),
        ("a.gif", {}, "image/gif"),
        ("a.bmp", {}, "image/bmp"),
    ],
)
def test_a_picture_is_known_by_its_content_whatever_its_name(tmp_path, name, options, media_type):
    quarters().save(tmp_path / name, **options)
    path = (tmp_path / name).rename(tmp_path / "scan.docx")
    info = raster.inspect(path)
    assert (info.kind, info.media_type, info.page_count) == ("image", media_type, 1)
    page = first_page(path)
    assert (page.width, page.height) == (64, 32)
    assert np.abs(np.array(corners(page)) - [RED, GREEN, BLUE, WHITE]).max() <= (2 if name in LOSSY else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
def test_every_exif_orientation_is_set_upright(tmp_path, orientation, suffix):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored so that turning it clockwise sets it upright
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters().transpose(turns[orientation]) if orientation > 1 else quarters()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / f"a{suffix}"
    stored.save(path, exif=exif, quality=95)
    page = first_page(path)
    assert (page.width, page.height) == (64, 32)
    assert corners(page) == [RED, GREEN, BLUE, WHITE]


def transparent(mode):
    image = quarters().convert(mode)
    image.putalpha(Image.new("L", image.size, 0))
    return image


@pytest.mark.parametrize(
    ("make", "colours"),
    [
        pytest.param(lambda p: saved(p, quarters("CMYK"), format="JPEG", quality=95), None, id="CMYK JPEG"),
        pytest.param(lambda p: saved(p, quarters("CMYK"), format="TIFF"), None, id="CMYK TIFF"),
        pytest.param(lambda p: saved(p, quarters("P"), format="PNG"), None, id="palette PNG"),
        pytest.param(lambda p: saved(p, transparent("RGBA"), format="PNG"), [WHITE] * 4, id="transparent is white"),
        pytest.param(lambda p: saved(p, transparent("LA"), format="PNG"), [WHITE] * 4, id="transparent grey is white"),
        pytest.param(
            lambda p: saved(p, quarters(), format="PNG", transparency=RED), [WHITE, GREEN, BLUE, WHITE], id="one colour"
        ),
        pytest.param(lambda p: saved(p, transparent("RGBA"), format="WEBP", lossless=True), [WHITE] * 4, id="WebP"),
    ],
)
def test_every_kind_of_colour_becomes_rgb_on_white(tmp_path, make, colours):
    assert corners(first_page(make(tmp_path / "a"))) == (colours or [RED, GREEN, BLUE, WHITE])


def test_the_inverted_cmyk_of_adobe_is_read_as_it_is_meant(tmp_path):
    path = saved(tmp_path / "a.jpg", quarters("CMYK"), quality=95)
    assert b"Adobe" in path.read_bytes()  # the marker that says so
    assert corners(first_page(path)) == [RED, GREEN, BLUE, WHITE]


GREYS = [[0, 64, 128, 255]]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda p: saved(p, Image.fromarray(np.array(GREYS, np.uint8)), format="PNG"), id="8 bits"),
        pytest.param(
            lambda p: p.write_bytes(png(4, 1, 0, 16, [struct.pack(">4H", *(v * 257 for v in GREYS[0]))])) and p,
            id="16-bit PNG",
        ),
        pytest.param(
            lambda p: saved(p, Image.fromarray(np.array(GREYS, np.uint16) * 257), format="TIFF"), id="16-bit TIFF"
        ),
        pytest.param(
            lambda p: saved(p, Image.fromarray(np.array(GREYS, np.float32) / 255), format="TIFF"), id="floats up to 1"
        ),
        pytest.param(
            lambda p: saved(p, Image.fromarray(np.array(GREYS, np.float32)), format="TIFF"), id="floats up to 255"
        ),
        pytest.param(
            lambda p: saved(p, Image.fromarray(np.array(GREYS, np.int32) * 257), format="TIFF"), id="32-bit integers"
        ),
    ],
)
def test_grey_of_any_depth_keeps_its_shades(tmp_path, make):
    page = first_page(make(tmp_path / "a"))
    assert np.abs(page.pixels[0, :, 0].astype(int) - GREYS[0]).max() <= 1


def tiff(path: Path, values: np.ndarray, bits: int, *, white_is_zero: bool = False, format: int = 1) -> Path:
    """One row of grey in the file's own depth, which Pillow cannot write. ``format``: 1 unsigned, 2 signed, 3 float."""
    if bits == 12:
        digits = "".join(f"{value:03x}" for value in values)
        data = bytes.fromhex(digits + "0" * (len(digits) % 2))
    else:
        data = values.tobytes()
    tags = {256: len(values), 257: 1, 258: bits, 259: 1, 262: 0 if white_is_zero else 1, 277: 1, 278: 1, 339: format}
    tags |= {273: 8, 279: len(data)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory)
    return path


@pytest.mark.parametrize(
    ("values", "options"),
    [
        pytest.param(np.array([0, 1028, 2056, 4095]), {"bits": 12}, id="12 bits"),
        pytest.param(np.array([0, 8224, 16448, 32767], np.int16), {"bits": 16, "format": 2}, id="signed 16 bits"),
        pytest.param(np.array([0, 64 << 24, 128 << 24, (1 << 32) - 1], np.uint32), {"bits": 32}, id="unsigned 32 bits"),
        pytest.param(
            65535 - np.array(GREYS[0], np.uint16) * 257, {"bits": 16, "white_is_zero": True}, id="16 bits, white is 0"
        ),
        pytest.param(
            1 - np.array(GREYS[0], np.float32) / 255,
            {"bits": 32, "white_is_zero": True, "format": 3},
            id="floats, white is 0",
        ),
    ],
)
def test_grey_of_a_tiff_is_what_its_tags_say(tmp_path, values, options):
    page = first_page(tiff(tmp_path / "a.tif", values, **options))
    assert np.abs(page.pixels[0, :, 0].astype(int) - GREYS[0]).max() <= 1


def test_sixteen_bit_colour_keeps_its_colours(tmp_path):
    rows = [
        struct.pack(">12H", *(value * 257 for colour in row for value in colour)) for row in ([RED] * 4, [BLUE] * 4)
    ]
    (tmp_path / "a.png").write_bytes(png(4, 2, 2, 16, rows))
    assert corners(first_page(tmp_path / "a.png")) == [RED, RED, BLUE, BLUE]


def test_one_bit_is_black_and_white(tmp_path):
    path = saved(tmp_path / "a.tiff", quarters("L").point(lambda v: 255 * (v > 200)).convert("1"), compression="group4")
    assert corners(first_page(path)) == [(0, 0, 0)] * 3 + [WHITE]


@pytest.mark.parametrize(
    ("ink", "sheet", "ground"),
    [
        pytest.param(["black"], None, 255, id="dark ink"),
        pytest.param(["white"], None, 0, id="light ink"),
        pytest.param(["white", "black"], None, 128, id="light and dark ink"),
        pytest.param(["black"], "white", 255, id="a sheet with dark ink"),
        pytest.param(["white"], "black", 255, id="a sheet with light ink"),
    ],
)
def test_transparency_gets_the_ground_on_which_its_ink_shows(tmp_path, ink, sheet, ground):
    picture = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    if sheet:
        ImageDraw.Draw(picture).rectangle((50, 20, 550, 280), fill=sheet)
    for index, colour in enumerate(ink):
        synthetic_pages.write(picture, ["繁體中文文字辨識"], (100, 60 + 90 * index), ink=colour)
    page = first_page(saved(tmp_path / "a.png", picture))
    assert page.pixels[0, 0].tolist() == [ground] * 3
    assert np.ptp(page.pixels) > 100


def test_the_pages_of_a_djvu_document_are_read(tmp_path):
    parts = []
    for index, colour in enumerate((RED, GREEN, BLUE)):
        Image.new("RGB", (60 + index, 30), colour).save(tmp_path / "page.ppm")
        parts.append(tmp_path / f"{index}.djvu")
        subprocess.run(["c44", "-dpi", "100", tmp_path / "page.ppm", parts[-1]], check=True)
    path = tmp_path / "book.djvu"
    subprocess.run(["djvm", "-c", path, *parts], check=True)
    info = raster.inspect(path)
    assert (info.kind, info.media_type, info.page_count) == ("image", "image/vnd.djvu", 3)
    pages = dict(raster.pages(path, [3, 1, 4]))
    assert (pages[3].width, pages[1].width) == (62, 60)
    assert np.abs(np.array(corners(pages[1])) - RED).max() < 30
    assert isinstance(pages[4], PageError)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(BrokenFileError):
        raster.inspect(path)


@pytest.mark.parametrize("suffix", ["webp", "png", "gif"])
def test_an_animation_gives_its_first_frame(tmp_path, suffix):
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN)]
    options = {"lossless": True} if suffix == "webp" else {}
    path = saved(tmp_path / f"a.{suffix}", frames[0], save_all=True, append_images=frames[1:], **options)
    assert raster.inspect(path).page_count == 1
    assert [number for number, _ in raster.pages(path)] == [1]
    assert corners(first_page(path)) == [RED] * 4
    assert isinstance(dict(raster.pages(path, [2]))[2], PageError)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_data_do_not_keep_a_picture_from_being_read(tmp_path):
    quarters().save(tmp_path / "a.jpg", quality=95, subsampling=0, exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
    raster.inspect(tmp_path / "a.jpg")
    assert corners(first_page(tmp_path / "a.jpg")) == [RED, GREEN, BLUE, WHITE]


def test_the_pages_of_a_tiff_are_read_in_any_order(tmp_path):
    frames = [Image.new("RGB", (16 + index, 16), colour) for index, colour in enumerate((RED, GREEN, BLUE))]
    path = saved(tmp_path / "a.tiff", frames[0], save_all=True, append_images=frames[1:])
    assert raster.inspect(path).page_count == 3
    pages = list(raster.pages(path, [3, 1]))
    assert [(number, page.width, corners(page)[0]) for number, page in pages] == [(3, 18, BLUE), (1, 16, RED)]


def test_a_broken_page_of_a_tiff_does_not_keep_its_neighbours_from_being_read(tmp_path):
    frames = [synthetic_pages.horizontal([f"第{index}頁"]) for index in range(3)]
    path = saved(tmp_path / "a.tiff", frames[0], save_all=True, append_images=frames[1:], compression="tiff_deflate")
    with Image.open(path) as image:
        image.seek(1)
        start = image.tag_v2[273][0]
    data = bytearray(path.read_bytes())
    data[start : start + 64] = b"\xff" * 64
    path.write_bytes(data)
    raster.inspect(path)
    assert [type(page) for _, page in raster.pages(path)] == [PageImage, PageError, PageImage]


def test_files_are_closed_when_they_have_been_read(tmp_path):
    image = saved(tmp_path / "a.png", quarters())
    tiff = saved(tmp_path / "a.tiff", quarters(), save_all=True, append_images=[quarters()])
    pdf = synthetic_pages.scanned_pdf(tmp_path / "a.pdf", [quarters()])
    next(raster.pages(pdf))  # the one PDF that stays open
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (image, tiff, pdf):
        raster.inspect(path)
        list(raster.pages(path))
    with pytest.raises(BrokenFileError):
        raster.inspect(written(tmp_path / "b.png", b"\x89PNG\r\n\x1a\nrest"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_small_file_of_very_many_empty_pages_is_refused_at_once(tmp_path):
    """Counting them all would take Pillow hours."""
    count = 300_000
    links = b"".join(struct.pack("<HI", 0, 8 + 6 * (n + 1)) for n in range(count - 1)) + struct.pack("<HI", 0, 0)
    path = tmp_path / "bomb.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + links)
    with pytest.raises((TooManyPagesError, BrokenFileError)):
        raster.inspect(path, Limits(pages=100))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_a_picture_is_copied_band_by_band_without_a_seam(mode: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2 * pictures.BAND + 7, 31, 3), np.uint8)
    image = Image.fromarray(noise).convert(mode)
    assert np.array_equal(pictures.to_rgb(image), np.array(image.convert("RGB")))


def test_a_large_picture_is_not_copied_as_a_whole_on_its_way() -> None:
    image = Image.new("RGB", (4000, 2000), "white")
    tracemalloc.start()
    try:
        pixels = pictures.to_rgb(image)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * pixels.nbytes
