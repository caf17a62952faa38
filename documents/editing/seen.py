"""What an author was looking at when they made a change: a version, or nothing that they name."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Unconditional(Enum):
    """In place of a version: overwrites what was read and the author's own changes, but nobody else's."""

    UNCONDITIONAL = "unconditional"


UNCONDITIONAL: Final = Unconditional.UNCONDITIONAL
