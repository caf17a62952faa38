"""Webhooks of one's own, and what became of their messages."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from documents.forms import WebhookForm
from documents.models import Delivery, Subject, Verb, Webhook, record

from .base import ApiView, NewestFirstPagination, PageQuery, StrictSerializer


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    subjects = serializers.ListField(child=serializers.ChoiceField(Subject.choices), help_text="What it is told.")

    class Meta:
        model = Webhook
        fields = ["id", "url", "subjects", "active", "created", "failing_since"]


class NewWebhookSerializer(StrictSerializer):
    url = serializers.CharField(max_length=500, help_text="A public `https://` address.")
    subjects = serializers.MultipleChoiceField(
        choices=Subject.choices, required=False, help_text="What it is told; else all."
    )


class MadeWebhookSerializer(WebhookSerializer):
    """With the secret that signs its messages."""

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookChangeSerializer(StrictSerializer):
    active = serializers.BooleanField(help_text="Switching it off gives up its waiting messages.")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    document = serializers.UUIDField(source="document_id", allow_null=True)
    state = serializers.ChoiceField(["queued", "done", "failed"])
    status = serializers.IntegerField(allow_null=True, help_text="The HTTP status of the last answer.")

    class Meta:
        model = Delivery
        fields = ["id", "subject", "document", "state", "created", "tries", "next_try", "arrived", "status", "error"]


class DeliveryPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeliverySerializer(many=True)


class Webhooks(ApiView):
    @extend_schema(operation_id="list_webhooks", responses=WebhookSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your webhooks."""
        return Response(WebhookSerializer(self.user.webhooks.all(), many=True).data)

    @extend_schema(operation_id="make_webhook", request=NewWebhookSerializer, responses={201: MadeWebhookSerializer})
    def post(self, request: Request) -> Response:
        """Makes a webhook. The answer has its secret."""
        sent = NewWebhookSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        form = WebhookForm({"subjects": Subject.values} | sent.validated_data)
        if not form.is_valid():
            raise ValidationError({field: [str(error) for error in errors] for field, errors in form.errors.items()})
        webhook = Webhook.register(self.user, **form.cleaned_data)
        record(Verb.SECURITY, None, self.user, what="webhook_made", url=webhook.url)
        return Response(MadeWebhookSerializer(webhook).data, status=201)


class OneWebhook(ApiView):
    @extend_schema(operation_id="get_webhook", responses=WebhookSerializer)
    def get(self, request: Request, webhook: int) -> Response:
        """One of your webhooks."""
        return Response(WebhookSerializer(own_webhook(self, webhook)).data)

    @extend_schema(operation_id="switch_webhook", request=WebhookChangeSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, webhook: int) -> Response:
        """Switches one of your webhooks on or off."""
        change = WebhookChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        own_webhook(self, webhook).switch(change.validated_data["active"])
        return Response(WebhookSerializer(own_webhook(self, webhook)).data)

    @extend_schema(operation_id="delete_webhook", request=None, responses={204: None})
    def delete(self, request: Request, webhook: int) -> Response:
        """Deletes one of your webhooks."""
        found = own_webhook(self, webhook)
        record(Verb.SECURITY, None, self.user, what="webhook_deleted", url=found.url)
        found.delete()
        return Response(status=204)


class PingWebhook(ApiView):
    @extend_schema(operation_id="ping_webhook", request=None, responses={201: DeliverySerializer})
    def post(self, request: Request, webhook: int) -> Response:
        """Sends a message of the type `ping`, to try the address with."""
        return Response(DeliverySerializer(own_webhook(self, webhook).ping()).data, status=201)


class Deliveries(ApiView):
    queries: ClassVar = {"GET": PageQuery}

    @extend_schema(operation_id="list_deliveries", responses=DeliveryPageSerializer)
    def get(self, request: Request, webhook: int) -> Response:
        """The messages of one of your webhooks, the newest first."""
        pages = NewestFirstPagination()
        shown = pages.paginate_queryset(own_webhook(self, webhook).deliveries.all(), request, self)
        return pages.get_paginated_response(DeliverySerializer(shown, many=True).data)


class Redeliver(ApiView):
    @extend_schema(operation_id="redeliver", request=None, responses=DeliverySerializer)
    def post(self, request: Request, webhook: int, delivery: UUID) -> Response:
        """Sends one message again."""
        deliveries = own_webhook(self, webhook).deliveries
        get_object_or_404(deliveries, pk=delivery).repeat()
        return Response(DeliverySerializer(deliveries.get(pk=delivery)).data)


def own_webhook(view: ApiView, number: int) -> Webhook:
    found: Webhook = get_object_or_404(view.user.webhooks, pk=number)
    return found
