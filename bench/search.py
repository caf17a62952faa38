"""How fast searching is in a large archive: synthetic pages, the index over them, and queries of every length.

The text is made up, but has the shape of Chinese: words of one to four characters, used as often as words are
(by Zipf's law), of characters used as often as characters are, with punctuation and an occasional number.
"""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from documents.models import Document, Folder, Original, Page, PageResult, Run, Share, State
from documents.search import index, query
from documents.search.models import EmbeddedChunks
from documents.semantic import query as meaning
from recognition.options import Options
from recognition.page import Line

CHARACTERS_BY_FREQUENCY = (
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方後多定行學"
    "法所民得經十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本去把性好應開它合還因由其些然前外天政"
    "四日那社義事平形相全表間樣與關各重新線內數正心反你明看原又麼利比或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立"
    "代想已通並提直題黨程展五果料象員革位入常文總次品式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運"
    "農指幾九區強放決西被幹做必戰先回則任取據處理世車臺北市縣府院報告書信號案會議紀錄預算表格申請核准辦理單位承辦附件日期簽章"
)
"""Characters by frequency, roughly; further ones, rarer, come from the block of the common ones."""

PAGES_PER_DOCUMENT = 10
DIMENSIONS = 1024
QUERIES_PER_LENGTH = 60
"""For each length."""
REPEATS = 3
"""Of each query; the quickest counts, so that other work on the machine does not."""


@dataclass(frozen=True)
class QueryTimes:
    """Seconds of each query of one length, and how many hits they had together (counted up to a limit each)."""

    length: int
    seconds: list[float]
    hits: int


def page_writer(seed: int) -> Callable[[], str]:
    """A function that writes a page of 400 to 900 characters, in lines of 28."""
    chance = random.Random(seed)
    rare = [chr(code) for code in range(0x4E00, 0x9FA5, 6)]
    characters = [*CHARACTERS_BY_FREQUENCY, *rare]
    weights = [1 / (rank + 10) for rank in range(len(CHARACTERS_BY_FREQUENCY))] + [0.06 / len(rare) for _ in rare]
    sizes = chance.choices([1, 2, 3, 4], [25, 60, 8, 7], k=30_000)
    drawn = iter(chance.choices(characters, weights, k=sum(sizes)))
    words = ["".join(itertools.islice(drawn, size)) for size in sizes]
    odds = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))

    def page() -> str:
        wanted, size, found = chance.randint(400, 900), 0, []
        while size < wanted:
            word = (
                chance.choices(words, cum_weights=odds)[0] if chance.random() < 0.98 else str(chance.randint(1, 9999))
            )
            mark = chance.choices(["", "，", "。", "、"], [80, 12, 6, 2])[0]
            found.append(word + mark)
            size += len(found[-1])
        text = "".join(found)
        return "\n".join(text[start : start + 28] for start in range(0, len(text), 28))

    return page


def create_users(count: int) -> tuple[list[User], User, Folder]:
    """Owners; one more who may read all that is in the folder, and that folder."""
    owners = [User.objects.create(username=f"owner{number}") for number in range(count)]
    reader, team = User.objects.create(username="reader"), Group.objects.create(name="readers")
    reader.groups.add(team)
    folder = Folder.create(owners[0], "archive")
    Share.objects.create(folder=folder, team=team)
    return owners, reader, folder


def create_documents(pages: int, owners: Sequence[User], folder: Folder) -> Iterator[int]:
    """Writes documents of ten pages into the folder, an owner's turn after the other's; yields the pages so far.

    There are no files, and the index is not told.
    """
    page = page_writer(1)
    now = timezone.now()
    for start in range(0, pages, 1000):
        with transaction.atomic():
            for first in range(start, min(start + 1000, pages), PAGES_PER_DOCUMENT):
                number = first // PAGES_PER_DOCUMENT
                owner, created = owners[number % len(owners)], now - timedelta(seconds=first)
                _document(Document(owner=owner, folder=folder, title=f"文件{number}", created=created), page)
        yield min(start + 1000, pages)


def _document(document: Document, page: Callable[[], str]) -> None:
    document.page_count = PAGES_PER_DOCUMENT
    document.save()
    original = Original.objects.create(
        document=document, name="a.pdf", sha256="0" * 64, kind="pdf", bytes=1, page_count=PAGES_PER_DOCUMENT
    )
    run = Run.objects.create(document=document, options=Options().to_dict(), state=State.DONE)
    numbers = range(1, PAGES_PER_DOCUMENT + 1)
    sheets = Page.objects.bulk_create(
        Page(document=document, number=number, original=original, original_number=number) for number in numbers
    )
    texts = [page() for _ in sheets]
    PageResult.objects.bulk_create(
        PageResult(run=run, page=sheet, state=State.DONE, text=text, lines=_lines(text), finished=timezone.now())
        for sheet, text in zip(sheets, texts, strict=True)
    )
    Document.objects.filter(pk=document.pk).update(current_run=run)


def _lines(text: str) -> list[dict[str, object]]:
    return [
        Line(line, 0.99, ((100, y), (900, y), (900, y + 30), (100, y + 30))).to_dict()
        for y, line in enumerate(text.split("\n"))
    ]


def create_vectors() -> None:
    """A chunk with a random vector for each page, as if a model had been asked."""
    chance = np.random.default_rng(1)
    for run in Run.objects.only("document").iterator(chunk_size=1000):
        vectors = chance.standard_normal((PAGES_PER_DOCUMENT, DIMENSIONS), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        results = run.results.order_by("page__number").values_list("pk", flat=True)
        chunks = [
            {"number": number, "hash": "0" * 32, "lines": [[result, ["1", "2"]]], "headings": []}
            for number, result in enumerate(results, start=1)
        ]
        EmbeddedChunks.objects.create(
            document_id=run.document_id,
            run=run,
            model=settings.OCRSITE_EMBEDDINGS_MODEL,
            language="zh-Hant",
            dimensions=DIMENSIONS,
            chunks=chunks,
            vectors=vectors.astype("<f2").tobytes(),
        )


def time_meanings(user: User, count: int) -> tuple[list[float], list[float]]:
    """Seconds of searches by meaning, less those of the model: by the clock, and of this process's processors."""
    chance = np.random.default_rng(2)
    clock, processor = [], []
    for _ in range(count):
        vector = chance.standard_normal(DIMENSIONS, np.float32)
        before = time.perf_counter(), time.process_time()
        found = meaning.nearest(user, vector / np.linalg.norm(vector))
        clock.append(time.perf_counter() - before[0])
        processor.append(time.process_time() - before[1])
        assert len(found) == meaning.MOST_HITS
    return clock, processor


def time_changes(count: int) -> list[float]:
    """Changes that many pages' texts, and gives the seconds that each took to be found as it is now."""
    page = page_writer(2)
    seconds = []
    for result in PageResult.objects.select_related("page").order_by("?")[:count]:
        PageResult.objects.filter(pk=result.pk).update(text=page())
        start = time.perf_counter()
        index.refresh(result.page.document_id, [result.page.number])
        seconds.append(time.perf_counter() - start)
    return seconds


def time_queries(user: User, length: int) -> QueryTimes:
    """Queries of ``length`` characters taken from random pages that ``user`` may see, or not."""
    chance = random.Random(length)
    numbers = list(PageResult.objects.values_list("pk", flat=True))
    seconds: list[float] = []
    hits = 0
    while len(seconds) < QUERIES_PER_LENGTH:
        text = PageResult.objects.get(pk=chance.choice(numbers)).text.replace("\n", "")
        start = chance.randrange(len(text) - length)
        wanted = text[start : start + length]
        if not wanted.isalpha():
            continue
        tries = []
        with override_settings(OCRSITE_USER_SEARCHES_A_MINUTE=10**9):  # nobody types as fast as this
            for _ in range(REPEATS):
                before = time.perf_counter()
                found = query.search(user, wanted)
                tries.append(time.perf_counter() - before)
        seconds.append(min(tries))
        hits += found.total
    return QueryTimes(length, seconds, hits)


def index_bytes() -> int:
    """What the index takes on disk: the entries, and what the database looks them up in."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('search_entry')")
        else:
            cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search_%'")
        return int(cursor.fetchone()[0])


def text_bytes() -> int:
    """What the texts take that are found, as UTF-8."""
    texts = PageResult.objects.values_list("text", flat=True).iterator(chunk_size=1000)
    return sum(len(text.encode()) for text in texts)


def table_row(timed: QueryTimes) -> str:
    """A row of the table: length, mean hits, median and worst milliseconds."""
    milliseconds = [1000 * second for second in timed.seconds]
    mean = timed.hits / len(timed.seconds)
    return f"| {timed.length} | {mean:,.0f} | {statistics.median(milliseconds):.0f} | {max(milliseconds):.0f} |"
