"""Receivers of webhooks, and messages that are due."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from django.utils import timezone

from documents.models import Delivery


@dataclass
class Receiver:
    """A server that notes what it is sent and answers as told."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thank you"
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=ocr"


def messages(receiver: Receiver) -> list[dict]:
    return [json.loads(body) for _, body in receiver.received]


def hurry() -> None:
    """Makes everything that waits due now."""
    Delivery.objects.filter(next_try__isnull=False).update(next_try=timezone.now())
