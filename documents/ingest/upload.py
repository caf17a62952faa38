"""Receives uploads: on disk, from people who are logged in, and up to the size limit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest


class LimitedUpload(TemporaryFileUploadHandler):
    """Stops keeping a file as soon as it is too large; ``too_large`` then has its name."""

    request: HttpRequest

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if not self.request.user.is_authenticated:
            raise SkipFile  # a form without login may have files in it, but nobody asked for them
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > settings.OCRSITE_MAX_BYTES:
            self.file.close()
            too_large(self.request).append(self.file_name or "")
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


def too_large(request: HttpRequest) -> list[str]:
    """The names of the files of this request that were not kept."""
    names: list[str] = request.__dict__.setdefault("too_large", [])
    return names
