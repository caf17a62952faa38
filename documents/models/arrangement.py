"""How people arranged a page: the kinds and the order of its blocks, the grids of its tables, the order of its lines.

What was read stays as it is. Like a correction, an arrangement belongs to places on the page, not to the lines of one
reading, so it holds in later readings too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recognition.geometry import BBox, bounds, corners
from recognition.layout import Layout
from recognition.page import Block, Line, Matrix, apply_matrix, box_from, rounded

from .archive import Page
from .placement import LEAST_OVERLAP


class ArrangementQuerySet(models.QuerySet["Arrangement"]):
    def active(self) -> ArrangementQuerySet:
        """Of each page the last one, which holds."""
        last = Arrangement.objects.filter(page=models.OuterRef("page")).order_by("-number")
        return self.filter(pk=models.Subquery(last.values("pk")[:1]))


class Arrangement(models.Model):
    """What a page was like after one change. Rows are added, never changed, so they are the history.

    ``number``: counts the changes of the page, from 1. ``places``: the boxes of the lines in reading order, in pixels
    of the page image. ``blocks``: as ``Block.to_dict`` writes them, their lines numbered by ``places``. Without
    ``places``: as it was read.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="arrangements", verbose_name=_("page"))
    number = models.PositiveIntegerField(_("number"))
    places = models.JSONField(_("places of lines"), null=True, blank=True)
    blocks = models.JSONField(_("blocks"), default=list, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("author")
    )
    created = models.DateTimeField(_("written"), default=timezone.now)

    objects = ArrangementQuerySet.as_manager()

    class Meta:
        verbose_name = _("arrangement")
        verbose_name_plural = _("arrangements")
        ordering = ["page", "number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="one_arrangement_per_number")]

    def __str__(self) -> str:
        return f"{self.page} · {self.number}"

    @property
    def is_as_read(self) -> bool:
        return self.places is None

    def names(self, lines: Mapping[str, Line]) -> list[str | None]:
        """For each place the id of the line that stands there in a reading; None where it has none."""
        return at_places([box_from(place) for place in self.places or ()], lines)

    def turn(self, matrix: Matrix) -> None:
        """Keeps it where it is on a page that is turned by ``matrix``."""
        blocks = Layout(blocks=tuple(self.arranged_blocks())).mapped(matrix).blocks
        self.blocks = [block.to_dict() for block in blocks]
        if self.places is not None:
            self.places = [rounded(bounds(apply_matrix(matrix, corners(box_from(place))))) for place in self.places]
        self.save(update_fields=["blocks", "places"])

    def arranged_blocks(self) -> list[Block]:
        """The blocks, whose lines are numbered by ``places``."""
        return [Block.from_dict(block) for block in self.blocks]


def at_places(places: Sequence[BBox], lines: Mapping[str, Line]) -> list[str | None]:
    """For each of ``places`` the id of the line there, each line once: the very same box, else what overlaps it most.

    Boxes that overlap by less than half of the smaller one are not at one place.
    """
    waiting: dict[BBox, list[str]] = {}
    for line_id, line in reversed(list(lines.items())):
        waiting.setdefault(line.box, []).append(line_id)
    names = [stack.pop() if (stack := waiting.get(place)) else None for place in places]
    left = [index for index, name in enumerate(names) if name is None]
    others = [line_id for stack in waiting.values() for line_id in stack]
    if left and others:
        likeness = _likeness([places[index] for index in left], [lines[line_id].box for line_id in others])
        rows, columns = np.nonzero(likeness)
        for pair in np.argsort(-likeness[rows, columns], kind="stable"):
            index, line_id = left[rows[pair]], others[columns[pair]]
            if names[index] is None and line_id not in names:
                names[index] = line_id
    return names


def _likeness(some: Sequence[BBox], others: Sequence[BBox]) -> npt.NDArray[np.float64]:
    """(n, m): the intersection over union of each two boxes; 0 where they are not at one place."""
    a, b = np.array(some)[:, None], np.array(others)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    areas = [(box[..., 2:] - box[..., :2]).prod(axis=-1) for box in (a, b)]
    smaller, covered = np.minimum(*areas), areas[0] + areas[1] - shared
    same = shared >= LEAST_OVERLAP * np.maximum(smaller, 1e-9)
    return np.asarray(np.where(same & (covered > 0), shared / np.maximum(covered, 1e-9), 0.0))
