"""What views cost in a large archive: an archive of made-up documents, and what people and administrators open in it.

Processor time is counted, that of this process and that of the database server where it runs on this machine, so other
work on the machine matters little.
"""

from __future__ import annotations

import io
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from documents.library import listing
from documents.models import (
    Correction,
    Document,
    Event,
    Folder,
    Original,
    Page,
    PageResult,
    Reach,
    Run,
    Share,
    State,
    Tag,
    Verb,
)
from documents.search.models import LATEST, PLACES, Entry
from documents.search.text import stream
from ocrsite.buffering import collect_rarely
from recognition.options import Options
from recognition.page import Line

from .search import CHARACTERS_BY_FREQUENCY

BATCH_SIZE = 5000
USERS = 20
REPEATS = 5
STATES = ["done"] * 96 + ["failed", "partial", "queued", "running"]
LINES = 36
FULL = 200
"""So many of the newest documents have a whole page of lines, the older ones two lines each: nobody opens them here."""
BOOK = 300
"""Pages of the newest document of all."""
PICTURE_SIZE = 1654, 2339

LISTS = {
    "newest first": "",
    "page 40 of these": "after={place}",
    "by title": "sort=title",
    "most pages first": "sort=-pages",
    "by state": "sort=state",
    "mine": "scope=mine",
    "shared with me": "scope=shared",
    "failed": "state=failed",
    "with a tag": "tag=標籤3",
    "of one day": "since={day}&until={day}",
}


@dataclass(frozen=True)
class Cost:
    """Of one view: milliseconds of processor, the median of several requests, and the queries of one."""

    milliseconds: float
    queries: int

    def __str__(self) -> str:
        return f"{self.milliseconds:.0f} / {self.queries}"


def create_users() -> dict[str, User]:
    """The person with half of all documents, a member of a team with which a tenth of the folders is shared, another
    one who has only few documents, and one who has none; by what they are.
    """
    users = [User.objects.create_user(f"person{number}") for number in range(USERS)]
    team = Group.objects.create(name="team")
    users[5].groups.add(team)
    outer = [Folder.create(users[0], f"卷{number}") for number in range(50)]
    for number in range(200):
        Folder.create(users[0], f"宗{number}", outer[number % 50])
    for folder in outer[:5]:
        Share.objects.create(folder=folder, team=team)
    newcomer = User.objects.create_user("newcomer")
    return {"owner of half": users[0], "team member": users[5], "one of twenty": users[9], "newcomer": newcomer}


def create_documents(count: int) -> Iterator[int]:
    """Adds a book and ``count`` documents of one page, a quarter of them in folders, all with a tag, and the search
    index and the audit of all of them; yields how many there are.
    """
    chance = random.Random(1)
    users, folders = list(User.objects.filter(username__startswith="person").order_by("pk")), list(Folder.objects.all())
    tags = [Tag.named(f"標籤{number}") for number in range(50)]
    picture = _store_picture()
    now = timezone.now()
    _insert([_document(users[0], "三百頁的書", now, pages=BOOK)], picture, chance, LINES)
    for start in range(0, count, BATCH_SIZE):
        documents = [
            _document(
                users[0] if number % 2 else users[number // 2 % USERS],
                f"第{chance.randrange(count)}號 公文卷宗 {number}",
                now - timedelta(minutes=number + 1),
                chance.choice(folders) if number % 4 == 1 else None,
            )
            for number in range(start, min(start + BATCH_SIZE, count))
        ]
        full = documents[: max(0, FULL - start)]
        _insert(full, picture, chance, LINES)
        _insert(documents[len(full) :], picture, chance, 2)
        _add_tags(documents, tags, chance)
        yield start + len(documents)


def lists(user: User) -> dict[str, str]:
    """The start page in several ways, as addresses by name."""
    reach = Reach.of(user)
    page = listing.read(Document.objects.in_reach(reach), reach)
    for _ in range(40):
        page = listing.read(Document.objects.in_reach(reach), reach, after=page.after) if page.after else page
    values = {"place": page.after, "day": timezone.localdate() - timedelta(days=30)}
    return {name: f"/?{query.format(**values)}" for name, query in LISTS.items()}


def reading(user: User) -> dict[str, str]:
    """Documents, pages and pictures of the owner of the book."""
    mine = Document.objects.owned_by(user).order_by("-created")
    book, short = (document.get_absolute_url() for document in mine[:2])
    return {
        "a document of one page": short,
        f"a document of {BOOK} pages": book,
        "its last page": f"{book}pages/{BOOK}/",
        "its progress": f"{book}progress/",
        "its pages, to arrange": f"{book}pages/",
        "a page image": f"{short}pages/1/image/",
        "a thumbnail": f"{short}pages/1/thumbnail/",
    }


SEARCHES = {
    "a frequent character": "/search/?q=的",
    "two characters": "/search/?q=時間",
    "a title": "/search/?q=公文卷宗",
    "nothing": "/search/?q=龘龘",
}


def administration() -> dict[str, str]:
    """All lists of the administration."""
    models = sorted(admin.site._registry, key=lambda model: model._meta.label)
    found = {
        model._meta.label: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in models
    }
    newest = Document.objects.order_by("-created").values_list("pk", flat=True)[0]
    return found | {
        "documents, by state": f"{reverse('admin:documents_document_changelist')}?current_run__state__exact=failed",
        "documents, searched": f"{reverse('admin:documents_document_changelist')}?q=卷宗+77",
        "one document": reverse("admin:documents_document_change", args=[newest]),
        "queue": reverse("admin-queue"),
        "usage": reverse("admin-usage"),
    }


def measure(user: User, addresses: Mapping[str, str]) -> dict[str, Cost]:
    """What each of ``addresses`` costs when ``user`` opens it."""
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    collect_rarely()  # as web processes do
    return {name: _cost(client, address) for name, address in addresses.items()}


def table(costs: Mapping[str, Mapping[str, Cost]]) -> Iterator[str]:
    """Lines of a table: a column for each person, a row for each view."""
    yield f"| | {' | '.join(costs)} |"
    yield f"|---|{'---|' * len(costs)}"
    for name in next(iter(costs.values())):
        yield f"| {name} | {' | '.join(str(found[name]) for found in costs.values())} |"


def _cost(client: Client, address: str) -> Cost:
    with CaptureQueriesContext(connection) as captured:
        _get(client, address)
    queries = len(captured)  # the next request forgets them
    used = []
    for _ in range(REPEATS):
        before = _processor_time()
        _get(client, address)
        used.append(_processor_time() - before)
    return Cost(1000 * statistics.median(used), queries)


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert 200 <= answer.status_code < 300, f"{address}: {answer.status_code}"
    if answer.streaming:
        b"".join(answer)


def _processor_time() -> float:
    """Seconds that this process has used, and its database server, if that is another process of this machine."""
    used = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
        if backend.exists():
            used += int(backend.read_text().split()[0]) / 1e9
    return used


def _store_picture() -> str:
    """A page image, which all documents share; its name in storage."""
    out = io.BytesIO()
    Image.effect_noise(PICTURE_SIZE, 40).save(out, "JPEG", quality=60)
    return default_storage.save("pages/bench.jpg", ContentFile(out.getvalue()))


def _document(owner: User, title: str, created: datetime, folder: Folder | None = None, pages: int = 1) -> Document:
    return Document(owner=owner, title=title, page_count=pages, created=created, folder=folder)


@transaction.atomic
def _insert(documents: Sequence[Document], picture: str, chance: random.Random, lines: int) -> None:
    """Writes documents with all that belongs to them. A run and its document name each other, as the databases look at
    that at the end of a transaction only.
    """
    runs = [
        Run(
            document=document,
            options=Options().to_dict(),
            state=chance.choice(STATES),
            created=document.created,
            requested_by=document.owner,
        )
        for document in documents
    ]
    for document, run in zip(documents, runs, strict=True):
        document.current_run_id = run.pk
    Document.objects.bulk_create(documents)
    Run.objects.bulk_create(runs)
    originals = [
        Original(document=each, name="a.pdf", sha256=f"{each.pk.hex:0<64}", kind="pdf", bytes=1, page_count=1)
        for each in documents
    ]
    Original.objects.bulk_create(originals)
    width, height = PICTURE_SIZE
    pages = [
        Page(
            document=each.document,
            number=number,
            original=each,
            original_number=number,
            width=width,
            height=height,
            image=picture,
            thumbnail=picture,
        )
        for each in originals
        for number in range(1, each.document.page_count + 1)
    ]
    Page.objects.bulk_create(pages)
    runs_by_document = {run.document_id: run for run in runs}
    results = [_result(runs_by_document[page.document_id], page, lines, chance) for page in pages]
    PageResult.objects.bulk_create(results)
    Entry.objects.bulk_create(_titled(document) for document in documents)
    Entry.objects.bulk_create(_entry(result) for result in results)
    Correction.objects.bulk_create(_correction(result) for result in results[::20])
    Event.objects.bulk_create(event for document in documents for event in _events(document))


def _result(run: Run, page: Page, lines: int, chance: random.Random) -> PageResult:
    texts = ["".join(chance.choices(CHARACTERS_BY_FREQUENCY, k=28)) for _ in range(lines)]
    places = [((100, y), (900, y), (900, y + 30), (100, y + 30)) for y in range(50, 50 + 40 * lines, 40)]
    return PageResult(
        run=run,
        page=page,
        state=State.DONE,
        worker="bench",
        text="\n".join(texts),
        lines=[Line(text, 0.97, place).to_dict() for text, place in zip(texts, places, strict=True)],
        confidence=0.97,
        source="ocr",
        seconds=0.8,
        finished=page.document.created,
    )


def _titled(document: Document) -> Entry:
    return Entry(pk=_first(document), document=document, language="zh-Hant", stream=stream(document.title))


def _entry(result: PageResult) -> Entry:
    number, document = result.page.number, result.page.document
    text = stream(result.text)
    return Entry(pk=_first(document) + number, document=document, result=result, language="zh-Hant", stream=text)


def _first(document: Document) -> int:
    return (LATEST - int(document.created.timestamp() * 1000)) * PLACES


def _correction(result: PageResult) -> Correction:
    polygon = result.lines[0]["polygon"]
    return Correction(page=result.page, polygon=polygon, text="改過的一行", author=result.page.document.owner)


def _events(document: Document) -> Iterator[Event]:
    for verb in (Verb.UPLOADED, Verb.VIEWED):
        yield Event(
            actor=document.owner,
            owner=document.owner,
            actor_name=document.owner.username,
            time=document.created,
            verb=verb,
            document=document.pk,
            title=document.title,
            details={"file": "a.pdf", "bytes": 1, "pages": document.page_count} if verb == Verb.UPLOADED else {},
        )


def _add_tags(documents: Sequence[Document], tags: Sequence[Tag], chance: random.Random) -> None:
    through = Document.tags.through
    through.objects.bulk_create([through(document=document, tag=chance.choice(tags)) for document in documents])
