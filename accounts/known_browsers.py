"""Browsers from which somebody has logged in before: guesses of strangers do not keep those out."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "known_browser"
SALT = "accounts.known_browsers"
SECONDS = 400 * 86_400
"""As long as browsers keep a cookie."""

MOST_PEOPLE = 20
"""That one browser is known to; of more, the last ones."""


def known_as(request: HttpRequest, name: str) -> str | None:
    """What tells this browser from others, if ``name`` has logged in from it before."""
    browser = _read(request)
    return browser["id"] if _person(name) in browser["people"] else None


def remember(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Has the browser show at its next visit that ``name`` has logged in from it."""
    browser = _read(request)
    people = [person for person in browser["people"] if person != _person(name)]
    browser["people"] = [*people, _person(name)][-MOST_PEOPLE:]
    response.set_cookie(
        COOKIE,
        signing.dumps(browser, salt=SALT),
        max_age=SECONDS,
        path=settings.COOKIE_PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        browser: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return {"id": uuid.uuid4().hex, "people": []}
    return browser


def _person(name: str) -> str:
    """A name as the cookie has it, which shows nobody's."""
    return salted_hmac(SALT, name.casefold()).hexdigest()[:16]
