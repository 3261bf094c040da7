"""Ending a subscription, now or later; taking that back; and dropping changes that wait."""

from datetime import datetime
from typing import Any

from sandbox.stigg import billing, changing, lifecycle, sync
from sandbox.stigg.errors import StiggError
from sandbox.stigg.moments import follow_up
from sandbox.stigg.side import Side
from sandbox.stigg.state import Subscription
from sandbox.stigg.stripe_link import StripeRefusal

Given = dict[str, Any]


async def cancel(side: Side, given: Given) -> Subscription:
    subscription = side.subscription(given["subscriptionRefId"])
    async with side.customer(subscription.customer_ref_id).lock:
        _require_open(subscription)
        when = _end_of(side, subscription, given)
        if when is None:
            await _end_now(side, subscription, given)
        else:
            watch = lifecycle.Watch.on(side, subscription)
            await plan_end(side, subscription, when)
            await watch.announce()
    return subscription


async def plan_end(side: Side, subscription: Subscription, when: datetime) -> None:
    """It stays as it is until then, with both dates at that day. The caller holds the lock and announces."""
    subscription.cancellation_at = subscription.effective_end_at = when
    for update in subscription.updates("Scheduled"):
        update.status = "Canceled"
    if subscription.billing_id is None:
        return
    if when == subscription.period_end:
        await _tell_stripe(billing.cancel_at_period_end(side, subscription, cancel=True))
    else:
        await _tell_stripe(billing.cancel_at(side, subscription, when))


async def take_back(side: Side, subscription: Subscription) -> None:
    """A planned end is off. The caller holds the lock and announces."""
    subscription.cancellation_at = None
    subscription.effective_end_at = None
    if subscription.billing_id is not None:
        await _tell_stripe(billing.cancel_at_period_end(side, subscription, cancel=False))


async def cancel_updates(side: Side, given: Given) -> str:
    """Drops the changes of one status; one that waits for its payment has its invoice voided."""
    subscription = side.subscription(given["subscriptionId"])
    status = given.get("status") or "Scheduled"
    async with side.customer(subscription.customer_ref_id).lock:
        updates = subscription.updates(status)
        if status not in {"Scheduled", "PendingPayment"} or not updates:
            raise StiggError("FutureUpdateNotFound", "There is no such update to cancel")
        watch = lifecycle.Watch.on(side, subscription)
        if status == "PendingPayment":
            await _tell_stripe(changing.give_up_payment(side, subscription))
        for update in updates:
            update.status = "Canceled"
        await watch.announce()
    return subscription.ref_id


def _require_open(subscription: Subscription) -> None:
    if not subscription.is_open:
        raise StiggError("SubscriptionAlreadyCanceledOrExpired", "Subscription is already canceled or expired")


def _end_of(side: Side, subscription: Subscription, given: Given) -> datetime | None:
    """When it is to end; None is now."""
    product = side.state.catalog.products[subscription.product_id]
    asked = given.get("subscriptionCancellationTime")
    if asked is None:
        paid = subscription.status == "ACTIVE" and subscription.pricing_type == "PAID"
        asked = product.cancellation_time if paid else "IMMEDIATE"
    if asked == "IMMEDIATE" or subscription.status == "PAYMENT_PENDING":
        return None
    if asked == "SPECIFIC_DATE":
        return _specific_date(side, given)
    if subscription.status == "IN_TRIAL":
        raise StiggError("TrialMustBeCancelledImmediately", "A trial must be canceled immediately")
    if subscription.period_end is None:
        raise StiggError("InvalidCancellationDate", "Subscription has no billing period to wait for")
    return subscription.period_end


def _specific_date(side: Side, given: Given) -> datetime:
    when: datetime | None = given.get("endDate")
    if when is None or when <= side.now():
        raise StiggError("InvalidCancellationDate", "endDate must be in the future")
    return when


async def _end_now(side: Side, subscription: Subscription, given: Given) -> None:
    watch = lifecycle.Watch.on(side, subscription)
    if subscription.billing_id is not None:
        await _tell_stripe(billing.cancel_now(side, subscription, prorate=bool(given.get("prorate"))))
    sync.end(subscription, "Immediate", side.now())
    await watch.announce()
    if given.get("subscriptionCancellationAction") != "REVOKE_ENTITLEMENTS":
        await follow_up(side, subscription)


async def _tell_stripe(call: Any) -> None:
    try:
        await call
    except StripeRefusal as refusal:
        raise StiggError("StripeError", str(refusal), stripeCode=refusal.code) from refusal
