"""Search in the text of all pages that a user may see."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from documents.search import query

from . import examples
from .base import ApiView
from .filters import FilterQuery, filters_of


class PieceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    found = serializers.BooleanField(help_text="Whether it is what was searched.")


class HitSerializer(serializers.Serializer[Any]):
    """A page, or a title with its tags, that says what was searched."""

    document = serializers.UUIDField()
    title = serializers.CharField()
    page = serializers.IntegerField(allow_null=True, help_text="null where the title or the tags say it")
    run = serializers.UUIDField(allow_null=True)
    lines = serializers.ListField(child=serializers.CharField(), help_text="The ids of the lines that say it.")
    snippet = PieceSerializer(many=True)
    url = serializers.CharField(help_text="The page, or the document, in this API.")
    html_url = serializers.CharField()


class HitPageSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Counted up to 1000.")
    more = serializers.BooleanField(help_text="Whether there are more than `total`.")
    next = serializers.URLField(allow_null=True)
    results = HitSerializer(many=True)


class SearchQuery(FilterQuery):
    q = serializers.CharField(
        max_length=200, help_text="Words that must all be on one page; a phrase in quotation marks."
    )
    after = serializers.IntegerField(
        required=False, min_value=-(2**63), max_value=2**63 - 1, help_text="From `next` of a page."
    )


class Search(ApiView):
    queries: ClassVar = {"GET": SearchQuery}

    @extend_schema(operation_id="search", responses=HitPageSerializer, examples=[examples.HITS])
    def get(self, request: Request) -> Response:
        """Pages, titles and tags with the searched text: Traditional or Simplified, full or half width alike."""
        filters = filters_of(self.asked, self.user)
        if filters is None:
            return Response({"total": 0, "more": False, "next": None, "results": []})
        hits = query.search(self.user, self.asked["q"], filters, after=self.asked.get("after"))
        here = request.build_absolute_uri()
        return Response(
            {
                "total": min(hits.total, query.MOST_COUNTED),
                "more": hits.many,
                "next": replace_query_param(here, "after", hits.after) if hits.after is not None else None,
                "results": [self._shown(hit) for hit in hits.hits],
            }
        )

    def _shown(self, hit: query.Hit) -> dict[str, Any]:
        name, arguments = ("page", [hit.document.pk, hit.number]) if hit.number else ("document", [hit.document.pk])
        # While OCR runs again, pages are found by the previous run, and their text is there.
        run = {} if hit.run is None or hit.is_current else {"run": str(hit.run.pk)}
        page = {"page": hit.number} if hit.number else {}
        return {
            "document": str(hit.document.pk),
            "title": hit.document.title,
            "page": hit.number or None,
            "run": str(hit.run.pk) if hit.run else None,
            "lines": list(dict.fromkeys(part.line.id for part in hit.matches)),
            "snippet": [{"text": piece.text, "found": piece.found} for piece in hit.pieces],
            "url": reverse(f"api:{name}", arguments, request=self.request, query=run),
            "html_url": reverse("documents:document", [hit.document.pk], request=self.request, query=run | page),
        }
