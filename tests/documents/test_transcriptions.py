"""Transcriptions of other programs come in as runs, and pairs of line pictures and texts go out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from PIL import Image

from documents import editing, exports
from documents.ingest import transcriptions
from documents.models import Document, Run
from recognition.errors import FileError
from recognition.transcriptions import read
from tests.support.documents import line
from tests.support.fake_engine import FakeEngine
from tests.support.files import picture, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = """<?xml version="1.0"?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15">
 <Metadata><Creator>Transkribus</Creator></Metadata>
 <Page imageFilename="{name}" imageWidth="{width}" imageHeight="{height}">
  <ReadingOrder><OrderedGroup id="o"><RegionRefIndexed index="1" regionRef="b"/>
   <RegionRefIndexed index="0" regionRef="a"/>
  </OrderedGroup></ReadingOrder>
  <TextRegion id="b"><Coords points="0,0 9,0 9,9"/>
   <TextLine id="2"><Coords points="20,120 180,120 180,160 100,170 20,160"/><Baseline points="20,155 180,155"/>
    <TextEquiv index="1"><Unicode>錯</Unicode></TextEquiv>
    <TextEquiv index="0" conf="0.5"><Unicode>第二行</Unicode></TextEquiv>
   </TextLine></TextRegion>
  <TextRegion id="a" type="heading"><Coords points="0,0 9,0 9,9"/>
   <TextLine id="1"><Coords points="20,20 180,20 180,60 20,60"/>
    <Word><TextEquiv><Unicode>標</Unicode></TextEquiv></Word>
    <Word><TextEquiv><Unicode>題</Unicode></TextEquiv></Word></TextLine></TextRegion>
 </Page></PcGts>"""


@pytest.fixture
def document(receive: Callable[..., Document], owner: User, fake_engine: FakeEngine) -> Document:
    """Two pictures as one document, each read as two lines."""
    fake_engine.read = lambda image: [line(10, 10, 90, 40), line(10, 60, 90, 90, "車站")]  # type: ignore[method-assign]
    first = receive(upload("scan 1.png", picture("一")))
    second = receive(upload("scan 2.png", picture("二二")))
    run_worker()
    return editing.join_documents([Document.objects.get(pk=each.pk) for each in (first, second)], actor=owner)


def sent(*files: tuple[str, str | bytes]) -> list[tuple[ContentFile, str]]:
    return [(ContentFile(text.encode() if isinstance(text, str) else text), name) for name, text in files]


def texts(run: Run) -> list[str]:
    return list(run.results.order_by("page__number").values_list("text", flat=True))


def page_of(document: Document, number: int, name: str, scale: int = 1) -> str:
    page = document.pages.get(number=number)
    return PAGE.format(name=name, width=page.width * scale, height=page.height * scale)


def test_pages_are_found_by_the_names_of_their_images_and_scaled(document: Document, owner: User) -> None:
    document.refresh_from_db()
    before = document.current_run
    run = transcriptions.take_in(document, sent(("x.xml", page_of(document, 2, "images/Scan 2.tif", scale=2))), owner)
    assert texts(run) == ["台北\n車站", "標題\n第二行"]
    read = run.results.get(page__number=2)
    assert [(each["polygon"][0], each["confidence"]) for each in read.lines] == [([10, 10], 1.0), ([10, 60], 0.5)]
    assert [block["type"] for block in read.blocks] == ["title", "text"]
    assert (run.engine["model"], run.engine["creator"], run.state) == ("PAGE XML", "Transkribus", "done")
    document.refresh_from_db()
    assert document.current_run == before
    editing.make_current(run, owner)
    assert "第二行" in document.runs.get(pk=run.pk).export().text


def test_what_goes_out_as_alto_hocr_or_page_comes_in_again(document: Document, owner: User) -> None:
    document.refresh_from_db()
    transcript = document.current_run.export()
    for name in ("alto", "hocr", "page"):
        out = io.BytesIO()
        exports.FORMATS[name].write(transcript, out)
        run = transcriptions.take_in(document, sent((f"out.{name}", out.getvalue())), owner)
        assert texts(run) == texts(document.current_run), name
        for mine, theirs in zip(run.export().pages, transcript.pages, strict=True):
            places = [[point for each in page.lines for point in each.line.polygon] for page in (mine, theirs)]
            assert all(abs(a - b) <= 1 for p, q in zip(*places, strict=True) for a, b in zip(p, q, strict=True)), name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><alto>&b;</alto>', "markup-unsafe"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><PcGts>&b;</PcGts>', "markup-unsafe"),
        ("<alto><Layout>", "transcription-broken"),
        ("<svg/>", "transcription-unknown"),
        ("<alto/>", "transcription-unknown"),
        (b"PK\x03\x04 no archive", "transcription-broken"),
        (b"\x00\x01\x02", "transcription-broken"),
        ("", "transcription-broken"),
        (PAGE.format(name="other", width=0, height=0), "transcription-mismatch"),
        (PAGE.format(name="scan 1.png", width=10, height=9000), "transcription-mismatch"),
    ],
)
def test_what_is_unsafe_or_matches_no_page_is_refused(
    document: Document, owner: User, content: str | bytes, code: str
) -> None:
    before = document.runs.count()
    with pytest.raises(FileError) as refused:
        transcriptions.take_in(document, sent(("a.xml", content)), owner)
    assert refused.value.code == code
    assert document.runs.count() == before


def test_archives_that_grow_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.transcriptions.LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", " " * 2000)
    with pytest.raises(FileError, match="too large"):
        read(tmp_path / "a.zip", "a.zip", 10)


def test_as_many_pages_as_the_document_has_come_in_their_order(document: Document, owner: User) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, number in (("p10.xml", 2), ("p9.xml", 1)):
            archive.writestr(name, page_of(document, number, "").replace("第二行", str(number)))
        archive.writestr("mets.xml", "<mets xmlns='http://www.loc.gov/METS/'/>")
    run = transcriptions.take_in(document, sent(("all.zip", out.getvalue())), owner)
    assert texts(run) == ["標題\n1", "標題\n2"]


def test_a_transcription_comes_in_by_the_site_and_by_command(
    document: Document, as_owner: Client, tmp_path: Path
) -> None:
    file = upload("a.xml", page_of(document, 1, "scan 1").encode())
    page = as_owner.post(f"/documents/{document.pk}/runs/import/", {"file": file}, follow=True)
    assert "brought in as PAGE XML · Transkribus" in page.content.decode()
    page = as_owner.post(f"/documents/{document.pk}/runs/import/", {"file": upload("a.xml", b"<a/>")}, follow=True)
    assert "neither PAGE XML nor ALTO nor hOCR" in page.content.decode()
    (tmp_path / "b.xml").write_text(page_of(document, 2, "scan 2"))
    call_command("import_transcription", str(document.pk), str(tmp_path / "b.xml"), "--current")
    document.refresh_from_db()
    assert texts(document.current_run)[1] == "標題\n第二行"


def test_line_pictures_and_texts_go_out_for_training(document: Document, owner: User) -> None:
    result = document.current_run.results.select_related("page").get(page__number=1)
    editing.correct(result, "1-1", "臺北", author=owner, seen=None)
    editing.turn_pages(document, [document.pages.get(number=2).pk], 90, actor=owner)
    out = io.BytesIO()
    exports.FORMATS["lines"].write(Run.objects.get(pk=document.current_run_id).export(), out)
    archive = zipfile.ZipFile(out)
    assert archive.read("labels.txt").decode().splitlines()[:2] == ["0001/0001-1.png\t臺北", "0001/0001-2.png\t車站"]
    assert archive.read("corrected.txt").decode() == "0001/0001-1.png\t臺北\n"
    assert archive.read("0001/0001-1.gt.txt").decode() == "臺北\n"
    shown = Image.open(archive.open("0001/0001-1.png"))
    assert shown.size == (80, 30)
    turned = Image.open(archive.open("0002/0002-1.png"))
    assert turned.size == (80, 30)
