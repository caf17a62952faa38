"""For those who run the platform and their programs; nobody logs in for it."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from documents.monitoring import metrics, readiness


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For supervisors and load balancers: the web process answers. It asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether a document uploaded now would be read: 200, or 503 with what is missing."""
    missing = readiness.missing()
    parts = {name: missing.get(name, "ok") for name in readiness.CHECKS}
    return JsonResponse({"ready": not missing, "parts": parts}, status=503 if missing else 200)


@login_not_required
@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever has the token; without a token in the settings there are none."""
    token = settings.OCRSITE_METRICS_TOKEN
    if not token:
        raise Http404
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return HttpResponse("This needs the token of OCRSITE_METRICS_TOKEN.\n", status=401, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
