"""Sends what webhooks are to be told, signed by the Standard Webhooks specification (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.utils.translation import gettext_noop

from documents.models import Delivery

from . import safe_http

AT_ONCE = 8
"""Receivers that are written to side by side; the slowest one holds up the next round, by ``outbound.SECONDS``."""


def deliver() -> int:
    """One try for what is due, one message for each webhook; how many were tried."""
    claimed = Delivery.objects.claim(AT_ONCE)
    if not claimed:
        return 0
    with ThreadPoolExecutor(len(claimed)) as pool:  # the network only: the database is asked by one thread
        outcomes = list(pool.map(_send, claimed))
    for delivery, outcome in zip(claimed, outcomes, strict=True):
        if isinstance(outcome, safe_http.UnreachableError):
            delivery.fail(str(outcome))
        elif 200 <= outcome.status < 300:
            delivery.succeed(outcome.status, outcome.text)
        elif 300 <= outcome.status < 400:
            delivery.fail(
                gettext_noop("Redirects are not followed: enter the final address."), outcome.status, outcome.text
            )
        else:
            delivery.fail(gettext_noop("The receiver answered with an error."), outcome.status, outcome.text)
    return len(claimed)


def signature(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """Lets the receiver verify origin, content and time of the message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{number}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _send(delivery: Delivery) -> safe_http.Answer | safe_http.UnreachableError:
    body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ocrsite",
        "webhook-id": str(delivery.pk),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(delivery.webhook.secret, str(delivery.pk), timestamp, body),
    }
    try:
        return safe_http.post(delivery.webhook.url, body, headers, settings.OCRSITE_WEBHOOK_HOSTS)
    except safe_http.UnreachableError as error:
        return error
