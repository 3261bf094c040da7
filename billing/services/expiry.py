"""Checkouts whose time is over: closed here once the two sides agree, or asked to be."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from billing.errors import Busy, GatewayError, SetupIntentMismatch
from billing.models import CheckoutSession, Subscription
from billing.services import completion, customers
from billing.services.provisioning import cancel_unpaid, drop_pending_update
from billing.services.settlement import closed

log = structlog.get_logger(__name__)

State = CheckoutSession.State
LOOK_AGAIN = timedelta(minutes=5)
UNPAID_GRACE = timedelta(hours=2)
"""How long we wait for Stripe and Stigg to cancel an unpaid subscription before we ask for it."""


def expire(checkout_id: UUID, *, now: datetime) -> CheckoutSession:
    """Close a checkout whose time is over, after one last look at whether it was completed or paid after all."""
    try:
        checkout = completion.complete(checkout_id, cause="deadline")
    except SetupIntentMismatch:  # it will never be paid with that one
        checkout = CheckoutSession.objects.select_related("customer", "subscription").get(pk=checkout_id)
    if not checkout.is_overdue(now):
        return checkout
    if checkout.provision_started_at and checkout.provisioned_at is None:
        return checkout  # it may have been made and charged: only Stigg can tell, and the sweep asks until it does
    if checkout.subscription is None or checkout.purpose == CheckoutSession.Purpose.RECOVER:
        CheckoutSession.objects.live().filter(pk=checkout.pk).update(**closed(State.EXPIRED, now=now))
    else:
        _expire_unpaid(checkout, checkout.subscription, now=now)
    checkout.refresh_from_db()
    return checkout


def _expire_unpaid(checkout: CheckoutSession, subscription: Subscription, *, now: datetime) -> None:
    """Stripe and Stigg cancel an unpaid subscription by themselves; we look, wait a while, and ask if they did not.
    A change that was not paid for is dropped, and the subscription stays as it was. A bank debit takes days: what is
    on its way is not called off."""
    is_update = subscription.status != Subscription.Status.PAYMENT_PENDING
    is_bank_at_work = subscription.payment_collection == Subscription.PaymentCollection.PROCESSING
    try:
        if is_update and subscription.pending_updates and not is_bank_at_work:
            drop_pending_update(subscription)
        elif not is_update and not is_bank_at_work and checkout.expires_at + UNPAID_GRACE <= now:
            cancel_unpaid(subscription.stigg_id)
        customers.refresh(checkout.customer_id, cause="deadline", with_stripe=True)
    except (Busy, GatewayError) as error:
        log.warning("checkout.expiry_postponed", checkout_id=str(checkout.pk), error=str(error))
    CheckoutSession.objects.live().filter(pk=checkout.pk).update(due_at=now + LOOK_AGAIN)
