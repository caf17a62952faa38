"""Proposals: other texts for lines, which change nothing until a person accepts them."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents import proposals
from documents.access import editable, visible
from documents.models import Proposal, ProposalState

from .base import ApiView, StrictSerializer
from .problems import ProblemError
from .runs import chosen_run

MOST = 200
"""Proposals in one call, and in one answer."""


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    page = serializers.IntegerField(source="result.page.number")
    state = serializers.ChoiceField(ProposalState.choices)
    guarded = serializers.ListField(
        child=serializers.CharField(), help_text="`digits`, `names`: what it would change and a person must look at."
    )
    requested_by = serializers.CharField(source="requested_by.username")

    class Meta:
        model = Proposal
        fields = [
            "id",
            "page",
            "line",
            "before",
            "text",
            "model",
            "guarded",
            "state",
            "reason",
            "requested_by",
            "created",
        ]


class OfferSerializer(StrictSerializer):
    page = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    line = serializers.CharField(max_length=50, help_text="The id of the line.")
    text = serializers.CharField(max_length=10_000, trim_whitespace=False)


class OffersSerializer(StrictSerializer):
    model = serializers.CharField(max_length=100, help_text="Who found it, for people: the name of the model.")
    proposals = serializers.ListField(child=OfferSerializer(), min_length=1, max_length=MOST)


class OfferedSerializer(serializers.Serializer[Any]):
    """What became of one: its number, or the reason why it was not taken."""

    page = serializers.IntegerField()
    line = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_null=True, help_text="`not-found`, `unchanged`, `too-long`, `another-text`, ...")
    detail = serializers.CharField(allow_null=True)


class AskSerializer(StrictSerializer):
    """Which lines the site's own model is asked about: those of little confidence, or those named."""

    page = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Else all pages.")
    below = serializers.FloatField(min_value=0, max_value=1, default=0.9, help_text="Lines with less confidence.")
    lines = serializers.ListField(child=serializers.CharField(max_length=50), max_length=MOST, required=False)


class AskedSerializer(serializers.Serializer[Any]):
    asked = serializers.IntegerField(help_text="Lines that the model will be asked about.")


class DecisionSerializer(StrictSerializer):
    state = serializers.ChoiceField([ProposalState.ACCEPTED.value, ProposalState.REJECTED.value])


class ProposalQuery(StrictSerializer):
    state = serializers.ChoiceField(ProposalState.choices, required=False, default=ProposalState.OPEN.value)
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, default=0, help_text="The last id of the answer before."
    )


class Proposals(ApiView):
    queries: ClassVar = {"GET": ProposalQuery}

    @extend_schema(operation_id="list_proposals", responses=ProposalSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """Proposals for the current run of a document, up to 200 by their ids."""
        found = Proposal.objects.of_document(visible(request, pk)).filter(state=self.asked["state"])
        shown = found.filter(pk__gt=self.asked["after"]).select_related("result__page", "requested_by").order_by("pk")
        return Response(ProposalSerializer(shown[:MOST], many=True).data)

    @extend_schema(operation_id="propose", request=OffersSerializer, responses={201: OfferedSerializer(many=True)})
    def post(self, request: Request, pk: UUID) -> Response:
        """Proposes other texts for lines. They change nothing until a person accepts them."""
        run = chosen_run(editable(request, pk), None)
        form = OffersSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        numbers = {each["page"] for each in wanted["proposals"]}
        results = run.results.select_related("page__document").filter(page__number__in=numbers)
        by_page = {result.page.number: result for result in results}
        outcomes = []
        for each in wanted["proposals"]:
            offered = proposals.Offer(each["line"], each["text"], wanted["model"])
            outcome: dict[str, Any] = {"page": each["page"], "line": each["line"], "id": None, "code": None}
            try:
                outcome["id"] = proposals.offer(by_page[each["page"]], offered, self.user).pk
                outcome["detail"] = None
            except LookupError:
                outcome |= {"code": "not-found", "detail": "There is no such line."}
            except proposals.OfferError as error:
                outcome |= {"code": error.code, "detail": str(error)}
            outcomes.append(outcome)
        return Response(OfferedSerializer(outcomes, many=True).data, status=201)


class OneProposal(ApiView):
    problems: ClassVar = {"PATCH": [409]}

    @extend_schema(operation_id="decide_proposal", request=DecisionSerializer, responses=ProposalSerializer)
    def patch(self, request: Request, pk: UUID, proposal: int) -> Response:
        """Accepts a proposal, which makes it a correction of yours, or rejects it."""
        document = editable(request, pk)
        change = DecisionSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        known = Proposal.objects.of_document(document).select_related("result__page", "requested_by")
        found = get_object_or_404(known, pk=proposal)
        decide = proposals.accept if change.validated_data["state"] == ProposalState.ACCEPTED else proposals.reject
        if not decide(found, self.user):
            message = "The line has changed since, or somebody has decided before. Nothing was changed."
            raise ProblemError(409, "overtaken", message)
        return Response(ProposalSerializer(known.get(pk=proposal)).data)


class AskModel(ApiView):
    problems: ClassVar = {"POST": [409, 422]}

    @extend_schema(operation_id="ask_model", request=AskSerializer, responses={202: AskedSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Asks the language model of this site, if it has one, to propose texts for doubtful lines."""
        document = editable(request, pk)
        form = AskSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        if "page" in wanted and not document.pages.filter(number=wanted["page"]).exists():
            raise ValidationError({"page": "There is no such page."})
        try:
            asked = proposals.ask(document, self.user, **wanted)
        except proposals.NotConfiguredError as error:
            message = "This site asks no language model. An administrator can set one up (OCRSITE_LLM_URL)."
            raise ProblemError(409, "no-model", message) from error
        return Response({"asked": asked}, status=202)
