"""Suggestions of people to share with, while their name is typed."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from documents.library import people as finding


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The options of a list, for ``?person=``."""
    found = finding.suggested(request.GET.get("person", ""), cast(User, request.user))
    return render(request, "documents/_people.html", {"suggested": found})
