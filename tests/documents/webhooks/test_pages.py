"""The pages for tokens and webhooks, and their administration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import models
from documents.models import Document, Webhook
from documents.webhooks import delivery as sender
from tests.support.webhooks import Receiver


@pytest.mark.django_db
def test_a_token_is_shown_once_listed_and_revoked(as_owner: Client, owner: User) -> None:
    form = {"name": "scanner", "scope": "write", "days": "30"}
    asked = as_owner.post("/programs/tokens/", form)
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not owner.access_tokens.exists()
    where = asked.headers["Location"]
    assert as_owner.post(where, {"password": "wrong", "next": "/programs/tokens/"}).status_code == 200
    made = as_owner.post(where, {"password": "correct horse", "next": "/programs/tokens/"})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert owner.access_tokens.count() == 1
    listed = as_owner.get("/programs/").content.decode()
    assert "scanner" in listed
    assert secret not in listed
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me/").status_code == 200
    as_owner.post(f"/programs/tokens/{owner.access_tokens.get().pk}/revoke/")
    assert program.get("/api/v1/me/").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", [{"name": ""}, {"scope": "all"}, {"days": "9999"}])
def test_a_token_that_is_asked_for_wrongly_is_not_made(spoil: dict, as_owner: Client, owner: User) -> None:
    form = {"name": "scanner", "scope": "write", "days": "30"} | spoil
    assert as_owner.post("/programs/tokens/", form).status_code == 422
    assert not owner.access_tokens.exists()


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_made_tried_repeated_switched_and_deleted(
    as_owner: Client, receiver: Receiver, hook: Webhook, owner: User
) -> None:
    answer = as_owner.post("/programs/webhooks/", {"url": receiver.url, "subjects": ["document.done"]})
    made = owner.webhooks.get(pk=int(answer.headers["Location"].rstrip("/").rpartition("/")[2]))
    page = f"/programs/webhooks/{made.pk}/"
    as_owner.post(f"{page}ping/")
    sender.deliver()
    receiver.body = b"<script>alert(1)</script>"
    as_owner.post(f"{page}deliveries/{made.deliveries.get().pk}/")
    sender.deliver()
    assert len(receiver.received) == 2
    shown = as_owner.get(page).content.decode()
    assert made.secret in shown
    assert "&lt;script&gt;" in shown
    as_owner.post(f"{page}switch/", {"active": "0"})
    made.refresh_from_db()
    assert not made.active
    as_owner.post(f"{page}delete/")
    assert owner.webhooks.get() == hook


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://me:secret@example.org/", "nonsense", "javascript:alert(1)"]
)
def test_an_address_that_nobody_writes_to_is_refused(url: str, as_owner: Client, owner: User) -> None:
    assert as_owner.post("/programs/webhooks/", {"url": url, "subjects": ["document.done"]}).status_code == 422
    assert not owner.webhooks.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://n8n:5678/webhook/1", True),
        ("https://N8N:5678/", True),
        ("http://n8n:5679/", False),
        ("https://n8n/", False),
        ("https://printer/", False),
    ],
)
def test_a_host_without_a_dot_can_be_entered_where_it_is_allowed(
    url: str, taken: bool, as_owner: Client, owner: User, settings
) -> None:
    settings.OCRSITE_WEBHOOK_HOSTS = ["n8n:5678"]
    as_owner.post("/programs/webhooks/", {"url": url, "subjects": ["document.done"]})
    assert [hook.url for hook in owner.webhooks.all()] == [url] * taken


@pytest.mark.django_db
def test_tokens_and_webhooks_are_nobody_elses(as_stranger: Client, owner: User, hook: Webhook) -> None:
    token, _ = models.AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    delivery = hook.ping()
    page = f"/programs/webhooks/{hook.pk}/"
    assert as_stranger.get(page).status_code == 404
    for path in ("switch/", "ping/", "delete/", f"deliveries/{delivery.pk}/"):
        assert as_stranger.post(page + path).status_code == 404
    assert as_stranger.post(f"/programs/tokens/{token.pk}/revoke/").status_code == 404
    assert owner.webhooks.get().active
    assert owner.access_tokens.exists()
    assert Document.objects.count() == 0


@pytest.mark.django_db
def test_administrators_see_and_revoke_what_programs_use_but_no_secrets(owner: User, hook: Webhook) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    token, _ = models.AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    for kind, thing, secret in [("accesstoken", token, token.digest), ("webhook", hook, hook.secret)]:
        for page in (f"/admin/documents/{kind}/", f"/admin/documents/{kind}/{thing.pk}/change/"):
            shown = boss.get(page).content.decode()
            assert str(thing) in shown
            assert secret not in shown
        boss.post(f"/admin/documents/{kind}/{thing.pk}/delete/", {"post": "yes"})
        assert not type(thing).objects.exists()
    noted = models.Event.objects.filter(verb=models.Verb.SECURITY).values_list("details", flat=True)
    assert {"what": "token_revoked", "user": "owner"} in noted
    shown = boss.get("/accounts/activity/", headers={"accept-language": "en"}).content.decode()
    assert "person: owner · what was changed: a token was revoked" in shown


def test_who_may_not_log_in_any_more_is_told_nothing(hook: Webhook, receive, owner: User, receiver: Receiver) -> None:
    document = receive()
    hook.ping()
    owner.is_active = False
    owner.save()
    models.webhooks.announce_correction(document)
    assert sender.deliver() == 0
    assert not receiver.received
    assert not hook.deliveries.exclude(subject="ping").exists()
