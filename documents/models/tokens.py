"""Access tokens: what a program sends instead of a person's password."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .audit import Verb, record
from .folders import RefusedError
from .sqlite import without_waiting

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .audit import Actor

PREFIX = "ocrsite_"
"""By which people, and programs that look for leaked secrets, know a token."""

USE_NOTED_EVERY = timedelta(minutes=1)


class Scope(models.TextChoices):
    READ = "read", _("read only")
    WRITE = "write", _("read and change")


class AccessToken(models.Model):
    """The right of a program to act for a user until it expires. Only its hash is stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField("SHA-256", max_length=64, unique=True)
    beginning = models.CharField(_("begins with"), max_length=16)
    scope = models.CharField(_("may"), max_length=8, choices=Scope.choices, default=Scope.READ)
    created = models.DateTimeField(_("made"), default=timezone.now)
    expires = models.DateTimeField(_("expires"))
    last_used = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, user: User, name: str, scope: str, lifetime: timedelta) -> tuple[AccessToken, str]:
        """A new token and its secret, which is not stored and cannot be shown again. Raises RefusedError."""
        most = settings.OCRSITE_USER_TOKENS
        if cls.objects.filter(user=user, expires__gt=timezone.now()).count() >= most:
            raise RefusedError(
                gettext("You have %(most)s tokens, as many as a person may. Revoke one first.") % {"most": most}
            )
        secret = PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            user=user,
            name=name,
            digest=_digest(secret),
            beginning=secret[: len(PREFIX) + 4],
            scope=scope,
            expires=timezone.now() + lifetime,
        )
        return token, secret

    @classmethod
    def authenticate(cls, secret: str) -> AccessToken | None:
        """The token with this secret, if it may still be used; its use is noted."""
        now = timezone.now()
        valid = cls.objects.filter(expires__gt=now, user__is_active=True).select_related("user")
        # The secret has 256 bits of chance, so a plain hash is enough, and looking it up tells nobody anything.
        found = valid.filter(digest=_digest(secret)).first()
        if found and (found.last_used is None or found.last_used < now - USE_NOTED_EVERY):
            with suppress(OperationalError), without_waiting():  # while others write, the next use is noted
                cls.objects.filter(pk=found.pk).update(last_used=now)
        return found

    @classmethod
    def end_all(cls, user: User, actor: Actor) -> None:
        """Revokes all tokens of ``user``."""
        with transaction.atomic():
            tokens = cls.objects.filter(user=user)
            for name in tokens.values_list("name", flat=True):
                record(Verb.SECURITY, None, actor, what="token_revoked", name=name)
            tokens.delete()

    @property
    def may_write(self) -> bool:
        return self.scope == Scope.WRITE

    @property
    def has_expired(self) -> bool:
        return self.expires <= timezone.now()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
