"""Who is asking."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from . import examples
from .base import ApiView
from .serializers import MeSerializer


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
