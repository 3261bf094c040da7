"""Stripe's events: cards, invoices, and checkouts left behind. Subscriptions are Stigg's, which hears of Stripe itself.

Source: https://docs.stripe.com/api/events/types
"""

from __future__ import annotations

import uuid
from typing import Any

from billing.errors import NotOurs, NotYet
from billing.models import CheckoutSession, Customer, WebhookEvent
from billing.services import card_entry, completion, customers, invoices, payment_methods
from billing.services.customer_lease import GLANCE_SECONDS
from billing.webhooks.effects import Effect, ignored, works

State = CheckoutSession.State


def complete_checkout(event: WebhookEvent) -> str:
    """Complete the checkout: the subscription comes about even when the customer has closed the tab."""
    checkout = _checkout(event)
    if checkout.setup_intent_id not in (None, _object(event).get("id")):
        return "an earlier SetupIntent of this checkout"
    done = completion.complete(checkout.pk, cause=_cause(event))
    if done.state == State.CONFIRMED:
        raise NotYet(f"checkout {checkout.pk} is being completed")
    return f"checkout {done.state}"


def count_refused_card(event: WebhookEvent) -> str:
    """Count the refused card, for the limits against card testing."""
    card_entry.record_refusal(_checkout(event), reference=f"refused:{event.external_id}")
    return "refused card counted"


def refresh_cards(event: WebhookEvent) -> str:
    """Read the customer's saved cards again."""
    was_read = payment_methods.refresh(_customer(event), as_of=event.received_at)
    return "cards refreshed" if was_read else "cards are younger"


def refresh_default_card(event: WebhookEvent) -> str:
    """Read again which card is the default."""
    payment_methods.refresh_default(_customer(event).pk)
    return "default card refreshed"


def refresh_invoice(event: WebhookEvent) -> str:
    """Read the invoice again; a checkout that waits for it goes on."""
    customer = _customer(event)
    was_read = invoices.refresh(customer.pk, str(_object(event).get("id")), as_of=event.received_at)
    waiting = customer.checkouts.all().live().filter(state__in=(State.PROCESSING, State.ACTION_REQUIRED))
    for checkout in waiting:
        completion.complete(checkout.pk, cause=_cause(event))
    return "invoice refreshed" if was_read else "invoice is younger"


def refresh_customer(event: WebhookEvent) -> str:
    """Read what Stigg made of it: the customer, its subscriptions and entitlements."""
    customer = _customer(event)
    customers.refresh(
        customer.pk, cause=_cause(event), as_of=event.received_at, known=customer, wait_seconds=GLANCE_SECONDS
    )
    return "customer refreshed"


CARDS = works(refresh_cards, subject=lambda event: event.customer_ref)
DEFAULT_CARD = works(refresh_default_card, subject=lambda event: event.customer_ref)
INVOICE = works(refresh_invoice, subject=lambda event: (event.customer_ref, str(_object(event).get("id"))))
CUSTOMER = works(refresh_customer, subject=lambda event: event.customer_ref)

EVENTS: dict[str, Effect] = {
    "setup_intent.succeeded": works(complete_checkout),
    "setup_intent.setup_failed": works(count_refused_card),
    "setup_intent.requires_action": ignored("the page is asking the customer"),
    "setup_intent.canceled": ignored("the card page finds out when it is next opened"),
    "payment_method.attached": CARDS,
    "payment_method.detached": CARDS,
    "payment_method.updated": CARDS,
    "payment_method.automatically_updated": CARDS,
    "customer.updated": DEFAULT_CARD,
    "customer.deleted": CUSTOMER,
    "customer.subscription.created": CUSTOMER,
    "customer.subscription.updated": CUSTOMER,
    "customer.subscription.deleted": CUSTOMER,
    "customer.subscription.paused": CUSTOMER,
    "customer.subscription.resumed": CUSTOMER,
    "customer.subscription.trial_will_end": ignored("trials are Stigg's, which tells us itself"),
    "invoice.created": ignored("a draft; it is read when it is final"),
    "invoice.finalized": INVOICE,
    "invoice.paid": INVOICE,
    "invoice.payment_failed": INVOICE,
    "invoice.payment_action_required": INVOICE,
    "invoice.voided": INVOICE,
    "invoice.marked_uncollectible": INVOICE,
    "invoice.upcoming": ignored("a notice; there is no invoice yet"),
    "invoice_payment.paid": ignored("`invoice.paid` says the same of the whole invoice"),
    "charge.dispute.created": ignored("for staff: disputes are answered in Stripe's dashboard"),
}


def _cause(event: WebhookEvent) -> str:
    return f"Stripe {event.event_type} {event.external_id}"


def _object(event: WebhookEvent) -> dict[str, Any]:
    item: dict[str, Any] = event.payload["data"]["object"]
    return item


def _checkout(event: WebhookEvent) -> CheckoutSession:
    reference = (_object(event).get("metadata") or {}).get("checkout_id", "")
    try:
        checkout_id = uuid.UUID(reference)
    except ValueError as error:
        raise NotOurs("the SetupIntent is not of a checkout of ours") from error
    checkout = CheckoutSession.objects.select_related("customer").filter(pk=checkout_id).first()
    if checkout is None:
        raise NotOurs(f"checkout {reference} is not in this database")
    return checkout


def _customer(event: WebhookEvent) -> Customer:
    """By Stripe's id, or by our tag where Stigg's answer with that id has not reached us yet."""
    customer = Customer.objects.filter(stripe_id=event.customer_ref).first() if event.customer_ref else None
    if customer is not None:
        return customer
    tag = (_object(event).get("metadata") or {}).get("tollgate_customer", "")
    try:
        tagged = Customer.objects.filter(pk=uuid.UUID(tag)).exists()
    except ValueError:
        tagged = False
    if tagged:
        raise NotYet(f"customer {tag} has no Stripe id yet")
    raise NotOurs(f"customer {event.customer_ref!r} is not ours")


def worked_types() -> list[str]:
    """The types that an endpoint at Stripe must send us."""
    return [event_type for event_type, effect in EVENTS.items() if effect.handler]
