"""What programs need from a person: access tokens, and webhooks with what became of each message."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from documents.forms import TokenForm, WebhookForm
from documents.models import AccessToken, Delivery, RefusedError, Verb, Webhook, record

DELIVERIES_A_PAGE = 25


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The tokens and webhooks of a person, and forms for more."""
    return _overview(request)


@never_cache
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Answers the page with the new token on it: the only time that it is shown."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _overview(request, status=422, token_form=form)
    answer: HttpResponse = _issue(request, form)
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]
def _issue(request: HttpRequest, form: TokenForm) -> HttpResponse:
    """Who has somebody's open browser must not get a key that outlasts it, so the password is asked again."""
    user, chosen = _user(request), form.cleaned_data
    try:
        _token, secret = AccessToken.issue(user, chosen["name"], chosen["scope"], form.lifetime())
    except RefusedError as refused:
        form.add_error("name", str(refused))
        return _overview(request, status=422, token_form=form)
    record(Verb.SECURITY, None, user, what="token_made", name=chosen["name"], scope=chosen["scope"])
    return _overview(request, secret=secret)


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(_user(request).access_tokens, pk=pk)
    record(Verb.SECURITY, None, request.user, what="token_revoked", name=token.name)
    token.delete()
    messages.success(request, _("The token is revoked. Programs can no longer use it."))
    return redirect("documents:programs")


@require_POST
def make_webhook(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _overview(request, status=422, webhook_form=form)
    try:
        webhook = Webhook.register(_user(request), **form.cleaned_data)
    except RefusedError as refused:
        form.add_error("url", str(refused))
        return _overview(request, status=422, webhook_form=form)
    record(Verb.SECURITY, None, request.user, what="webhook_made", url=webhook.url)
    return redirect("documents:webhook", webhook.pk)


@require_GET
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook: its secret, and what became of each message."""
    found = _webhook(request, pk)
    deliveries = found.deliveries.select_related("document")
    page = Paginator(deliveries, DELIVERIES_A_PAGE).get_page(request.GET.get("p"))
    return render(request, "programs/webhook.html", {"webhook": found, "page": page})


@require_POST
def switch_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """On where it is off, and off where it is on: ``active`` says which is wanted."""
    found = _webhook(request, pk)
    found.switch(request.POST.get("active") == "1")
    return redirect("documents:webhook", found.pk)


@require_POST
def ping_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends something to try the address with."""
    found = _webhook(request, pk)
    found.ping()
    return redirect("documents:webhook", found.pk)


@require_POST
def delete_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    found = _webhook(request, pk)
    record(Verb.SECURITY, None, request.user, what="webhook_deleted", url=found.url)
    found.delete()
    messages.success(request, _("The webhook is deleted."))
    return redirect("documents:programs")


@require_POST
def redeliver(request: HttpRequest, pk: int, delivery: UUID) -> HttpResponse:
    """Sends one message once more."""
    found = _webhook(request, pk)
    again: Delivery = get_object_or_404(found.deliveries, pk=delivery)
    again.repeat()
    return redirect("documents:webhook", found.pk)


def _overview(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    user = _user(request)
    shown = {
        "tokens": user.access_tokens.all(),
        "webhooks": user.webhooks.all(),
        "token_form": TokenForm(),
        "webhook_form": WebhookForm(),
        "api": request.build_absolute_uri(reverse("api:documents").removesuffix("documents/")),
    }
    return render(request, "programs/programs.html", shown | more, status=status)


def _webhook(request: HttpRequest, pk: int) -> Webhook:
    found: Webhook = get_object_or_404(_user(request).webhooks, pk=pk)
    return found


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
