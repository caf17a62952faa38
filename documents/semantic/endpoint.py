"""The model: gives texts and gets vectors, whatever the other side tries to give instead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings

from documents.webhooks import safe_http

Vectors = npt.NDArray[np.float32]

LARGEST_ANSWER = 32 * 2**20
"""Bytes; 32 vectors of 4,096 numbers, written out, are some three million."""

MOST_DIMENSIONS = 16_384

REFUSES_TEXT = (400, 413, 422)
"""Statuses by which endpoints refuse a text, mostly for its length."""


class NoVectorsError(Exception):
    """The model has not answered, or not with vectors of the texts."""


class TextRefusedError(NoVectorsError):
    """The endpoint does not take these texts, or one of them."""


def is_configured() -> bool:
    return bool(settings.OCRSITE_EMBEDDINGS_URL and settings.OCRSITE_EMBEDDINGS_MODEL)


def embed(texts: Sequence[str], seconds: float | None = None) -> Vectors:
    """A vector of length 1 for each text, one a row.

    ``seconds``: the most that it may take, OCRSITE_EMBEDDINGS_SECONDS without it. Raises NoVectorsError.
    """
    url = f"{settings.OCRSITE_EMBEDDINGS_URL.rstrip('/')}/embeddings"
    headers = {"Content-Type": "application/json"}
    if settings.OCRSITE_EMBEDDINGS_KEY:
        headers["Authorization"] = f"Bearer {settings.OCRSITE_EMBEDDINGS_KEY}"
    asked = {"model": settings.OCRSITE_EMBEDDINGS_MODEL, "input": list(texts), "encoding_format": "float"}
    try:
        answer = safe_http.post(
            url,
            json.dumps(asked).encode(),
            headers,
            trusted=[safe_http.host_of(url)],
            seconds=seconds or settings.OCRSITE_EMBEDDINGS_SECONDS,
            most=LARGEST_ANSWER,
        )
    except safe_http.UnreachableError as error:
        raise NoVectorsError("The endpoint does not answer.") from error
    if answer.status in REFUSES_TEXT:
        raise TextRefusedError(f"The endpoint refuses the text with status {answer.status}.")
    if answer.status != 200:
        raise NoVectorsError(f"The endpoint answers with status {answer.status}.")
    try:
        return _unit_vectors(json.loads(answer.text)["data"], len(texts))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise NoVectorsError(f"The endpoint answers with something else than vectors: {error!r:.200}") from error


def _unit_vectors(data: Any, count: int) -> Vectors:
    by_index = {entry["index"]: entry["embedding"] for entry in data}
    found = np.array([by_index[index] for index in range(count)], dtype=np.float64)
    if len(data) != count or found.ndim != 2 or not 0 < found.shape[1] <= MOST_DIMENSIONS:
        raise ValueError(f"{len(data)} vectors of the shape {found.shape} for {count} texts")
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("vectors of no length, or an infinite one")
    unit: Vectors = (found / lengths).astype(np.float32)
    return unit
