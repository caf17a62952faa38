from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from documents.models import Document
from documents.search import index


class Command(BaseCommand):
    help = (
        "Compares the search index with all titles, tags and texts and repairs it. May be stopped and started again "
        "at any time, and run while people work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total = Document.objects.count()
        seen = changed = 0
        for documents, entries in index.rebuild():
            seen += documents
            changed += entries
            self.stderr.write(f"{seen} of {total} documents", lambda text: text)
        self.stdout.write(f"Entries repaired: {changed}")
