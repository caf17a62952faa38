"""The schema's address, and a page to read it and to try it on."""

from __future__ import annotations

from typing import Any

from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from .base import ApiView


class Schema(ApiView, SpectacularAPIView):
    renderer_classes = [OpenApiJsonRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self._get_schema_response(request)  # type: ignore[no-untyped-call]


class Reference(SpectacularSwaggerSplitView):
    """Swagger UI, whose script comes from an address of its own, as our content security policy wants it."""

    template_name = "api/reference.html"
    url_name = "api:schema"
