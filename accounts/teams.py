"""Teams that follow a person's groups at the organisation's login service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from documents.models import Verb, record


def follow(user: User, told: Mapping[str, Any]) -> None:
    """Adds ``user`` to the teams mapped from their groups, and removes them from teams mapped from other groups only.

    ``told``: what the service said of them. Only teams named in OCRSITE_OIDC_TEAMS change, no team is made, and one
    with rights in the administration is left alone: the service decides who reads what, and not who governs.
    """
    groups = _groups(told)
    named = {team for _, team in settings.OCRSITE_OIDC_TEAMS}
    due = {team for group, team in settings.OCRSITE_OIDC_TEAMS if group in groups}
    with transaction.atomic():
        teams = Group.objects.filter(name__in=named, permissions=None).order_by("name")
        present = set(user.groups.filter(pk__in=teams))
        added = [team for team in teams if team.name in due and team not in present]
        removed = [team for team in teams if team.name not in due and team in present]
        if added or removed:
            user.groups.add(*added)
            user.groups.remove(*removed)
            names = {"added": [team.name for team in added], "removed": [team.name for team in removed]}
            record(Verb.TEAMS_FOLLOWED, None, user, **names)


def _groups(told: Mapping[str, Any]) -> set[str]:
    """The groups, in the order in which services tell them: by the address for it, else in the token.

    Told of none is in none: services leave out the groups of whom they have taken out of the last one.
    """
    for part in ("userinfo", "id_token"):
        groups = (told.get(part) or {}).get(settings.OCRSITE_OIDC_GROUPS)
        if isinstance(groups, str):
            return {groups}
        if isinstance(groups, Iterable):
            return {group for group in groups if isinstance(group, str)}
    return set()
