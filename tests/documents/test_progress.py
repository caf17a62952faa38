"""What an open page asks for every second: small and cheap, however large the document."""

from __future__ import annotations

import pytest
from django.test import Client

from documents.models import Document, Page, PageResult, Run, State
from recognition.options import Options
from recognition.page import Line
from tests.support.files import upload

PAGES = 500
LINES = [Line("測試的一行文字", 0.9, ((0, 0), (9, 0), (9, 9), (0, 9))).to_dict()] * 60


@pytest.fixture
def large(receive) -> Document:
    """A book in the middle of its reading: sixty lines on each page that is done."""
    document = receive(upload("book.png"))
    document.pages.all().delete()
    Document.objects.filter(pk=document.pk).update(page_count=PAGES)
    document.refresh_from_db()
    shared = {"document": document, "original": document.originals.get()}
    Page.objects.bulk_create([Page(number=n, original_number=n, **shared) for n in range(1, PAGES + 1)])
    run = Run.start(document, Options(), document.owner)
    run.begin({})
    run.results.filter(page__number__lte=300).update(state=State.DONE, lines=LINES, text="測試的一行文字\n" * 60)
    run.results.filter(page__number=301).update(state=State.RUNNING)
    run.results.filter(page__number=302).update(state=State.FAILED)
    return document


def test_asking_for_the_progress_of_a_large_document_is_cheap(
    large: Document, as_owner: Client, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(6) as asked:  # session, user, reach, document with its run, states, pace
        answer = as_owner.get(f"/documents/{large.pk}/progress/?run={large.current_run_id}")
    assert answer.status_code == 200
    assert f'data-states="{"d" * 300}rf{"q" * 198}"' in answer.content.decode()
    assert len(answer.content) < 3000
    columns = {f'"{PageResult._meta.db_table}"."{name}"' for name in ("lines", "blocks", "text", "stages", "error")}
    assert not [query["sql"] for query in asked.captured_queries if any(name in query["sql"] for name in columns)]


def test_the_states_are_counted_and_those_of_every_page_told(large: Document) -> None:
    progress = large.current_run.progress()
    assert progress.counts == {"queued": 198, "running": 1, "done": 300, "failed": 1}
    assert (progress.total, progress.settled, progress.failed) == (500, 301, 1)
