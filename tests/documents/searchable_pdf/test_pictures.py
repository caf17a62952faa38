"""Pictures in a searchable PDF lose nothing."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from tests.support import synthetic_pages
from tests.support.searchable_pdf import (
    LINES,
    boxes,
    by_pdfium,
    export,
    horizontal,
    line,
    written,
)


def pictures(page: pikepdf.Page) -> list[pikepdf.Object]:
    return list(page.get_images().values())


def test_a_jpeg_is_embedded_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    synthetic_pages.horizontal(LINES).save(path)
    with pikepdf.open(io.BytesIO(written(export(path, horizontal(LINES))))) as pdf:
        (picture,) = pictures(pdf.pages[0])
        assert picture.read_raw_bytes() == path.read_bytes()
        assert max(pdf.pages[0].mediabox) == pytest.approx(842, abs=5)


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "RGBA", "P"])
def test_other_pictures_lose_nothing(suffix: str, mode: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    drawn = synthetic_pages.horizontal(LINES).convert(mode)
    drawn.save(path, **({"lossless": True} if suffix == "webp" else {}))
    data = written(export(path, horizontal(LINES), size=drawn.size))
    scale = drawn.width / pypdfium2.PdfDocument(data)[0].get_width()
    shown = pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil().convert("L").resize(drawn.size)
    assert np.abs(np.asarray(shown, dtype=int) - np.asarray(drawn.convert("L"), dtype=int)).mean() < 3
    assert by_pdfium(data) == LINES


@pytest.mark.parametrize("suffix", ["heic", "avif", "jp2", "gif", "bmp", "djvu"])
def test_pictures_of_any_readable_format_become_pages(suffix: str, tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    path = tmp_path / f"picture.{suffix}"
    drawn = synthetic_pages.horizontal(LINES)
    if suffix == "djvu":
        drawn.save(tmp_path / "page.ppm")
        subprocess.run(["c44", tmp_path / "page.ppm", path], check=True)
    else:
        drawn.save(path)
    data = written(export(path, horizontal(LINES), size=drawn.size))
    scale = drawn.width / pypdfium2.PdfDocument(data)[0].get_width()
    shown = pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil().convert("L").resize(drawn.size)
    assert np.abs(np.asarray(shown, dtype=int) - np.asarray(drawn.convert("L"), dtype=int)).mean() < 6
    assert by_pdfium(data) == LINES


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_stand_upright(orientation: int, tmp_path: Path) -> None:
    upright = synthetic_pages.horizontal(["上方文字"])
    turn = Image.Transpose
    undo = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_90,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    stored.save(path, exif=exif, quality=95)
    data = written(export(path, [line("上方文字", (100, 100), 160)], size=upright.size))
    page = pypdfium2.PdfDocument(data)[0]
    shown = page.render(scale=upright.width / page.get_width()).to_pil().convert("L").resize(upright.size)
    assert np.abs(np.asarray(shown, dtype=int) - np.asarray(upright.convert("L"), dtype=int)).mean() < 5
    (first, box), *_ = boxes(data, upright.size)
    assert first == "上"
    assert box == pytest.approx((100, 100, 140, 140), abs=8)


def test_all_pages_of_a_tiff_come_along(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    first, second = (synthetic_pages.horizontal([text]).convert("1") for text in ("第一頁", "第二頁"))
    first.save(path, save_all=True, append_images=[second], compression="group4", dpi=(200, 200))
    data = written(export(path, horizontal(["第一頁"]), horizontal(["第二頁"]), size=first.size))
    assert [by_pdfium(data, number) for number in (1, 2)] == [["第一頁"], ["第二頁"]]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert float(pdf.pages[0].mediabox[2]) == pytest.approx(first.width * 72 / 200, abs=0.1)
    assert len(data) < 20_000
