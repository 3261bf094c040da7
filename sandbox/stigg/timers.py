"""The moments at which a subscription moves by itself: trials, unpaid first invoices, scheduled changes.

Only the times are here; what happens then is in `moments`, which registers itself. Renewals are Stripe's,
unless nobody collects.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sandbox.stigg.side import Side
from sandbox.stigg.state import Subscription
from sandbox.stigg.trace import traced

Moment = Callable[[Side, Subscription], Awaitable[None]]

# Stripe gives an incomplete subscription up after 23 hours and tells us; this is for when it did not.
PENDING_PAYMENT_LIMIT = timedelta(hours=24)
# As long as Stripe keeps a pending update.
PENDING_UPDATE_LIMIT = timedelta(hours=23)
TRIAL_ENDS_SOON = timedelta(days=7)
# A change at the end of a period is made just before Stripe bills the next one.
BEFORE_RENEWAL = timedelta(seconds=2)

_moments: dict[str, Moment] = {}


def on(name: str) -> Callable[[Moment], Moment]:
    def register(moment: Moment) -> Moment:
        _moments[name] = moment
        return moment

    return register


def schedule(side: Side, subscription: Subscription) -> None:
    """Sets every timer of the subscription anew from its present state."""
    times = _times(subscription, side.now())
    for name, moment in _moments.items():
        key = f"stigg/{subscription.id}/{name}"
        when = times.get(name)
        if when is None:
            side.world.clock.cancel(key)
        else:
            side.world.clock.at(when, _action(side, subscription, moment), key)


def _times(subscription: Subscription, now: datetime) -> dict[str, datetime]:
    times: dict[str, datetime | None] = {}
    if subscription.status == "NOT_STARTED":
        times["start"] = subscription.start_at
    elif subscription.status == "PAYMENT_PENDING":
        invoice = subscription.latest_invoice
        since = invoice.created_at if invoice else subscription.created_at
        times["pending_payment_limit"] = since + PENDING_PAYMENT_LIMIT
    elif subscription.status == "IN_TRIAL":
        times["trial_end"] = subscription.trial_end_at
        times["trial_ends_soon"] = _trial_ends_soon(subscription, now)
    if subscription.is_open and subscription.billing_id is None:
        times["planned_end"] = subscription.effective_end_at
        if subscription.status == "ACTIVE":
            times["next_period"] = subscription.period_end
    waiting = subscription.updates("PendingPayment")
    if waiting and subscription.is_open:
        times["pending_update_limit"] = waiting[0].executes_at + PENDING_UPDATE_LIMIT
    scheduled = subscription.updates("Scheduled")
    if scheduled and subscription.is_open:
        times["scheduled_update"] = scheduled[0].executes_at - BEFORE_RENEWAL
    return {name: when for name, when in times.items() if when is not None}


def _trial_ends_soon(subscription: Subscription, now: datetime) -> datetime | None:
    if subscription.trial_end_at is None:
        return None
    when = subscription.trial_end_at - TRIAL_ENDS_SOON
    return when if when > now else None


def _action(side: Side, subscription: Subscription, moment: Moment) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        owner = side.state.customers.get(subscription.customer_ref_id)
        if owner is None or side.state.subscriptions.get(subscription.ref_id) is not subscription:
            return
        with traced():
            async with owner.lock:
                await moment(side, subscription)

    return run
