"""Events for tests of the inbox: stored as the view stores them, good, poisonous and too early."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from billing.models import WebhookEvent
from billing.webhooks import inbox
from billing.webhooks.dispatch import drain
from tests.integration.senders import STRIPE, Sender
from tests.people import Person


def store(event_id: str = "evt_1", kind: str = "moon.full", *, sender: Sender = STRIPE, **entity: Any) -> WebhookEvent:
    """As the view stores it; the type is one that needs no work unless another is given."""
    payload = sender.event(kind, event_id=event_id, **entity)
    inbox.store(source=sender.source, external_id=event_id, event_type=kind, payload=payload)
    return WebhookEvent.objects.get(source=sender.source, external_id=event_id)


def store_about(who: Person) -> WebhookEvent:
    """One that has the customer read again at Stigg."""
    key = who.customer.stigg_id
    inbox.store(source="stigg", external_id="evt_1", event_type="customer.updated", payload={}, customer_ref=key)
    return WebhookEvent.objects.get()


def store_poison(event_id: str = "poison") -> WebhookEvent:
    """Metadata that is no object: the handler stumbles over it every time."""
    return store(event_id, "setup_intent.succeeded", id="seti_1", metadata=["not", "an", "object"])


def store_early(who: Person, event_id: str = "early") -> WebhookEvent:
    """About a customer of ours whose Stripe id has not reached us yet."""
    tag = {"tollgate_customer": who.customer.stigg_id}
    return store(event_id, "customer.updated", object="customer", id="cus_1", metadata=tag)


def make_due(event: WebhookEvent) -> None:
    WebhookEvent.objects.filter(pk=event.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def work(event: WebhookEvent, *, times: int = 1) -> WebhookEvent:
    """Let a worker at it as often as `times`, whatever its pause."""
    for _ in range(times):
        make_due(event)
        drain()
    event.refresh_from_db()
    return event
