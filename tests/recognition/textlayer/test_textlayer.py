"""Text layers of whole files and pages."""

import numpy as np
import pytest

from recognition import raster, textlayer
from recognition.errors import BrokenFileError
from tests.support import synthetic_pages
from tests.support.synthetic_pages import Note, PdfPage, Picture, Text
from tests.support.text_layers import DPI, LINES, inside, layer_of, layers, texts


def test_the_page_without_its_text_shows_all_else(tmp_path):
    picture = synthetic_pages.blank((360, 140), "lightgrey")
    synthetic_pages.write(picture, ["舊"], (10, 10))
    items = [Picture(picture, (60, 700, 240, 770)), Text(LINES)]
    note = Note("駁回", (100, 100, 300, 120))
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage(items, entries="/Rotate 90", notes=[note])])
    ((_, page),) = raster.pages(path, dpi=DPI)
    bare = textlayer.without_text(path, 1, dpi=DPI, pixels=10**8)
    assert bare.pixels.shape == page.pixels.shape
    gone = (bare.pixels != page.pixels).any(axis=2)
    masks = [inside(line, gone.shape) for line in layers(path)[1].lines]
    assert all(gone[mask].any() for mask in masks)
    assert not gone[~np.logical_or.reduce(masks)].any()


def test_a_large_page_has_its_boxes_at_the_resolution_of_its_image(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text(LINES)])])
    limits = raster.Limits(pixels=700_000)
    ((_, layer),) = textlayer.pages(path, dpi=DPI, pixels=limits.pixels)
    ((_, image),) = raster.pages(path, dpi=DPI, limits=limits)
    assert (layer.width, layer.height) == (image.width, image.height)
    assert layer.lines[0].box[0] == pytest.approx(72 / 595 * image.width, abs=1)


def test_pages_are_given_in_the_order_that_is_asked_for(tmp_path):
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage([Text([f"第{number}頁"])]) for number in range(1, 6)])
    assert [texts(layer) for layer in layers(path, numbers=[4, 2]).values()] == [["第4頁"], ["第2頁"]]


def test_a_file_that_changes_between_two_pages_is_opened_again(tmp_path):
    for text in ("舊", "新的"):
        assert texts(layer_of(tmp_path, [Text([text])])) == [text]


def test_what_is_no_pdf_is_refused(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 and no more")
    with pytest.raises(BrokenFileError):
        layers(tmp_path / "a.pdf")
