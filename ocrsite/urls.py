from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """For supervisors and load balancers: the web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("", include("documents.urls")),
    path("api/v1/", include("documents.api.urls")),
    path("accounts/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("accounts/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
]

handler400 = "documents.api.problems.bad_request"
handler403 = "documents.api.problems.permission_denied"
handler404 = "documents.api.problems.not_found"
handler500 = "documents.api.problems.server_error"
