"""Keeps the vectors equal to what documents say.

What is new, has changed, or was embedded by another model is found by asking the database; nobody has to tell. A chunk
whose text is as before keeps its vector.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from documents.exports.chunks import Chunk, chunks
from documents.models import Document, Run
from documents.search.index import QUIET
from documents.search.models import OTHER_LANGUAGE, EmbeddedChunks, EmbeddingState
from recognition.convert import language

from .endpoint import NoVectorsError, TextRefusedError, Vectors, embed

AT_ONCE = 20
"""Documents that are looked for in one go."""

SHARE = 256
"""New chunks of one document that are embedded before others have their turn, and kept whatever comes next."""

BATCH = 32
"""Texts in one request."""

IN_A_ROW = 64
"""Chunks that share a row of the database."""

RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=15)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """A chunk as it is to be kept. ``about``: see EmbeddedChunks. ``text``: what the model is given."""

    about: dict[str, Any]
    text: str
    language: str

    @property
    def hash(self) -> str:
        return str(self.about["hash"])


def embed_due() -> bool:
    """Looks after some of the documents whose chunks have to be embedded; whether to go on at once.

    A model that does not answer is not asked about further documents now.
    """
    found = list(_due().values_list("pk", flat=True)[:AT_ONCE])
    for pk in found:
        state = _claim(pk)
        if state is None:
            continue
        try:
            is_complete = _embed(state)
        except NoVectorsError as error:
            log.warning("Document %s not embedded: %s", pk, error)
            _put_off(state)
            return False
        _settle(state, is_complete=is_complete)
    return bool(found)


def _due() -> QuerySet[Document]:
    """Documents of which nobody knows that all their chunks are embedded, if they are not being read."""
    here = EmbeddingState.objects.filter(document=OuterRef("pk"))
    complete = Q(run=OuterRef("current_run"), model=settings.OCRSITE_EMBEDDINGS_MODEL)
    settled = here.filter(complete | Q(next_try__gt=timezone.now()))
    return Document.objects.filter(~Exists(settled), trashed=None, current_run__finished__isnull=False)


def _claim(pk: Any) -> EmbeddingState | None:
    """The state of a document, leased to whoever called this; None if somebody else was quicker."""
    try:
        state, _ = EmbeddingState.objects.get_or_create(document_id=pk)
    except IntegrityError:  # the document has just been deleted
        return None
    unclaimed = EmbeddingState.objects.filter(pk=pk, next_try=state.next_try, changes=state.changes)
    return state if unclaimed.update(run=None, next_try=_lease()) else None


def _lease() -> datetime:
    """Until when one request is over, whatever the model does."""
    return timezone.now() + timedelta(seconds=60 + settings.OCRSITE_EMBEDDINGS_SECONDS)


def _settle(state: EmbeddingState, *, is_complete: bool) -> None:
    """Notes what was done; what has changed meanwhile is looked at again."""
    mine = EmbeddingState.objects.filter(pk=state.pk)
    if not is_complete:
        mine.update(next_try=None, tries=0)
    elif not mine.filter(changes=state.changes).update(run=state.run, model=state.model, next_try=None, tries=0):
        mine.update(next_try=timezone.now() + QUIET, tries=0)


def _put_off(state: EmbeddingState) -> None:
    wait = min(RETRY * 2 ** min(state.tries, 10), LONGEST_RETRY)
    EmbeddingState.objects.filter(pk=state.pk).update(next_try=timezone.now() + wait, tries=F("tries") + 1)


def _embed(state: EmbeddingState) -> bool:
    """Embeds what is new in a document, up to SHARE chunks; whether that is all. Raises NoVectorsError.

    What was embedded before an error is kept.
    """
    run = Run.objects.select_related("document").filter(document=state.pk, document__current_run=F("pk")).first()
    if run is None:
        return False
    state.run, state.model = run, settings.OCRSITE_EMBEDDINGS_MODEL
    wanted, known = list(_wanted(run)), _known(state)
    new = {each.hash: each.text for each in wanted if each.hash not in known}
    asked = list(new)[:SHARE]
    try:
        for start in range(0, len(asked), BATCH):
            names = asked[start : start + BATCH]
            _learn(known, names, _vectors(state, [new[name] for name in names]))
        if asked and not known.keys() & asked:
            raise NoVectorsError("The endpoint refuses all texts.")
    finally:
        _keep(state, [each for each in wanted if each.hash in known], known)
    return len(asked) == len(new)


def _learn(known: dict[str, Vectors], names: Sequence[str], vectors: Sequence[Vectors | None]) -> None:
    """Adds to the vectors that are known. Raises NoVectorsError if those are of another model of the same name."""
    learnt = {name: vector for name, vector in zip(names, vectors, strict=True) if vector is not None}
    if {len(vector) for vector in learnt.values()} - {len(vector) for vector in known.values()} and known:
        known.clear()
        known |= learnt
        raise NoVectorsError("The endpoint gives vectors of other dimensions than before.")
    known |= learnt


def _wanted(run: Run) -> Iterator[Wanted]:
    results = dict(run.results.values_list("page__number", "pk"))
    for number, chunk in enumerate(chunks(replace(run.export(), chunk_size=500)), start=1):
        text = chunk.text
        above = [heading for heading in chunk.headings if heading not in text]
        given = settings.OCRSITE_EMBEDDINGS_TEXT_PREFIX + "\n".join([*above, text])
        lines = [[results[page], keys] for page, keys in _keys(chunk)]
        name = hashlib.blake2b(given.encode(), digest_size=16).hexdigest()
        about = {"number": number, "hash": name, "lines": lines, "headings": list(chunk.headings)}
        yield Wanted(about, given, language(text) or OTHER_LANGUAGE)


def _keys(chunk: Chunk) -> Iterator[tuple[int, list[str]]]:
    """By page the ids of the lines, less the page's number, which pages may change."""
    for page, lines in groupby(chunk.lines, key=lambda found: found[0]):
        yield page, [line.id.partition("-")[2] for _, line in lines]


def _known(state: EmbeddingState) -> dict[str, Vectors]:
    """The vectors that there are, by what they are of."""
    known: dict[str, Vectors] = {}
    for row in EmbeddedChunks.objects.filter(document=state.pk, model=state.model):
        vectors = np.frombuffer(row.vectors, "<f2").reshape(-1, row.dimensions)
        known |= {chunk["hash"]: vector for chunk, vector in zip(row.chunks, vectors, strict=True)}
    return known


def _vectors(state: EmbeddingState, texts: Sequence[str]) -> list[Vectors | None]:
    """None for a text that the endpoint refuses. Raises NoVectorsError."""
    EmbeddingState.objects.filter(pk=state.pk).update(next_try=_lease())
    try:
        return list(embed(texts))
    except TextRefusedError as error:
        if len(texts) == 1:
            log.warning("A chunk cannot be found by its meaning: %s", error)
            return [None]
    return [vector for text in texts for vector in _vectors(state, [text])]


def _keep(state: EmbeddingState, wanted: Sequence[Wanted], vectors: dict[str, Vectors]) -> None:
    """Makes these the embedded chunks of the document, unless it shows another run by now."""
    rows = []
    by_language = sorted(wanted, key=lambda each: each.language)
    for spoken, group in groupby(by_language, key=lambda each: each.language):
        chosen = list(group)
        for part in (chosen[start : start + IN_A_ROW] for start in range(0, len(chosen), IN_A_ROW)):
            matrix = np.array([vectors[each.hash] for each in part], dtype="<f2")
            rows.append(
                EmbeddedChunks(
                    document_id=state.pk,
                    run=state.run,
                    model=state.model,
                    language=spoken,
                    dimensions=matrix.shape[1],
                    chunks=[each.about for each in part],
                    vectors=matrix.tobytes(),
                )
            )
    with transaction.atomic():
        document = Document.objects.lock(state.pk)
        if document is None or document.current_run_id != state.run_id:
            return
        EmbeddedChunks.objects.filter(document=document).delete()
        EmbeddedChunks.objects.bulk_create(rows, batch_size=50)
