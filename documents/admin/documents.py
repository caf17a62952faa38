"""Documents in the administration: how their reading went, and what administrators may do with them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from documents import editing, media, originals
from documents.errors import IntakeError
from documents.library import bulk_actions, operations
from documents.limits import TooManyError
from documents.media import TooManyExportsError
from documents.messages import explain
from documents.models import (
    LONGEST_TITLE,
    Document,
    Original,
    Page,
    PageResult,
    Run,
    State,
    clean_title,
)
from recognition.errors import error_classes

from .filters import KindFilter, PeriodFilter
from .readings import OptionsInWords
from .readonly import ReadOnly


class OriginalInline(ReadOnly, admin.TabularInline):
    model = Original
    fields = readonly_fields = ("name", "file", "sha256", "kind", "media_type", "bytes", "page_count")
    extra = 0


class RunInline(OptionsInWords, ReadOnly, admin.TabularInline):
    model = Run
    fk_name = "document"
    fields = readonly_fields = ("created", "requested_by", "state", "started", "finished", "options_in_words")
    show_change_link = True
    extra = 0


def failure_codes() -> list[str]:
    """Why a page may have failed."""
    return sorted(
        error.code
        for error in error_classes()
        if not issubclass(error, IntakeError | TooManyError | TooManyExportsError)
    )


class FailureFilter(admin.SimpleListFilter):
    """Documents of whose current reading a page failed, for any reason or for one."""

    title = _("failed pages")
    parameter_name = "failure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("any", _("any reason")),
            *((code, explain({"code": code, "message": code})) for code in failure_codes()),
        ]

    def queryset(self, request: HttpRequest, documents: QuerySet[Document]) -> QuerySet[Document]:
        if not self.value():
            return documents
        failed = PageResult.objects.filter(run=OuterRef("current_run"), state=State.FAILED)
        if self.value() != "any":
            failed = failed.filter(error__code=self.value())
        return documents.filter(Exists(failed))


SHOWN = 50
"""Documents that a page names before something is done with all that are chosen."""


class SureForm(forms.Form):
    sure = forms.BooleanField(label=_("Yes, delete these documents for good, with all that belongs to them"))


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"), label=_("new owner"))


class DocumentForm(forms.ModelForm):
    def clean_title(self) -> str:
        """As it is kept: something has to be left of it, and composed it may be longer."""
        title = clean_title(self.cleaned_data["title"])
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise forms.ValidationError(_("A title has 1 to 255 characters."))
        return title


@admin.register(Document)
class DocumentAdmin(ReadOnly, admin.ModelAdmin):
    form = DocumentForm
    list_display = ["picture", "title", "owner", "reading", "size", "created"]
    list_display_links = ["title"]
    list_filter = [
        "current_run__state",
        FailureFilter,
        KindFilter,
        ("trashed", admin.EmptyFieldListFilter),
        PeriodFilter,
    ]
    list_select_related = ["owner", "current_run"]
    list_per_page = 50
    search_fields = ["title", "owner__username"]
    search_help_text = _("A part of the title, an owner, or the SHA-256 of a file")
    readonly_fields = (
        "size",
        "page_count",
        "failures",
        "created",
        "trashed",
        "current_run",
    )
    fields = ("title", "owner", *readonly_fields)
    autocomplete_fields = ["owner"]
    inlines = [OriginalInline, RunInline]
    actions = ["retry_failed_pages", "read_again", "reassign", "trash", "restore", "delete_selected"]

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return bool(request.user.is_superuser)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Document], search_term: str
    ) -> tuple[QuerySet[Document], bool]:
        """Without a join to owners and files, which made one row of several, to be sorted out again."""
        for word in search_term.split():
            owners = User.objects.filter(username__icontains=word).values("pk")
            having = Original.objects.filter(sha256=word.lower()).values("document")
            queryset = queryset.filter(Q(title__icontains=word) | Q(owner__in=owners) | Q(pk__in=having))
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.thumbnail)
        return [path("<uuid:pk>/thumbnail/", view, name="documents_document_thumbnail"), *super().get_urls()]

    def thumbnail(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """The first page's, for administrators, who are not let through the readers' gate."""
        page = get_object_or_404(Page.objects.exclude(thumbnail=""), document=pk, number=1)
        if not self.has_view_permission(request):
            raise Http404
        return media.picture(request, page, "thumbnail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """With subqueries, which the database answers for the rows of one page of the list only."""
        results = PageResult.objects.filter(run=OuterRef("current_run")).order_by()
        failed = results.filter(state=State.FAILED)

        def count(of: QuerySet[PageResult]) -> Coalesce:
            return Coalesce(Subquery(of.values("run").annotate(n=Count("pk")).values("n")), 0)

        documents: QuerySet[Document] = super().get_queryset(request).prefetch_related("originals")
        return documents.annotate(
            done=count(results.filter(state=State.DONE)),
            failed=count(failed),
            error=Subquery(failed.values("error")[:1]),
            drawn=Exists(Page.objects.filter(document=OuterRef("pk"), number=1).exclude(thumbnail="")),
        )

    @admin.display(description="")
    def picture(self, document: Any) -> str:
        if not document.drawn:
            return "—"
        address = reverse("admin:documents_document_thumbnail", args=[document.pk])
        return format_html('<img src="{}" alt="" height="48" loading="lazy">', address)

    @admin.display(description=_("size"))
    def size(self, document: Document) -> str:
        return filesizeformat(document.bytes)

    @admin.display(description=_("state"), ordering="current_run__state")
    def reading(self, document: Any) -> str:
        """The state of the current run, its pages that are done, why others failed, and whether it is in the trash."""
        state = document.current_run.state_label if document.current_run else "—"
        parts = [state, f"{document.done} / {document.page_count}"]
        if document.failed:
            parts.append(self.failures(document))
        if document.trashed:
            parts.append(str(_("put into the trash")))
        return " · ".join(parts)

    @admin.display(description=_("failed pages"))
    def failures(self, document: Any) -> str:
        """How many, and why the first of them."""
        return f"{document.failed}: {explain(document.error)}" if document.failed else "0"

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        """Title and owner are changed as people change them: noted, and found by the search."""
        actor = cast(User, request.user)
        before = Document.objects.select_related("owner").get(pk=obj.pk)
        if obj.title != before.title:
            editing.rename(before, obj.title, actor)
        if obj.owner_id != before.owner_id:
            operations.reassign(before, obj.owner, actor)

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        originals.discard(obj, request.user)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Names the documents; the records that go with them are many, and nobody may delete those by themselves."""
        return [str(document) for document in objs], {str(_("documents")): len(objs)}, set(), []

    @admin.action(description=_("Run OCR again on failed pages"), permissions=["change"])
    def retry_failed_pages(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        return self._begin(request, "retry_failed_pages", documents)

    @admin.action(description=_("Run OCR again with the same options"), permissions=["change"])
    def read_again(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        return self._begin(request, "read_again", documents.filter(trashed=None))

    @admin.action(description=_("Give to another owner"), permissions=["change"])
    def reassign(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        """Asks to whom, then does it."""
        form = OwnerForm(request.POST if "owner" in request.POST else None)
        if form.is_valid():
            return self._begin(request, "reassign", documents, owner=form.cleaned_data["owner"].pk)
        return self._ask(request, "reassign", _("Give to another owner"), documents, form)

    @admin.action(description=_("Put into the trash"), permissions=["change"])
    def trash(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        return self._begin(request, "trash", documents)

    @admin.action(description=_("Take out of the trash"), permissions=["change"])
    def restore(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        return self._begin(request, "restore", documents)

    @admin.action(description=_("Delete for good"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        """Asks whether it is meant, then does it."""
        if "sure" in request.POST:
            return self._begin(request, "delete", documents)
        return self._ask(request, "delete_selected", _("Delete for good"), documents, SureForm())

    def _ask(
        self, request: HttpRequest, action: str, title: Any, documents: QuerySet[Document], form: forms.Form
    ) -> HttpResponse:
        """The page before an action: what is chosen, and what else has to be known.

        It names at most SHOWN documents. If all that fit the list's filters are chosen, it says so again, and no
        number of them makes a form that is too long.
        """
        count = documents.count()
        context = self.admin_site.each_context(request) | {
            "title": title,
            "action": action,
            "documents": documents.select_related("owner")[:SHOWN],
            "more": max(0, count - SHOWN),
            "numbers": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "form": form,
            "opts": self.opts,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "admin/documents/ask.html", context)

    def _begin(
        self, request: HttpRequest, action: str, documents: QuerySet[Document], **options: Any
    ) -> HttpResponse | None:
        """Does something with each document, and tells how often and what could not be done, or where to watch."""
        numbers = list(documents.order_by("pk").values_list("pk", flat=True))
        begun = bulk_actions.begin(action, cast(User, request.user), numbers, **options)
        begun.refresh_from_db()
        if begun.finished is None:
            return redirect("admin:documents_bulkaction_change", begun.pk)
        for title, reason in begun.problems:
            self.message_user(request, f"{title}: {reason}", messages.ERROR)
        text = ngettext("Done with %(count)d document.", "Done with %(count)d documents.", begun.succeeded)
        self.message_user(request, text % {"count": begun.succeeded})
        return None
