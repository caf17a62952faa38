"""Who did what, to which document and when. Events are written once; nothing changes or removes them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Never
from uuid import UUID

import redis
from django.conf import settings
from django.db import OperationalError, models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents import telemetry
from documents.redis_answers import asking

from .archive import Document
from .sqlite import is_locked, without_waiting

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    Actor = User | AnonymousUser | None

MOST_AT_ONCE = 1000
"""Postponed events that are written in one transaction."""

VIEWED_AGAIN_AFTER = timedelta(hours=1)
"""Somebody who goes through the pages of a document views it once."""


class Verb(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded it")
    VIEWED = "viewed", _("viewed")
    EXPORTED = "exported", _("exported")
    DOWNLOADED = "downloaded", _("downloaded the original")
    CORRECTED = "corrected", _("corrected")
    RESHAPED = "reshaped", _("changed the box of a line")
    ERASED = "erased", _("deleted a line")
    DREW = "drew", _("drew lines")
    REORDERED = "reordered", _("edited the order of a page")
    CHECKED = "checked", _("checked the text")
    UNCHECKED = "unchecked", _("took back that the text is checked")
    REPLACED = "replaced", _("replaced text")
    ARRANGED = "arranged", _("edited the blocks of a page")
    ASKED_MODEL = "asked-model", _("asked a language model for proposals")
    PROPOSED = "proposed", _("proposed another text")
    WITHDREW = "withdrew", _("undid a correction")
    PAGES_ORDERED = "pages-ordered", _("changed the order of the pages")
    PAGES_TURNED = "pages-turned", _("turned pages")
    PAGES_LEFT = "pages-left", _("moved pages to another document")
    PAGES_CAME = "pages-came", _("added pages of another document")
    READ_AGAIN = "read-again", _("ran OCR again")
    READ_REGION = "read-part", _("ran OCR on a region")
    RECOGNISED = "recognised", _("ran OCR on a file that was not kept")
    IMPORTED = "imported", _("brought a transcription in")
    RETRIED = "retried", _("ran OCR again on failed pages")
    CANCELLED = "cancelled", _("cancelled a run")
    MADE_CURRENT = "made-current", _("made a run current")
    CHANGED = "changed", _("changed its details")
    MOVED = "moved", _("moved")
    TAGGED = "tagged", _("changed its tags")
    SHARED = "shared", _("shared it")
    UNSHARED = "unshared", _("stopped sharing it")
    LINKED = "linked", _("made a link")
    UNLINKED = "unlinked", _("ended a link")
    LINK_OPENED = "link-opened", _("opened it by a link")
    REASSIGNED = "reassigned", _("changed its owner")
    TRASHED = "trashed", _("moved it to the trash")
    RESTORED = "restored", _("restored it from the trash")
    DELETED = "deleted", _("deleted for good")
    LOGGED_IN = "logged-in", _("logged in")
    LOGGED_OUT = "logged-out", _("logged out")
    LOGIN_FAILED = "login-failed", _("failed to log in")
    INVITED = "invited", _("invited")
    JOINED = "joined", _("accepted the invitation")
    TEAMS_FOLLOWED = "teams-followed", _("changed teams to match the groups at the login service")
    SECURITY = "security", _("changed how they log in")


WORDS: dict[str, Any] = dict(Verb.choices)


def verbs() -> list[tuple[str, Any]]:
    """A function, so that a new verb needs no migration."""
    return Verb.choices


class FinalError(Exception):
    """Somebody tried to change or delete an event."""

    def __init__(self) -> None:
        super().__init__("events are never changed or removed")


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User | AnonymousUser) -> EventQuerySet:
        """What ``user`` did, and what anybody did to documents that were theirs at that time."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(actor=user.pk) | Q(owner=user.pk))

    def about(self, document: UUID) -> EventQuerySet:
        """What happened to a document, and, before its pages came from other documents, to those."""
        found = Q(document=document)
        waiting: list[tuple[UUID, int | None]] = [(document, None)]
        seen = {document}
        while waiting:
            key, until = waiting.pop()
            came = Event.objects.filter(document=key, verb=Verb.PAGES_CAME)
            for event in came if until is None else came.filter(pk__lt=until):
                source = UUID(event.details["source"])
                if source not in seen:
                    seen.add(source)
                    found |= Q(document=source, pk__lt=event.pk)
                    waiting.append((source, event.pk))
        return self.filter(found)

    def update(self, **kwargs: Any) -> Never:
        raise FinalError

    def delete(self) -> Never:
        raise FinalError


READING = (Verb.UPLOADED, Verb.READ_AGAIN, Verb.RETRIED, Verb.READ_REGION, Verb.RECOGNISED)
"""What has pages read: so many as its event has ``pages``, or, where those are not all of its cost, ``counted``."""


class Event(models.Model):
    """One act of one person. It also names people and documents in words, and so outlives them."""

    # No constraints in the database: people and documents go, and what they did stays as it was written.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
        help_text=_("empty: the platform itself, or a stranger"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner of the document"),
    )
    time = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    verb = models.CharField(_("what"), max_length=32, choices=verbs)
    document = models.UUIDField(_("number of the document"), null=True, blank=True)
    title = models.CharField(_("document"), max_length=255, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    pages = models.GeneratedField(
        # How many pages it had read, if it is one of READING. Regions of pages are fractions.
        expression=models.Case(
            models.When(
                verb__in=[str(verb) for verb in READING],
                then=Cast(Coalesce(KT("details__counted"), KT("details__pages")), models.FloatField()),
            )
        ),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("activity")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["document", "-id"]),
            models.Index(fields=["actor", "verb", "document"], name="events_of_actor"),
            models.Index(fields=["time", "actor", "pages"], name="events_with_pages", condition=Q(pages__isnull=False)),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.actor_name, self.verb_label, self.title]))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FinalError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise FinalError

    @property
    def verb_label(self) -> str:
        """The verb in words. Django's ``get_verb_display`` translates all verbs each time, for a list of events."""
        return str(WORDS.get(self.verb, self.verb))


LOOKING = frozenset({Verb.VIEWED, Verb.EXPORTED, Verb.DOWNLOADED})
"""Acts that change nothing else: they do not wait for whoever is writing."""

POSTPONED = "ocrsite:events"
"""A list in Redis: events that are still to be written."""


def record(verb: Verb, document: Document | None, actor: Actor, **details: Any) -> None:
    """Notes that ``actor`` (None: the platform itself) did something, to ``document`` if it was to one.

    Call it in the transaction of the change, once for each thing that a person does. ``details`` become
    JSON. A view is noted once an hour for each person and document.
    """
    known = actor if actor is not None and actor.pk is not None else None
    if verb in (Verb.VIEWED, Verb.LINK_OPENED) and document is not None and _viewed_lately(verb, document, known):
        return
    event = Event(
        verb=verb,
        actor_id=known.pk if known else None,
        actor_name=known.get_username() if known else "",
        owner_id=document.owner_id if document else None,
        document=document.pk if document else None,
        title=document.title if document else "",
        details=details,
    )
    if verb not in LOOKING:
        event.save()
        return
    try:
        with without_waiting():
            event.save()
    except OperationalError as error:
        if not is_locked(error):
            raise
        _postpone(event)


def write_postponed() -> int:
    """Writes the events for which somebody did not wait; how many. Raises redis.RedisError."""
    waiting = telemetry.connection().lrange(POSTPONED, 0, MOST_AT_ONCE - 1)
    Event.objects.bulk_create([Event(**json.loads(text)) for text in waiting])
    telemetry.connection().ltrim(POSTPONED, len(waiting), -1)
    return len(waiting)


def _postpone(event: Event) -> None:
    fields = [field for field in Event._meta.concrete_fields if not field.primary_key and not field.generated]
    values = {field.attname: getattr(event, field.attname) for field in fields}
    try:
        with asking():
            telemetry.connection().rpush(POSTPONED, json.dumps(values, default=str))
    except redis.RedisError:
        event.save()  # then it waits after all


def _viewed_lately(verb: Verb, document: Document, actor: Actor) -> bool:
    since = timezone.now() - VIEWED_AGAIN_AFTER
    views = Event.objects.filter(document=document.pk, verb=verb, time__gte=since)
    return views.filter(actor=actor.pk if actor else None).exists()
