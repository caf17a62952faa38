"""Documents: uploaded, listed, shown, changed and deleted."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Literal
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from documents import editing
from documents.access import editable, owned, visible
from documents.errors import IntakeFailedError
from documents.ingest import intake, space, upload
from documents.library import operations
from documents.models import Document, Folder, PageResult, RunState, State, error_as_json
from documents.search import query as search
from recognition.errors import FileError, error_class
from recognition.options import Options

from . import examples, idempotency
from .base import ApiView, NewestFirstPagination, PageQuery
from .filing import Filing, chosen_filing
from .filters import FilterQuery, filters_of
from .problems import ProblemError, status_of
from .serializers import (
    DocumentChangeSerializer,
    DocumentPageSerializer,
    DocumentSerializer,
    DuplicatesSerializer,
    FilingSerializer,
    OptionsSerializer,
    TakenSerializer,
    TogetherSerializer,
    UploadSerializer,
)

log = logging.getLogger(__name__)


class DocumentQuery(FilterQuery, PageQuery):
    q = serializers.CharField(required=False, max_length=200, help_text="Words of the text, the title or a tag.")


def listed(documents: QuerySet[Document]) -> QuerySet[Document]:
    """With all that ``DocumentSerializer`` shows. The counts are made for the rows of a page only."""
    return (
        documents.select_related("current_run", "owner")
        .prefetch_related("tags", "originals")
        .annotate(pages_done=_pages(State.DONE), pages_failed=_pages(State.FAILED))
    )


def require_room(request: Request) -> None:
    """Refuses files that the disk has no room for, before any of their bytes is received. Raises NoSpaceError."""
    if request.method == "POST":
        space.check_request(request._request, AnonymousUser())  # nobody has been asked who they are yet


class Documents(ApiView):
    parser_classes = [MultiPartParser]
    queries: ClassVar = {"GET": DocumentQuery}
    problems: ClassVar = {"POST": [409, 422, 507]}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        require_room(request)
        super().initial(request, *args, **kwargs)

    @extend_schema(operation_id="list_documents", responses=DocumentPageSerializer, examples=[examples.DOCUMENTS])
    def get(self, request: Request) -> Response:
        """Documents that you may see, the newest first."""
        filters = filters_of(self.asked, self.user)
        visible = Document.objects.visible_to(self.user)
        documents = visible.none() if filters is None else visible.matching(filters)
        if filters is not None and "q" in self.asked:
            found = search.matches(self.user, search.phrases_of(self.asked["q"]), filters)
            documents = documents.filter(pk__in=found.order_by().values("document"))
        pages = NewestFirstPagination()
        shown = pages.paginate_queryset(listed(documents), request, self)
        return pages.get_paginated_response(DocumentSerializer(shown, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="upload_documents",
        request={"multipart/form-data": UploadSerializer},
        parameters=[idempotency.HEADER],
        responses={201: OpenApiResponse(TakenSerializer(many=True), "At least one file was taken.")},
        examples=[examples.TAKEN, examples.REFUSED],
    )
    def post(self, request: Request) -> Response:
        """Uploads files and starts OCR.

        Files are accepted one by one: a refused file says why, and the others are not affected. With `together`, they
        become one document, or none of them does. If none is accepted, the answer is a problem: 413 (too large), 415
        (no known type) or 422 (empty, broken, locked). With `server-error`, the fault is not in the file: send it again
        later.
        """
        space.check_request(request._request, self.user)
        together = TogetherSerializer(data={"together": request.POST.get("together", False)})
        together.is_valid(raise_exception=True)
        besides = {"file", "together", "password", *DuplicatesSerializer().fields, *FilingSerializer().fields}
        options, duplicates = chosen_options(request, besides), chosen_duplicates(request)
        files = sent_files(request)
        documents = 1 if together.validated_data["together"] else len(files)
        filing = chosen_filing(request, self.user, documents)

        password = request.POST.get("password", "")

        def take() -> Response:
            if together.validated_data["together"]:
                outcomes = self._receive_together(request, files, options, filing, duplicates)
            else:
                outcomes = [self._receive(file, options, filing, duplicates, password) for file in files]
            return self._take(request, outcomes)

        return idempotency.once(request, [*files, options, duplicates, filing, together.validated_data], take)

    def _take(self, request: Request, outcomes: list[dict[str, Any]]) -> Response:
        refusals = {name: intake.too_large() for name in upload.too_large(request._request)}
        outcomes += [_refusal(name, error) for name, error in refusals.items()]
        if all(outcome["error"] for outcome in outcomes):
            others = intake.OtherRefusedError.code
            first = next(each["error"] for each in outcomes if each["error"]["code"] != others)
            raise ProblemError(
                status_of(error_class(first["code"])),
                first["code"],
                first["message"],
                files=[{"file": outcome["file"], "error": outcome["error"]} for outcome in outcomes],
            )
        return Response(outcomes, status=201)

    def _receive(
        self,
        file: UploadedFile[bytes],
        options: Options,
        filing: Filing,
        duplicates: Literal["keep", "ask"],
        password: str,
    ) -> dict[str, Any]:
        name = file.name or ""
        try:
            document = intake.receive(
                file,
                name=name,
                owner=self.user,
                options=options,
                title=filing.title,
                folder=filing.folder,
                duplicates=duplicates,
                put_away=filing.put_away(self.user),
                password=password,
            )
        except FileError as error:
            return _refusal(name, error)
        except Exception:  # files before it may have been taken: who sends all of it again would have them twice
            log.exception("A file of user %s could not be taken in", self.user.pk)
            return _refusal(name, IntakeFailedError())
        return self._taken(name, document)

    def _receive_together(
        self,
        request: Request,
        files: list[UploadedFile[bytes]],
        options: Options,
        filing: Filing,
        duplicates: Literal["keep", "ask"],
    ) -> list[dict[str, Any]]:
        names = [file.name or "" for file in files]
        refusals: Mapping[int, FileError] = {}
        if not upload.too_large(request._request):
            try:
                document = intake.receive_together(
                    list(zip(files, names, strict=True)),
                    owner=self.user,
                    options=options,
                    title=filing.title,
                    folder=filing.folder,
                    duplicates=duplicates,
                    put_away=filing.put_away(self.user),
                    password=request.POST.get("password", ""),
                )
                return [self._taken(name, document) for name in names]
            except intake.RefusedTogetherError as refused:
                refusals = refused.refusals
            except FileError as error:
                return [_refusal(name, error) for name in names]
            except Exception:
                log.exception("Files of user %s could not be taken in together", self.user.pk)
                return [_refusal(name, IntakeFailedError()) for name in names]
        others = intake.OtherRefusedError()
        return [_refusal(name, refusals.get(place, others)) for place, name in enumerate(names)]

    def _taken(self, name: str, document: Document) -> dict[str, Any]:
        return {
            "file": name,
            "id": str(document.pk),
            "title": document.title,
            "status": RunState.QUEUED,
            "page_count": document.page_count,
            "url": reverse("api:document", [document.pk], request=self.request),
            "error": None,
        }


class OneDocument(ApiView):
    problems: ClassVar = {"PATCH": [422]}

    @extend_schema(operation_id="get_document", responses=DocumentSerializer, examples=[examples.DOCUMENT])
    def get(self, request: Request, pk: UUID) -> Response:
        """A document and the progress of its OCR. Ask again, with `If-None-Match`, until `status` is final."""
        visible(request, pk)
        return self._shown(pk)

    @extend_schema(operation_id="change_document", request=DocumentChangeSerializer, responses=DocumentSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Changes the title, the tags, or, if it is yours, the folder."""
        found = editable(request, pk)
        change = DocumentChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        wanted = change.validated_data
        with transaction.atomic():
            if "tags" in wanted:  # before the document is held, see there
                here = [tag.name for tag in found.tags.all()]
                editing.tag(found, self.user, add=wanted["tags"], remove=here)
            if "title" in wanted:
                editing.rename(found, wanted["title"], self.user)
            if "folder" in wanted:
                operations.move(owned(request, pk), self._folder(wanted["folder"]), self.user)
        return self._shown(pk)

    @extend_schema(operation_id="delete_document", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Moves the document to your trash. For a while, you can restore it on the website."""
        operations.trash(owned(request, pk), self.user)
        return Response(status=204)

    def _folder(self, number: int | None) -> Folder | None:
        """The folder of this number, if the user may see it; else a ValidationError."""
        if number is None:
            return None
        found = Folder.objects.visible_to(self.user).filter(pk=number).first()
        if found is None:
            raise ValidationError({"folder": "There is no such folder."})
        return found

    def _shown(self, pk: UUID) -> Response:
        document = listed(Document.objects.filter(pk=pk)).get()
        return Response(DocumentSerializer(document, context={"request": self.request}).data)


def chosen_duplicates(request: Request) -> Literal["keep", "ask"]:
    """What to do with bytes that are here already."""
    form = DuplicatesSerializer(data={"duplicates": request.POST.get("duplicates", "keep")})
    form.is_valid(raise_exception=True)
    return "keep" if form.validated_data["duplicates"] == "keep" else "ask"


def chosen_options(request: Request, besides: Collection[str]) -> Options:
    """The options among the fields of a form, which has others ``besides``."""
    sent = {name: value for name, value in request.POST.items() if name not in besides}
    form = OptionsSerializer(data=sent)
    form.is_valid(raise_exception=True)
    return form.options()


def sent_files(request: Request) -> list[UploadedFile[bytes]]:
    """The files of a form; ValidationError if there are none."""
    strangers = set(request.FILES) - {"file"}
    if strangers:
        raise ValidationError(dict.fromkeys(strangers, "Files are sent in the field 'file'."))
    files: list[UploadedFile[bytes]] = request.FILES.getlist("file")
    if not files and not upload.too_large(request._request):
        raise ValidationError({"file": "Send one or more files in this field (multipart/form-data)."}, "required")
    return files


def _refusal(name: str, error: FileError) -> dict[str, Any]:
    nothing: Mapping[str, None] = dict.fromkeys(["id", "title", "page_count", "url"])
    return {"file": name, **nothing, "status": "refused", "error": error_as_json(error)}


def _pages(state: State) -> Coalesce:
    """How many pages of a document's current run are in this state."""
    results = PageResult.objects.filter(run=OuterRef("current_run"), state=state).order_by().values("run")
    counted = results.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
