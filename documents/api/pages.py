"""One page of a run: its lines, each line, their order, and its image."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from documents import editing, media, pictures
from documents.access import editable, viewed
from documents.editing import Unconditional
from documents.models import Document, PageResult
from recognition.invoices import invoices

from . import examples
from .base import ApiView, StrictSerializer
from .page_serializers import (
    BlockChangeSerializer,
    CheckSerializer,
    GridChangeSerializer,
    LineChangeSerializer,
    LineSerializer,
    OrderChangeSerializer,
    PageSerializer,
    page_state,
)
from .preconditions import conflicting, expected_version
from .runs import chosen_run

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The line's `version` in double quotes (its ETag): the change is made only if the line still is at it, "
    "else 412. Without it, you overwrite what was read and your own corrections, but nobody else's (409).",
)

IF_ORDER = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The page's `order_version` in double quotes: the change is made only if the order still is at it, "
    "else 412. Without it, an edited order is not replaced (409).",
)


class RunQuery(StrictSerializer):
    run = serializers.UUIDField(required=False, help_text="An earlier run; else the current one.")


class PageView(ApiView):
    """What names a page: a document that the user may see, a run of it, and the number."""

    queries: ClassVar = dict.fromkeys(["GET", "PATCH", "POST", "PUT", "DELETE"], RunQuery)

    def result(self, document: Document, number: int) -> PageResult:
        results = chosen_run(document, self.asked.get("run")).results
        return get_object_or_404(results.select_related("page", "run"), page__number=number)


class OnePage(PageView):
    @extend_schema(operation_id="get_page", responses=PageSerializer, examples=[examples.PAGE])
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """A page with its lines in reading order, including corrections."""
        document = viewed(request, pk)
        return Response(_page(self.result(document, number), request))


class OneLine(PageView):
    problems: ClassVar = {"PATCH": [409, 412]}

    @extend_schema(operation_id="get_line", responses=LineSerializer, examples=[examples.LINE])
    def get(self, request: Request, pk: UUID, number: int, line: str) -> Response:
        """One line with its current text. Its ETag is its `version`."""
        return _shown(_line(self.result(viewed(request, pk), number), line))

    @extend_schema(
        operation_id="correct_line",
        request=LineChangeSerializer,
        parameters=[IF_MATCH],
        responses=LineSerializer,
        examples=[examples.CORRECTION, examples.LINE],
    )
    def patch(self, request: Request, pk: UUID, number: int, line: str) -> Response:
        """Corrects a line. Sending the OCR text undoes the correction.

        If somebody else has corrected it meanwhile, the problem's member `current` is the line as it stands.
        """
        result = self.result(editable(request, pk), number)
        change = LineChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        text, seen = change.validated_data["text"], expected_version(request, "line")
        try:
            editing.correct(result, line, text, author=self.user, seen=None if seen == 0 else seen)
        except LookupError:
            raise Http404 from None
        except editing.ConflictError as conflict:
            writer = conflict.current.author.get_username() if conflict.current else None
            message = f"This line was corrected by {writer}." if writer else "Its correction was undone."
            raise conflicting(seen, "line", message, _line(result, line)) from conflict
        return _shown(_line(result, line))


class ArrangedPage(PageView):
    """What changes the order or the blocks of a page, and answers the page as it is then."""

    def arranged(self, result: PageResult, change: Callable[[Unconditional | int], object]) -> Response:
        """Makes ``change``, which takes the version that the program has seen."""
        seen = expected_version(self.request, "order")
        try:
            change(seen)
        except editing.ArrangementConflictError as conflict:
            message = "The order or a block was edited. Send the order_version that you have seen in If-Match."
            raise conflicting(seen, "order", message, _page(result, self.request)) from conflict
        except LookupError:
            raise Http404 from None
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return Response(_page(result, self.request))


class Order(ArrangedPage):
    problems: ClassVar = {"PUT": [409, 412], "DELETE": [409, 412]}

    @extend_schema(
        operation_id="mend_order",
        request=OrderChangeSerializer,
        parameters=[IF_ORDER],
        responses=PageSerializer,
        examples=[examples.ORDER, examples.DIRECTION, examples.PAGE],
    )
    def put(self, request: Request, pk: UUID, number: int) -> Response:
        """Changes the reading order of a page: to that of the ids, or to that of a writing direction.

        If somebody else has edited it since, the problem's member `current` is the page as it is now.
        """
        result = self.result(editable(request, pk), number)
        form = OrderChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted, author = form.validated_data, self.user
        if direction := wanted.get("direction"):
            change = partial(editing.rearrange_by_direction, result, direction, author=author)
        elif "version" in wanted:
            change = partial(editing.arrange_as_before, result, wanted["version"], author=author)
        else:
            change = partial(editing.rearrange, result, wanted["lines"], author=author)
        return self.arranged(result, lambda seen: change(seen=seen))

    @extend_schema(operation_id="undo_order", request=None, parameters=[IF_ORDER], responses={200: PageSerializer})
    def delete(self, request: Request, pk: UUID, number: int) -> Response:
        """Restores the reading order and the blocks that OCR found."""
        result = self.result(editable(request, pk), number)
        return self.arranged(result, lambda seen: editing.rearrange(result, None, author=self.user, seen=seen))


class OneBlock(ArrangedPage):
    problems: ClassVar = {"PATCH": [409, 412]}

    @extend_schema(
        operation_id="change_block",
        request=BlockChangeSerializer,
        parameters=[IF_ORDER],
        responses=PageSerializer,
        examples=[examples.BLOCK_TYPE, examples.BLOCK_POSITION, examples.PAGE],
    )
    def patch(self, request: Request, pk: UUID, number: int, block: str) -> Response:
        """Makes a block one of another kind, or moves it in the reading order. Answers the page.

        If somebody else has arranged it since, the problem's member `current` is the page as it is now.
        """
        result = self.result(editable(request, pk), number)
        form = BlockChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if kind := form.validated_data.get("type"):
            change = partial(editing.retype_block, result, block, kind, author=self.user)
        else:
            change = partial(editing.move_block, result, block, form.validated_data["position"], author=self.user)
        return self.arranged(result, lambda seen: change(seen=seen))


class Grid(ArrangedPage):
    problems: ClassVar = {"POST": [409, 412]}

    @extend_schema(
        operation_id="change_grid",
        request=GridChangeSerializer,
        parameters=[IF_ORDER],
        responses=PageSerializer,
        examples=[examples.GRID_CHANGE, examples.PAGE],
    )
    def post(self, request: Request, pk: UUID, number: int, block: str) -> Response:
        """Adds a row or column to a table, or deletes one. Answers the page, as `change_block` does."""
        result = self.result(editable(request, pk), number)
        form = GridChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        change = partial(editing.change_grid, result, block, wanted["change"], wanted["at"], author=self.user)
        return self.arranged(result, lambda seen: change(seen=seen))


class ImageQuery(StrictSerializer):
    box = serializers.RegexField(
        r"^\d{1,6}(\.\d{1,9})?(,\d{1,6}(\.\d{1,9})?){3}$",
        required=False,
        help_text="Only this part: left, top, right, bottom in pixels of the page image, with commas.",
    )
    longest = serializers.IntegerField(
        required=False, min_value=1, max_value=10_000, help_text="At most so many pixels on the longer side."
    )


class PageCheck(PageView):
    @extend_schema(
        operation_id="check_page",
        request=CheckSerializer,
        responses=PageSerializer,
        examples=[examples.CHECK, examples.PAGE],
    )
    def put(self, request: Request, pk: UUID, number: int) -> Response:
        """Says that a person has checked lines of a page, or all of it."""
        result = self.result(editable(request, pk), number)
        asked = CheckSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            editing.check(result, author=self.user, texts=asked.validated_data.get("lines"))
        except LookupError as error:
            raise ValidationError({"lines": f"There are no lines of this page: {error}."}) from error
        return Response(_page(result, request))

    @extend_schema(operation_id="uncheck_page", request=None, responses={200: PageSerializer})
    def delete(self, request: Request, pk: UUID, number: int) -> Response:
        """Takes that back for the whole page. What was corrected by hand stays checked."""
        result = self.result(editable(request, pk), number)
        editing.uncheck(result, author=self.user)
        return Response(_page(result, request))


class PageImage(ApiView):
    queries: ClassVar = {"GET": ImageQuery}
    problems: ClassVar = {"GET": [429]}

    @extend_schema(
        operation_id="get_page_image",
        responses={(200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY, "The page image.")},
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        """The page image, or a part of it. Coordinates of lines are in the pixels of the whole image."""
        page = get_object_or_404(viewed(request, pk).pages.exclude(image=""), number=number)
        if not self.asked:
            return media.picture(request, page)
        width, height = cast(int, page.width), cast(int, page.height)
        left, top, right, bottom = map(float, self.asked.get("box", f"0,0,{width},{height}").split(","))
        try:
            cut = pictures.part(width, height, (left, top, right, bottom), self.asked.get("longest", 10_000))
        except ValueError as error:
            raise ValidationError({"box": str(error)}) from error
        return media.made(request, media.cut_of_page(request, page, cut), "image/jpeg")


def _page(result: PageResult, request: Request) -> dict[str, Any]:
    page = result.page
    where = [page.document_id, page.number]
    return {
        "number": page.number,
        "run": str(result.run_id),
        "width": page.width,
        "height": page.height,
        "state": result.state,
        "checked": result.work is not None and result.work.is_complete,
        "error": result.error,
        "seconds": result.seconds,
        "warnings": result.warnings,
        "codes": result.codes,
        "invoices": [invoice.to_dict() for invoice in invoices([code["text"] for code in result.codes])],
        "image": reverse("api:page-image", where, request=request) if page.image else None,
        **page_state(result),
    }


def _line(result: PageResult, line: str) -> dict[str, Any]:
    for found in page_state(result)["lines"]:
        if found["id"] == line:
            return dict(found)
    raise Http404


def _shown(line: dict[str, Any]) -> Response:
    # Its ETag is to be sent back as it is: compressed on its way, it would no longer be a strong one.
    headers = {"ETag": f'"{line["version"]}"', "Cache-Control": "private, no-cache, no-transform"}
    return Response(line, headers=headers)
