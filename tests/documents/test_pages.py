"""The pages of a document: turned, ordered, taken out, moved, and documents that are parted and joined."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone

from documents import editing, originals
from documents.maintenance.integrity import IntegrityCheck
from documents.models import Document, DocumentFilters, Event, PageResult, Quota, RefusedError, Run, State
from documents.processing.page_images import turn_images
from documents.search import query as search
from recognition.options import Options
from tests.support.documents import line, new_document
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, image_of, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def texts(document: Document) -> list[str]:
    run = Document.objects.get(pk=document.pk).current_run
    return list(run.results.order_by("page__number").values_list("text", flat=True))


def keys(document: Document, *numbers: int) -> list[int]:
    found = dict(document.pages.values_list("number", "pk"))
    return [found[number] for number in numbers or sorted(found)]


def result(document: Document, number: int) -> PageResult:
    return document.current_run.results.select_related("page").get(page__number=number)


def found(user: User, words: str) -> list[tuple[str, int]]:
    """Title and page of each hit."""
    entries = search.matches(user, search.phrases_of(words), DocumentFilters())
    return [(entry.document.title, entry.number) for entry in entries.select_related("document")]


def is_sound(*documents: Document) -> bool:
    """What holds of every document."""
    for document in documents:
        document.refresh_from_db()
        numbers = list(document.pages.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, document.page_count + 1))
        for run in document.runs.all():
            assert sorted(run.results.values_list("page", flat=True)) == sorted(keys(document))
        assert set(document.originals.values_list("pk", flat=True)) == set(
            document.pages.values_list("original", flat=True)
        )
    return True


def test_pages_are_put_in_another_order_with_their_texts_and_corrections(owner: User) -> None:
    document = new_document(owner, "書", "甲一\n甲二", "乙一\n乙二", "丙")
    lines = [line(0, 0, 100, 20, "乙一"), line(0, 40, 100, 60, "乙二")]
    PageResult.objects.filter(page__number=2).update(lines=[each.to_dict() for each in lines])
    editing.correct(result(document, 2), "2-1", "乙改", author=owner, seen=None)
    editing.rearrange(result(document, 2), ["2-2", "2-1"], author=owner, seen=0)
    editing.order_pages(document, keys(document, 3, 2, 1), actor=owner)
    assert is_sound(document)
    assert texts(document) == ["丙", "乙二\n乙改", "甲一\n甲二"]
    editing.order_pages(document, keys(document, 2, 1, 3), actor=owner)
    assert texts(document) == ["乙二\n乙改", "丙", "甲一\n甲二"]
    assert [line.id for line in document.current_run.export().pages[0].lines] == ["1-2", "1-1"]
    assert found(owner, "乙改") == [("書", 1)]
    assert found(owner, "甲一") == [("書", 3)]


def test_who_saw_other_pages_moves_none(owner: User) -> None:
    document = new_document(owner, "書", "甲", "乙")
    other = new_document(owner, "別", "丙")
    for pages in (keys(document, 1), [*keys(document), *keys(other)], []):
        with pytest.raises(editing.PagesChangedError):
            editing.order_pages(document, pages, actor=owner)
    with pytest.raises(editing.PagesChangedError):
        editing.turn_pages(document, keys(other), 90, actor=owner)
    assert texts(document) == ["甲", "乙"]


def test_nothing_is_moved_while_it_is_being_read(owner: User) -> None:
    document = new_document(owner, "書", "甲", "乙")
    Run.start(document, Options(), owner)
    for change in (
        lambda: editing.order_pages(document, keys(document, 2, 1), actor=owner),
        lambda: editing.take_out(document, keys(document, 1), actor=owner),
        lambda: editing.join_documents([new_document(owner, "別", "丙"), document], actor=owner),
    ):
        with pytest.raises(RefusedError, match="still running"):
            change()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_is_turned_with_all_that_was_read_on_it(document: Document, owner: User, degrees: int) -> None:
    page = document.pages.get()
    width, height = page.width, page.height
    corner = {90: (height - 10, 10), 180: (width - 10, height - 10), 270: (10, width - 10)}[degrees]
    editing.draw(
        result(document, 1), [editing.Drawing(((10, 10), (90, 10), (90, 40), (10, 40)), "改")], author=owner, seen=()
    )
    editing.turn_pages(document, [page.pk], degrees, actor=owner)
    turned, read = document.pages.get(), result(document, 1)
    assert (turned.width, turned.height, turned.turn) == (
        (width, height, 180) if degrees == 180 else (height, width, degrees)
    )
    assert tuple(read.lines[0]["polygon"][0]) == corner
    assert read.rotation == -degrees % 360
    assert read.blocks[0]["box"][0] >= 0
    assert [line.text for line in document.current_run.export().pages[0].lines] == ["改", "車站"]
    editing.turn_pages(document, [page.pk], 360 - degrees, actor=owner)
    again = result(document, 1)
    assert (again.lines[0]["polygon"][0], again.rotation, document.pages.get().turn) == ([10.0, 10.0], 0, 0)


def test_the_image_of_a_turned_page_is_turned_when_it_is_shown(document: Document, owner: User, as_owner) -> None:
    page = document.pages.get()
    before, thumbnail = image_of(page.image.read()), image_of(page.thumbnail.read())
    old = page.image.name
    editing.turn_pages(document, [page.pk], 90, actor=owner)
    shown = image_of(b"".join(as_owner.get(f"/documents/{document.pk}/pages/1/image/").streaming_content))
    small = image_of(b"".join(as_owner.get(f"/documents/{document.pk}/pages/1/thumbnail/").streaming_content))
    assert shown.size == before.size[::-1] == (document.pages.get().width, document.pages.get().height)
    assert small.size == thumbnail.size[::-1]
    assert shown.getpixel((shown.width - 1, 0)) == before.getpixel((0, 0))
    assert not default_storage.exists(old)
    assert list(IntegrityCheck(grace=timezone.timedelta()).findings()) == []


def test_a_turned_page_is_read_as_it_stands(document: Document, owner: User, fake_engine: FakeEngine) -> None:
    page = document.pages.get()
    seen: list[tuple[int, int]] = []
    fake_engine.on_read = lambda image: seen.append((image.width, image.height))
    fake_engine.read = FakeEngine.read.__get__(fake_engine)  # type: ignore[method-assign]
    editing.turn_pages(document, [page.pk], 90, actor=owner)
    editing.run_again(document, Options(), owner)
    run_worker()
    page = document.pages.get()
    assert seen == [(page.width, page.height)]
    assert document.current_run is not None
    assert result(Document.objects.get(), 1).rotation == 0
    turn_images(page)
    assert image_of(page.image.read()).size == (page.width, page.height)


def test_a_document_is_parted_and_each_part_has_its_history(owner: User, stranger: User) -> None:
    document = new_document(owner, "書", "甲", "乙", "丙")
    editing.correct(result(document, 3), "3-1", "丙改", author=owner, seen=None)
    Run.objects.update(state=State.DONE)
    editing.run_page_again(document.current_run, 3, Options(script="none"), owner)
    PageResult.objects.filter(state=State.QUEUED).update(state=State.DONE, lines=result(document, 3).lines, text="丙改")
    Run.objects.update(state=State.DONE, finished=timezone.now())
    document.refresh_from_db()
    new = editing.part_document(document, keys(document, 2, 3), actor=owner)
    assert is_sound(document, new)
    assert (texts(document), texts(new)) == (["甲"], ["乙", "丙改"])
    assert new.title == "書, pages 2–3"
    assert [run.results.count() for run in (*document.runs.all(), *new.runs.all())] == [1, 1, 2, 2]
    assert found(owner, "丙改") == [("書, pages 2–3", 2)]
    assert (
        editing.take_back(result(new, 2), "2-1", author=owner, seen=new.pages.get(number=2).corrections.get().pk)
        is None
    )
    assert texts(new) == ["乙", "丙"]


def test_pages_that_are_taken_out_can_be_brought_back(owner: User) -> None:
    document = new_document(owner, "書", "甲", "乙", "丙")
    out = editing.take_out(document, keys(document, 2), actor=owner)
    assert is_sound(document, out)
    assert (texts(document), texts(out)) == (["甲", "丙"], ["乙"])
    assert list(Document.objects.trash_of(owner)) == [out]
    assert found(owner, "乙") == []
    editing.restore(out, owner)
    editing.move_pages(out, keys(out), document, keys(document, 2)[0], actor=owner)
    assert is_sound(document)
    assert texts(document) == ["甲", "乙", "丙"]
    assert list(Document.objects.all()) == [document]
    assert found(owner, "乙") == [("書", 2)]


def test_a_document_keeps_a_page(owner: User) -> None:
    document = new_document(owner, "書", "甲")
    with pytest.raises(RefusedError, match="at least one page"):
        editing.take_out(document, keys(document), actor=owner)
    assert texts(document) == ["甲"]


def test_documents_are_joined_with_all_their_runs(owner: User) -> None:
    first, second = new_document(owner, "一", "甲", "乙"), new_document(owner, "二", "丙")
    second.originals.update(sha256="1" * 64, file="second")
    for document, text in ((first, "舊"), (second, "古")):
        run = Run.objects.create(document=document, options=Options(script="none").to_dict(), state=State.DONE)
        for page in document.pages.all():
            PageResult.objects.create(run=run, page=page, state=State.DONE, text=f"{text}{page.number}")
    editing.tag(second, owner, add=["帳"])
    Run.objects.filter(pk=second.current_run_id).update(options=Options(direction="horizontal").to_dict())
    joined = editing.join_documents([first, Document.objects.get(pk=second.pk)], actor=owner)
    assert is_sound(joined)
    assert texts(joined) == ["甲", "乙", "丙"]
    assert sorted(
        tuple(r.results.order_by("page__number").values_list("text", flat=True)) for r in joined.runs.all()
    ) == [
        ("甲", "乙", "丙"),
        ("甲", "乙", "古1"),
        ("舊1", "舊2", "丙"),
    ]
    assert result(joined, 3).options == Options(direction="horizontal").to_dict()
    assert [tag.name for tag in joined.tags.all()] == ["帳"]
    assert not Document.objects.filter(pk=second.pk).exists()
    assert [original.file.name for original in joined.originals.all()] == ["-", "second"]


def test_a_document_has_only_as_many_pages_as_one_may_have(owner: User, settings) -> None:
    settings.OCRSITE_MAX_PAGES = 2
    with pytest.raises(Exception, match="at most 2 pages"):
        editing.join_documents([new_document(owner, "一", "甲", "乙"), new_document(owner, "二", "丙")], actor=owner)
    assert Document.objects.count() == 2


def test_originals_stay_as_long_as_a_page_comes_from_them(
    receive: Callable[..., Document], owner: User, stranger: User, fake_engine: FakeEngine, as_stranger
) -> None:
    document = receive(upload("book.pdf", book(3)))
    run_worker()
    document.refresh_from_db()
    used = Quota(owner, None, None).bytes_used
    out = editing.part_document(document, keys(document, 1), actor=owner)
    name = document.first_original.file.name
    assert Quota(owner, None, None).bytes_used == used
    assert out.first_original.file.name == name
    assert list(document.originals_for(owner)) == list(document.originals.all())
    assert list(document.originals_for(stranger)) == []
    originals.discard(document, owner)
    assert default_storage.exists(name)
    assert [each.kind for each in IntegrityCheck(grace=timezone.timedelta()).findings()] == []
    originals.discard(out, owner)
    assert not default_storage.exists(name)


def test_what_was_done_with_pages_is_in_the_activity_of_both_documents(owner: User) -> None:
    document, other = new_document(owner, "書", "甲", "乙"), new_document(owner, "別", "丙")
    editing.move_pages(document, keys(document, 2), other, None, actor=owner)
    left, came = Event.objects.get(document=document.pk, verb="pages-left"), Event.objects.get(document=other.pk)
    assert (left.details["numbers"], left.details["title"]) == ("2", "別")
    assert (came.details["numbers"], came.details["title"]) == ("2", "書")
