"""The index finds what a scan of all texts finds, and follows every change of them."""

from __future__ import annotations

import functools
import random
import re
import unicodedata

import opencc
import pytest
from django.core.management import call_command
from django.utils import timezone

from documents import editing, originals
from documents.models import Document, Run, State, Tag, archive
from documents.search import index, query, scan
from documents.search.models import Entry
from recognition.options import Options
from tests.support.documents import new_document
from tests.support.files import book, upload
from tests.support.search import found, rebuilt
from tests.support.worker import run_worker

WORDS = [
    *"台北臺北市政府頭髮头发看著看着國国學学年度會議會议，。「」-％（",
    "101",
    "2024",
    "Taipei",
    "recognition",
    "A4",
]
WORDS += ["101", "2024", "Taipei", "recognition", "A4", "ＡＢＣ", "１２３", "tai", "recog", "101號"]
SIMPLIFIED = opencc.OpenCC("t2s")


@functools.cache
def plain(written: str) -> str:
    """As it is compared: case, width, script and blanks make no difference."""
    folded = unicodedata.normalize("NFKC", written).casefold().replace("著", "着")
    folded = "".join(SIMPLIFIED.convert(character) for character in folded)
    # Spaces tell letters from letters and digits from digits, and nothing else.
    return re.sub(r"(?<![a-z])\s+(?![0-9])|(?<![0-9])\s+(?![a-z])", "", re.sub(r"\s+", " ", folded)).strip()


def scanned(text: str, phrase: str) -> bool:
    """Whether ``text`` says ``phrase``, decided without tokens: what the index is measured against."""
    first = plain(phrase)[0]
    begins = "(?<![a-z])" if re.match("[a-z]", first) else "(?<![0-9])" if first.isdigit() else ""
    return re.search(begins + re.escape(plain(phrase)), plain(text)) is not None


def random_text(chance: random.Random, length: int) -> str:
    return "".join(chance.choice([*chance.choices(WORDS, k=4), "\n", " "]) for _ in range(length))


@pytest.mark.parametrize(("seed", "listed", "walked"), [(0, 100, 0), (1, 0, 30), (2, 0, 1000)])
def test_random_queries_find_exactly_what_a_scan_finds(owner, monkeypatch, seed, listed, walked):
    """By the index of the database, and by reading so many entries before it is asked (PostgreSQL)."""
    monkeypatch.setattr(archive, "SOME", listed)
    monkeypatch.setattr(scan, "SAMPLE", 0 if walked else 100)
    monkeypatch.setattr(scan, "WALK", walked)
    chance = random.Random(seed)
    texts = {
        f"{random_text(chance, 4)} No{number}": [random_text(chance, 30) for _ in range(3)] for number in range(20)
    }
    for title, pages in texts.items():
        new_document(owner, title, *pages)
    written = [text for title, pages in texts.items() for text in (title, *pages)]
    hits = 0
    for length in [1, 2, 3, 4, 5, 6, 7, 8] * 12:
        source = chance.choice(written)
        start = chance.randrange(len(source))
        wanted = source[start : start + length]
        if re.search(r'[\s"]', wanted):
            wanted = f'"{wanted}"'
        phrases = query.phrases_of(wanted)
        if not phrases:
            continue
        expected = [
            (title, number)
            for title, pages in texts.items()
            for number, text in enumerate((title, *pages))
            if scanned(text, phrases[0])
        ]
        assert sorted(found(owner, wanted)) == sorted(expected), wanted
        hits += len(expected)
    assert hits > 200


def contents() -> list[tuple]:
    return list(Entry.objects.order_by("pk").values_list("pk", "document", "result", "language", "stream"))


@pytest.mark.django_db(transaction=True)
def test_a_document_is_found_by_title_as_soon_as_it_is_there_and_by_its_text_when_it_is_read(
    receive, fake_engine, owner
):
    receive(upload("年度報告.pdf", book(2)))
    assert found(owner, "年度報告") == [("年度報告", 0)]
    assert found(owner, "台北") == []
    run_worker()
    assert found(owner, "臺北") == [("年度報告", 1), ("年度報告", 2)]
    assert rebuilt() == 0


def test_a_correction_is_found_and_what_it_replaced_is_not(owner):
    document = new_document(owner, "信", "台北車站\n第二行")
    result = document.current_run.results.get()
    standing = editing.correct(result, "1-1", "高雄車站", author=owner, seen=None)
    assert (found(owner, "台北"), found(owner, "高雄車站第二")) == ([], [("信", 1)])
    editing.correct(result, "1-1", "台北車站", author=owner, seen=standing.pk)
    assert (found(owner, "高雄"), found(owner, "台北")) == ([], [("信", 1)])
    assert rebuilt() == 0


def test_a_page_is_found_by_the_current_run_and_by_the_last_one_while_that_is_not_there_yet(owner):
    document = new_document(owner, "信", "舊文字")
    first = document.current_run
    second = Run.start(document, Options(), owner)
    assert found(owner, "舊文字") == [("信", 1)]
    assert query.search(owner, "舊文字").hits[0].run == first
    second.results.update(state=State.DONE, text="新文字", finished=timezone.now())
    assert (found(owner, "舊文字"), found(owner, "新文字")) == ([("信", 1)], [])
    editing.make_current(second, owner)
    assert (found(owner, "舊文字"), found(owner, "新文字")) == ([], [("信", 1)])
    editing.make_current(first, owner)
    assert (found(owner, "舊文字"), found(owner, "新文字")) == ([("信", 1)], [])
    assert rebuilt() == 0


def test_while_a_document_is_read_again_it_is_found_by_the_text_that_everybody_sees(owner):
    document = new_document(owner, "信", "舊文字", "同")
    first = document.current_run
    second = Run.start(document, Options(), owner)
    second.results.update(state=State.DONE, text="新文字", finished=timezone.now())
    editing.make_current(first, owner)
    editing.run_again(document, Options(), owner)
    assert (found(owner, "舊文字"), found(owner, "新文字")) == ([("信", 1)], [])
    assert rebuilt() == 0


def test_tags_are_found_with_the_title_but_nothing_across_them(owner):
    document = new_document(owner, "會議", "內文")
    document.tags.set([Tag.named("紀錄"), Tag.named("二〇二四")])
    index.refresh(document.pk, [])
    assert found(owner, "紀錄") == found(owner, "會議 紀錄") == [("會議", 0)]
    assert found(owner, "會議紀錄") == found(owner, "紀錄二") == []


@pytest.mark.django_db(transaction=True)
def test_a_document_deleted_is_not_found_and_leaves_nothing_behind(receive, fake_engine, owner):
    document = receive()
    run_worker()
    originals.discard(document, owner)
    assert found(owner, "台北") == []
    assert not Entry.objects.exists()


def test_what_was_written_without_a_word_to_the_index_is_noticed(owner):
    document = new_document(owner, "信", "甲", "乙")
    before = contents()
    document.entries.all().delete()
    assert found(owner, "甲") == []
    assert index.behind() == [document.pk]
    assert (index.catch_up(), index.catch_up()) == (1, 0)
    assert contents() == before
    document.current_run.results.update(text="丙")
    Document.objects.update(title="書")
    assert rebuilt() == 3
    assert found(owner, "丙") == [("書", 1), ("書", 2)]


def test_rebuild_search_can_be_stopped_and_started_again(owner, monkeypatch, capsys):
    monkeypatch.setattr(index, "BATCH", 2)
    for number in range(5):
        new_document(owner, f"文件{number}", "內文")
    before = contents()
    Entry.objects.all().delete()
    passes = index.rebuild()
    assert next(passes) == (2, 4)
    passes.close()
    call_command("rebuild_search")
    assert "Entries repaired: 6" in capsys.readouterr().out
    assert contents() == before


def test_documents_of_the_same_moment_are_told_apart_and_the_newest_come_first(owner):
    moment = timezone.now()
    titles = {f"同時{number}" for number in range(3)}
    for title in titles:
        new_document(owner, title, "內文一", "內文二", created=moment)
    new_document(owner, "後來", "內文")
    hits = found(owner, "內文")
    assert hits[0] == ("後來", 1)
    assert {title for title, _ in hits[1:]} == titles
    assert [number for _, number in hits[1:]] == [1, 2] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("臺灣的國會議員", "zh-Hant"), ("台湾的国会议员", "zh-Hans"), ("東京へ行きました", "ja"), ("Taipei 101", "other")],
)
def test_pages_are_filtered_by_language(owner, text, expected):
    new_document(owner, "No", f"x {text}")
    for language in ("zh-Hant", "zh-Hans", "ja", "other"):
        assert found(owner, "x", language=language) == ([("No", 1)] if language == expected else [])
