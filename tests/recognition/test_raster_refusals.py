"""Files that cannot be read are refused with the reason."""

import pytest
from PIL import Image

from recognition import raster
from recognition.errors import (
    BrokenFileError,
    EmptyFileError,
    EncryptedFileError,
    FileTooLargeError,
    TooManyPagesError,
    TooManyPixelsError,
    UnsupportedTypeError,
)
from recognition.raster import Limits
from tests.support import synthetic_pages
from tests.support.raster import quarters, saved, written


def locked_pdf(path):
    """A PDF with a user password. The keys need not fit: without one that opens it, they are never used."""
    synthetic_pages.pdf(path, [synthetic_pages.PdfPage([])])
    key = "<" + "ab" * 32 + ">"
    encryption = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >> /ID [<00> <00>]"
    path.write_bytes(path.read_bytes().replace(b"/Root 1 0 R", f"/Root 1 0 R {encryption}".encode()))
    return path


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        pytest.param(lambda p: written(p, b""), EmptyFileError, "empty", id="empty"),
        pytest.param(
            lambda p: written(p, b"PK\x03\x04.....word/document.xml"), UnsupportedTypeError, "Word", id="Word"
        ),
        pytest.param(lambda p: written(p, b"PK\x03\x04....."), UnsupportedTypeError, "ZIP", id="ZIP"),
        pytest.param(lambda p: written(p, "臺北市\n".encode()), UnsupportedTypeError, "text", id="text"),
        pytest.param(lambda p: written(p, b"<!DOCTYPE html><html>"), UnsupportedTypeError, "web page", id="HTML"),
        pytest.param(lambda p: written(p, b"<?xml version='1.0'?><svg>"), UnsupportedTypeError, "SVG", id="SVG"),
        pytest.param(lambda p: written(p, bytes(range(256))), UnsupportedTypeError, "known type", id="unknown"),
        pytest.param(lambda p: written(p, b"\x89PNG\r\n\x1a\nrest"), BrokenFileError, "damaged", id="PNG in name only"),
        pytest.param(lambda p: written(p, b"%PDF-1.7\nrest"), BrokenFileError, "damaged", id="PDF in name only"),
        pytest.param(
            lambda p: cut(saved(p, quarters(), format="JPEG"), 0.8), BrokenFileError, "cut off", id="cut JPEG"
        ),
        pytest.param(
            lambda p: cut(saved(p, synthetic_pages.horizontal(["字"]), format="PNG"), 0.8),
            BrokenFileError,
            "cut off",
            id="cut PNG",
        ),
        pytest.param(locked_pdf, EncryptedFileError, "password", id="locked PDF"),
        pytest.param(lambda p: synthetic_pages.pdf(p, []), BrokenFileError, "no pages", id="PDF without pages"),
        pytest.param(
            lambda p: synthetic_pages.pdf(p, [synthetic_pages.PdfPage([])] * 4),
            TooManyPagesError,
            "more than 3 pages",
            id="long PDF",
        ),
        pytest.param(
            lambda p: saved(p, quarters(), format="TIFF", save_all=True, append_images=[quarters()] * 3),
            TooManyPagesError,
            "more than 3 pages",
            id="long TIFF",
        ),
        pytest.param(
            lambda p: saved(p, Image.new("1", (2000, 1000)), format="PNG"),
            TooManyPixelsError,
            "2000 x 1000",
            id="large",
        ),
        pytest.param(
            lambda p: saved(p, Image.new("1", (20000, 10000)), format="PNG"),
            TooManyPixelsError,
            "many pixels",
            id="bomb",
        ),
        pytest.param(
            lambda p: synthetic_pages.pdf(p, [synthetic_pages.PdfPage([], (9000, 9000))]),
            TooManyPixelsError,
            "inches",
            id="poster",
        ),
        pytest.param(
            lambda p: saved(p, synthetic_pages.blank((999, 999)), format="TIFF"), FileTooLargeError, "MB", id="heavy"
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, make, error, words):
    path = make(tmp_path / "upload.jpg")
    with pytest.raises(error, match=words):
        raster.inspect(path, Limits(bytes=2 * 2**20, pixels=1_000_000, pages=3))


def test_a_file_is_not_taken_for_the_locked_one_before_it(tmp_path):
    with pytest.raises(EncryptedFileError):
        raster.inspect(locked_pdf(tmp_path / "locked.pdf"))
    with pytest.raises(BrokenFileError):
        raster.inspect(synthetic_pages.pdf(tmp_path / "without-pages.pdf", []))
