"""A person's own account: usage, activity, sessions and login methods."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordResetView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from documents.models import Event, Verb, quotas, record
from documents.views.activity import EVENTS_A_PAGE, csv_response, described

from . import invitations

CONNECTING = "connecting"
"""In the session: that its person wants to be known by the login service, too."""


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """The account at a glance."""
    user = cast(User, request.user)
    authenticators = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {"teams": user.groups.all(), "authenticators": authenticators, "quotas": list(quotas(user))}
    return render(request, "accounts/account.html", context)


@require_GET
def activity(request: HttpRequest) -> HttpResponse:
    """The person's own actions, and those of others on their documents."""
    events = Paginator(Event.objects.visible_to(request.user), EVENTS_A_PAGE).get_page(request.GET.get("p"))
    return render(request, "accounts/activity.html", {"page": events, "rows": described(events)})


@require_GET
def activity_table(request: HttpRequest) -> HttpResponseBase:
    """The same as a CSV file, complete."""
    return csv_response(Event.objects.visible_to(request.user), _("activity"))


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Logs the person out in one other browser."""
    session = get_object_or_404(UserSession, pk=pk, user=cast(User, request.user))
    session.end()
    record(Verb.SECURITY, None, request.user, what="session")
    messages.info(request, _("That browser is logged out."))
    return redirect("usersessions_list")


@login_not_required
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Redirects to the organisation's login service, or back with the reason if it does not answer.

    An account is connected only if ``connect`` has just said so.
    """
    if request.GET.get("process", "login") != "login" and not request.session.pop(CONNECTING, False):
        return redirect("socialaccount_connections")
    try:
        answer: HttpResponseBase = oidc.login(request, provider_id)
    except RequestException:
        messages.error(request, _("The login service does not answer. Try again later, or log in with your password."))
        return redirect("account_login")
    return answer


@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]  # the library is untyped
def connect(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Begins to connect the account with the login service: once the password has been given again.

    The page goes on by itself. A redirect would not do: the policy of content lets no form lead elsewhere.
    """
    request.session[CONNECTING] = True
    address = reverse("openid_connect_login", args=[provider_id], query={"process": "connect"})
    return render(request, "accounts/to_service.html", {"address": address})


@method_decorator(login_not_required, name="dispatch")
class ResetPassword(PasswordResetView):  # type: ignore[misc]  # the library is untyped
    """Sends a link by mail. Without mail, the page says whom to ask."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.MAIL_IS_SET_UP:
            return render(request, "accounts/ask_administrator.html")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


@method_decorator(login_not_required, name="dispatch")
class AcceptInvitation(PasswordResetConfirmView):
    """The person behind an invitation sets their password, and logs in with it."""

    token_generator = invitations.tokens
    template_name = "accounts/invitation.html"
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        answer = super().form_valid(form)
        record(Verb.JOINED, None, self.user)
        messages.info(self.request, _("Your password is set. Log in with it."))
        return answer
