"""Quotas: how much storage and how many pages a person or team may use, and how much they do use."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from documents.errors import IntakeError

from .archive import Original
from .audit import Event

MEGABYTE = 2**20


class QuotaExceededError(IntakeError):
    """More than is allowed; ``params`` say what is used and allowed, and of which team, if it is one's team's."""


class StorageExceededError(QuotaExceededError):
    code = "quota-storage"
    explanations = (
        gettext_noop(
            "Team %(team)s uses %(used)s of its %(allowed)s MB. "
            "Delete documents for good, or ask an administrator for more."
        ),
        gettext_noop(
            "You use %(used)s of your %(allowed)s MB. Delete documents for good, or ask an administrator for more."
        ),
        gettext_noop(
            "There is no room left for this file. Delete documents for good, or ask an administrator for more."
        ),
    )


class PagesExceededError(QuotaExceededError):
    code = "quota-pages"
    explanations = (
        gettext_noop(
            "Team %(team)s has used %(used)s of its %(allowed)s pages for today; this needs %(pages)s more. "
            "Continue tomorrow, or ask an administrator for more."
        ),
        gettext_noop(
            "You have used %(used)s of your %(allowed)s pages for today; this needs %(pages)s more. "
            "Continue tomorrow, or ask an administrator for more."
        ),
        gettext_noop("The pages for today are used up. Continue tomorrow, or ask an administrator for more."),
    )


class QuotaOverride(models.Model):
    """An exception to the usual quota, for one person or for all members of one team together."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quota_override",
        verbose_name=_("person"),
    )
    team = models.OneToOneField(
        Group, on_delete=models.CASCADE, null=True, blank=True, related_name="quota_override", verbose_name=_("team")
    )
    megabytes = models.PositiveIntegerField(
        _("megabytes kept"), null=True, blank=True, help_text=_("empty: as everybody else")
    )
    pages_a_day = models.PositiveIntegerField(
        _("pages a day"), null=True, blank=True, help_text=_("empty: as everybody else")
    )

    class Meta:
        verbose_name = _("quota override")
        verbose_name_plural = _("quota overrides")
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, team__isnull=False) | Q(user__isnull=False, team=None),
                name="quota_override_of_one_grantee",
            )
        ]

    def __str__(self) -> str:
        return str(self.user or self.team)


@dataclass(frozen=True)
class Quota:
    """What one person, or one team in sum, may use and does. None: without limit. Days begin at local midnight."""

    grantee: User | Group
    megabytes: int | None
    pages_a_day: int | None

    @property
    def bytes_used(self) -> int:
        """Of all originals, also of those in the trash."""
        is_team = isinstance(self.grantee, Group)
        owned = Q(document__owner__groups=self.grantee) if is_team else Q(document__owner=self.grantee)
        return kept_originals().filter(owned).aggregate(sum=Sum("bytes"))["sum"] or 0

    @property
    def pages_today(self) -> float:
        """Since midnight, by ``page_use``."""
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        by = Q(actor__groups=self.grantee) if isinstance(self.grantee, Group) else Q(actor=self.grantee)
        return rounded(page_use(midnight).filter(by).aggregate(sum=Sum("pages"))["sum"])

    @property
    def bytes_allowed(self) -> int | None:
        return None if self.megabytes is None else self.megabytes * MEGABYTE


def quotas(user: User) -> Iterator[Quota]:
    """The quotas that apply to ``user``: their own, then those of their teams."""
    usual = settings.OCRSITE_USER_MEGABYTES, settings.OCRSITE_USER_PAGES_A_DAY
    yield _quota(user, QuotaOverride.objects.filter(user=user).first(), *usual)
    usual = settings.OCRSITE_TEAM_MEGABYTES, settings.OCRSITE_TEAM_PAGES_A_DAY
    for team in user.groups.select_related("quota_override").order_by("name"):
        yield _quota(team, getattr(team, "quota_override", None), *usual)


def kept_originals() -> QuerySet[Original, Any]:
    """The originals that people keep: their bytes, their owner, their SHA-256.

    A file whose pages are in several documents of a person counts once: moving them made no copy of it.
    """
    return Original.objects.order_by().values_list("bytes", "document__owner", "sha256").distinct()


def bytes_by_owner() -> dict[int, int]:
    """The sizes of ``kept_originals`` of all people. All files are added up, and then the few that repeat taken out."""
    originals = Original.objects.order_by()
    sums = dict(originals.values_list("document__owner").annotate(Sum("bytes")))
    repeated = originals.values("sha256").annotate(n=Count("*")).filter(n__gt=1)
    again = originals.filter(sha256__in=repeated.values("sha256"))
    for owner, _sha256, size, n in again.values_list("document__owner", "sha256", "bytes").annotate(n=Count("*")):
        sums[owner] -= (n - 1) * size
    return sums


def page_use(since: datetime) -> QuerySet[Event]:
    """What had pages read from ``since`` on, each with ``pages``: how many it counts as.

    As the audit has them: deleting a document gives no page back.
    """
    return Event.objects.filter(pages__isnull=False, time__gte=since).order_by()


def rounded(pages: float | None) -> float:
    """A sum of ``page_use``, None for none, without the noise of adding fractions (thousandths are the smallest)."""
    return round(pages or 0, 3)


def check_quota(user: User, *, pages: float, bytes: int = 0) -> None:
    """Raises QuotaExceededError if so much more is not allowed.

    Two files that come in at the same moment may both pass where only one has room: a quota is no safe.
    """
    for quota in quotas(user):
        team = {"team": quota.grantee.name} if isinstance(quota.grantee, Group) else {}
        if quota.bytes_allowed is not None and bytes and (used := quota.bytes_used) + bytes > quota.bytes_allowed:
            values: dict[str, str | int] = {"used": used // MEGABYTE, "allowed": quota.megabytes or 0, **team}
            raise StorageExceededError(
                "There is no room left for this file. Delete documents, or ask for more.", **values
            )
        if quota.pages_a_day is not None and pages and (read := quota.pages_today) + pages > quota.pages_a_day:
            values = {"used": int(read), "allowed": quota.pages_a_day, "pages": math.ceil(pages), **team}
            raise PagesExceededError("No more pages can be read today. Continue tomorrow, or ask for more.", **values)


def _quota(grantee: User | Group, own: QuotaOverride | None, megabytes: int | None, pages_a_day: int | None) -> Quota:
    if own is not None:
        megabytes = megabytes if own.megabytes is None else own.megabytes
        pages_a_day = pages_a_day if own.pages_a_day is None else own.pages_a_day
    return Quota(grantee, megabytes, pages_a_day)
