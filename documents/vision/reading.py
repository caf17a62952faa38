"""Pages that wait for the vision model, and what comes of its answers."""

from __future__ import annotations

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef

from documents import editing, pictures
from documents.errors import NoModelAnswerError
from documents.models import PageResult, Reader, Run
from documents.proposals import model_client
from recognition import convert
from recognition.page import Block, Code, Line, PageReading, PageWarning, box_from

from .alignment import UnusableError, align

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User

AT_ONCE = 4
"""Pages that the model is asked about at a time."""

TRIES = 2
LONGEST_PICTURE = 2000
"""Pixels of the longer side of a page's picture."""


class NotConfiguredError(Exception):
    """This site has no vision model."""


def is_configured() -> bool:
    return bool(settings.OCRSITE_VISION_URL and settings.OCRSITE_VISION_MODEL)


def ask(base: Run, number: int, user: User) -> Run:
    """A run like ``base`` in which page ``number`` waits for the vision model. It does not become current by itself.

    Raises NotConfiguredError, QuotaExceededError, UnfinishedError, and RefusedError for a page without lines.
    """
    if not is_configured():
        raise NotConfiguredError
    return editing.run_page_by_model(base, number, settings.OCRSITE_VISION_MODEL, user)


def read_due() -> int:
    """Asks the model about pages that wait, some at a time; how many. Whatever the model does ends in time.

    The network is used by threads, the database by the caller alone.
    """
    claimed = _claim()
    if not claimed:
        return 0
    with ThreadPoolExecutor(len(claimed)) as pool:
        asked = {pool.submit(_answer, _picture(result)): result for result in claimed}
        for answered in as_completed(asked):
            _save(asked[answered], *answered.result())
    return len(claimed)


def _claim() -> list[PageResult]:
    """Pages, first one of each person who waits."""
    waiting = PageResult.objects.claimable(Reader.VISION).filter(run=OuterRef("pk"))
    runs = Run.objects.filter(Exists(waiting), reader=Reader.VISION).order_by("created", "pk")
    first = {run.requested_by_id: run for run in reversed(runs)}
    in_turn = sorted(runs, key=lambda run: first[run.requested_by_id] != run)
    lease = timedelta(seconds=TRIES * settings.OCRSITE_VISION_SECONDS + 60)
    slot = f"vision-{socket.gethostname()}-{os.getpid()}"
    claimed = [PageResult.objects.claim(run, slot, lease) for run in in_turn[:AT_ONCE]]
    return [result for result in claimed if result is not None]


def _picture(result: PageResult) -> bytes | None:
    result.run.begin(result.run.engine)
    width, height = result.page.width or 0, result.page.height or 0
    with suppress(OSError, ValueError), result.page.image.open("rb") as image:
        return pictures.make(image, pictures.part(width, height, (0, 0, width, height), LONGEST_PICTURE))
    return None


def _answer(picture: bytes | None) -> tuple[object, float]:
    """What the model says, or the error with which it does not, and after how many seconds."""
    begun = time.monotonic()
    answer: object = model_client.NoAnswerError("no-picture")
    endpoint = model_client.Endpoint(
        url=settings.OCRSITE_VISION_URL,
        model=settings.OCRSITE_VISION_MODEL,
        key=settings.OCRSITE_VISION_KEY,
        seconds=settings.OCRSITE_VISION_SECONDS,
        tokens=settings.OCRSITE_VISION_TOKENS,
    )
    for _ in range(TRIES if picture else 0):
        asked = [{"type": "text", "text": settings.OCRSITE_VISION_PROMPT}, model_client.picture_of(picture or b"")]
        try:
            answer = endpoint.ask([{"role": "user", "content": asked}])
            break
        except model_client.NoAnswerError as error:
            answer = error
    return answer, time.monotonic() - begun


def _save(result: PageResult, answer: object, seconds: float) -> None:
    """Finishes the page, with an error if the answer is none."""
    editing.finish_page_by_model(result, _reading(result, answer, seconds))


def _reading(result: PageResult, answer: object, seconds: float) -> PageReading:
    number = result.page.number
    base = PageResult.objects.filter(run=result.run.based_on_id, page=result.page_id).first()
    try:
        if isinstance(answer, model_client.NoAnswerError) or base is None:
            raise UnusableError(answer.reason if isinstance(answer, model_client.NoAnswerError) else "no-lines")
        lines = align(base.read_lines(), answer)
    except UnusableError as error:
        return PageReading(number, error=NoModelAnswerError(error.reason))
    return PageReading(
        number,
        width=result.page.width or 0,
        height=result.page.height or 0,
        lines=_converted(lines, base.options or base.run.options),
        blocks=tuple(map(Block.from_dict, base.blocks)),
        rotation=base.rotation,
        source="vision",
        seconds={"vision": seconds},
        warnings=tuple(PageWarning(each["code"], each["box"] and box_from(each["box"])) for each in base.warnings),
        codes=tuple(Code(each["format"], each["text"], box_from(each["box"])) for each in base.codes),
    )


def _converted(lines: Sequence[Line], options: dict[str, str]) -> tuple[Line, ...]:
    texts = convert.convert_page([line.raw for line in lines], options.get("script", "auto"))  # type: ignore[arg-type]
    return tuple(replace(line, text=text) for line, text in zip(lines, texts, strict=True))
