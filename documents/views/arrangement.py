"""How a page is arranged: the order of its lines, and its blocks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from documents import editing, viewer
from documents.access import editable, result_of
from documents.models import PageResult
from documents.region_forms import BlockForm, OrderForm


@require_POST
def order(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Edits the order of a page: by the keys of its ``lines``, by ``direction``, or back to an earlier ``version``.

    Without any of them, all is as it was read. Answers how the page is arranged now; with 409 if somebody else has
    arranged it since the number ``seen``.
    """
    result = result_of(request, editable(request, pk), number)
    form = OrderForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    wanted = form.cleaned_data
    common = {"author": cast(User, request.user), "seen": wanted["seen"]}
    if wanted["direction"]:
        return _answer(result, partial(editing.rearrange_by_direction, result, wanted["direction"], **common))
    if wanted["version"] is not None:
        return _answer(result, partial(editing.arrange_as_before, result, wanted["version"], **common))
    ids = [f"{number}-{key}" for key in wanted["lines"]]
    return _answer(result, partial(editing.rearrange, result, ids or None, **common))


@require_POST
def block(request: HttpRequest, pk: UUID, number: int, block: str) -> HttpResponse:
    """Changes a block: its ``kind``, its ``position``, or, by ``change`` and ``at``, rows and columns of a table.

    Answers as ``order`` does.
    """
    result = result_of(request, editable(request, pk), number)
    form = BlockForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    wanted = form.cleaned_data
    common = {"author": cast(User, request.user), "seen": wanted["seen"]}
    block_id = f"{number}-{block}"
    if wanted["kind"]:
        return _answer(result, partial(editing.retype_block, result, block_id, wanted["kind"], **common))
    if wanted["change"]:
        return _answer(result, partial(editing.change_grid, result, block_id, wanted["change"], wanted["at"], **common))
    return _answer(result, partial(editing.move_block, result, block_id, wanted["position"], **common))


def _answer(result: PageResult, change: Callable[[], object]) -> HttpResponse:
    """Makes a change, and answers how the page is arranged then."""
    status = 200
    try:
        change()
    except editing.ArrangementConflictError:
        status = 409
    except LookupError:
        raise Http404 from None
    except ValueError as error:
        return JsonResponse({"message": str(error)}, status=400)
    return JsonResponse(viewer.arrangement_data(viewer.page_view(result.run, result)), status=status)
