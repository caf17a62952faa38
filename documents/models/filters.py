"""Filters of document lists that people keep for themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_FILTER = 500


class SavedFilter(models.Model):
    """What one person likes to see of the list: a name, and the part of the address that says so."""

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
