"""What a subscription's state means for the checkout that asked for it. Rows only, no network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from billing import conf
from billing.models import CheckoutSession, Customer, Subscription
from billing.services import emails

State = CheckoutSession.State
LOOK_AGAIN = timedelta(seconds=10)


def outcome_of(subscription: Subscription) -> str:
    """The checkout state that a subscription's state asks for.

    Source: https://docs.stigg.io/documentation/native-integrations/billing/stripe/handling-payment-errors
    """
    collection, payment = subscription.payment_collection, Subscription.PaymentCollection
    if subscription.is_finished:
        return State.EXPIRED
    if collection == payment.ACTION_REQUIRED:
        return State.ACTION_REQUIRED
    if collection == payment.FAILED:
        return State.PAYMENT_FAILED
    if collection == payment.PROCESSING or subscription.status == Subscription.Status.PAYMENT_PENDING:
        return State.PROCESSING
    return State.SUCCEEDED


def outcome_for(checkout: CheckoutSession, subscription: Subscription) -> str:
    """As `outcome_of`, for this order: a bill of before that is in trouble (a renewal that failed) says nothing of an
    order that waits for no money."""
    outcome = outcome_of(subscription)
    if outcome in (State.SUCCEEDED, State.EXPIRED) or waits_for_money(checkout, subscription):
        return outcome
    return State.SUCCEEDED


def waits_for_money(checkout: CheckoutSession, subscription: Subscription) -> bool:
    """Whether what is unpaid of the subscription is what the checkout is for: a first payment, a change that waits for
    its own, the bill that it recovers, or else an invoice that the order itself brought about."""
    if checkout.purpose == CheckoutSession.Purpose.RECOVER or subscription.pending_updates:
        return True
    if subscription.status == Subscription.Status.PAYMENT_PENDING:
        return True
    is_own = bool(checkout.invoice_id) and checkout.invoice_id == subscription.latest_invoice_id
    return is_own and checkout.kind != CheckoutSession.Kind.TO_FREE and not subscription.scheduled_updates


def values_for(checkout: CheckoutSession, subscription: Subscription, *, now: datetime) -> dict[str, Any]:
    """The values that bring `checkout` to the subscription's outcome; empty when there is nothing to write.

    A failure that Stigg still reports after Stripe took the money is old news, and so is one while
    another card is being tried: both wait for what comes next.
    """
    outcome = outcome_for(checkout, subscription)
    if outcome == State.SUCCEEDED and _was_dropped(checkout, subscription):
        return closed(State.CANCELED, now=now)
    if outcome in (State.SUCCEEDED, State.EXPIRED):
        return closed(outcome, now=now)
    if checkout.paid_at or checkout.state in (State.OPEN, State.CONFIRMED, State.PAYMENT_FAILED):
        return {}
    if outcome == State.PAYMENT_FAILED:
        return failed(checkout, subscription)
    return waiting(outcome, subscription, now=now)


def _was_dropped(checkout: CheckoutSession, subscription: Subscription) -> bool:
    """Whether a change that waited for its payment is gone without it: then all is well again, but nothing changed."""
    waited = checkout.state in (State.PAYMENT_FAILED, State.ACTION_REQUIRED, State.PROCESSING)
    return checkout.is_change and waited and not checkout.paid_at and not has_come_about(subscription, checkout)


def has_come_about(row: Subscription, checkout: CheckoutSession) -> bool:
    """Whether the subscription is what the checkout asked for, or will be on a day that is set."""
    return bool(row.scheduled_updates) or (
        row.plan_id == checkout.plan_id
        and row.billing_period == checkout.billing_period
        and row.addon_quantities == checkout.addons
        and all(row.quantities.get(name, count) == count for name, count in checkout.quantities.items())
    )


def closed(state: str, *, now: datetime) -> dict[str, Any]:
    """The checkout is over; `due_at` has the sweep cancel a SetupIntent that may still be open."""
    return {"state": state, "closed_at": now, "due_at": now, "last_error": ""}


def failed(
    checkout: CheckoutSession, subscription: Subscription, *, code: str = "", message: str = ""
) -> dict[str, Any]:
    """The payment failed: the next try needs a SetupIntent of its own, hence the next number."""
    values: dict[str, Any] = {
        "state": State.PAYMENT_FAILED,
        "failure_code": code or checkout.failure_code,
        "failure_message": (message or subscription.latest_invoice_error)[:500],
        "invoice_id": subscription.latest_invoice_id or checkout.invoice_id,
        "invoice_attempted_with": checkout.payment_method_id or checkout.invoice_attempted_with,
        "payment_method_id": "",
        "setup_intent_id": None,
        "setup_intent_number": F("setup_intent_number") + 1,
        "due_at": None,
    }
    if subscription.payment_deadline_at:
        values["expires_at"] = subscription.payment_deadline_at
    elif checkout.is_change and checkout.provision_started_at:
        deadline = checkout.provision_started_at + timedelta(hours=conf.current().payment_deadline_hours)
        values["expires_at"] = min(checkout.expires_at, deadline)
    return values


def waiting(state: str, subscription: Subscription, *, now: datetime) -> dict[str, Any]:
    """The payment is under way, or the bank asks for the customer."""
    values: dict[str, Any] = {"state": state, "due_at": now + LOOK_AGAIN}
    if subscription.latest_invoice_id:
        values["invoice_id"] = subscription.latest_invoice_id
    if subscription.payment_deadline_at:
        values["expires_at"] = subscription.payment_deadline_at
    return values


def settle(customer: Customer) -> None:
    """Move the customer's live checkout to what its subscription has come to. Call inside a transaction."""
    now = timezone.now()
    for checkout in customer.checkouts.all().live().select_related("subscription"):
        if checkout.subscription is None:
            continue
        values = values_for(checkout, checkout.subscription, now=now)
        if values:
            moved = CheckoutSession.objects.live().filter(pk=checkout.pk, state=checkout.state).update(**values)
            if moved and values["state"] == State.SUCCEEDED:
                emails.queue_receipt(checkout)
