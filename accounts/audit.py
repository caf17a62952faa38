"""Records logins, logouts and changes of login methods in the audit.

Django and allauth say by signals, and in no other way, that somebody logged in or out or changed their password.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver

from documents.models import Verb, record


@receiver(user_logged_in)
def note_login(user: User, **kwargs: Any) -> None:
    record(Verb.LOGGED_IN, None, user)


@receiver(user_logged_out)
def note_logout(user: User | None, **kwargs: Any) -> None:
    """A logout after the end of the session has no user and is not recorded."""
    if user is not None:
        record(Verb.LOGGED_OUT, None, user)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Only for existing names: others are often passwords typed into the wrong field."""
    user = User.objects.filter(username=credentials.get("username") or "").first()
    if user is not None:
        record(Verb.LOGIN_FAILED, None, None, name=user.username)


@receiver(authentication_failed)
def note_wrong_code(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """A wrong code after a correct password."""
    record(Verb.LOGIN_FAILED, None, None, name=user.username, factor=authenticator.type)


@receiver([password_changed, password_reset, password_set])
def note_password(user: User, **kwargs: Any) -> None:
    record(Verb.SECURITY, None, user, what="password")


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def note_authenticator(user: User, authenticator: Any, **kwargs: Any) -> None:
    record(Verb.SECURITY, None, user, what=authenticator.type)
