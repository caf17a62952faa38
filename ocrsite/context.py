"""What every template may show."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def version(request: HttpRequest) -> dict[str, str]:
    """``ocrsite_version``: the version of the platform. Views have variables named ``version`` of their own."""
    return {"ocrsite_version": settings.VERSION}
