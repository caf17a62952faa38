"""What was read of a file that is not in the archive, as the value that exports are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from documents import blocks, transcript
from documents.models import State, error_as_json
from recognition.options import Options
from recognition.page import PageReading


def transcript_of(
    title: str, pages: Iterable[PageReading], options: Options, engine: Mapping[str, Any], file: Path, sha256: str
) -> transcript.Transcript:
    """The same value that the archive exports, so that all write the same bytes. ``sha256``: of ``file``."""
    found = [_page(page) for page in pages]
    return transcript.Transcript(
        title=title,
        page_count=len(found),
        options=options.to_dict(),
        engine=engine,
        pages=found,
        originals=[transcript.TranscriptOriginal(sha256, len(found), lambda: nullcontext(file))],
    )


def _page(page: PageReading) -> transcript.TranscriptPage:
    lines = transcript.as_read(page.number, page.lines)
    return transcript.TranscriptPage(
        number=page.number,
        width=page.width or None,
        height=page.height or None,
        state=State.FAILED if page.error else State.DONE,
        lines=lines,
        blocks=blocks.placed(page.number, page.blocks, lines),
        error=error_as_json(page.error) if page.error else None,
        seconds=sum(page.seconds.values()),
        source=page.source,
        warnings=[warning.to_dict() for warning in page.warnings],
        codes=[code.to_dict() for code in page.codes],
        origin=transcript.Origin(0, page.number),
    )
