"""The people of the documents' tests, and the door through which they come."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.documents.conftest import _own_world, as_owner, owner, stranger  # noqa: F401


@pytest.fixture
def boss(db) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def visitor() -> Client:
    """Somebody at the login page."""
    return Client(headers={"accept-language": "en"})
