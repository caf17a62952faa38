"""Invitations: an account without a password, and a link with which its person sets one, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from documents.models import AccessToken, Verb, record

if TYPE_CHECKING:
    from documents.models.audit import Actor


class InvitationTokens(PasswordResetTokenGenerator):
    """Tokens for one account in its present state: valid until the password is set, or PASSWORD_RESET_TIMEOUT."""

    key_salt = "accounts.invitations"


tokens = InvitationTokens()


def invite(user: User, request: HttpRequest, invited_by: Actor) -> str:
    """The link with which ``user`` sets a password. All earlier links stop working.

    Whatever password and access tokens the account has are gone. The address is nowhere kept: show it now.
    """
    with transaction.atomic():
        user.set_unusable_password()  # differs each time, and the tokens with it
        user.save()
        AccessToken.end_all(user, invited_by)
        record(Verb.INVITED, None, invited_by, name=user.username)
    number = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("account_invitation", args=[number, tokens.make_token(user)])
    return request.build_absolute_uri(path)


def mail(user: User, address: str) -> bool:
    """Sends the address to ``user``; False where no mail is set up or no mail address is known."""
    if not settings.MAIL_IS_SET_UP or not user.email:
        return False
    text = render_to_string("accounts/invitation.txt", {"user": user, "address": address, "days": valid_days()})
    send_mail(_("Your invitation to ocrsite"), text, None, [user.email])
    return True


def valid_days() -> int:
    """How long an invitation can be accepted."""
    return int(settings.PASSWORD_RESET_TIMEOUT) // 86400
