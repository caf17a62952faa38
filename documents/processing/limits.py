"""The limits in force for one file."""

from __future__ import annotations

from django.conf import settings

from recognition import raster
from recognition.confinement import ProcessLimits


def file_limits() -> raster.Limits:
    return raster.Limits(
        bytes=settings.OCRSITE_MAX_BYTES, pixels=settings.OCRSITE_MAX_PIXELS, pages=settings.OCRSITE_MAX_PAGES
    )


def page_limits() -> ProcessLimits:
    """What the confined process may take that parses a page for a worker."""
    return ProcessLimits(settings.OCRSITE_PAGE_MEGABYTES * 2**20, settings.OCRSITE_PAGE_PROCESSOR_SECONDS)
