"""Webhooks: addresses that are notified about a person's documents.

What is to be told is a row, written in the transaction of the change itself, so that nothing is told that
did not happen, and nothing that happened is forgotten. ``documents.webhooks.delivery`` sends the rows that are due.
"""

from __future__ import annotations

import base64
import secrets
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from documents.telemetry import count

from .archive import Document
from .folders import RefusedError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .runs import Run

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
)
"""After the first try, the second, and so on; after the try that follows the last one it is given up."""

LEASE = timedelta(minutes=2)
"""Longer than a try takes."""

EACH_AT_ONCE = 2
"""Messages of one person that are sent side by side, however many webhooks that person has."""

PATIENCE = timedelta(days=3)
"""After so long without a single success a webhook is switched off."""

GATHERING = timedelta(seconds=20)
"""Corrections of one document within this time are told once."""


class Subject(models.TextChoices):
    DONE = "document.done", _("a document was read")
    PARTIAL = "document.partial", _("some pages of a document could not be read")
    FAILED = "document.failed", _("a document could not be read")
    CORRECTED = "document.corrected", _("a document was corrected")


def new_secret() -> str:
    """As Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Webhook(models.Model):
    """An address of a person, and the messages that it gets about that person's documents."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("user")
    )
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(_("secret"), max_length=80, default=new_secret)
    subjects = models.JSONField(_("what is told"), default=list)
    active = models.BooleanField(_("active"), default=True)
    created = models.DateTimeField(_("made"), default=timezone.now)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return self.url

    @classmethod
    def register(cls, user: User, url: str, subjects: Sequence[str]) -> Webhook:
        """A new webhook of ``user``. Raises RefusedError for one more than a person may have."""
        most = settings.OCRSITE_USER_WEBHOOKS
        if cls.objects.filter(user=user).count() >= most:
            raise RefusedError(
                gettext("You have %(most)s webhooks, as many as a person may. Delete one first.") % {"most": most}
            )
        return cls.objects.create(user=user, url=url, subjects=list(subjects))

    def ping(self) -> Delivery:
        """A test message."""
        return Delivery.about(self, "ping", {})

    def switch(self, active: bool) -> None:
        """Switches it on or off; switching it off gives up the waiting messages."""
        with transaction.atomic():
            Webhook.objects.filter(pk=self.pk).update(active=active, failing_since=None)
            if not active:
                waiting = self.deliveries.filter(next_try__isnull=False)
                waiting.update(next_try=None, error=gettext_noop("The webhook was switched off."))


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> DeliveryQuerySet:
        """Nothing is told to people who may not log in any more."""
        return self.filter(next_try__lte=timezone.now(), webhook__active=True, webhook__user__is_active=True)

    def claim(self, most: int, under_way: Collection[Delivery] = ()) -> list[Delivery]:
        """Up to ``most`` that are due, leased to whoever called this.

        Together with those ``under_way`` at most one of each webhook and EACH_AT_ONCE of each person.
        """
        busy = Counter(delivery.webhook.user_id for delivery in under_way)
        due = self.due().exclude(webhook__in=[delivery.webhook_id for delivery in under_way]).order_by()
        waiting = due.values_list("webhook", "webhook__user").annotate(since=Min("next_try")).order_by("since")
        claimed: list[Delivery] = []
        for hook, person, _since in waiting:
            if len(claimed) == most:
                break
            if busy[person] >= EACH_AT_ONCE:
                continue
            delivery = self.due().filter(webhook=hook).select_related("webhook").order_by("next_try", "created").first()
            if delivery is not None and delivery.lease():
                claimed.append(delivery)
                busy[person] += 1
        return claimed


class Delivery(models.Model):
    """One message to one webhook. ``next_try`` is empty once it has arrived or was given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    subject = models.CharField(_("what is told"), max_length=32)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, related_name="+")
    payload = models.JSONField(_("message"))
    created = models.DateTimeField(_("made"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try = models.DateTimeField(_("next try"), null=True, default=timezone.now, db_index=True)
    arrived = models.DateTimeField(_("arrived"), null=True)
    status = models.PositiveSmallIntegerField("HTTP", null=True)
    answer = models.TextField(_("answer"), blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["webhook", "-created"])]

    def __str__(self) -> str:
        return f"{self.subject} → {self.webhook}"

    @classmethod
    def about(
        cls, webhook: Webhook, subject: str, data: dict[str, Any], document: Document | None = None, **more: Any
    ) -> Delivery:
        payload = {"type": subject, "timestamp": timezone.now().isoformat(), "data": data}
        return cls.objects.create(webhook=webhook, subject=subject, payload=payload, document=document, **more)

    @property
    def reason(self) -> str:
        """``error`` in the reader's language, as far as the words are ours; the system's are in its second line."""
        ours, _newline, of_the_system = self.error.partition("\n")
        return f"{gettext(ours)} {of_the_system}".strip() if ours else ""

    @property
    def state(self) -> str:
        if self.arrived:
            return "done"
        return "queued" if self.next_try else "failed"

    def lease(self) -> bool:
        """Takes this try; False if somebody else was quicker."""
        unchanged = Delivery.objects.filter(pk=self.pk, tries=self.tries, next_try=self.next_try)
        taken = unchanged.update(tries=F("tries") + 1, next_try=timezone.now() + LEASE)
        self.tries += 1
        return bool(taken)

    def succeed(self, status: int, answer: str) -> None:
        self._note(status=status, answer=answer, error="", arrived=timezone.now(), next_try=None)
        Webhook.objects.filter(pk=self.webhook_id, failing_since__isnull=False).update(failing_since=None)

    def fail(self, error: str, status: int | None = None, answer: str = "") -> None:
        """Puts the next try off, or gives up after the last; a webhook that fails for days is switched off."""
        count("webhook_errors", answer=str(status or "none"))
        now = timezone.now()
        wait = WAITS[self.tries - 1] if self.tries <= len(WAITS) else None
        self._note(status=status, answer=answer, error=error[:500], next_try=now + wait if wait else None)
        Webhook.objects.filter(pk=self.webhook_id, failing_since=None).update(failing_since=now)
        lost = Webhook.objects.filter(pk=self.webhook_id, failing_since__lt=now - PATIENCE)
        for hook in lost:
            hook.switch(False)
            Webhook.objects.filter(pk=hook.pk).update(failing_since=hook.failing_since)  # tells why it is off

    def repeat(self) -> None:
        """Sends the message again, with the same id and all its tries."""
        Delivery.objects.filter(pk=self.pk).update(tries=0, next_try=timezone.now(), arrived=None, error="")

    def _note(self, **values: Any) -> None:
        Delivery.objects.filter(pk=self.pk).update(**values)


def announce_run(run: Run) -> None:
    """Tells the owner's webhooks how a run ended; call it in the transaction that ends it."""
    document = run.document
    for hook in _listening(document, f"document.{run.state}"):
        counts = run.counts()
        data = _data(document) | {
            "status": run.state,
            "run": str(run.pk),
            "current": document.current_run_id == run.pk,
            "pages_done": counts["done"],
            "pages_failed": counts["failed"],
        }
        Delivery.about(hook, f"document.{run.state}", data, document)


def announce_correction(document: Document) -> None:
    """Tells the owner's webhooks that a text has changed; call it in the transaction of the change."""
    for hook in _listening(document, Subject.CORRECTED):
        waiting = hook.deliveries.filter(document=document, subject=Subject.CORRECTED, tries=0, next_try__isnull=False)
        if not waiting.exists():
            soon = timezone.now() + GATHERING
            Delivery.about(hook, Subject.CORRECTED, _data(document), document, next_try=soon)


def forget_old_deliveries(age: timedelta = timedelta(days=30)) -> None:
    """Deletes deliveries that ended longer than ``age`` ago."""
    Delivery.objects.filter(next_try=None, created__lt=timezone.now() - age).delete()


def _listening(document: Document, subject: str) -> list[Webhook]:
    hooks = Webhook.objects.filter(user=document.owner_id, user__is_active=True, active=True)
    return [hook for hook in hooks if subject in hook.subjects]


def _data(document: Document) -> dict[str, Any]:
    return {
        "id": str(document.pk),
        "title": document.title,
        "page_count": document.page_count,
        "url": settings.OCRSITE_URL + reverse("api:document", args=[document.pk]),
        "html_url": settings.OCRSITE_URL + document.get_absolute_url(),
    }
