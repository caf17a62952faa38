"""What comes in, and what is refused with a reason."""

from __future__ import annotations

import hashlib
import io
from urllib.parse import quote

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import editing, originals
from documents.forms import OptionsForm
from documents.ingest import inspection, intake
from documents.models import Document, Page, PageResult, Run
from documents.turns import Turns
from recognition import raster
from recognition.confinement import ConfinedReader, ProcessLimits
from recognition.errors import BrokenFileError, FileError, TooMuchTimeError
from recognition.options import Options
from tests.support import hostile_files
from tests.support.files import book, picture, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db


def test_a_received_file_is_kept_unchanged_and_waits_to_be_read(receive) -> None:
    content = book(3)
    document = receive(upload("說明書.pdf", content))
    assert (document.title, document.first_original.kind, document.page_count) == ("說明書", "pdf", 3)
    assert document.first_original.sha256 == hashlib.sha256(content).hexdigest()
    assert document.first_original.file.read() == content
    assert document.bytes == len(content)
    assert list(document.pages.values_list("number", flat=True)) == [1, 2, 3]
    assert document.current_run is not None
    assert document.current_run.counts() == {"queued": 3, "running": 0, "done": 0, "failed": 0}


def test_identical_bytes_are_stored_once(receive) -> None:
    first, second = receive(upload("a.png")), receive(upload("b.png"))
    assert first.pk != second.pk
    assert first.first_original.file.name == second.first_original.file.name


def locked(password: str = "機密") -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(book(2))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=password, owner="owner"))
    return out.getvalue()


def test_a_locked_pdf_is_kept_without_its_password(owner: User, caplog) -> None:
    content = locked()
    document = intake.receive(upload("a.pdf", content), name="a.pdf", owner=owner, options=Options(), password="機密")
    assert document.page_count == 2
    original = document.first_original
    kept = original.file.read()
    assert original.sha256 == hashlib.sha256(kept).hexdigest()
    assert document.bytes == len(kept)
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        assert not pdf.is_encrypted
        assert len(pdf.pages) == 2
    assert "機密" not in caplog.text


@pytest.mark.parametrize(("password", "code"), [("", "file-encrypted"), ("wrong", "password-wrong")])
def test_a_locked_pdf_without_its_password_is_refused(owner: User, password, code) -> None:
    with pytest.raises(FileError) as refused:
        intake.receive(upload("a.pdf", locked()), name="a.pdf", owner=owner, options=Options(), password=password)
    assert refused.value.code == code
    assert not Document.objects.exists()


def test_a_password_that_no_file_needs_changes_none(owner: User) -> None:
    content = book(1)
    document = intake.receive(upload("a.pdf", content), name="a.pdf", owner=owner, options=Options(), password="機密")
    assert document.first_original.file.read() == content


def test_a_password_comes_with_an_upload_from_the_site(owner: User, client: Client) -> None:
    client.force_login(owner)
    sent = {"file": upload("a.pdf", locked()), "password": "機密"}
    assert client.post("/documents/", sent, headers={"accept": "application/json"}).status_code == 201
    assert Document.objects.get().page_count == 2


def test_the_type_is_told_by_content_not_by_name(receive) -> None:
    assert receive(upload("scan.pdf", picture(suffix="JPEG"))).first_original.kind == "jpg"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.png", b"", "file-empty"),
        ("notes.txt", b"just some text\n", "file-type-unsupported"),
        ("cut.png", picture()[:200], "file-broken"),
        ("cut.pdf", book(1)[:100], "file-broken"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_leaves_nothing(owner: User, name, content, code) -> None:
    with pytest.raises(FileError) as refused:
        intake.receive(upload(name, content), name=name, owner=owner, options=Options())
    assert refused.value.code == code
    assert not Document.objects.exists()


def test_a_file_that_nobody_foresaw_is_refused_and_the_reason_logged(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*args: object) -> raster.FileInfo:
        raise ZeroDivisionError

    monkeypatch.setattr(ConfinedReader, "inspect", stumble)
    with pytest.raises(BrokenFileError):
        intake.receive(upload("odd.pdf"), name="odd.pdf", owner=owner, options=Options())
    assert not Document.objects.exists()
    assert "ZeroDivisionError" in caplog.text
    assert "odd.pdf" not in caplog.text  # people write what they like into names
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("OCRSITE_MAX_BYTES", 1000, "file-too-large"),
        ("OCRSITE_MAX_PAGES", 1, "too-many-pages"),
        ("OCRSITE_MAX_PIXELS", 1000, "too-many-pixels"),
    ],
)
def test_limits_refuse_and_never_cut(owner: User, settings, limit, value, code) -> None:
    setattr(settings, limit, value)
    with pytest.raises(FileError) as refused:
        intake.receive(upload("book.pdf", book(2)), name="book.pdf", owner=owner, options=Options())
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("說明 書.pdf", "說明 書"),
        ("a\x00b\u202e.png", "ab"),
        ("e\u0301.png", "é"),
        (".png", ".png"),
        ("\n.png", ".png"),
        ("3.5 吋磁片清單", "3.5 吋磁片清單"),
        ("3.5 吋磁片清單.PDF", "3.5 吋磁片清單"),
        ("2024.12.31 會議", "2024.12.31 會議"),
        ("\U00031350\U0002ebf0.tif", "\U00031350\U0002ebf0"),  # Han of Extensions H and I
        ("\ue000.jpg", "\ue000"),  # of private use
        ("👩\u200d💻.jpg", "👩\u200d💻"),
        ("\u200d", "—"),
        ("\ufeff\uffff", "—"),
    ],
)
def test_titles_come_from_file_names_without_control_characters(filename, title) -> None:
    assert intake.title_from(filename) == title


def parts(*names: bytes) -> bytes:
    """The body of a request with a file for each of ``names``, as a program sends it that quotes them raw."""
    head = b'--line\r\nContent-Disposition: form-data; name="file"; filename="'
    files = [head + name + b'"\r\n\r\n' + picture(str(number)) + b"\r\n" for number, name in enumerate(names)]
    return b"".join(files) + b"--line--\r\n"


@pytest.mark.parametrize("address", ["/api/v1/documents/", "/documents/"])
def test_no_file_is_dropped_for_its_name(address: str, as_owner: Client) -> None:
    names = [
        "說明書.png".encode("cp950"),
        b"",
        b"..",
        b"\xff\xfe.png",
        "C:\\掃描\\\U00031350\ue000👩\u200d💻.png".encode(),
    ]
    kept = ["說明書.png", "untitled", "untitled", "??.png", "\U00031350\ue000👩\u200d💻.png"]
    sent = {"content_type": "multipart/form-data; boundary=line", "HTTP_ACCEPT": "application/json"}
    answer = as_owner.post(address, parts(*names), **sent)
    assert answer.status_code == 201, answer.content
    files = answer.json() if address.startswith("/api") else answer.json()["files"]
    assert [file.get("file") or file["name"] for file in files] == kept
    titles = Document.objects.order_by("created").values_list("title", flat=True)
    assert list(titles) == ["說明書", "untitled", "untitled", "??", "\U00031350\ue000👩\u200d💻"]


def test_no_file_is_dropped_for_the_way_in_which_its_name_is_written(as_owner: Client) -> None:
    long = "說明書" * 200
    names = {
        f"filename*=UTF-8''{quote(long)}.png": f"{long[:251]}.png",
        f'filename="{long}.png"': f"{long[:251]}.png",
        f"filename*=big5''{quote('說明書'.encode('big5'))}.png": "說明書.png",
        f"filename*=nonsense''{quote('說明書')}.png": "說明書.png",
        f"filename*=idna''{quote('說明書')}.png": "說明書.png",
        f"filename*=hex''{quote('說明書')}.png": "說明書.png",
    }
    heads = (f'Content-Disposition: form-data; name="file"; {name}\r\n\r\n'.encode() for name in names)
    body = b"".join(b"--line\r\n" + head + picture() + b"\r\n" for head in heads) + b"--line--\r\n"
    answer = as_owner.post("/api/v1/documents/", body, content_type="multipart/form-data; boundary=line")
    assert answer.status_code == 201, answer.content
    assert [file["file"] for file in answer.json()] == list(names.values())


def test_a_field_for_files_that_was_left_empty_is_no_file(as_owner: Client) -> None:
    body = b'--line\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--line--\r\n'
    sent = {"content_type": "multipart/form-data; boundary=line", "HTTP_ACCEPT": "application/json"}
    assert as_owner.post("/documents/", body, **sent).json() == {"files": []}


def test_one_bad_file_does_not_keep_the_others_out(as_owner: Client, owner: User) -> None:
    files = [upload("good.png"), upload("bad.png", b"not a picture"), upload("also-good.jpg", picture(suffix="JPEG"))]
    answer = as_owner.post("/documents/", {"file": files}, headers={"accept": "application/json"})
    assert answer.status_code == 201
    good, bad, also_good = answer.json()["files"]
    assert "url" in good
    assert "url" in also_good
    assert bad["error"]["code"] == "file-type-unsupported"
    assert Document.objects.visible_to(owner).count() == 2


def test_only_bad_files_answer_422(as_owner: Client) -> None:
    answer = as_owner.post("/documents/", {"file": upload("x.png", b"")}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "empty" in answer.json()["files"][0]["error"]["message"].lower()


def test_an_unknown_option_is_refused_before_any_file_is_taken(as_owner: Client) -> None:
    answer = as_owner.post(
        "/documents/", {"file": upload(), "direction": "upwards"}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 400
    assert not Document.objects.exists()


def test_an_upload_without_redis_waits_in_the_database(receive, monkeypatch, redis_server) -> None:
    import redis

    from documents.processing import queue

    def no_redis(*args: object) -> None:
        raise redis.ConnectionError("down")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "get_queue", no_redis)
        document = receive()
    assert document.current_run.state == "queued"
    assert queue.get_queue().count == 0
    assert queue.reconcile() == 1
    assert queue.get_queue().count == 1


def test_reading_again_keeps_the_earlier_run(receive, owner: User, django_capture_on_commit_callbacks) -> None:
    document = receive()
    with django_capture_on_commit_callbacks(execute=True):
        editing.run_again(document, Options(direction="vertical-rl"), owner)
    assert Run.objects.filter(document=document).count() == 2
    assert Document.objects.get().current_run.options["direction"] == "vertical-rl"
    assert Page.objects.count() == 1
    assert PageResult.objects.count() == 2


def test_a_model_that_is_installed_can_be_chosen_and_no_other(as_owner: Client, settings, tmp_path) -> None:
    settings.OCRSITE_WEIGHTS = tmp_path
    (tmp_path / "PP-OCRv6_tiny" / "rec").mkdir(parents=True)
    (tmp_path / "PP-OCRv6_tiny" / "rec" / "inference.yml").touch()

    def send(**options: str):
        file = upload(content=picture("".join(options.values())))  # another one each time
        return as_owner.post("/documents/", {"file": file, **options}, headers={"accept": "application/json"})

    assert send(model="PP-OCRv6_tiny").status_code == 201
    assert Run.objects.get().options["model"] == "PP-OCRv6_tiny"
    assert send(model="PP-OCRv9_huge").status_code == 400
    assert send().status_code == 201
    assert Run.objects.latest("created").options["model"] == settings.OCRSITE_MODEL


def test_the_smaller_model_is_offered_as_the_quick_one(settings, tmp_path) -> None:
    settings.OCRSITE_WEIGHTS = tmp_path
    for model in ("PP-OCRv6_tiny", "PP-OCRv5_server"):
        (tmp_path / model / "rec").mkdir(parents=True)
        (tmp_path / model / "rec" / "inference.yml").touch()
    choice = str(OptionsForm()["model"])
    offered = ("PP-OCRv5_server", "Standard (PP-OCRv6_small)", "Quick (PP-OCRv6_tiny)")
    assert all(f">{name}</option>" in choice for name in offered)


def test_a_file_over_the_limit_is_not_even_received(as_owner: Client, settings, tmp_path) -> None:
    settings.OCRSITE_MAX_BYTES = 100_000
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    files = [upload("large.png", bytes(300_000)), upload("good.png")]
    answer = as_owner.post("/documents/", {"file": files}, headers={"accept": "application/json"})
    assert answer.status_code == 201
    good, large = answer.json()["files"]
    assert good["name"] == "good.png"
    assert "url" in good
    assert large["name"] == "large.png"
    assert large["error"]["code"] == "file-too-large"


def test_nothing_is_received_from_strangers(db, settings, tmp_path) -> None:
    """Not even for the CSRF check, which reads the whole of a form."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "not-there"  # receiving a file would fail
    checked = Client(enforce_csrf_checks=True)
    checked.cookies["csrftoken"] = "x" * 32
    assert checked.post("/documents/", {"file": upload()}).status_code == 302
    assert Client().post("/accounts/login/", {"file": upload(), "username": "x"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_discarded_document_takes_its_files_along_but_not_those_of_others(receive, fake_engine) -> None:
    first, second = receive(upload("a.png")), receive(upload("b.png"))
    run_worker()
    image, original = first.pages.get().image, second.first_original.file
    originals.discard(first, None)
    assert not image.storage.exists(image.name)
    assert original.read() == picture()
    originals.discard(Document.objects.get(), None)
    assert not original.storage.exists(original.name)
    assert not Document.objects.exists()


def test_a_file_that_asks_for_too_much_is_refused_with_the_limit(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "LIMITS", ProcessLimits(seconds=1))
    content = hostile_files.progressive_jpeg(500)
    with pytest.raises(TooMuchTimeError, match=r"more time than a page may use \(1 s\)"):
        intake.receive(upload("scans.jpg", content), name="scans.jpg", owner=owner, options=Options())
    assert not Document.objects.exists()


def test_one_person_takes_no_more_than_their_share_of_the_turns(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "TURNS", Turns(at_once=2, of_one=0, patience=1))
    with pytest.raises(inspection.BusyError):
        intake.receive(upload(), name="page.png", owner=owner, options=Options())
