"""Encryption of secrets with a key outside the database: a copy of the database alone does not reveal them."""

from __future__ import annotations

import base64
import logging
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

MARK = "sealed:"

log = logging.getLogger(__name__)


def seal(secret: str) -> str:
    return MARK + _key().encrypt(secret.encode()).decode()


def unseal(kept: str) -> str:
    """The secret that ``seal`` made ``kept`` of; one that was kept before there were seals is not sealed.

    What another SECRET_KEY has sealed gives a secret, in base 32, that nobody has: no code fits.
    """
    if not kept.startswith(MARK):
        return kept
    try:
        return _key().decrypt(kept.removeprefix(MARK)).decode()
    except InvalidToken:
        log.error("A second factor was sealed with another SECRET_KEY; its person needs it removed and set up again")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _key() -> Fernet:
    """Derived from SECRET_KEY, for this purpose alone."""
    return Fernet(base64.urlsafe_b64encode(salted_hmac("accounts.encryption", "", algorithm="sha256").digest()))
