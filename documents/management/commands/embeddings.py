from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import semantic
from documents.management.repeating import repeat
from documents.search.models import EmbeddedChunks, EmbeddingState

PAUSE = 10.0
"""Seconds between two looks at which documents have to be embedded."""


class Command(BaseCommand):
    help = "Embeds what documents say, for search by meaning, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="embed what waits now, and stop")
        parser.add_argument("--forget", action="store_true", help="delete all vectors, and stop")

    def handle(self, *args: Any, once: bool, forget: bool, **options: Any) -> None:
        if forget:
            EmbeddingState.objects.all().delete()
            EmbeddedChunks.objects.all().delete()
            return
        if not semantic.is_configured():
            raise CommandError("There is no model: set OCRSITE_EMBEDDINGS_URL and OCRSITE_EMBEDDINGS_MODEL.")
        repeat(semantic.embed_due, PAUSE, once=once)
