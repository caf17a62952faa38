"""Whom one can share with: found by login name and, as the site allows, by mail address and full name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from documents.models import RefusedError
from documents.models.folders import composed

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_SUGGESTED = 20
LEAST_TYPED = 2
"""Characters from which people are suggested."""

ORDERS = {
    "western": Concat("first_name", Value(" "), "last_name"),
    "chinese": Concat("last_name", "first_name"),
    "parted": Concat("last_name", Value(" "), "first_name"),
}
"""How a full name may be written."""


def find(text: str) -> User:
    """The one active person who has this login name or, as the site allows, this mail address or full name.

    Raises RefusedError for nobody, and for several.
    """
    name = composed(text)
    people = User.objects.filter(is_active=True)
    found = people.filter(username=name).first()
    if found is not None:
        return found
    if settings.OCRSITE_FIND_PEOPLE == "login":
        raise RefusedError(_("Nobody has this name. Write it exactly as the person does to log in."))
    several = list(_named(people, name, "iexact").order_by("username")[: MOST_SUGGESTED + 1]) if name else []
    if not several:
        raise RefusedError(_("Nobody has this login name, mail address or full name. Write one of them in full."))
    if len(several) > 1:
        names = _(", ").join(person.get_username() for person in several[:MOST_SUGGESTED])
        message = _("Several people have this name. Write the login name of one: %(names)s")
        raise RefusedError(message % {"names": names})
    return several[0]


def suggested(text: str, user: User) -> QuerySet[User]:
    """People to be chosen from while somebody types: members of one's own teams, or all where the site allows it."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("username")
    name = composed(text)
    if settings.OCRSITE_FIND_PEOPLE == "search" and len(name) >= LEAST_TYPED:
        return _named(others, name, "icontains")[:MOST_SUGGESTED]
    mates = others.filter(pk__in=User.objects.filter(groups__in=user.groups.all()).values("pk"))
    return mates[:200]


def _named(people: QuerySet[User], name: str, lookup: str) -> QuerySet[User]:
    matching = Q(**{f"email__{lookup}": name}) | Q(**{f"username__{lookup}": name})
    for order in ORDERS:
        matching |= Q(**{f"{order}__{lookup}": name})
    return people.alias(**ORDERS).filter(matching)
