"""Our answers to allauth: sign-up is closed, and where people go after logging in."""

from __future__ import annotations

import ipaddress
import logging
import smtplib
import threading
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from . import encryption, known_browsers, teams

log = logging.getLogger(__name__)

REWORDED = (
    gettext_noop("Successfully signed in as %(name)s."),
    gettext_noop("Two-Factor Authentication"),
    gettext_noop("An authenticator app is not active."),
    gettext_noop("No recovery codes set up."),
    gettext_noop("New Password (again)"),
)
"""What allauth says and our catalogue translates otherwise, to agree with the rest of the site."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is untyped
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The user name or the password is wrong."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: dict[str, Any] | None, **kwargs: Any
    ) -> HttpResponse:
        """After single sign-on, second factor included, people are in the teams of their groups."""
        if sociallogin := (signal_kwargs or {}).get("sociallogin"):
            teams.follow(user, sociallogin.account.extra_data)
        answer: HttpResponse = super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        known_browsers.remember(request, answer, user.username)
        return answer

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuses a further guess: from one network, or at one name from everywhere.

        A browser from which that person has logged in before has a count of its own, so nobody else can keep it out.
        """
        super().pre_authenticate(request, **credentials)
        name = str(credentials.get("username", ""))
        if known_browsers.known_as(request, name):
            self._anywhere = None
            return
        self._anywhere = ratelimit.consume(
            request, app="allauth.account", action="login_failed_anywhere", key=name.casefold()
        )
        if not self._anywhere:
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        name = str(credentials.get("username", ""))
        return f"{name.casefold()}@{known_browsers.known_as(request, name) or _network(ratelimit.get_ip(request))}"

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        if self._anywhere:
            self._anywhere.rollback()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends from a thread: how long it takes, and whether it works, would tell which addresses exist here."""
        message = self.render_mail(template_prefix, email, {"request": current.request, "email": email} | context)
        threading.Thread(target=_send, args=[message], name="mail").start()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


def _network(address: str) -> str:
    """What counts as one place: an address, or all those that an IPv6 network gives to one line."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return address


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, smtplib.SMTPException):
        log.exception("A mail was not sent")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypts the secrets of authenticator apps and the seeds of recovery codes."""

    def encrypt(self, text: str) -> str:
        return encryption.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.unseal(encrypted_text)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """People known to the organisation's login service get an account on their first visit, unless that is off."""
        return bool(settings.OCRSITE_OIDC_SIGNUP)

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: object) -> str:
        return reverse("account")
