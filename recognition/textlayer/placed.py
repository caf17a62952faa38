"""The glyphs of a PDF page where they stand on its image."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from recognition.page import Matrix

from .glyphs import Codes, Floats, Glyphs, Integers, Mask

LINE_HEIGHT = 1.15
"""Of a glyph's box, in sizes."""

MOST_HEIGHT = 1.8
"""The same of a font with much room between its lines."""

UPRIGHT = 0.05
"""The product of sine and cosine below which a direction counts as upright."""

WIDE = (
    *((0xB7, 0xB7), (0x2010, 0x203B), (0x2160, 0x2BFF)),  # marks
    *((0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE6F), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6)),
    *((0x1F000, 0x1FAFF), (0x20000, 0x3FFFF)),
)
"""Blocks of characters that are as wide as high, or may be."""

HALF_TURNED = 0.7
"""The cosine from which a direction counts as across rather than down."""

TWICE = 0.15
"""The same character within so many sizes is one that is printed twice, for bold or as a shadow."""

TWICE_NARROW = 0.4
"""And within so much of its own width, because dots stand close together."""


@dataclass(frozen=True, eq=False)
class Placed:
    """n glyphs, or groups that count as one; lengths in pixels.

    ``codes``: (n,). ``centres``: (n, 2). ``origins``: (n, 2) where the pen was. ``extents``: (n, 2), width and height
    of the upright boxes. ``across``, ``down``: (n, 2), unit vectors from left to right and from head to foot of each.
    ``widths``, ``heights``: (n,), their extents along these. ``sizes``: (n,), of their type. ``wide``: (n,), which can
    be written downwards without being turned. ``objects``, ``signs``, ``serials``, ``spaces``: see ``Glyphs``.
    """

    codes: Codes
    centres: Floats
    origins: Floats
    extents: Floats
    across: Floats
    down: Floats
    widths: Floats
    heights: Floats
    sizes: Floats
    wide: Mask
    objects: Integers
    signs: Mask
    serials: Integers
    spaces: Integers

    @classmethod
    def of(cls, glyphs: Glyphs, to_image: Matrix) -> Placed:
        corners = glyphs.on_image(to_image)
        linear = to_image[:2, :2]
        ways = np.stack([np.cos(glyphs.angles), -np.sin(glyphs.angles)], axis=1) @ linear.T
        across = ways / np.linalg.norm(ways, axis=1, keepdims=True)
        down = np.stack([-across[:, 1], across[:, 0]], axis=1)
        extents = abs(corners[:, 1] - corners[:, 0])
        sizes = glyphs.ems * np.sqrt(abs(np.linalg.det(linear)))
        sizes = np.maximum(np.where(sizes > 0, sizes, extents.max(axis=1)), 1e-3)
        wide = is_wide(glyphs.codes) & ~glyphs.signs  # they stand in lines as letters do
        widths, heights = _upright(extents, across, down, sizes, wide)
        sizes = np.maximum(sizes, heights / MOST_HEIGHT)  # some files draw glyphs larger than their fonts say
        return cls(
            codes=glyphs.codes,
            centres=corners.mean(axis=1),
            origins=glyphs.origins @ linear.T + to_image[:2, 2],
            extents=extents,
            across=across,
            down=down,
            widths=widths,
            heights=heights,
            sizes=sizes,
            wide=wide,
            objects=glyphs.objects,
            signs=glyphs.signs,
            serials=glyphs.serials,
            spaces=glyphs.spaces,
        )

    def __len__(self) -> int:
        return len(self.codes)

    def neighbours(self) -> tuple[Placed, Placed]:
        """All but the last, and all but the first."""
        return self.only(np.arange(len(self) - 1)), self.only(np.arange(1, len(self)))

    def only(self, chosen: Integers | Mask) -> Placed:
        return Placed(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def along(self, way: Floats, members: Integers | slice = slice(None)) -> Floats:
        """How much room ``members`` take along ``way``, a unit vector (2,) for all or (m, 2) for each."""
        as_written = abs((self.across[members] * way).sum(axis=1)) > HALF_TURNED
        return np.where(as_written, self.widths[members], self.heights[members])

    def first_prints(self) -> Mask:
        """(n,): which are not the same character once more in the same place."""
        reach = np.maximum(np.minimum(TWICE * self.sizes, TWICE_NARROW * self.widths), 1e-3)
        # Equal glyphs have equal sizes but for rounding.
        kind = np.round(np.log(reach) * 20).astype(np.int64) * 0x200000 + self.codes
        cell = (2 * np.exp(np.round(np.log(reach) * 20) / 20))[:, None]
        first = np.ones(len(self), dtype=np.bool_)
        for shift in ((0, 0), (0, 0.5), (0.5, 0), (0.5, 0.5)):  # what is close shares a cell in one of these grids
            x, y = np.floor(self.centres / cell + shift).astype(np.int64).T
            _, firsts, inverse = np.unique(
                kind * 0x9E3779B1 + x * 0x85EBCA77 + y * 0xC2B2AE3D, return_index=True, return_inverse=True
            )
            first &= firsts[inverse] == np.arange(len(self))
        return first


def _upright(extents: Floats, across: Floats, down: Floats, sizes: Floats, wide: Mask) -> tuple[Floats, Floats]:
    """Widths and heights of glyphs whose upright boxes have ``extents``."""
    width, height = (extents * abs(across)).sum(axis=1), (extents * abs(down)).sum(axis=1)
    beside = abs(across).min(axis=1) * abs(across).max(axis=1)
    # The upright box of a tilted glyph is larger than the glyph, by its height in both directions.
    tilted = np.clip(width - 2 * LINE_HEIGHT * sizes * beside, 0.2 * sizes, 2 * sizes)
    upright = beside < UPRIGHT
    return np.where(upright, width, tilted), np.where(upright, height, np.where(wide, 1, LINE_HEIGHT) * sizes)


def is_wide(codes: Codes) -> Mask:
    """(n,): which are Chinese, Japanese or Korean, or marks that stand among these as they are."""
    wide = np.zeros(len(codes), dtype=np.bool_)
    for first, last in WIDE:
        wide |= (codes >= first) & (codes <= last)
    return wide
