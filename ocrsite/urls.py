from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from documents.admin import dashboards
from documents.api.paddlex import PaddlexOcr
from documents.mcp import view as mcp
from documents.views import monitoring

# The administration is entered by the same door, with its limits and second factors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("documents.urls")),
    path("api/v1/", include("documents.api.urls")),
    path("api/paddlex/ocr", PaddlexOcr.as_view(), name="paddlex-ocr"),
    path("mcp", mcp.endpoint, name="mcp"),
    path("accounts/", include("accounts.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/queue/", admin.site.admin_view(dashboards.queue), name="admin-queue"),
    path("admin/usage/", admin.site.admin_view(dashboards.usage), name="admin-usage"),
    path("admin/settings/", admin.site.admin_view(dashboards.settings_in_force), name="admin-settings"),
    path("admin/", admin.site.urls),
    path("health/", monitoring.healthz, name="health"),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
    path("metrics", monitoring.prometheus, name="metrics"),
]

handler400 = "ocrsite.refusals.bad_request"
handler403 = "documents.api.problems.permission_denied"
handler404 = "documents.api.problems.not_found"
handler500 = "ocrsite.refusals.server_error"
