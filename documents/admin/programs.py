"""Tokens and webhooks of all people: administrators see and revoke them, but never make them for somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from documents.models import AccessToken, Verb, Webhook, record


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
