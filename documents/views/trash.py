"""The trash: deleted documents, which their owner can restore or delete for good."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from documents import editing
from documents.library import listing, operations
from documents.models import Document, Reach


@require_http_methods(["GET", "POST"])
def trash(request: HttpRequest) -> HttpResponse:
    """GET lists it. POST restores the documents that ``document`` names, or, once ``sure``, deletes them for good."""
    user = cast(User, request.user)
    if request.method == "POST":
        return _do(request, user)
    mine = Document.objects.trash_of(user)
    after, before = (request.GET.get(name, "") for name in ("after", "before"))
    page = listing.read(mine, Reach.of(user), "-trashed", after=after, before=before)
    prefetch_related_objects(page.documents, "originals")
    days = timedelta(days=operations.trash_days())
    rows = [(document, document.trashed + days) for document in page.documents if document.trashed]
    return render(request, "documents/trash.html", {"page": page, "rows": rows, "trash_days": days.days})


def _do(request: HttpRequest, user: User) -> HttpResponse:
    try:
        numbers = [UUID(number) for number in request.POST.getlist("document")]
    except ValueError:
        raise Http404 from None
    if not numbers:
        messages.error(request, _("Select something first."))
        return redirect("documents:trash")
    documents = list(Document.objects.trash_of(user).filter(pk__in=numbers))
    if not documents:
        raise Http404
    action, done = request.POST.get("action"), len(documents)
    if action == "restore":
        for document in documents:
            editing.restore(document, user)
        text = ngettext("%(n)d document is back.", "%(n)d documents are back.", done)
    elif action == "delete" and "sure" in request.POST:
        done = sum(operations.delete_for_good(document, user) for document in documents)
        text = ngettext(
            "%(n)d document has been deleted for good.", "%(n)d documents have been deleted for good.", done
        )
    elif action == "delete":
        return render(request, "documents/delete.html", {"documents": documents})
    else:
        return redirect("documents:trash")
    messages.success(request, text % {"n": done})
    return redirect("documents:trash")
