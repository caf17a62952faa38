"""Runs of a document, and OCR that runs again."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents import editing, vision
from documents.access import editable, visible
from documents.ingest import intake, transcriptions, upload
from documents.models import Document, Run, State
from recognition.options import Options

from . import examples
from .base import ApiView
from .documents import require_room, sent_files
from .problems import ProblemError
from .serializers import ImportSerializer, ReadAgainSerializer, RunSerializer


def chosen_run(document: Document, pk: UUID | None) -> Run:
    """The document's run of this number, else its current one; 404 if there is none."""
    run = document.current_run if pk is None else get_object_or_404(document.runs, pk=pk)
    if run is None:
        raise Http404
    run.document = document
    return run


def listed(runs: QuerySet[Run]) -> QuerySet[Run]:
    """With all that ``RunSerializer`` shows, the newest first."""
    done, failed = (Count("results", filter=Q(results__state=state)) for state in (State.DONE, State.FAILED))
    counted = runs.select_related("document", "requested_by").annotate(pages_done=done, pages_failed=failed)
    return counted.order_by("-created", "-id")


class Runs(ApiView):
    problems: ClassVar = {"POST": [409, 422]}

    @extend_schema(operation_id="list_runs", responses=RunSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """All runs of a document, the newest first."""
        runs = listed(visible(request, pk).runs.all())
        return Response(RunSerializer(runs, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="read_again",
        request=ReadAgainSerializer,
        responses={201: RunSerializer},
        examples=[examples.READ_AGAIN],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Runs OCR again on the document or on one page, with other options. Earlier runs and corrections remain.

        The new run becomes the current one when it is done without failed pages; until then the document has the text
        that it had.
        """
        found = editable(request, pk)
        form = ReadAgainSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        page = form.validated_data.get("page")
        if page is None:
            run = editing.run_again(found, form.options(), self.user)
        elif not found.pages.filter(number=page).exists():
            raise ValidationError({"page": "There is no such page."})
        else:
            run = self._run_page_again(chosen_run(found, None), page, form.options())
        return Response(_shown(run, request), status=201)

    def _run_page_again(self, base: Run, page: int, options: Options) -> Run:
        try:
            return editing.run_page_again(base, page, options, self.user)
        except editing.UnfinishedError:
            message = "The document is still being read. Read a page again when that is finished."
            raise ProblemError(409, "unfinished", message) from None


class ImportRun(ApiView):
    parser_classes = [MultiPartParser]
    problems: ClassVar = {"POST": [409, 413, 422, 507]}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        require_room(request)
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="import_run", request={"multipart/form-data": ImportSerializer}, responses={201: RunSerializer}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Takes PAGE XML, ALTO or hOCR of another program in as a run of its own, which is not made current.

        Pages are matched by the names of their images, by their number, or by their size; the others are as in the
        current run.
        """
        found = editable(request, pk)
        files = [(file, file.name or "") for file in sent_files(request)]
        if upload.too_large(request._request):
            raise intake.too_large()
        try:
            run = transcriptions.take_in(found, files, self.user)
        except editing.UnfinishedError:
            message = "The document is still being read. Bring the text in when that is finished."
            raise ProblemError(409, "unfinished", message) from None
        return Response(_shown(run, request), status=201)


class VisionRun(ApiView):
    problems: ClassVar = {"POST": [409, 422]}

    @extend_schema(operation_id="read_by_vision_model", request=None, responses={201: RunSerializer})
    def post(self, request: Request, pk: UUID, number: int) -> Response:
        """Has the vision model of this site, if it has one, read a page. That is a run of its own, never made current
        by itself.

        Lines and boxes are those of the current run; the model's text is aligned to them. What differs is in `doubts`,
        with the text of the current run among the candidates. The run fails if the answer is no text of the page.
        """
        found = editable(request, pk)
        get_object_or_404(found.pages, number=number)
        try:
            run = vision.ask(chosen_run(found, None), number, self.user)
        except vision.NotConfiguredError as error:
            message = "This site has no vision model. An administrator can set one up (OCRSITE_VISION_URL)."
            raise ProblemError(409, "no-model", message) from error
        except editing.UnfinishedError:
            message = "The document is still being read. Ask the model when that is finished."
            raise ProblemError(409, "unfinished", message) from None
        return Response(_shown(run, request), status=201)


class OneRun(ApiView):
    @extend_schema(operation_id="get_run", responses=RunSerializer)
    def get(self, request: Request, pk: UUID, run: UUID) -> Response:
        """One run of a document."""
        return Response(_shown(get_object_or_404(visible(request, pk).runs, pk=run), request))


class CancelRun(ApiView):
    @extend_schema(operation_id="cancel_run", request=None, responses=RunSerializer)
    def post(self, request: Request, pk: UUID, run: UUID) -> Response:
        """Cancels a run. Pages already being read are finished; the others count as failed."""
        found = get_object_or_404(editable(request, pk).runs, pk=run)
        editing.cancel(found, self.user)
        return Response(_shown(found, request))


class RetryRun(ApiView):
    problems: ClassVar = {"POST": [422]}

    @extend_schema(operation_id="retry_run", request=None, responses=RunSerializer)
    def post(self, request: Request, pk: UUID, run: UUID) -> Response:
        """Runs OCR again on the failed pages."""
        found = get_object_or_404(editable(request, pk).runs, pk=run)
        editing.retry(found, self.user)
        return Response(_shown(found, request))


class MakeRunCurrent(ApiView):
    @extend_schema(operation_id="make_run_current", request=None, responses=RunSerializer)
    def post(self, request: Request, pk: UUID, run: UUID) -> Response:
        """Makes an earlier run the current one again."""
        found = get_object_or_404(editable(request, pk).runs, pk=run)
        editing.make_current(found, self.user)
        return Response(_shown(found, request))


def _shown(run: Run, request: Request) -> dict[str, Any]:
    return dict(RunSerializer(listed(Run.objects.filter(pk=run.pk)).get(), context={"request": request}).data)
