"""What the address of a request names, if whoever asks may have it: the gate of every view."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from documents.models import Document, Folder, PageResult, Run, Verb, record

MOST_DIGITS = 18
"""Of a number that a request names: all that there are have fewer, and int() refuses those of some thousand."""


PAGE_HEADER = "X-Page"
"""In which scripts say the ``key`` of the page that they show."""


def visible(request: HttpRequest, pk: UUID) -> Document:
    """The document; templates find in its ``may_edit`` whether to offer changes."""
    found = get_object_or_404(Document.objects.visible_to(request.user).select_related("current_run"), pk=pk)
    is_owner = found.owner_id == request.user.pk
    found.may_edit = is_owner or Document.objects.editable_by(request.user).filter(pk=pk).exists()  # type: ignore[attr-defined]
    return found


def viewed(request: HttpRequest, pk: UUID) -> Document:
    """The document to somebody who is about to see of it what it says; that is noted."""
    found = visible(request, pk)
    record(Verb.VIEWED, found, request.user)
    return found


def editable(request: HttpRequest, pk: UUID) -> Document:
    """404 for a stranger, 403 for somebody who may only read."""
    found = visible(request, pk)
    if not found.may_edit:  # type: ignore[attr-defined]
        raise PermissionDenied(_("You may read this document but not change it. Ask its owner."))
    return found


def owned(request: HttpRequest, pk: UUID) -> Document:
    """404 for a stranger, 403 for somebody with whom it is shared."""
    found = visible(request, pk)
    if not Document.objects.owned_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied(_("Only the owner of this document may do this."))
    return found


def run_of(request: HttpRequest, document: Document, parameter: str = "run") -> Run:
    """The run that the address names, else the current one."""
    wanted = request.GET.get(parameter)
    current = document.current_run
    if current is not None and wanted in (None, str(current.pk)):
        run = current
    else:
        try:
            run = get_object_or_404(document.runs, pk=UUID(wanted or ""))
        except ValueError:
            raise Http404 from None
    run.document = document
    return run


def result_of(request: HttpRequest, document: Document, number: int) -> PageResult:
    """What the run that the address names has made of page ``number``.

    404 if the request comes from a tab that shows another page under this number, or shows it turned otherwise: lines
    would be taken for those of another page.
    """
    run = run_of(request, document)
    result = get_object_or_404(run.results.select_related("page"), page__number=number)
    if request.headers.get(PAGE_HEADER, result.page.key) != result.page.key:
        raise Http404(_("The pages of this document were moved or turned meanwhile. Reload the page."))
    result.run, result.page.document = run, document
    return result


def page_number(request: HttpRequest, document: Document) -> int:
    """The page that ``?page=`` names, else the first."""
    wanted = request.GET.get("page", "1")
    if not wanted.isdecimal() or len(wanted) > MOST_DIGITS or not 1 <= int(wanted) <= document.page_count:
        raise Http404
    return int(wanted)


def named_folder(request: HttpRequest, field: str, folders: QuerySet[Folder]) -> Folder | None:
    """Which of ``folders`` a form names by number in ``field``; None if it names none, 404 if it is none of them."""
    number = request.POST.get(field, "")
    if not number.isdecimal():
        return None
    if len(number) > MOST_DIGITS:
        raise Http404
    return get_object_or_404(folders, pk=number)
