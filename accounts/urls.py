"""Accounts: the views of allauth that are needed here, under the names it expects, and our own."""

from allauth.account import views as allauth
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import include, path, re_path, reverse_lazy

from . import views

urlpatterns = [
    path("", views.account, name="account"),
    path("activity/", views.activity, name="account_activity"),
    path("activity/table/", views.activity_table, name="account_activity_table"),
    path("invitation/<uidb64>/<token>/", views.AcceptInvitation.as_view(), name="account_invitation"),
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
    path("password/reset/", views.ResetPassword.as_view(), name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.PasswordResetFromKeyView.as_view(success_url=reverse_lazy("account_login")),
        name="account_reset_password_from_key",
    ),
    path("security/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("sessions/<int:pk>/end/", views.end_session, name="account_end_session"),
    path("services/", include("allauth.socialaccount.urls")),
    path("oidc/<provider_id>/connect/", views.connect, name="openid_connect_connect"),
    path("oidc/<provider_id>/login/", views.single_sign_on, name="openid_connect_login"),
    path("oidc/<provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
]
