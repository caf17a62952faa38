"""The benchmark of views, on an archive of a few documents."""

from __future__ import annotations

import re
from io import StringIO

import pytest

from bench import views
from documents.management.commands.bench_views import Command

COST = re.compile(r" \d+ / [1-9]\d* ")


@pytest.mark.django_db(transaction=True)
def test_views_are_measured_for_each_person(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    """Each is opened twice: its queries are counted, then its time. One that fails would end the command."""
    settings.OCRSITE_USER_SEARCHES_A_MINUTE = 1000
    monkeypatch.setattr(views, "REPEATS", 1)
    monkeypatch.setattr(views, "BOOK", 3)
    out = StringIO()

    Command(stdout=out, stderr=StringIO()).measure(60)

    tables = [block.splitlines() for block in out.getvalue().split("\n\n") if block.startswith("|")]
    costs = [{row.split("|")[1].strip(): row.split("|")[2:-1] for row in rows} for _, _, *rows in tables]
    lists, searches, reading, administration = costs
    assert set(lists) == set(views.LISTS)
    assert set(searches) == set(views.SEARCHES)
    assert {"a document of 3 pages", "its progress", "a page image", "a thumbnail"} <= set(reading)
    assert {"documents.Document", "documents.Event", "one document", "queue", "usage"} <= set(administration)
    assert {len(cells) for cells in lists.values()} == {4}
    assert all(COST.fullmatch(cell) for table in costs for cells in table.values() for cell in cells)
