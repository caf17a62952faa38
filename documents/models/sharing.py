"""Who may read and edit what: shares of documents and folders with people and teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from .archive import Document
    from .folders import Folder


class ShareQuerySet(models.QuerySet["Share"]):
    def reaching(self, user: User) -> ShareQuerySet:
        """Those that are made out to ``user`` or to one of their teams."""
        teams = Group.user_set.through.objects.filter(user=user).values("group")
        return self.filter(Q(user=user) | Q(team__in=teams))

    def owned_by(self, user: User) -> ShareQuerySet:
        """Those of ``user``'s own documents and folders."""
        return self.filter(Q(document__owner=user, document__trashed=None) | Q(folder__owner=user))

    def paths(self) -> tuple[str, ...]:
        """Of the folders that are shared, without those inside others of them."""
        return _outermost(self.filter(folder__isnull=False).order_by().values_list("folder__path", flat=True))


class Share(models.Model):
    """The right of one person or team to read or edit one document, or all that is in a folder."""

    document = models.ForeignKey(
        "Document", on_delete=models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("document")
    )
    folder = models.ForeignKey(
        "Folder", on_delete=models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("folder")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="shares",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        Group, on_delete=models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("team")
    )
    may_edit = models.BooleanField(_("may edit"), default=False)
    created = models.DateTimeField(_("shared"), default=timezone.now)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(document=None, folder__isnull=False) | Q(document__isnull=False, folder=None),
                name="share_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(user=None, team__isnull=False) | Q(user__isnull=False, team=None),
                name="share_with_one_party",
            ),
            models.UniqueConstraint(fields=["document", "user"], name="document_shared_once_with_user"),
            models.UniqueConstraint(fields=["document", "team"], name="document_shared_once_with_team"),
            models.UniqueConstraint(fields=["folder", "user"], name="folder_shared_once_with_user"),
            models.UniqueConstraint(fields=["folder", "team"], name="folder_shared_once_with_team"),
        ]

    def __str__(self) -> str:
        return f"{self.document or self.folder} → {self.user or self.team}"

    @property
    def shared_object(self) -> Document | Folder:
        """What is shared."""
        shared_object = self.document or self.folder
        assert shared_object is not None  # the database sees to it
        return shared_object


@dataclass(frozen=True)
class Reach:
    """What is shared with one person, looked up once for all that a request asks of it.

    What is shared is little beside the archive, and conditions that name it are quick to write and to answer. Left to
    find out which shares lie above a folder, PostgreSQL compares each folder with each other one.
    ``paths``: see ``ShareQuerySet.paths``. ``has_documents``: whether any of the ``shares`` is of a single document.
    """

    user: User | AnonymousUser
    shares: ShareQuerySet
    paths: tuple[str, ...] = ()
    has_documents: bool = False

    @classmethod
    def of(cls, user: User | AnonymousUser, *, may_edit: bool = False) -> Self:
        """As it is now; with ``may_edit`` only what they may change."""
        if not user.is_authenticated:
            return cls(user, Share.objects.none())
        shares = Share.objects.reaching(user)
        if may_edit:
            shares = shares.filter(may_edit=True)
        found = set(shares.order_by().values_list("folder__path", flat=True).distinct())
        return cls(user, shares, _outermost(found), None in found)

    def opens(self, folder: Folder) -> bool:
        """Whether the person may look into it."""
        return folder.owner_id == self.user.pk or folder.path.startswith(self.paths)


def _outermost(paths: Iterable[str | None]) -> tuple[str, ...]:
    found: list[str] = []
    for path in sorted(filter(None, paths)):  # a folder without a path would be in front of all others
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return tuple(found)
