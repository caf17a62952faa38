"""Ends an account at the wish of an administrator."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import transaction

from documents.library import bulk_actions, retirement
from documents.models import BulkAction


def retire(user: User, heir: User, actor: User, *, anonymous: bool) -> BulkAction:
    """Closes the account at once, then hands over what it has to ``heir``.

    ``anonymous``: the account is deleted, and nobody's name stands by what its person wrote; else the account stays,
    for its name, without a way to log in. Raises RefusedError.
    """
    with transaction.atomic():
        documents = retirement.close(user, heir, actor)
        for of_login in (EmailAddress, Authenticator, SocialAccount, UserSession):
            of_login.objects.filter(user=user).delete()
    options = {"user": user.pk, "name": user.username, "owner": heir.pk, "anonymous": anonymous}
    return bulk_actions.begin(bulk_actions.RETIRE, actor, documents, **options)
