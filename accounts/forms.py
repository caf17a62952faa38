"""Forms of the account."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from documents.models import AccessToken


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]  # the library is untyped
    """Labels the address as the account page does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        del self.fields["email"].widget.attrs["placeholder"]


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """Offers to end the person's access tokens too: whoever knew the password may have made one."""

    end_tokens = forms.BooleanField(
        label=_("Revoke my access tokens"),
        help_text=_("Choose this if somebody else may know your old password. Programs then need new tokens."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not AccessToken.objects.filter(user=self.user).exists():
            del self.fields["end_tokens"]

    def save(self) -> None:
        super().save()
        if self.cleaned_data.get("end_tokens"):
            AccessToken.end_all(self.user, self.user)


class ReplacedPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """With a forgotten password go the access tokens that were made with it."""

    def save(self) -> None:
        super().save()
        AccessToken.end_all(self.user, self.user)


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
