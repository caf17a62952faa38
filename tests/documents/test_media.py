"""Private files over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from documents import editing
from documents.exports import FORMATS
from documents.models import Document, Event
from tests.support.files import book, picture, upload
from tests.support.stack import ROOT
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db
CONTENT = book(1)
SIZE = len(CONTENT)


@pytest.fixture
def url(receive) -> str:
    return f"/documents/{receive(upload('書.pdf', CONTENT)).pk}/original/"


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_comes_whole_with_its_type_and_no_sniffing(url: str, as_owner: Client) -> None:
    answer = as_owner.get(url)
    assert body(answer) == CONTENT
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "private" in answer.headers["Cache-Control"]
    assert "filename*=utf-8''%E6%9B%B8.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=10-", 10, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes=5-{SIZE * 2}", 5, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
    ],
)
def test_a_byte_range_gives_just_that_part(url: str, as_owner: Client, asked, start, stop) -> None:
    answer = as_owner.get(url, headers={"range": asked})
    assert answer.status_code == 206
    assert body(answer) == CONTENT[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=9-3", "bytes=-0"])
def test_a_range_outside_the_file_is_416(url: str, as_owner: Client, asked) -> None:
    answer = as_owner.get(url, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 5000 + "-"])
def test_a_range_of_another_form_is_ignored(url: str, as_owner: Client, asked) -> None:
    answer = as_owner.get(url, headers={"range": asked})
    assert answer.status_code == 200
    assert body(answer) == CONTENT


def test_an_unchanged_file_is_not_sent_again(url: str, as_owner: Client) -> None:
    tag = as_owner.get(url).headers["ETag"]
    assert as_owner.get(url, headers={"if-none-match": tag}).status_code == 304
    assert as_owner.get(url, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"other", {tag}', '"other",W/{tag}', "*"])
def test_if_none_match_takes_weak_tags_lists_and_any(url: str, as_owner: Client, form: str) -> None:
    tag = as_owner.get(url).headers["ETag"]
    answer = as_owner.get(url, headers={"if-none-match": form.format(tag=tag)})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    ("form", "status"), [("{tag}", 200), ('"other", {tag}', 200), ("*", 200), ("W/{tag}", 412), ('"other"', 412)]
)
def test_if_match_holds_for_these_very_bytes_only(url: str, as_owner: Client, form: str, status: int) -> None:
    tag = as_owner.get(url).headers["ETag"]
    assert as_owner.get(url, headers={"if-match": form.format(tag=tag)}).status_code == status


@pytest.mark.parametrize(
    ("form", "status"), [("{tag}", 206), ("W/{tag}", 200), ('"other"', 200), ("Mon, 30 Nov 2026 06:00:00 GMT", 200)]
)
def test_a_range_of_another_version_gives_the_whole_file(url: str, as_owner: Client, form: str, status: int) -> None:
    tag = as_owner.get(url).headers["ETag"]
    answer = as_owner.get(url, headers={"range": "bytes=0-9", "if-range": form.format(tag=tag)})
    assert answer.status_code == status
    assert body(answer) == (CONTENT[:10] if status == 206 else CONTENT)


def test_an_unchanged_file_is_not_sent_again_in_parts_either(url: str, as_owner: Client) -> None:
    tag = as_owner.get(url).headers["ETag"]
    assert as_owner.get(url, headers={"range": "bytes=0-9", "if-none-match": tag}).status_code == 304


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["image", "thumbnail"])
def test_a_picture_that_was_drawn_anew_under_its_name_is_sent_again(
    receive, fake_engine, as_owner: Client, name: str
) -> None:
    document = receive()
    run_worker()
    url = f"/documents/{document.pk}/pages/1/{name}/"
    first = as_owner.get(url)
    kept = {"if-none-match": first.headers["ETag"], "if-modified-since": first.headers["Last-Modified"]}
    assert as_owner.get(url, headers=kept).status_code == 304
    file = getattr(document.pages.get(), name)
    file.storage.delete(file.name)
    assert file.storage.save(file.name, ContentFile(picture("改", "JPEG"))) == file.name
    again = as_owner.get(url, headers=kept)
    assert (again.status_code, body(again)) == (200, picture("改", "JPEG"))
    assert again.headers["ETag"] != first.headers["ETag"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/documents/{}/export/{}/", "/api/v1/documents/{}/export/{}/"])
@pytest.mark.parametrize("suffix", sorted(set(FORMATS) - {"tables"}))  # this text is in no table
def test_an_export_is_sent_again_once_its_text_has_changed(
    receive, fake_engine, owner: User, as_owner: Client, address: str, suffix: str
) -> None:
    document = receive()
    run_worker()
    url = address.format(document.pk, suffix)
    first = as_owner.get(url)
    whole, tag = body(first), first.headers["ETag"]
    assert as_owner.get(url, headers={"if-none-match": tag}).status_code == 304
    rest = as_owner.get(url, headers={"range": "bytes=5-", "if-range": tag})
    assert (rest.status_code, body(rest)) == (206, whole[5:])
    document.refresh_from_db()
    result = document.current_run.results.select_related("page").get()
    editing.correct(result, "1-1", "臺中", author=owner, seen=None)
    assert as_owner.get(url, headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("asked", [{}, {"range": "bytes=0-9"}, {"range": "bytes=-5"}])
def test_an_original_that_is_gone_from_storage_says_so(receive, as_owner: Client, asked: dict[str, str]) -> None:
    document = receive()
    document.first_original.file.storage.delete(document.first_original.file.name)
    answer = as_owner.get(f"/documents/{document.pk}/original/", headers=asked)
    assert answer.status_code == 422
    assert "missing from the archive" in answer.content.decode()
    assert as_owner.get(f"/api/v1/documents/{document.pk}/original/").json()["code"] == "original-missing"
    assert not Event.objects.filter(verb="downloaded").exists()
    kept = as_owner.post(f"/documents/{document.pk}/again/", headers={"accept": "application/json"})
    assert kept.json()["files"][0]["error"]["code"] == "original-missing"
    assert Document.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_gone_from_storage_is_not_found(receive, fake_engine, as_owner: Client) -> None:
    document = receive()
    run_worker()
    page = document.pages.get()
    for file in (page.image, page.thumbnail):
        file.storage.delete(file.name)
    url = f"documents/{document.pk}/pages/1"
    assert as_owner.get(f"/{url}/image/").status_code == 404
    assert as_owner.get(f"/{url}/image/", headers={"range": "bytes=0-9"}).status_code == 404
    assert as_owner.get(f"/api/v1/{url}/image/").json()["code"] == "not-found"
    assert as_owner.get(f"/{url}/thumbnail/").status_code == 404


def test_many_parts_of_large_pages_at_once_take_the_memory_of_one(tmp_path: Path) -> None:
    """Each page takes 240 MB while it is decoded; the process may take 700."""
    Image.new("RGB", (7500, 8000)).save(tmp_path / "page.jpg")
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (700 * 2**20,) * 2)\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from pathlib import Path\n"
        "from documents.pictures import Cut, make\n"
        "def part(top):\n"
        f"    with Path({str(tmp_path / 'page.jpg')!r}).open('rb') as file:\n"
        "        return len(make(file, Cut((0, top, 512, top + 512), (512, 512))))\n"
        "with ThreadPoolExecutor(3) as pool:\n"
        "    print(all(pool.map(part, range(3))))\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert shown.stdout == "True\n", shown.stderr
