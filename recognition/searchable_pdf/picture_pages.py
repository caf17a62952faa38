"""Pictures as the pages of a PDF, without loss: JPEG and PNG data as they are, everything else packed anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import img2pdf
import pikepdf
from PIL import ExifTags, Image

from recognition import raster
from recognition.errors import BrokenFileError, PageError
from recognition.raster.pictures import apply_exif_orientation, register_heif, to_rgb

A4_HEIGHT = 842.0
"""In points."""

PLAUSIBLE_DPI = range(150, 1201)
"""Resolutions that scanners write into their files. Cameras write 72, whatever they take a picture of."""

MIRRORED = (2, 4, 5, 7)
"""EXIF orientations that no page of a PDF can have."""


BATCH = 50
"""Pages of which each is an open file for a while."""


@contextmanager
def as_pdf(path: Path, folder: Path, count: int) -> Iterator[pikepdf.Pdf]:
    """A PDF of the ``count`` pages of the picture at ``path``, open; ``folder`` holds its parts until it is closed.

    A page is as large as the picture says it is, or as high as A4 where it says nothing plausible.

    Raises BrokenFileError.
    """
    with ExitStack() as stack:
        try:
            register_heif()
            image = None if raster.is_djvu(path) else stack.enter_context(Image.open(path))
        except Exception as error:  # given garbage, decoders raise nearly anything
            raise BrokenFileError("This picture is damaged, so no PDF can be made of it.") from error
        pdf = stack.enter_context(pikepdf.new())
        for start in range(0, count, BATCH):
            part = _part(image, path, folder, range(start, min(start + BATCH, count)))
            pdf.pages.extend(stack.enter_context(pikepdf.open(part)).pages)
        yield pdf


def _part(image: Image.Image | None, path: Path, folder: Path, frames: range) -> Path:
    """Some frames of the picture as a PDF in ``folder``. ``image``: the picture opened, if Pillow can open it."""
    part = folder / f"part-{frames.start}.pdf"
    with ExitStack() as stack, pikepdf.new() as pdf:
        for frame in frames:
            page = folder / f"page-{frame}.pdf"
            try:
                if image is None:
                    page.write_bytes(_drawn(path, frame, folder / "frame.png"))
                else:
                    image.seek(frame)
                    page.write_bytes(_page(image, path, folder / "frame.png"))
            except Exception as error:  # given garbage, decoders raise nearly anything
                raise BrokenFileError(f"Page {frame + 1} is damaged, so no PDF can be made of this file.") from error
            pdf.pages.extend(stack.enter_context(pikepdf.open(page)).pages)
        pdf.save(part)
    return part


def _drawn(path: Path, index: int, frame: Path) -> bytes:
    """A page of a document that Pillow cannot open. ``frame``: where it may be put on the way."""
    ((_, drawn),) = raster.pages(path, [index + 1])
    if isinstance(drawn, PageError):
        raise drawn
    Image.fromarray(drawn.pixels).save(frame)
    return _packed(frame)


def _page(image: Image.Image, path: Path, frame: Path) -> bytes:
    """The picture's current frame as a PDF of one page; ``frame``: where it may be put on the way."""
    if image.format != "TIFF":
        try:
            if image.getexif().get(ExifTags.Base.Orientation) not in MIRRORED:
                return _packed(path)
        except Exception:  # whatever it is that cannot go into a PDF as it is
            image.seek(0)
    image.load()
    apply_exif_orientation(image)
    kept = image.mode in ("1", "L", "RGB") and not image.has_transparency_data
    plain = image if kept else Image.fromarray(to_rgb(image))
    plain.save(frame, dpi=image.info.get("dpi", (0, 0)), exif=b"")
    return _packed(frame)


def _packed(path: Path) -> bytes:
    rotation = img2pdf.Rotation.ifvalid
    with path.open("rb") as file:
        return bytes(img2pdf.convert(file, layout_fun=_layout, rotation=rotation, first_frame_only=True, nodate=True))


def _layout(width: int, height: int, dpi: tuple[float, float]) -> tuple[float, float, float, float]:
    """Width and height of the page, and of the picture on it, in points."""
    across, down = dpi
    if round(across) not in PLAUSIBLE_DPI or round(down) not in PLAUSIBLE_DPI:
        across = down = 72 * max(width, height) / A4_HEIGHT
    size = 72 * width / across, 72 * height / down
    return *size, *size
