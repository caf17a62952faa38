"""People at the login page."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

PASSWORD = "correct horse"


def log_in(client: Client, name: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": name, "password": password})


def is_in(client: Client) -> bool:
    """Whether the site takes the client for somebody."""
    return client.get("/").status_code == 200


def code_of(secret: str, *, ahead: int = 0) -> dict[str, str]:
    """The form with the code that a phone shows for ``secret`` whose clock is so many half minutes ahead."""
    return {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))}
