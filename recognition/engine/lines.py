"""Geometry of text lines: their first corner, their direction, and the crop of their pixels.

A *quad* is (4, 2) float32: the corners of a rectangle. The detector gives them in any cyclic order; in a ``TextQuad``
they go clockwise from the top left corner of the line's first character.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import Polygon
from recognition.page import Pixels

Quad = npt.NDArray[np.float32]

VERTICAL_ASPECT = 1.5  # a line at least this many times as high as wide is a column, as in PaddleOCR


@dataclass(frozen=True, eq=False)
class Midline:
    """The middle of a curved line: ``points`` (n, 2) from head to tail, and how many pixels it is thick."""

    points: npt.NDArray[np.float32]
    thickness: float

    @cached_property
    def distances(self) -> npt.NDArray[np.float64]:
        """Of each point from the first, along the line."""
        steps = np.diff(self.points.astype(np.float64), axis=0, prepend=self.points[:1])
        return np.asarray(np.hypot(*steps.T), np.float64).cumsum()

    @property
    def bend(self) -> float:
        """How far the line leaves a straight one, in its thicknesses. What goes up and down with each word is none."""
        chord = self.points[-1] - self.points[0]
        from_head = self.points - self.points[0]
        along = from_head @ chord / (chord @ chord)
        across = (from_head[:, 0] * chord[1] - from_head[:, 1] * chord[0]) / np.hypot(*chord) / self.thickness
        curve = np.polynomial.Polynomial.fit(along, across, deg=3)(along)
        return float(np.ptp(curve - np.polynomial.Polynomial.fit(along, curve, deg=1)(along)))

    @property
    def _normals(self) -> npt.NDArray[np.float64]:
        """For each point the direction across the line, downwards if the line runs to the right."""
        right, down = np.gradient(self.points.astype(np.float64), self.distances, axis=0).T
        return np.asarray(np.column_stack([-down, right]) / np.hypot(right, down)[:, None])

    def shifted(self, offsets: npt.NDArray[np.float64]) -> Midline:
        """The line with each point moved across it, by thicknesses."""
        moved = self.points + self._normals * offsets[:, None] * self.thickness
        return Midline(moved.astype(np.float32), self.thickness)

    @property
    def rectangle(self) -> Quad:
        """A rectangle as thick as the line, along the straight line that is nearest to it; at its head's left first."""
        centre = self.points.mean(axis=0)
        along = np.linalg.svd(self.points - centre, full_matrices=False)[2][0]
        along = along if along @ (self.points[-1] - self.points[0]) > 0 else -along
        across = np.array([-along[1], along[0]]) * self.thickness / 2
        ends = centre + ((self.points[[0, -1]] - centre) @ along)[:, None] * along
        return np.array([ends[0] - across, ends[1] - across, ends[1] + across, ends[0] + across], np.float32)

    def places(self, width: int, height: int, margin: float) -> tuple[Quad, Quad]:
        """x and y in the image, each (height, width), of the pixels of the straightened line."""
        along = (np.arange(width) + 0.5) / width * self.distances[-1]
        across = ((np.arange(height) + 0.5) / height - 0.5) * self.thickness * (1 + 2 * margin)
        x, y, right, down = (np.interp(along, self.distances, values) for values in (*self.points.T, *self._normals.T))
        return (x + across[:, None] * right).astype(np.float32), (y + across[:, None] * down).astype(np.float32)


@dataclass(frozen=True, eq=False)
class TextQuad:
    """The place of a line. ``corners``: clockwise from its head. ``vertical``: whether it runs downwards.

    ``midline``: if it is curved. The corners are then those of a rectangle as thick as the line, which it leaves in
    places: one around it would hold much of the lines above and below.
    """

    corners: Quad
    vertical: bool
    midline: Midline | None = None

    @property
    def length(self) -> float:
        """Pixels from head to tail."""
        if self.midline:
            return float(self.midline.distances[-1])
        return float(
            np.hypot(*(self.corners[3] - self.corners[0] if self.vertical else self.corners[1] - self.corners[0]))
        )

    @property
    def thickness(self) -> float:
        """Pixels across the line."""
        if self.midline:
            return self.midline.thickness
        return float(
            np.hypot(*(self.corners[1] - self.corners[0] if self.vertical else self.corners[3] - self.corners[0]))
        )

    @property
    def polygon(self) -> Polygon:
        a, b, c, d = ((float(x), float(y)) for x, y in self.corners)
        return a, b, c, d

    @property
    def strip_corners(self) -> Quad:
        """The corners from the top left one of the strip as which the line is read. A column lies on its left side."""
        return np.roll(self.corners, -1, axis=0) if self.vertical else self.corners

    def reversed(self) -> TextQuad:
        """The same place with a line that runs the other way, upside down."""
        midline = Midline(self.midline.points[::-1], self.midline.thickness) if self.midline else None
        return TextQuad(np.roll(self.corners, 2, axis=0), self.vertical, midline)

    def shifted(self, left: float, top: float) -> TextQuad:
        """The same line in pixels of an image with so much more at its left and at its top."""
        by = np.array([left, top], np.float32)
        midline = Midline(self.midline.points + by, self.midline.thickness) if self.midline else None
        return TextQuad(self.corners + by, self.vertical, midline)

    def straight(self, tilt: float) -> TextQuad:
        """The smallest rectangle around the line that is tilted as its page is. ``tilt``: in radians, clockwise."""
        cos, sin = np.cos(tilt), np.sin(tilt)
        back = np.array([[cos, -sin], [sin, cos]])
        upright = self.corners @ back
        (left, top), (right, bottom) = upright.min(axis=0), upright.max(axis=0)
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) @ back.T
        return TextQuad(corners.astype(np.float32), self.vertical)

    @classmethod
    def curved(cls, midline: Midline, vertical: bool) -> TextQuad:
        return cls(np.roll(midline.rectangle, 1 if vertical else 0, axis=0), vertical, midline)

    @classmethod
    def around(cls, quad: Quad) -> TextQuad:
        """The line in a rectangle with corners in any cyclic order.

        Sorting coordinates does not find the first corner of a tilted rectangle: at a small tilt already, the two
        leftmost corners of a tall quad are its lower end. So the direction of the long side decides.
        """
        first, second = quad[1] - quad[0], quad[2] - quad[1]
        if first[0] * second[1] < first[1] * second[0]:  # clockwise on the screen, where y points down
            quad = quad[::-1]
            first, second = quad[1] - quad[0], quad[2] - quad[1]
        short, long = sorted((float(np.hypot(*first)), float(np.hypot(*second))))
        along = first if np.hypot(*first) >= np.hypot(*second) else second
        vertical = long >= VERTICAL_ASPECT * short and bool(abs(along[1]) > abs(along[0]))
        # The top edge, from the first corner to the second, is the side that points most to the right ...
        sides = np.roll(quad, -1, axis=0) - quad
        candidates = np.arange(4)
        if long >= VERTICAL_ASPECT * short:  # ... of the two that lie along the line, or across a column
            parallel = np.abs(sides @ along) > 0.5 * long * long
            candidates = np.flatnonzero(~parallel if vertical else parallel)
        top = candidates[np.argmax(sides[candidates, 0] / np.hypot(*sides[candidates].T))]
        return cls(np.roll(quad, -int(top), axis=0), vertical)


@dataclass(frozen=True, eq=False)
class LineCrop:
    """A line of ``image`` (height, width, 3), to be cropped as a strip from left to right.

    ``margin``: what is added on each side across the line, as a fraction of its thickness. A vertical line is laid
    on its left side (rotated counter-clockwise), as PaddleOCR's recognisers were trained.
    """

    image: Pixels
    quad: TextQuad
    margin: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the strip, in pixels of the image."""
        return max(1, round(self.quad.length)), max(1, round(self.quad.thickness * (1 + 2 * self.margin)))

    def width(self, height: int) -> int:
        """The width of a strip of ``height`` pixels with the line's proportions."""
        length, thickness = self.size
        return max(1, round(length * height / thickness))

    def strip(self, width: int, height: int) -> Pixels:
        """The line's pixels at any size. They are interpolated only once, since each time blurs small print."""
        shrinks = _shrinks(self.size, (width, height))
        size = self.size if shrinks else (width, height)
        midline = self.quad.midline
        strip = self._straightened(midline, *size) if midline else self._cropped(*size)
        return resized(strip, width, height) if shrinks else strip

    def _cropped(self, width: int, height: int) -> Pixels:
        corners = self.quad.strip_corners
        across = (corners[3] - corners[0]) * self.margin
        corners = corners + np.array([-across, -across, across, across])
        target = np.array([[0, 0], [width, 0], [width, height]], np.float32)
        around, shift = self._around(corners)
        matrix = cv2.getAffineTransform(np.ascontiguousarray(corners[:3] - shift, np.float32), target)
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(around, matrix, (width, height), flags=flags, borderMode=border))

    def _straightened(self, midline: Midline, width: int, height: int) -> Pixels:
        x, y = midline.places(width, height, self.margin)
        around, shift = self._around(np.array([[x.min(), y.min()], [x.max(), y.max()]]))
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        return np.asarray(cv2.remap(around, x - shift[0], y - shift[1], flags, borderMode=border))

    def _around(self, points: npt.NDArray[Any]) -> tuple[Pixels, Quad]:
        """The part of the image around ``points``, and its top left corner.

        OpenCV cannot warp an image of 32,767 pixels or more.
        """
        left, top = np.maximum(np.floor(points.min(axis=0)).astype(int) - 2, 0)
        right, bottom = np.ceil(points.max(axis=0)).astype(int) + 3
        part = self.image[top : max(bottom, top + 1), left : max(right, left + 1)]
        return part, np.array([left, top], np.float32)


def resized(image: Pixels, width: int, height: int) -> Pixels:
    """``image`` at another size, without aliasing if it shrinks much."""
    much = _shrinks((image.shape[1], image.shape[0]), (width, height))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if much else cv2.INTER_LINEAR))


def _shrinks(size: tuple[int, int], wanted: tuple[int, int]) -> bool:
    """Whether linear interpolation from ``size`` to ``wanted``, both (width, height), would skip pixels."""
    return size[0] > 1.5 * wanted[0] or size[1] > 1.5 * wanted[1]
