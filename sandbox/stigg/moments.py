"""What happens when a subscription's moment has come. Each runs under the customer's lock."""

from sandbox.stigg import billing, changing, lifecycle, orders, subscriptions, webhooks
from sandbox.stigg.orders import Order
from sandbox.stigg.periods import after_period
from sandbox.stigg.side import Side
from sandbox.stigg.state import Choice, FutureUpdate, Subscription
from sandbox.stigg.timers import on


@on("pending_payment_limit")
async def give_up_payment(side: Side, subscription: Subscription) -> None:
    """Stripe's own end of it comes first, as a rule; this is the last moment."""
    if subscription.status == "PAYMENT_PENDING":
        await lifecycle.end(side, subscription, "PendingPaymentExpired")


@on("pending_update_limit")
async def give_up_change(side: Side, subscription: Subscription) -> None:
    watch = lifecycle.Watch.on(side, subscription)
    await changing.give_up_payment(side, subscription)
    await watch.announce()


@on("trial_ends_soon")
async def tell_trial_end(side: Side, subscription: Subscription) -> None:
    webhooks.subscription_event(side.world, "trial.ends_soon", subscription)


@on("trial_end")
async def end_trial(side: Side, subscription: Subscription) -> None:
    owner = side.state.customers[subscription.customer_ref_id]
    if _has_successor(side, subscription):
        await lifecycle.end(side, subscription, "TrialConverted")
        return
    converts = subscription.trial_end_behavior == "CONVERT_TO_PAID" and owner.payment_method is not None
    if not converts:
        await lifecycle.end(side, subscription, "TrialEnded", status="EXPIRED")
        await follow_up(side, subscription)
        return
    await subscriptions.bill_in_time(side, owner, subscription)
    if subscription.is_open:
        webhooks.subscription_event(side.world, "trial_converted", subscription, reason="TRIAL_ENDED")


@on("start")
async def begin(side: Side, subscription: Subscription) -> None:
    owner = side.state.customers[subscription.customer_ref_id]
    if subscription.pricing_type == "PAID":
        await subscriptions.bill_in_time(side, owner, subscription)
        return
    watch = lifecycle.Watch.on(side, subscription)
    subscription.status = "ACTIVE"
    await watch.announce()


@on("planned_end")
async def end_as_planned(side: Side, subscription: Subscription) -> None:
    await lifecycle.end(side, subscription, "ScheduledCancellation")
    await follow_up(side, subscription)


@on("next_period")
async def begin_next_period(side: Side, subscription: Subscription) -> None:
    """Of a paid subscription that Stripe knows nothing of, as nobody collects for it."""
    watch = lifecycle.Watch.on(side, subscription)
    start, period = subscription.period_end, subscription.choice.billing_period
    if start is not None and period is not None:
        subscription.period_start, subscription.period_end = start, after_period(start, period)
    await watch.announce()


@on("scheduled_update")
async def change_as_scheduled(side: Side, subscription: Subscription) -> None:
    """Just before Stripe bills the next period; to a plan that costs nothing it ends there instead."""
    update = subscription.updates("Scheduled")[0]
    target = side.state.catalog.plans[update.choice.plan_id]
    if target.pricing_type != "PAID":
        await _move_to_unpaid(side, subscription, update)
        return
    watch = lifecycle.Watch.on(side, subscription)
    update.status = "Done"
    if subscription.billing_id is not None:
        lines = orders.charges(side.state.catalog, target, update.choice)
        await billing.change(side, subscription, lines, prorate=False)
    subscription.choice = update.choice
    await watch.announce(isDowngrade=True)


async def follow_up(side: Side, ended: Subscription) -> None:
    """What the product has in store after an expired trial or a cancellation: a free plan, or nothing."""
    product = side.state.catalog.products[ended.product_id]
    if product.end_setup == "DOWNGRADE_TO_FREE" and product.downgrade_plan_id is not None:
        await _free(side, ended, Choice(plan_id=product.downgrade_plan_id))


def _has_successor(side: Side, trial: Subscription) -> bool:
    """A paid subscription that waits for the end of this trial."""
    owner = side.state.customers[trial.customer_ref_id]
    return any(
        s.status == "NOT_STARTED" and (s.product_id, s.resource_id) == (trial.product_id, trial.resource_id)
        for s in side.state.subscriptions_of(owner)
    )


async def _move_to_unpaid(side: Side, subscription: Subscription, update: FutureUpdate) -> None:
    update.status = "Done"
    await lifecycle.end(side, subscription, "UpgradeOrDowngrade")
    await _free(side, subscription, update.choice)


async def _free(side: Side, before: Subscription, choice: Choice) -> None:
    owner = side.state.customers[before.customer_ref_id]
    order = Order(
        plan=side.state.catalog.plans[choice.plan_id],
        choice=choice,
        lines=[],
        currency=before.currency,
        resource_id=before.resource_id,
        metadata=before.metadata,
    )
    await lifecycle.came_about(side, subscriptions.new(side, owner, order, "ACTIVE"), "DOWNGRADE")
