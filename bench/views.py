"""How long a page of a long list takes: an archive full of documents, and the start page as people ask for it."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from documents.library import listing
from documents.models import Document, Folder, Original, Page, PageResult, Run, Share, State, Tag

BATCH_SIZE = 5000
USERS = 20
REPEATS = 5
STATES = ["done"] * 96 + ["failed", "partial", "queued", "running"]

VIEWS = {
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
    """Adds ``count`` documents of one page each, a quarter of them in folders, all with a tag; how many there are."""
    chance = random.Random(1)
    users, folders = list(User.objects.filter(username__startswith="person").order_by("pk")), list(Folder.objects.all())
    tags = [Tag.named(f"標籤{number}") for number in range(50)]
    now = timezone.now()
    for start in range(0, count, BATCH_SIZE):
        documents = [
            Document(
                owner=users[0] if number % 2 else users[number // 2 % USERS],
                title=f"第{chance.randrange(count)}號 公文卷宗 {number}",
                page_count=chance.randint(1, 30),
                created=now - timedelta(minutes=number),
                folder=chance.choice(folders) if number % 4 == 1 else None,
            )
            for number in range(start, min(start + BATCH_SIZE, count))
        ]
        _insert(documents, chance)
        _add_tags(documents, tags, chance)
        yield start + len(documents)


def time_list(user: User, query: str) -> list[float]:
    """Seconds of the start page with this query, asked for by ``user``, each time as the first time."""
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    page = listing.read(Document.objects.visible_to(user), user)
    for _ in range(40 if "place" in query else 0):
        page = listing.read(Document.objects.visible_to(user), user, after=page.after) if page.after else page
    wanted = {
        name: value.format(place=page.after, day=timezone.localdate() - timedelta(days=30))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
    }
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = client.get("/", wanted)
        seconds.append(time.perf_counter() - start)
        assert answer.status_code == 200, wanted
    return seconds


def table_row(view: str, times: list[list[float]]) -> str:
    """A line of the table: milliseconds, median for each person."""
    return f"| {view} | " + " | ".join(f"{1000 * statistics.median(each):.0f}" for each in times) + " |"


def _insert(documents: list[Document], chance: random.Random) -> None:
    runs = [
        Run(document=document, options={}, state=chance.choice(STATES), created=document.created)
        for document in documents
    ]
    originals = [
        Original(document=document, name="a.pdf", sha256="0" * 64, kind="pdf", bytes=1, page_count=1)
        for document in documents
    ]
    pages = [
        Page(document=document, number=1, original=original, original_number=1)
        for document, original in zip(documents, originals, strict=True)
    ]
    Document.objects.bulk_create(documents)
    Run.objects.bulk_create(runs)
    for document, run in zip(documents, runs, strict=True):
        document.current_run = run
    Document.objects.bulk_update(documents, ["current_run"], batch_size=500)
    Original.objects.bulk_create(originals)
    Page.objects.bulk_create(pages)
    results = [PageResult(run=run, page=page, state=State.DONE) for run, page in zip(runs, pages, strict=True)]
    PageResult.objects.bulk_create(results)


def _add_tags(documents: list[Document], tags: list[Tag], chance: random.Random) -> None:
    through = Document.tags.through
    through.objects.bulk_create([through(document=document, tag=chance.choice(tags)) for document in documents])
