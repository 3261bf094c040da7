"""Webhook events: what arrived, what became of it, and the button to have it worked once more."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.actions import Deed, ask_then_do
from billing.admin.base import MOST_CUSTOMERS_FOUND, ReadOnlyAdmin, customers_like
from billing.admin.filters import EventTypeFilter
from billing.models import Customer, WebhookEvent
from billing.webhooks import inbox

WHAT = ("source", "event_type", "event_link", "customer_link", "customer_ref", "occurred_at", "received_at")
FATE = ("fate", "attempts", "outcome", "last_error", "due_at", "leased_until", "finished_at")


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("event_type", "source", "fate", "attempts", "outcome", "about", "received")
    list_filter = ("state", "source", EventTypeFilter)
    ordering = ("-pk",)
    sortable_by = ()
    search_by_text = ("event_type",)
    search_help_text = _("Event id, type, customer id, cus_…, or beginning of the customer's e-mail address")
    actions = ("replay",)
    fieldsets = ((None, {"fields": WHAT}), (_("What became of it"), {"fields": FATE}), (None, {"fields": ("body",)}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the payload: the list does not show it, and the page fetches it when it does."""
        return super().get_queryset(request).defer("payload")

    @admin.display(description=_("state"))
    def fate(self, event: WebhookEvent) -> str:
        return words.event_state(event)

    @admin.display(description=_("received"))
    def received(self, event: WebhookEvent) -> str:
        return words.moment(event.received_at)

    @admin.display(description=_("about"))
    def about(self, event: WebhookEvent) -> SafeString | str:
        ref = event.customer_ref
        return links.to_list(WebhookEvent, ref, customer_ref=ref) if ref else links.NOTHING

    @admin.display(description=_("event"))
    def event_link(self, event: WebhookEvent) -> SafeString | str:
        return links.to_stripe(event.external_id) if event.source == "stripe" else event.external_id

    @admin.display(description=_("customer"))
    def customer_link(self, event: WebhookEvent) -> SafeString | str:
        return links.to_record(_customer_of(event))

    @admin.display(description=_("payload"))
    def body(self, event: WebhookEvent) -> SafeString:
        return words.pretty_json(event.payload)

    @admin.action(description=_("Replay"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> HttpResponse | None:
        deed = Deed(
            name="replay",
            title=_("Replay"),
            explanation=_(
                "A worker will work these events once more. That is harmless: it reads the truth again from Stigg and "
                "Stripe. Events that are being worked at this moment are left alone."
            ),
            run=inbox.replay,
            logged_as="Replay asked for.",
        )
        return ask_then_do(self, request, queryset, deed)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Reading may be for support, starting work is for those who may change events."""
        return request.user.has_perm("billing.change_webhookevent")

    def _condition(self, term: str) -> Q:
        """An event knows its customer only in the sender's words; ids are unique per source."""
        if "@" in term:
            found = customers_like(term).values_list("pk", "stripe_id")[:MOST_CUSTOMERS_FOUND]
            return Q(customer_ref__in=[str(ref) for pair in found for ref in pair if ref])
        if term.startswith("cus_"):
            return Q(customer_ref=term)
        by_id = Q(source__in=WebhookEvent.Source.values, external_id=term)
        return by_id | Q(customer_ref=term) | Q(event_type__startswith=term)


def _customer_of(event: WebhookEvent) -> Customer | None:
    if event.source == WebhookEvent.Source.STRIPE:
        return Customer.objects.filter(stripe_id=event.customer_ref).first() if event.customer_ref else None
    try:
        return Customer.objects.filter(pk=uuid.UUID(event.customer_ref)).first()
    except ValueError:
        return None
