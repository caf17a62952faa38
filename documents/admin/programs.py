"""Tokens, webhooks and links of all people: administrators see and end them, but never make them for somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from documents.library import links
from documents.models import AccessToken, ShareLink, Verb, Webhook, record

from .readonly import ReadOnly


class OthersRecord(admin.ModelAdmin):
    """Looked at and deleted, which is noted as ``deletion``."""

    deletion: str

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        record(Verb.SECURITY, None, request.user, what=self.deletion, user=str(obj.user))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


@admin.register(AccessToken)
class AccessTokenAdmin(OthersRecord):
    deletion = "token_revoked"
    list_display = ["name", "user", "scope", "created", "expires", "last_used"]
    list_filter = ["scope"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    exclude = ["digest"]


@admin.register(Webhook)
class WebhookAdmin(OthersRecord):
    deletion = "webhook_deleted"
    list_display = ["url", "user", "active", "failing_since", "created"]
    list_filter = ["active"]
    list_select_related = ["user"]
    search_fields = ["url", "user__username"]
    exclude = ["secret"]


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["document", "name", "created_by", "created", "expires", "last_opened", "ended"]
    list_select_related = ["document", "created_by"]
    search_fields = ["document__title", "name", "created_by__username"]
    actions = ["end_links"]
    exclude = ["password"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("End the selected links"), permissions=["view"])
    def end_links(self, request: HttpRequest, queryset: QuerySet[ShareLink]) -> None:
        for link in queryset.select_related("document"):
            links.end(link, request.user)  # type: ignore[arg-type]
