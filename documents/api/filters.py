"""The filters of documents as parameters of an address, the same for the list and the search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from documents.models import DocumentFilters, Folder, RunState
from documents.models.filters import DAYS

from .base import StrictSerializer

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class FilterQuery(StrictSerializer):
    tag = serializers.CharField(required=False, max_length=50)
    folder = serializers.IntegerField(
        required=False, min_value=1, max_value=2**53, help_text="With the folders inside it."
    )
    status = serializers.ChoiceField(RunState.choices, required=False)
    checked = serializers.ChoiceField(
        ["yes", "no"], required=False, help_text="Whether people have checked all of its text."
    )
    owner = serializers.CharField(required=False, max_length=150, help_text="A user name.")
    team = serializers.CharField(
        required=False, max_length=150, help_text="The name of a team that you are in: what is shared with it."
    )
    since = serializers.DateField(required=False, validators=DAYS, help_text="Uploaded on this day or later.")
    until = serializers.DateField(required=False, validators=DAYS, help_text="Uploaded on this day or earlier.")


def filters_of(asked: dict[str, Any], user: User) -> DocumentFilters | None:
    """What a FilterQuery asks for; None if its folder or team is none that ``user`` may see: nothing matches it."""
    folder = Folder.objects.visible_to(user).filter(pk=asked["folder"]).first() if "folder" in asked else None
    team = user.groups.filter(name=asked["team"]).first() if "team" in asked else None
    if ("folder" in asked and folder is None) or ("team" in asked and team is None):
        return None
    return DocumentFilters(
        owner=asked.get("owner", ""),
        team=team,
        tag=asked.get("tag", ""),
        folder=folder,
        since=asked.get("since"),
        until=asked.get("until"),
        state=asked.get("status", ""),
        checked=asked.get("checked", ""),
    )
