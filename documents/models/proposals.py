"""Proposals: what a program or a language model thinks that a line says. They change nothing until a person accepts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .results import PageResult

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .archive import Document

TRIES = 2
"""Of a line whose model does not answer."""

RETRY = timedelta(seconds=30)


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("waiting for the model")
    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    UNCHANGED = "unchanged", _("the model agrees with the text")
    REFUSED = "refused", _("the answer cannot be used")
    OUTDATED = "outdated", _("the line has changed since")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def of_document(self, document: Document) -> ProposalQuerySet:
        """Those about a document's current run."""
        return self.filter(result__run__document=document, result__run__document__current_run=F("result__run"))

    def undecided(self) -> ProposalQuerySet:
        return self.filter(state__in=[ProposalState.WAITING, ProposalState.OPEN])

    def in_page_order(self) -> ProposalQuerySet:
        return self.select_related("result__page", "requested_by").order_by("result__page__number", "pk")

    def claim(self, most: int, lease: timedelta) -> list[Proposal]:
        """Up to ``most`` lines that wait for the model, leased to whoever called this, in turn from each person."""
        now = timezone.now()
        due = self.filter(state=ProposalState.WAITING, next_try__lte=now)
        earlier = due.filter(requested_by=OuterRef("requested_by"), pk__lt=OuterRef("pk"))
        first = list(due.filter(~Exists(earlier)).order_by("next_try", "pk")[:most])
        rest = list(due.exclude(pk__in=[each.pk for each in first]).order_by("pk")[: most - len(first)])
        claimed = []
        for found in [*first, *rest]:
            unchanged = Proposal.objects.filter(pk=found.pk, state=ProposalState.WAITING, tries=found.tries)
            if unchanged.filter(next_try=found.next_try).update(tries=F("tries") + 1, next_try=now + lease):
                found.tries += 1
                claimed.append(found)
        return claimed


class Proposal(models.Model):
    """Another text for one line of a page as one run read it.

    ``line``: its id. ``before``: what it said when it was looked at. ``model``: who proposes, for people. ``guarded``:
    what the proposal would change that a person must look at one by one: "digits", "names". ``reason``: why an answer
    was refused, as a code.
    """

    result = models.ForeignKey(
        PageResult, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("result of a page")
    )
    line = models.CharField(_("line"), max_length=50)
    before = models.TextField(_("text before"))
    text = models.TextField(_("proposed text"), blank=True)
    model = models.CharField(_("model"), max_length=100)
    guarded = models.JSONField(_("changes to look at"), default=list)
    state = models.CharField(_("state"), max_length=16, choices=ProposalState.choices, default=ProposalState.OPEN)
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("asked by")
    )
    created = models.DateTimeField(_("made"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try = models.DateTimeField(_("next try"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "line"],
                condition=Q(state__in=["waiting", "open"]),
                name="one_undecided_proposal_per_line",
            )
        ]
        indexes = [models.Index(fields=["next_try"], condition=Q(state="waiting"), name="proposals_waiting")]

    def __str__(self) -> str:
        return f"{self.before} → {self.text}"

    def settle(self, state: ProposalState, *, by: User | None = None, **values: object) -> bool:
        """Ends it, or opens it once the model has answered; False if somebody else was quicker."""
        decided = {"decided": timezone.now(), "decided_by": by} if state != ProposalState.OPEN else {}
        undecided = Proposal.objects.filter(pk=self.pk).undecided()
        return bool(undecided.update(state=state, next_try=None, **decided, **values))

    def put_off(self, reason: str) -> None:
        """The model did not answer: another try later, or none after the last."""
        if self.tries >= TRIES:
            self.settle(ProposalState.REFUSED, reason=reason)
        else:
            Proposal.objects.filter(pk=self.pk).update(next_try=timezone.now() + RETRY, reason=reason)
