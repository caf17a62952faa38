"""The addresses of IIIF: they name what they answer, so they are whole and do not change."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Addresses:
    """For one request with the ``key`` of whoever asks. ``site``: scheme and host."""

    site: str
    key: str

    @classmethod
    def of(cls, request: HttpRequest, key: str) -> Addresses:
        return cls(request.build_absolute_uri("/").rstrip("/"), key)

    def manifest(self, document: UUID) -> str:
        return self._whole("iiif-manifest", document)

    def canvas(self, document: UUID, number: int) -> str:
        return f"{self._whole('iiif-annotations', document, number).removesuffix('/annotations')}/canvas"

    def annotations(self, document: UUID, number: int) -> str:
        return self._whole("iiif-annotations", document, number)

    def image(self, document: UUID, number: int) -> str:
        return self._whole("iiif-image", document, number)

    def search(self, document: UUID, query: str = "") -> str:
        address = self._whole("iiif-search", document)
        return f"{address}?{urlencode({'q': query})}" if query else address

    def collection(self, folder: int) -> str:
        return self._whole("iiif-collection", folder)

    def _whole(self, name: str, *arguments: object) -> str:
        return self.site + reverse(f"documents:{name}", args=[self.key, *arguments])
