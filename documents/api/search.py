"""Search in the text of all pages that a user may see."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from documents import semantic
from documents.search import query

from . import examples
from .base import ApiView
from .filters import FilterQuery, filters_of
from .problems import ProblemError


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
            "lines": list(dict.fromkeys(part.line.id for part in hit.matches())),
            "snippet": [{"text": piece.text, "found": piece.found} for piece in hit.pieces],
            "url": reverse(f"api:{name}", arguments, request=self.request, query=run),
            "html_url": reverse("documents:document", [hit.document.pk], request=self.request, query=run | page),
        }


class ChunkLineSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    page = serializers.IntegerField()
    box = serializers.ListField(
        child=serializers.FloatField(), help_text="Left, top, right, bottom in pixels of the page image."
    )


class ChunkHitSerializer(serializers.Serializer[Any]):
    """A piece of a document, as it stands, that says something like what was searched."""

    document = serializers.UUIDField()
    title = serializers.CharField()
    pages = serializers.ListField(child=serializers.IntegerField())
    headings = serializers.ListField(child=serializers.CharField(), help_text="That it stands under.")
    text = serializers.CharField()
    lines = ChunkLineSerializer(many=True)
    score = serializers.FloatField(help_text="The nearer to 1, the nearer in meaning. Compare it within one answer.")
    url = serializers.CharField(help_text="The first page, in this API.")
    html_url = serializers.CharField(help_text="The first line, for people.")


class ChunkHitsSerializer(serializers.Serializer[Any]):
    results = ChunkHitSerializer(many=True)


class MeaningQuery(FilterQuery):
    q = serializers.CharField(max_length=200, help_text="What is meant, in any words or as a question.")


class SearchByMeaning(ApiView):
    queries: ClassVar = {"GET": MeaningQuery}
    problems: ClassVar = {"GET": [409, 503]}

    @extend_schema(operation_id="search_by_meaning", responses=ChunkHitsSerializer, examples=[examples.CHUNK_HITS])
    def get(self, request: Request) -> Response:
        """The 20 pieces of text that are nearest in meaning, if this site has a model for that. The nearest first."""
        if not semantic.is_configured():
            message = "This site has no model to search by meaning (OCRSITE_EMBEDDINGS_URL). Use search/."
            raise ProblemError(409, "no-model", message)
        filters = filters_of(self.asked, self.user)
        try:
            hits = [] if filters is None else semantic.search(self.user, self.asked["q"], filters)
        except semantic.NoVectorsError as error:
            message = "The model does not answer. Try again later, or search by words: search/."
            raise ProblemError(503, "model-unavailable", message) from error
        return Response({"results": [self._shown(hit) for hit in hits]})

    def _shown(self, hit: semantic.Hit) -> dict[str, Any]:
        place = {"page": hit.page, "line": hit.line}
        return {
            "document": str(hit.document.pk),
            "title": hit.document.title,
            "pages": hit.chunk.pages,
            "headings": list(hit.chunk.headings),
            "text": hit.chunk.text,
            "lines": [
                {"id": line.id, "page": page, "box": [round(value, 1) for value in line.line.box]}
                for page, line in hit.chunk.lines
            ],
            "score": hit.score,
            "url": reverse("api:page", [hit.document.pk, hit.page], request=self.request),
            "html_url": reverse("documents:document", [hit.document.pk], request=self.request, query=place),
        }
