"""Forms of the account."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]  # the library is untyped
    """Labels the address as the account page does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        del self.fields["email"].widget.attrs["placeholder"]


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Creates a passkey by default: most devices can store one, and it replaces the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Log in with it alone")
        self.fields["passwordless"].help_text = _(
            "A passkey, unlocked by fingerprint, face or code. Otherwise it is asked for after the password."
        )
