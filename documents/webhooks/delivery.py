"""Sends what webhooks are to be told, signed by the Standard Webhooks specification (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.utils.translation import gettext_noop

from documents.models import Delivery

from . import safe_http

AT_ONCE = 32
"""Receivers that are written to side by side; of these, each person has ``EACH_AT_ONCE``."""


class Sender:
    """Sends messages as they become due. A receiver that is slow keeps nobody waiting but its owner.

    Threads have the network only: the database is asked by whoever calls.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._under_way: dict[Future[safe_http.Answer | safe_http.UnreachableError], Delivery] = {}

    def begin(self) -> int:
        """Begins to send what is due and has a place; how many messages."""
        claimed = Delivery.objects.claim(AT_ONCE - len(self._under_way), self._under_way.values())
        self._under_way |= {self._pool.submit(_send, delivery): delivery for delivery in claimed}
        return len(claimed)

    def note(self, seconds: float | None) -> None:
        """Notes what has come of messages, as soon as one has ended or ``seconds`` are over."""
        if not self._under_way:
            time.sleep(seconds or 0)
            return
        for ended in wait(self._under_way, timeout=seconds, return_when=FIRST_COMPLETED).done:
            _note(self._under_way.pop(ended), ended.result())

    def finish(self) -> None:
        """Waits for all that is under way."""
        while self._under_way:
            self.note(None)
        self._pool.shutdown()


def deliver() -> int:
    """One try for what is due; how many messages were tried."""
    sender = Sender()
    begun = sender.begin()
    sender.finish()
    return begun


def signature(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """Lets the receiver verify origin, content and time of the message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{number}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _note(delivery: Delivery, outcome: safe_http.Answer | safe_http.UnreachableError) -> None:
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
