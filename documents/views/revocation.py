"""Whether what an open page shows may still be shown: the page asks by itself (watch.js)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from documents.models import Document, Folder

MOST = 100
"""Documents, and folders, in one question; the page asks several times if it shows more."""


@never_cache
@require_GET
def gone(request: HttpRequest) -> JsonResponse:
    """Which of the documents and folders that ``document`` and ``folder`` name their reader may not see (any more).

    The answer is the same whether the share was revoked, the document was deleted, or it never existed.
    """
    try:
        documents = {UUID(number) for number in request.GET.getlist("document")[:MOST]}
        folders = {int(number) for number in request.GET.getlist("folder")[:MOST]}
        if any(abs(number) > BigIntegerField.MAX_BIGINT for number in folders):
            raise Http404  # one database would refuse it, and the other find nothing
        seen = set(Document.objects.visible_to(request.user).filter(pk__in=documents).values_list("pk", flat=True))
        opened = set(Folder.objects.visible_to(request.user).filter(pk__in=folders).values_list("pk", flat=True))
    except ValueError:
        raise Http404 from None
    return JsonResponse({"document": [str(pk) for pk in documents - seen], "folder": [*map(str, folders - opened)]})
