"""Who is asking."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from documents.models import Scope

from . import examples
from .base import ApiView


class TokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    scope = serializers.ChoiceField(Scope.choices)
    expires = serializers.DateTimeField()


class MeSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    token = TokenSerializer(source="auth", allow_null=True, help_text="null for a person who is logged in")
    max_bytes = serializers.IntegerField(help_text="The largest file that is taken.")
    max_pages = serializers.IntegerField(help_text="The most pages of one file.")
    requests_per_minute = serializers.IntegerField()
    version = serializers.CharField(help_text="The version of the platform.")


class Me(ApiView):
    @extend_schema(operation_id="me", responses=MeSerializer, examples=[examples.ME])
    def get(self, request: Request) -> Response:
        """The owner and scope of this token, the limits that apply, and the version of the platform."""
        shown = {
            "username": self.user.get_username(),
            "auth": request.auth,
            "max_bytes": settings.OCRSITE_MAX_BYTES,
            "max_pages": settings.OCRSITE_MAX_PAGES,
            "requests_per_minute": settings.OCRSITE_USER_REQUESTS_A_MINUTE,
            "version": settings.VERSION,
        }
        return Response(MeSerializer(shown).data)
