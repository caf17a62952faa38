"""How messages are signed, sent, repeated and given up."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from documents.models import Delivery, Webhook
from documents.models.webhooks import PATIENCE, WAITS
from documents.webhooks import delivery as sender
from tests.support.webhooks import Receiver, hurry


@pytest.mark.django_db(transaction=True)
def test_messages_are_signed_as_standard_webhooks_says(hook: Webhook, receiver: Receiver) -> None:
    delivery = hook.ping()
    sender.deliver()
    ((headers, body),) = receiver.received
    assert Verifier(hook.secret).verify(body, headers)["type"] == "ping"
    assert headers["webhook-id"] == str(delivery.pk)
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    with pytest.raises(WebhookVerificationError):
        Verifier(hook.secret).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):  # replayed later
        Verifier(hook.secret).verify(body, headers | {"webhook-timestamp": str(int(time.time()) - 3600)})


@pytest.mark.django_db(transaction=True)
def test_what_does_not_arrive_is_tried_again_ever_more_seldom_and_given_up(hook: Webhook, receiver: Receiver) -> None:
    receiver.status, receiver.body = 503, b"busy \x00"
    delivery = hook.ping()
    waits = []
    for _ in range(len(WAITS) + 1):
        assert sender.deliver() == 1
        delivery.refresh_from_db()
        if delivery.next_try:
            waits.append(delivery.next_try - timezone.now())
            assert sender.deliver() == 0
        hurry()
    assert all(abs(wait - wanted) < timedelta(seconds=2) for wait, wanted in zip(waits, WAITS, strict=True))
    assert (delivery.state, delivery.status, delivery.answer) == ("failed", 503, "busy \ufffd")
    assert len(receiver.received) == len(WAITS) + 1
    receiver.status = 204
    delivery.repeat()
    sender.deliver()
    delivery.refresh_from_db()
    assert delivery.state == "done"
    assert {headers["webhook-id"] for headers, _ in receiver.received} == {str(delivery.pk)}


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_fails_for_days_is_switched_off_and_one_success_forgives(
    hook: Webhook, receiver: Receiver
) -> None:
    receiver.status = 500
    hook.ping()
    sender.deliver()
    hook.refresh_from_db()
    assert hook.failing_since
    receiver.status = 200
    hurry()
    sender.deliver()
    hook.refresh_from_db()
    assert hook.failing_since is None
    receiver.status = 500
    hook.ping()
    Webhook.objects.update(failing_since=timezone.now() - PATIENCE - timedelta(minutes=1))
    sender.deliver()
    hook.refresh_from_db()
    assert not hook.active
    assert not Delivery.objects.filter(next_try__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_try_is_made_by_one_sender_only(hook: Webhook) -> None:
    hook.ping()
    claimed = Delivery.objects.claim(5)
    assert len(claimed) == 1
    assert Delivery.objects.claim(5) == []
    late = Delivery.objects.get()
    Delivery.objects.update(tries=5)  # somebody else was quicker
    assert not late.lease()


@pytest.mark.django_db(transaction=True)
def test_one_receiver_does_not_hold_up_another(hook: Webhook, owner: User, receiver: Receiver) -> None:
    other = Webhook.objects.create(user=owner, url=receiver.url, subjects=[])
    for _ in range(10):
        hook.ping()
    other.ping()
    assert {delivery.webhook_id for delivery in Delivery.objects.claim(2)} == {hook.pk, other.pk}


@pytest.mark.django_db(transaction=True)
def test_why_a_message_did_not_arrive_is_told_in_the_readers_language(
    hook: Webhook, receiver: Receiver, as_owner: Client
) -> None:
    receiver.status = 500
    hook.ping()
    sender.deliver()
    Webhook.objects.update(url="https://127.0.0.1:1/")
    hook.ping()
    sender.deliver()
    as_owner.cookies["django_language"] = "zh-hant"
    shown = as_owner.get(f"/programs/webhooks/{hook.pk}/").content.decode()
    assert "500 接收端回應錯誤。" in shown
    assert "這部主機在內部網路。" in shown


def test_the_words_of_the_system_stand_behind_ours() -> None:
    with override("zh-hant"):
        assert Delivery(error="Nobody answered.\ntimed out").reason == "沒有回應。 timed out"
        assert Delivery(error="").reason == ""


@pytest.mark.django_db(transaction=True)
def test_a_redirect_is_not_followed(hook: Webhook, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": f"http://127.0.0.1:{receiver.port}/secret"}
    hook.ping()
    sender.deliver()
    assert len(receiver.received) == 1
    assert "Redirects are not followed" in Delivery.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_the_command_sends_what_is_due(hook: Webhook, receiver: Receiver) -> None:
    hook.ping()
    call_command("webhooks", "--once")
    assert len(receiver.received) == 1
