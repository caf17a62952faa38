"""Filters of documents: one value for lists, search, API and bundles, and those that people keep by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .folders import Folder, Tag, composed
from .sharing import Share

if TYPE_CHECKING:
    from django.contrib.auth.models import Group

LONGEST_FILTER = 500

DAYS = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
"""Validators of ``since`` and ``until``: at the ends of the calendar there is no day before or after."""


@dataclass(frozen=True)
class DocumentFilters:
    """Which documents somebody wants, for ``DocumentQuerySet.matching``; an empty field leaves everything in.

    ``owner``: a user name. ``team``: documents shared with it, directly or by a folder. ``tag``: a name, in capitals
    or not. ``folder``: with the folders inside it. ``since``, ``until``: the first and last day of upload, local
    time, within DAYS. ``state``: of the current run. ``checked``: "yes" for documents whose text has all been
    checked, "no" for those with unchecked lines.
    """

    owner: str = ""
    team: Group | None = None
    tag: str = ""
    folder: Folder | None = None
    since: date | None = None
    until: date | None = None
    state: str = ""
    checked: str = ""

    def condition(self) -> Q:
        """As a condition on documents, without joins that would repeat a row."""
        wanted = Q()
        if self.owner:
            wanted &= Q(owner__username=self.owner)
        if self.team is not None:
            shares = Share.objects.filter(team=self.team)
            opened = Folder.objects.reached_by(shares).values("pk")
            wanted &= Q(pk__in=shares.filter(folder=None).values("document")) | Q(folder__in=opened)
        if self.tag:
            wanted &= Q(pk__in=Tag.objects.filter(name__iexact=composed(self.tag)).values("documents"))
        if self.folder is not None:
            wanted &= Q(folder__in=Folder.objects.inside(self.folder).values("pk"))
        if self.since is not None:
            wanted &= Q(created__gte=_midnight(self.since))
        if self.until is not None:
            wanted &= Q(created__lt=_midnight(self.until + timedelta(days=1)))
        if self.state:
            wanted &= Q(current_run__state=self.state)
        if self.checked == "yes":
            wanted &= Q(current_run__state="done", current_run__lines_unchecked=0)
        if self.checked == "no":
            wanted &= Q(current_run__lines_unchecked__gt=0)
        return wanted


class SavedFilter(models.Model):
    """A filter of the list that one person saved: its name, and its query string."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="filters", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=50)
    query = models.CharField(_("filter"), max_length=LONGEST_FILTER)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_filter_per_name")]

    def __str__(self) -> str:
        return self.name


def _midnight(day: date) -> datetime:
    """The local one at which ``day`` begins: a range of moments can use an index, a cast of each moment cannot."""
    return timezone.make_aware(datetime.combine(day, time.min))
