"""Checkout from the saved card on: one idempotent function, called by whoever comes first.

The page's POST, the return page, the `setup_intent.succeeded` webhook and the sweep all call
`complete`. It holds the checkout's lease, never a transaction, while it talks to Stripe and Stigg;
each step is written down before the next, so that whoever comes after a crash goes on from there.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from billing.errors import (
    BillingError,
    Busy,
    GatewayError,
    GatewayRejected,
    GatewayUnauthorized,
    SetupIntentMismatch,
)
from billing.gateways import stripe
from billing.models import CheckoutSession, LeaseLost
from billing.services import billing_details, customers, payments, previews, price_check, provisioning
from billing.services.backoff import delay
from billing.services.settlement import closed

log = structlog.get_logger(__name__)

State = CheckoutSession.State
POLL_SECONDS = 0.1
LEASE_SECONDS = 150
BANK_PAUSE, BANK_PATIENCE = timedelta(seconds=30), timedelta(days=1)
"""Longer than the provision time-out and the calls around it."""
REJECTIONS_BEFORE_GIVING_UP = 3


def complete(checkout_id: UUID, *, cause: str, wait_seconds: float = 0) -> CheckoutSession:
    """Bring the checkout as far as it can go now, and return it as it then stands.

    Safe to call at any time and any number of times: one caller at a time works; the others wait for up to
    `wait_seconds` and get the row as it is. An outage leaves the checkout due for the sweep; nothing is lost
    and nothing is done twice. Raises: SetupIntentMismatch.
    """
    give_up_at = time.monotonic() + wait_seconds
    while not _try_to_complete(checkout_id, cause=cause) and time.monotonic() < give_up_at:
        time.sleep(POLL_SECONDS)
    return CheckoutSession.objects.select_related("customer", "subscription").get(pk=checkout_id)


def _try_to_complete(checkout_id: UUID, *, cause: str) -> bool:
    """False when somebody else holds the lease."""
    with CheckoutSession.lease(checkout_id, seconds=LEASE_SECONDS) as checkout:
        if checkout is not None and checkout.is_live:
            try:
                _advance_or_postpone(checkout, cause=cause)
            except LeaseLost:
                log.warning("checkout.moved_on", checkout_id=str(checkout_id))
        return checkout is not None


def _advance_or_postpone(checkout: CheckoutSession, *, cause: str) -> None:
    try:
        _advance(checkout, cause=cause)
    except GatewayRejected as error:
        _record_rejection(checkout, error)
    except (GatewayError, Busy) as error:
        _postpone(checkout, error)


def _advance(checkout: CheckoutSession, *, cause: str) -> None:
    if not checkout.customer.is_provisioned:
        checkout.customer = customers.provision(checkout.customer_id)
    if checkout.state in (State.PROCESSING, State.ACTION_REQUIRED):
        payments.look_again(checkout)
    elif not _has_card(checkout):
        return
    elif checkout.provisioned_at is not None:
        payments.pay_open_invoice(checkout, cause=cause)
    else:
        earlier = provisioning.find_earlier(checkout)
        if earlier is None and not price_check.is_agreed(checkout):
            return
        provisioning.provision(checkout, earlier, cause=cause)
    _refresh_customer(checkout, cause=cause)


def _has_card(checkout: CheckoutSession) -> bool:
    """Whether a card is ready to be charged; Stripe is asked, the browser's word is never enough."""
    if not checkout.needs_card or checkout.payment_method_id:
        return True
    if not checkout.setup_intent_id:
        checkout.write_under_lease(due_at=None)
        return False
    intent = stripe.current().fetch_setup_intent(checkout.setup_intent_id)
    is_ours = intent.metadata.get("checkout_id") == str(checkout.pk)
    if not is_ours or intent.customer_id != checkout.customer.stripe_id:
        checkout.write_under_lease(last_error=f"{intent.setup_intent_id} is not this checkout's", due_at=None)
        raise SetupIntentMismatch(f"{intent.setup_intent_id} is not checkout {checkout.pk}'s")
    if intent.status == "succeeded" and intent.payment_method_id:
        billing_details.adopt_from_card(checkout.customer, intent.payment_method)
        checkout.write_under_lease(
            payment_method_id=intent.payment_method_id,
            state=State.CONFIRMED,
            due_at=timezone.now() + timedelta(seconds=LEASE_SECONDS),
        )
        return True
    checkout.write_under_lease(**_next_look(checkout, is_bank_at_work=intent.status == "processing"))
    return False


def _next_look(checkout: CheckoutSession, *, is_bank_at_work: bool) -> dict[str, Any]:
    """When the sweep asks again for the card. A bank may take days, and the order waits for it; otherwise the last
    look is the one with which its time is over."""
    now = timezone.now()
    if is_bank_at_work:
        return {"due_at": now + BANK_PAUSE, "expires_at": max(checkout.expires_at, now + BANK_PATIENCE)}
    look_at = now + checkout.pause_before_next_look(now)
    return {"due_at": look_at if look_at < checkout.expires_at else None}


def _refresh_customer(checkout: CheckoutSession, *, cause: str) -> None:
    """Bring the mirror up to date: entitlements above all. What cannot be read now is read soon."""
    try:
        customers.refresh(checkout.customer_id, cause=cause, with_stripe=False)
    except (Busy, GatewayError) as error:
        log.warning("checkout.refresh_postponed", checkout_id=str(checkout.pk), error=str(error))
    customers.refresh_soon(checkout.customer_id, after_seconds=1)


def _postpone(checkout: CheckoutSession, error: BillingError, **values: Any) -> None:
    attempts = checkout.attempts + 1
    log.warning("checkout.postponed", checkout_id=str(checkout.pk), attempts=attempts, error=str(error))
    due_at = timezone.now() + delay(attempts, cap_seconds=300)
    checkout.write_under_lease(attempts=attempts, last_error=str(error), due_at=due_at, **values)


def _record_rejection(checkout: CheckoutSession, error: GatewayRejected) -> None:
    """A refusal may pass, or be one that will never change: then the customer is told."""
    if checkout.provisioned_at or _may_pass(error):
        _postpone(checkout, error)
        return
    rejections = checkout.rejections + 1
    is_hopeless = rejections >= REJECTIONS_BEFORE_GIVING_UP or bool(previews.coupon_refusal(error))
    if not is_hopeless or checkout.provision_started_at:  # it may have been made and charged: only Stigg can tell
        _postpone(checkout, error, rejections=rejections)
        return
    log.error("checkout.rejected", checkout_id=str(checkout.pk), error=str(error))
    values = closed(State.CANCELED, now=timezone.now()) | {
        "failure_code": error.upstream_code[:64],
        "failure_message": str(error)[:500],
        "last_error": str(error),
        "rejections": rejections,
    }
    checkout.write_under_lease(**values)


def _may_pass(error: GatewayRejected) -> bool:
    """Whether it is about our key, which staff can mend, or an answer without a code: of a proxy during a deploy, say,
    and not of Stigg or Stripe."""
    is_from_elsewhere = error.upstream_status is not None and not error.upstream_code
    return is_from_elsewhere or isinstance(error, GatewayUnauthorized)
