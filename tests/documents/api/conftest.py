"""A program that calls the API, and a document of two pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document
from tests.support.api import holding
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker


@pytest.fixture
def program(owner: User) -> Client:
    """A program with a token of the owner's that may write."""
    return holding(owner, "write")


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)
