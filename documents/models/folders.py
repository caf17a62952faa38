"""Folders and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from .names import without_controls
from .sharing import Reach, Share, ShareQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

MAX_DEPTH = 20
"""Folders inside each other."""


class RefusedError(Exception):
    """A change cannot be made. The message tells people why."""


class FolderQuerySet(models.QuerySet["Folder"]):
    def visible_to(self, user: User | AnonymousUser) -> FolderQuerySet:
        """What ``user`` may look into: their own, and what is shared with them or a team of theirs."""
        return self.in_reach(Reach.of(user))

    def editable_by(self, user: User | AnonymousUser) -> FolderQuerySet:
        """What ``user`` may put documents into."""
        return self.in_reach(Reach.of(user, may_edit=True))

    def in_reach(self, reach: Reach) -> FolderQuerySet:
        """What somebody owns, and what their ``reach`` opens."""
        if not reach.user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=reach.user) | within(reach.paths))

    def topmost_in_reach(self, reach: Reach) -> FolderQuerySet:
        """Of these those that lie in none of them."""
        if not reach.user.is_authenticated:
            return self.none()
        opened = Q(path__in=reach.paths) & ~Q(owner=reach.user)
        return self.filter(Q(owner=reach.user, parent=None) | opened)

    def owned_by(self, user: User | AnonymousUser) -> FolderQuerySet:
        """What ``user`` may rename, move, share and delete."""
        return self.filter(owner_id=user.pk) if user.is_authenticated else self.none()

    def inside(self, folder: Folder) -> FolderQuerySet:
        """``folder`` and everything below it."""
        return self.filter(path__startswith=folder.path)

    def reached_by(self, shares: ShareQuerySet) -> FolderQuerySet:
        """The folders that ``shares`` open: those that are shared, and what lies below them."""
        return self.filter(within(shares.paths()))


def within(paths: Iterable[str]) -> Q:
    """The condition on folders that they are, or lie in, those with these paths.

    As one term, however many they are: the depth of conditions is limited.
    """
    beginnings = "|".join(paths)
    return Q(path__regex=f"^(?:{beginnings})") if beginnings else Q(pk__in=[])


class Folder(models.Model):
    """A folder in one person's tree: whoever owns the topmost one owns all below it.

    ``path``: the numbers of the folders from the topmost one down to this one, each followed by a slash, so
    that a subtree is everything with the same beginning.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="folders", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("in folder")
    )
    path = models.CharField(_("path"), max_length=255, db_index=True, editable=False)

    objects = FolderQuerySet.as_manager()

    class Meta:
        verbose_name = _("folder")
        verbose_name_plural = _("folders")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="one_folder_per_name"),
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(parent=None), name="one_topmost_folder_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        return self.path.count("/")

    def way_for(self, user: User | AnonymousUser) -> list[Folder]:
        """From the topmost folder down to this one, as far as ``user`` may look into them."""
        numbers = [int(number) for number in self.path.split("/")[:-1]]
        return sorted(Folder.objects.visible_to(user).filter(pk__in=numbers), key=lambda found: found.depth)

    @staticmethod
    def with_ways(folders: QuerySet[Folder]) -> list[tuple[Folder, str]]:
        """Each of ``folders`` with the names of those that it lies in, as far as they are among them; sorted.

        They know whether they are ``open_to_others``.
        """
        here = ExpressionWrapper(OuterRef("path"), output_field=models.CharField())
        shared = Share.objects.filter(folder__isnull=False).alias(here=here).filter(here__startswith=F("folder__path"))
        found = folders.select_related("owner").annotate(open_to_others=Exists(shared))
        by_number = {str(folder.pk): folder for folder in found}
        named = [
            (folder, " / ".join(by_number[part].name for part in folder.path.split("/") if part in by_number))
            for folder in by_number.values()
        ]
        return sorted(named, key=lambda pair: pair[1])

    def reaching_shares(self) -> QuerySet[Share]:
        """The shares by which others see what is in it: its own, and those of the folders that it lies in."""
        return Share.objects.filter(folder__in=[int(number) for number in self.path.split("/")[:-1]])

    @classmethod
    def create(cls, owner: User, name: str, parent: Folder | None = None) -> Folder:
        """A new folder of ``owner``'s; raises RefusedError if it cannot be there."""
        with _naming():
            if parent is not None:  # as it is now: its path says who sees what is in it
                number = parent.pk
                parent = cls.objects.select_for_update().filter(pk=number, owner=owner).first()
                if parent is None:
                    raise RefusedError(_("This folder is gone."))
            name = _checked_name(name, owner, parent)
            _check_depth(parent, 1)
            folder = cls.objects.create(owner=owner, name=name, parent=parent)
            folder.path = f"{parent.path if parent else ''}{folder.pk}/"
            folder.save(update_fields=["path"])
        return folder

    def rename(self, name: str) -> None:
        """Raises RefusedError if another folder beside it has that name."""
        with _naming():
            self.name = _checked_name(name, self.owner, self.parent, besides=self)
            self.save(update_fields=["name"])

    def move(self, parent: Folder | None) -> None:
        """Puts the folder, with all that is in it, into ``parent`` (None: to the top of its owner's tree)."""
        with _naming():
            tree = Folder.objects.select_for_update().filter(owner=self.owner_id).order_by("pk")
            folders = {folder.pk: folder for folder in tree}  # two moves of one tree take turns
            moved, target = folders[self.pk], folders.get(parent.pk) if parent else None
            if parent is not None and (target is None or target.path.startswith(moved.path)):
                raise RefusedError(_("A folder cannot be moved into itself or to another person's folder."))
            _checked_name(moved.name, self.owner, target, besides=moved)
            deepest = max(folder.depth for folder in folders.values() if folder.path.startswith(moved.path))
            _check_depth(target, deepest - moved.depth + 1)
            path = f"{target.path if target else ''}{moved.pk}/"
            rest = Substr("path", len(moved.path) + 1)
            Folder.objects.inside(moved).update(path=Concat(Value(path), rest))
            Folder.objects.filter(pk=moved.pk).update(parent=target)
        self.parent, self.path = target, path


class Tag(models.Model):
    """A word that people put on documents; everybody who sees a document sees its tags."""

    name = models.CharField(_("name"), max_length=50, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, name: str) -> Tag:
        """The tag of that name, made if need be; capitals make no difference. Raises RefusedError for no name."""
        name = composed(name)
        if not name or len(name) > 50:
            raise RefusedError(_("A tag has 1 to 50 characters."))
        return cls.objects.filter(name__iexact=name).first() or cls.objects.get_or_create(name=name)[0]


def composed(name: str) -> str:
    """A name as it is kept: composed characters, single spaces, nothing invisible."""
    return " ".join(without_controls(name).split())


@contextmanager
def _naming() -> Iterator[None]:
    """A transaction in which a folder gets its name. Raises RefusedError if another just got the same name there."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise _name_taken() from error


def _name_taken() -> RefusedError:
    return RefusedError(_("There is a folder of this name already."))


def _checked_name(name: str, owner: User, parent: Folder | None, besides: Folder | None = None) -> str:
    name = composed(name)
    if not name or len(name) > 100:
        raise RefusedError(_("A folder's name has 1 to 100 characters."))
    beside = Folder.objects.filter(owner=owner, parent=parent, name=name).first()
    if beside is not None and beside != besides:
        raise _name_taken()
    return name


def _check_depth(parent: Folder | None, levels: int) -> None:
    if (parent.depth if parent else 0) + levels > MAX_DEPTH:
        raise RefusedError(_("Folders can lie at most %(depth)d deep in each other.") % {"depth": MAX_DEPTH})
