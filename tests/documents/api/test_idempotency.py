"""Uploads that are sent twice, and faults in the midst of one."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.test import Client

from documents.models import Document
from tests.support.api import API, holding, problem
from tests.support.files import picture, upload

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_upload_sent_again_with_its_key_is_not_taken_in_twice(program: Client) -> None:
    key = {"idempotency-key": "9d0c"}
    first = program.post(f"{API}/documents/", {"file": upload()}, headers=key)
    again = program.post(f"{API}/documents/", {"file": upload()}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Document.objects.count() == 1


@pytest.mark.parametrize("change", [{"file": "other"}, {"script": "none"}, {"name": "other.png"}])
def test_a_key_that_was_used_for_something_else_is_refused(change: dict, program: Client) -> None:
    key = {"idempotency-key": "9d0c"}
    program.post(f"{API}/documents/", {"file": upload()}, headers=key)
    other = {"file": upload(change.get("name", "page.png"), picture("別的") if "file" in change else None)}
    other |= {name: value for name, value in change.items() if name == "script"}
    problem(program.post(f"{API}/documents/", other, headers=key), 422, "idempotency-key-reused")
    assert Document.objects.count() == 1


def test_a_fault_of_ours_at_one_file_does_not_undo_the_others(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileSystemStorage.save

    def fail_for_the_second(storage: FileSystemStorage, *args: object) -> str:
        if Document.objects.exists():
            raise OSError("no space left")
        return store(storage, *args)

    monkeypatch.setattr(FileSystemStorage, "save", fail_for_the_second)
    both = {"file": [upload(), upload("b.png", picture("別的"))]}
    taken, failed = program.post(f"{API}/documents/", both, headers={"idempotency-key": "9d0c"}).json()
    assert (taken["status"], failed["status"], failed["error"]["code"]) == ("queued", "refused", "server-error")
    both = {"file": [upload(), upload("b.png", picture("別的"))]}
    again = program.post(f"{API}/documents/", both, headers={"idempotency-key": "9d0c"})
    assert again.json() == [taken, failed]
    problem(program.post(f"{API}/documents/", {"file": upload("b.png", picture("別的"))}), 500, "server-error")
    assert Document.objects.count() == 1


def test_a_key_is_of_one_user_and_of_one_success(program: Client, stranger: User) -> None:
    key = {"idempotency-key": "9d0c"}
    problem(
        program.post(f"{API}/documents/", {"file": upload("a.txt", b"words")}, headers=key),
        415,
        "file-type-unsupported",
    )
    assert program.post(f"{API}/documents/", {"file": upload()}, headers=key).status_code == 201
    assert holding(stranger, "write").post(f"{API}/documents/", {"file": upload()}, headers=key).status_code == 201
    assert Document.objects.count() == 2
