"""A person's last choices, for all their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recognition.options import Options

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Preferences(models.Model):
    """One person's choices. ``options``: as ``Options.to_dict`` writes them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preferences",
        verbose_name=_("user"),
    )
    options = models.JSONField(_("options"), default=dict, blank=True)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def remember(cls, user: User, options: Options) -> None:
        cls.objects.update_or_create(user=user, defaults={"options": options.to_dict()})

    @classmethod
    def options_of(cls, user: User) -> dict[str, str]:
        """The options that ``user`` chose last, by name; some may have gone since. Empty if they never chose."""
        found = cls.objects.filter(user=user).values_list("options", flat=True).first()
        return dict(found or {})
