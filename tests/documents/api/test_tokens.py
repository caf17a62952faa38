"""Who may use the API, and for what."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from documents.models import AccessToken, Document
from tests.support.api import API, holding, line, patch, problem
from tests.support.files import upload

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_token_is_stored_as_a_hash_only(owner: User) -> None:
    token, secret = AccessToken.issue(owner, "scanner", "read", timedelta(days=1))
    stored = json.dumps(list(AccessToken.objects.values()), default=str)
    assert secret not in stored
    assert AccessToken.authenticate(secret) == token


def test_a_token_acts_for_its_user_and_notes_its_use(owner: User, program: Client) -> None:
    answer = program.get(f"{API}/me/").json()
    assert (answer["username"], answer["token"]["scope"]) == ("owner", "write")
    assert AccessToken.objects.get().last_used is not None


@pytest.mark.parametrize("spoil", ["expired", "revoked", "inactive user", "wrong", "empty", "two words"])
def test_a_token_that_does_not_hold_is_refused(spoil: str, owner: User) -> None:
    token, secret = AccessToken.issue(owner, "scanner", "read", timedelta(days=1))
    if spoil == "expired":
        AccessToken.objects.update(expires=timezone.now())
    elif spoil == "revoked":
        token.delete()
    elif spoil == "inactive user":
        User.objects.update(is_active=False)
    shown = {"wrong": secret[:-1], "empty": "", "two words": f"{secret} {secret}"}.get(spoil, secret)
    answer = Client().get(f"{API}/me/", headers={"authorization": f"Bearer {shown}"})
    problem(answer, 401, "token-invalid")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_nothing_is_answered_and_nothing_received(db) -> None:
    problem(Client().get(f"{API}/documents/"), 401, "not-authenticated")
    problem(Client().post(f"{API}/documents/", {"file": upload()}), 401, "not-authenticated")
    assert not Document.objects.exists()


def test_a_token_for_reading_changes_nothing(document: Document, owner: User) -> None:
    reader = holding(owner, "read")
    assert reader.get(f"{API}/documents/{document.pk}/").status_code == 200
    problem(reader.delete(f"{API}/documents/{document.pk}/"), 403, "scope-insufficient")
    problem(patch(reader, line(document), {"text": "x"}), 403, "scope-insufficient")
    assert Document.objects.exists()


def test_a_person_who_is_logged_in_may_use_the_api_but_no_other_site_in_their_name(owner: User) -> None:
    person = Client(enforce_csrf_checks=True)
    person.force_login(owner)
    assert person.get(f"{API}/documents/").status_code == 200
    problem(person.post(f"{API}/documents/", {"file": upload()}), 403, "permission-denied")
