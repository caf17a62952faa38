"""How far the actions on many documents are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from documents.models import BulkAction

from .readonly import ReadOnly

NAMES = {
    "retry_failed_pages": _("Run OCR again on failed pages"),
    "read_again": _("Run OCR again with the same options"),
    "reassign": _("Give to another owner"),
    "trash": _("Put into the trash"),
    "restore": _("Take out of the trash"),
    "delete": _("Delete for good"),
    "retire": _("Retire an account"),
}


@admin.register(BulkAction)
class BulkActionAdmin(ReadOnly, admin.ModelAdmin):
    """The page of one that is not finished loads again by itself."""

    list_display = ["name", "actor", "progress", "created", "finished"]
    list_select_related = ["actor"]
    fields = readonly_fields = ("name", "actor", "progress", "created", "finished", "not_done")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("action"))
    def name(self, begun: BulkAction) -> str:
        return str(NAMES.get(begun.action, begun.action))

    @admin.display(description=_("progress"))
    def progress(self, begun: BulkAction) -> str:
        total = len(begun.documents)
        bar = format_html('<progress value="{}" max="{}"></progress>', begun.done, max(total, 1))
        return format_html("{} {} / {}", bar, begun.done, total)

    @admin.display(description=_("problems"))
    def not_done(self, begun: BulkAction) -> str:
        if not begun.problems:
            return "0"
        reasons = format_html_join("", "<li>{}: {}</li>", begun.problems)
        return format_html("{}<ul>{}</ul>", begun.failed, reasons)
