"""A drawn page as a picture file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import synthetic_pages
from tests.support.searchable_pdf import (
    SIZE,
)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    synthetic_pages.blank(SIZE).save(tmp_path / "blank.png", dpi=(200, 200))
    return tmp_path / "blank.png"
