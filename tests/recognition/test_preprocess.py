import cv2
import numpy as np
import pytest

from recognition.page import PageImage
from recognition.preprocess import condition, prepare
from tests.support import synthetic_pages

LINES = ["臺北市政府公告第一號", "依法定程序公告，請於期限內洽詢。", "Taipei City Government 12345"] * 4


def page(paper="white", ink="black"):
    image = synthetic_pages.blank((1000, 1200), paper)
    synthetic_pages.write(image, LINES, (80, 80), 32, ink)
    return np.array(image)


def faint(pixels):
    noise = np.random.default_rng(1).normal(0, 1, pixels.shape[:2])[:, :, None]
    return np.clip(240 + pixels / 255.0 * 12 + noise, 0, 255).astype(np.uint8)


def shaded(pixels):
    light = np.linspace(1, 0.35, pixels.shape[1])[None, :, None]
    return (pixels * light).astype(np.uint8)


def speckled(pixels, share=0.02):
    chance = np.random.default_rng(1).random(pixels.shape[:2])
    pixels = pixels.copy()
    pixels[chance < share / 2] = 0
    pixels[chance > 1 - share / 2] = 255
    return pixels


def small(pixels):
    return cv2.resize(pixels, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)


def dark(pixels):
    return 235 - (pixels * 0.8).astype(np.uint8)


def prepared(pixels, profile):
    image = PageImage(pixels, np.diag([2.0, 2.0, 1.0]))
    result = prepare(image, profile)
    assert result.pixels.shape == pixels.shape
    assert result.pixels.dtype == np.uint8
    assert (result.to_page == image.to_page).all()  # nothing has moved
    return result.pixels


@pytest.mark.parametrize("degraded", [page, lambda: faint(page()), lambda: speckled(page())])
def test_none_leaves_every_page_as_it_is(degraded):
    pixels = degraded()
    assert prepared(pixels, "none") is pixels


def test_binarize_thickens_what_is_darker_than_a_fixed_grey_on_white():
    pixels = np.full((10, 10, 3), 200, np.uint8)
    pixels[2:4, 2:4] = 120
    pixels[6, 6] = 95
    result = prepared(pixels, "binarize")
    black = [(int(y), int(x)) for y, x in np.argwhere((result == 0).all(axis=2))]
    assert black == [(6, 6), (6, 7), (7, 6), (7, 7)]
    assert (result[(result != 0).any(axis=2)] == 255).all()


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(page(), id="clean"),
        pytest.param(page("tan"), id="coloured paper"),
        pytest.param(page("white", "royalblue"), id="coloured ink"),
        pytest.param(dark(page()), id="dark ground"),
        pytest.param(faint(dark(page())), id="faint on dark ground"),
        pytest.param(shaded(page()), id="a shadow"),
        pytest.param(small(page()), id="low resolution"),
        pytest.param(np.full((300, 300, 3), 255, np.uint8), id="blank"),
        pytest.param(np.zeros((300, 300, 3), np.uint8), id="black"),
        pytest.param(np.zeros((1, 1, 3), np.uint8), id="a single pixel"),
    ],
)
def test_auto_leaves_alone_what_the_engine_reads_well(pixels):
    assert (prepared(pixels, "auto") == pixels).all()


@pytest.mark.parametrize(
    "clean", [page(), page("tan"), small(page()), dark(page())], ids=["page", "tan", "small", "dark"]
)
def test_auto_takes_specks_away_and_leaves_the_writing(clean):
    pixels = speckled(clean)
    result = prepared(pixels, "auto")
    before, after = (np.abs(other.astype(int) - clean).mean() for other in (pixels, result))
    assert after < before / 3


def test_auto_strengthens_faint_ink():
    clean, pixels = page(), faint(page())
    result = prepared(pixels, "auto")
    ink = clean.max(axis=2) < 50
    ground = cv2.erode((clean.min(axis=2) == 255).astype(np.uint8), np.ones((5, 5))).astype(bool)
    assert result[ground].mean() - result[ink].mean() > 4 * (pixels[ground].mean() - pixels[ink].mean())


@pytest.mark.parametrize(
    ("pixels", "is_dark"),
    [
        (page(), False),
        (shaded(page()), False),
        (page("tan"), False),
        (dark(page()), True),
        (shaded(dark(page())), True),
    ],
)
def test_light_text_on_dark_ground_is_told_from_dark_text_on_light_ground(pixels, is_dark):
    assert condition(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)).is_dark is is_dark
