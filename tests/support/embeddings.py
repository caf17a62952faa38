"""An OpenAI-compatible server of a model that knows meanings by the characters of a text, or that misbehaves."""

from __future__ import annotations

import json
import zlib
from itertools import pairwise
from typing import Any

from .language_model import Act, Server, answer, drip, hang

DIMENSIONS = 256


def embedding(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """Characters and pairs of them, hashed: texts are the nearer the more they share."""
    vector = [0.0] * dimensions
    for gram in [*text, *("".join(pair) for pair in pairwise(text))]:
        vector[zlib.crc32(gram.encode()) % dimensions] += 1.0
    return vector


class EmbeddingModel(Server):
    """``texts``: all that it was asked for, in the order of requests. ``refused``: texts that it does not take, by a
    part of them."""

    def __init__(self) -> None:
        super().__init__()
        self.dimensions = DIMENSIONS
        self.refused = ""

    @property
    def texts(self) -> list[str]:
        return [text for request in self.asked for text in request["input"]]

    def answer(self, asked: dict[str, Any]) -> Act:
        texts: list[str] = asked["input"]
        if self.refused and any(self.refused in text for text in texts):
            return answer(b"too long", 400)
        return vectors([embedding(text, self.dimensions) for text in texts])


def vectors(found: list[Any]) -> Act:
    data = [{"index": index, "embedding": vector} for index, vector in enumerate(found)]
    return answer(json.dumps({"data": data}).encode())


def both(vector: list[Any]) -> Act:
    """The same vector for each of two texts."""
    return vectors([vector] * 2)


MISBEHAVIOUR: dict[str, Act] = {
    "hangs": hang,
    "drips": drip,
    "fails": answer(b"out of memory", 500),
    "refuses": answer(b"unknown model", 400),
    "redirects": answer(b"", 302),
    "nonsense": answer(b"\xff\xfe{]"),
    "deep": answer(b"[" * 200_000),
    "no data": answer(b'{"data": null}'),
    "texts": answer(b'{"data": ["a", "b"]}'),
    "none": vectors([]),
    "too few": vectors([[1.0, 2.0]]),
    "too many": vectors([[1.0, 2.0]] * 3),
    "ragged": vectors([[1.0], [1.0, 2.0]]),
    "nested": both([[1.0]]),
    "words": both(["one", "two"]),
    "empty": both([]),
    "zero": both([0.0, 0.0]),
    "infinite": both([float("inf"), 1.0]),
    "no number": both([float("nan"), 1.0]),
    "huge": both([10**400, 1]),
}
"""To a request for two texts."""
