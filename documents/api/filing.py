"""Where an upload goes, and who else may see it: title, tags, folder and shares, among the fields of its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from documents import editing
from documents.library import operations
from documents.models import LONGEST_TITLE, Document, Folder, clean_title

from .serializers import FilingSerializer
from .shares import named_person, named_team

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Filing:
    """What is done with each document of an upload as it comes in. ``shares``: as ``operations.share`` takes them."""

    title: str
    folder: Folder | None
    tags: tuple[str, ...]
    shares: tuple[dict[str, Any], ...]

    def put_away(self, user: User) -> Callable[[Document], None]:
        def put_away(document: Document) -> None:
            if self.tags:
                editing.tag(document, user, add=self.tags)
            for share in self.shares:
                operations.share(document, user, **share)

        return put_away


def chosen_filing(request: Request, user: User, files: int) -> Filing:
    """What the form of an upload of so many ``files`` says. Raises ValidationError for names that do not exist."""
    sent: dict[str, Any] = {}
    for name, field in FilingSerializer().fields.items():
        if name in request.POST:
            many = isinstance(field, serializers.ListField)
            sent[name] = request.POST.getlist(name) if many else request.POST[name]
    form = FilingSerializer(data=sent)
    form.is_valid(raise_exception=True)
    wanted = form.validated_data
    if "title" in wanted and files > 1:
        raise ValidationError({"title": "A title is for one file. Send the files one by one, or without it."})
    title = clean_title(wanted.get("title", ""))
    if "title" in wanted and not 1 <= len(title) <= LONGEST_TITLE:
        raise ValidationError({"title": f"A title has 1 to {LONGEST_TITLE} characters."})
    return Filing(
        title=title,
        folder=folder_to_fill(wanted.get("folder"), user),
        tags=tuple(wanted.get("tags", ())),
        shares=tuple(_shares(wanted, user)),
    )


def _shares(wanted: dict[str, Any], user: User) -> Iterator[dict[str, Any]]:
    for field, may_edit in (("readers", False), ("editors", True)):
        for name in wanted.get(field, ()):
            yield {"user": named_person(name, field), "may_edit": may_edit}
    for field, may_edit in (("reading_teams", False), ("editing_teams", True)):
        for name in wanted.get(field, ()):
            yield {"team": named_team(name, user, field), "may_edit": may_edit}


def folder_to_fill(number: int | None, user: User) -> Folder | None:
    """The folder of this number, if ``user`` may put things into it, else a ValidationError; None for None."""
    if number is None:
        return None
    found = Folder.objects.editable_by(user).filter(pk=number).first()
    if found is None:
        raise ValidationError({"folder": "There is no such folder, or you may not put anything into it."})
    return found
