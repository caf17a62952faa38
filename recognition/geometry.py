"""Points, polygons and boxes, all in pixels of one image: x to the right, y down, origin at the top left."""

from __future__ import annotations

from collections.abc import Iterable

Point = tuple[float, float]
Polygon = tuple[Point, Point, Point, Point]
BBox = tuple[float, float, float, float]
"""Left, top, right, bottom of an axis-aligned box, with left <= right and top <= bottom."""


def bounds(points: Iterable[Point]) -> BBox:
    """The axis-aligned box around ``points``."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def union(boxes: Iterable[BBox]) -> BBox:
    """The box around ``boxes``. Raises ValueError if there is none."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def corners(box: BBox) -> Polygon:
    """The four corners, clockwise from the top left."""
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def laid(box: BBox) -> BBox:
    """A box of vertical text as if its page lay turned so that the text is horizontal."""
    left, top, right, bottom = box
    return top, -right, bottom, -left


def unlaid(box: BBox) -> BBox:
    """What ``laid`` turned, where it was."""
    left, top, right, bottom = box
    return -bottom, left, -top, right


def area(box: BBox) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def intersection(a: BBox, b: BBox) -> float:
    """The area that two boxes share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def intersection_over_union(a: BBox, b: BBox) -> float:
    """The area that two boxes share, as a fraction of what they cover together: 0 to 1."""
    shared = intersection(a, b)
    covered = area(a) + area(b) - shared
    return shared / covered if covered > 0 else 0.0


def overlap_of_smaller(a: BBox, b: BBox) -> float:
    """The area that two boxes share, as a fraction of the smaller one: 0 to 1."""
    smaller = min(area(a), area(b))
    return intersection(a, b) / smaller if smaller > 0 else 0.0


def touch(a: BBox, b: BBox) -> bool:
    """Whether two boxes have a point in common, be it on their edges."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def center(box: BBox) -> Point:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def contains(box: BBox, point: Point) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def expanded(box: BBox, margin: float) -> BBox:
    """The box grown by ``margin`` pixels on each side."""
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def between(start: Point, end: Point, fraction: float) -> Point:
    """The point at ``fraction`` (0 to 1) of the way from ``start`` to ``end``."""
    return start[0] + fraction * (end[0] - start[0]), start[1] + fraction * (end[1] - start[1])
