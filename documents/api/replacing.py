"""Find and replace: looked for, looked through, applied together, and undone together."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from documents import editing
from documents.access import editable
from documents.library import finds
from documents.models import (
    LONGEST_FIND,
    LONGEST_REPLACEMENT,
    Folder,
    ReplacedLine,
    ReplacedState,
    Replacement,
    ReplacementState,
)
from documents.search import replacing

from . import examples
from .base import ApiView, StrictSerializer
from .problems import ProblemError

LINES_A_PAGE = 200
MOST_EXCEPTIONS = replacing.MOST_LINES


class FindSerializer(StrictSerializer):
    """What is looked for, in ``document``, in one ``page`` of it, or in ``folder`` with those inside it."""

    find = serializers.CharField(max_length=LONGEST_FIND, trim_whitespace=False)
    replacement = serializers.CharField(max_length=LONGEST_REPLACEMENT, trim_whitespace=False, allow_blank=True)
    document = serializers.UUIDField(required=False)
    page = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    folder = serializers.IntegerField(min_value=1, max_value=2**53, required=False)
    ignore_case = serializers.BooleanField(default=False)
    ignore_width = serializers.BooleanField(default=False, help_text="Full and half width alike.")
    ignore_script = serializers.BooleanField(default=False, help_text="Traditional and Simplified alike.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("document" in attrs) == ("folder" in attrs):
            raise serializers.ValidationError("Name a document or a folder, one of the two.")
        if "page" in attrs and "document" not in attrs:
            raise serializers.ValidationError({"page": "Name the document of which it is a page."})
        if attrs["find"] == attrs["replacement"]:
            raise serializers.ValidationError({"replacement": "This is what is looked for."})
        return attrs


class ReplacementSerializer(serializers.Serializer[Any]):
    """A replacement as it stands. ``lines``: how many were found, and how many of them are done or left alone."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(ReplacementState.choices)
    find = serializers.CharField(trim_whitespace=False)
    replacement = serializers.CharField(allow_blank=True, trim_whitespace=False)
    lines = serializers.IntegerField()
    lines_replaced = serializers.IntegerField()
    lines_left_alone = serializers.IntegerField(help_text="Because they were changed meanwhile; see the lines.")
    more = serializers.BooleanField(help_text=f"Whether there were more than {replacing.MOST_LINES} lines.")
    created = serializers.DateTimeField()
    lines_url = serializers.CharField(help_text="What was found.")
    html_url = serializers.CharField()


class FoundLineSerializer(serializers.Serializer[Any]):
    """A line in which something was found. ``before``, ``after``: its text without and with all that is chosen."""

    number = serializers.IntegerField(help_text="Names it in `leave_out`.")
    document = serializers.UUIDField()
    page = serializers.IntegerField()
    line = serializers.CharField()
    before = serializers.CharField(trim_whitespace=False)
    after = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(ReplacedState.choices)


class FoundLinesSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    results = FoundLineSerializer(many=True)


class ApplySerializer(StrictSerializer):
    leave_out = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**53),
        max_length=MOST_EXCEPTIONS,
        required=False,
        default=list,
        help_text="The numbers of lines that are to stay as they are.",
    )


class LinesQuery(StrictSerializer):
    after = serializers.IntegerField(required=False, min_value=0, max_value=2**53, default=0)


class Replacements(ApiView):
    problems: ClassVar = {"POST": [404, 422]}

    @extend_schema(
        operation_id="find_to_replace",
        request=FindSerializer,
        responses={201: ReplacementSerializer},
        examples=[examples.FIND, examples.REPLACEMENT],
    )
    def post(self, request: Request) -> Response:
        """Looks for a text, exactly as written, in the current text of what you may edit. Nothing is changed yet."""
        asked = FindSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        document = editable(request, values.pop("document")) if "document" in values else None
        folder, page = values.pop("folder", None), values.pop("page", None)
        if folder is not None:
            folder = get_object_or_404(Folder.objects.visible_to(self.user), pk=folder)
        if document is not None and page is not None and not document.pages.filter(number=page).exists():
            raise ValidationError({"page": "There is no such page."})
        wanted = Replacement(author=self.user, document=document, page_number=page, folder=folder, **values)
        return Response(_shown(replacing.prepare(wanted), request), status=201)


class ReplacementView(ApiView):
    """What names a replacement of one's own."""

    def replacement(self, pk: UUID) -> Replacement:
        return get_object_or_404(Replacement, pk=pk, author=self.user)


class OneReplacement(ReplacementView):
    @extend_schema(operation_id="get_replacement", responses=ReplacementSerializer, examples=[examples.REPLACEMENT])
    def get(self, request: Request, replacement: UUID) -> Response:
        """How far a replacement of yours is."""
        return Response(_shown(self.replacement(replacement), request))


class ReplacementLines(ReplacementView):
    queries: ClassVar = {"GET": LinesQuery}

    @extend_schema(operation_id="list_replacement_lines", responses=FoundLinesSerializer)
    def get(self, request: Request, replacement: UUID) -> Response:
        """The lines that were found, and what became of each."""
        found = self.replacement(replacement)
        lines = found.lines.filter(pk__gt=self.asked["after"]).select_related("replacement", "result__page")
        shown = list(lines[: LINES_A_PAGE + 1])
        here = reverse("api:replacement-lines", [found.pk], request=request)
        more = len(shown) > LINES_A_PAGE
        shown = shown[:LINES_A_PAGE]
        return Response(
            {"next": f"{here}?after={shown[-1].pk}" if more else None, "results": [_line(line) for line in shown]}
        )


class ApplyReplacement(ReplacementView):
    problems: ClassVar = {"POST": [409]}

    @extend_schema(
        operation_id="apply_replacement",
        request=ApplySerializer,
        responses=ReplacementSerializer,
        examples=[examples.APPLY, examples.REPLACEMENT],
    )
    def post(self, request: Request, replacement: UUID) -> Response:
        """Replaces everything that was found but what you leave out. A line that was changed meanwhile stays as it is.

        Many pages take a while: ask for the replacement until its `state` is `applied`.
        """
        found = self.replacement(replacement)
        asked = ApplySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        if not editing.apply_replacement(found, leave_out=asked.validated_data["leave_out"]):
            raise ProblemError(409, "replacement-begun", "This has been applied before.")
        return Response(_shown(found, request))


class UndoReplacement(ReplacementView):
    problems: ClassVar = {"POST": [409]}

    @extend_schema(operation_id="undo_replacement", request=None, responses=ReplacementSerializer)
    def post(self, request: Request, replacement: UUID) -> Response:
        """Undoes a replacement. Lines that were changed since stay as they are."""
        found = self.replacement(replacement)
        if not editing.undo_replacement(found):
            raise ProblemError(409, "replacement-not-applied", "Only what is applied can be undone, once.")
        return Response(_shown(found, request))


def _shown(found: Replacement, request: Request) -> dict[str, Any]:
    summary = finds.summary(found)
    return {
        "id": str(found.pk),
        "state": found.state,
        "find": found.find,
        "replacement": found.replacement,
        "lines": summary.total,
        "lines_replaced": summary.done,
        "lines_left_alone": summary.left_alone_count,
        "more": found.more,
        "created": found.created,
        "lines_url": reverse("api:replacement-lines", [found.pk], request=request),
        "html_url": reverse("documents:replacement", [found.pk], request=request),
    }


def _line(line: ReplacedLine) -> dict[str, Any]:
    return {
        "number": line.pk,
        "document": str(line.result.page.document_id),
        "page": line.result.page.number,
        "line": line.line_id,
        "before": line.before,
        "after": line.after,
        "state": line.state,
    }
