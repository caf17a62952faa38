"""``manage.py import_transcription DOCUMENT FILE...``: a run of what another program wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import editing
from documents.ingest import transcriptions
from documents.models import Document
from recognition.errors import FileError


class Command(BaseCommand):
    help = "Takes PAGE XML, ALTO or hOCR in as a run of a document of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", type=UUID, help="the document's number, as its address has it")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="XML, HTML, or a ZIP archive of these")
        parser.add_argument("--user", help="who does it, by user name; else the document's owner")
        parser.add_argument("--current", action="store_true", help="make the run the current one")

    def handle(self, *args: Any, **options: Any) -> None:
        document = Document.objects.filter(pk=options["document"]).select_related("owner").first()
        if document is None:
            raise CommandError("There is no such document.")
        author = User.objects.filter(username=options["user"]).first() if options["user"] else document.owner
        if author is None or not Document.objects.editable_by(author).filter(pk=document.pk).exists():
            raise CommandError("This user is not there, or may not edit the document.")
        try:
            opened = [(File(path.open("rb")), path.name) for path in options["files"]]
            run = transcriptions.take_in(document, opened, author)
        except (FileError, OSError) as error:
            raise CommandError(str(error)) from error
        except editing.UnfinishedError:
            raise CommandError("The document is still being read. Try again when that is finished.") from None
        if options["current"]:
            editing.make_current(run, author)
        self.stdout.write(f"Run {run.pk}: {run.results.filter(source='import').count()} pages")
