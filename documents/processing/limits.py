"""The limits in force for one file."""

from __future__ import annotations

from django.conf import settings

from recognition import raster


def file_limits() -> raster.Limits:
    return raster.Limits(
        bytes=settings.OCRSITE_MAX_BYTES, pixels=settings.OCRSITE_MAX_PIXELS, pages=settings.OCRSITE_MAX_PAGES
    )
