"""Engines for tests of what surrounds them."""

from __future__ import annotations

import os
from collections.abc import Callable

from recognition.page import Line, PageImage


class FakeEngine:
    """Reads the same line on every page, or does as told."""

    def __init__(self, on_read: Callable[[PageImage], None] = lambda image: None) -> None:
        self.on_read = on_read
        self.pages_read = 0
        self.seconds: dict[str, float] = {}

    def metadata(self) -> dict[str, str]:
        return {"backend": "fake", "model": "none"}

    def warm(self) -> None:
        pass

    def orientation(self, image: PageImage) -> int:
        return 0

    def read_line(self, image: PageImage, direction: str) -> Line | None:
        return None

    def read(self, image: PageImage) -> list[Line]:
        self.pages_read += 1
        self.on_read(image)
        return [Line("台北", 0.9, ((10, 10), (90, 10), (90, 40), (10, 40)))]


class Echo:
    """An engine that answers with the image's width, takes the process down at one width, and has a bug at 600."""

    def __init__(self, deadly: int) -> None:
        self.seconds: dict[str, float] = {}
        self.deadly = deadly

    def metadata(self) -> dict[str, str]:
        return {"backend": "echo"}

    def orientation(self, image: PageImage) -> int:
        return 0

    def read(self, image: PageImage) -> list[Line]:
        if image.width == self.deadly:
            os._exit(139)
        if image.width == 600:
            raise ZeroDivisionError
        return [Line(str(image.width), 1.0, ((0, 0), (9, 0), (9, 9), (0, 9)))]
