"""Provisioning: from an order to a subscription, new, changed, on trial, or waiting for its day.

Paid to paid changes the subscription in place and keeps its id; every other step makes a new one, which ends
the old one when it takes effect. Source: https://docs.stigg.io/documentation/provisioning-subscriptions
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sandbox.stigg import billing, changing, customers, lifecycle, orders, sync, taxes, webhooks
from sandbox.stigg.errors import StiggError
from sandbox.stigg.orders import Order
from sandbox.stigg.periods import after_period
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.steps import Step, after_trial, step_of, trial_of
from sandbox.stigg.stripe_link import StripeRefusal
from sandbox.stigg.wire.subscription import lines as lines_of

Given = dict[str, Any]

EARLY_RETURN_PAUSE = timedelta(seconds=1)


async def provision(side: Side, given: Given) -> Subscription:
    """The subscription as it stands after the order, which may be the old one with a change that waits."""
    try:
        customer = side.living_customer(given["customerId"])
        async with customer.lock:
            order = orders.read(side.state.catalog, customer, given)
            _refuse_known_id(side, order)
            payer = _payer(side, customer, order.payer_ref_id)
            await _take_billing_information(side, customer, order, given.get("paymentMethodId"))
            return await _fulfil(side, customer, order, payer, hosted="checkoutOptions" in given)
    except StiggError as error:
        webhooks.subscription_create_failed(side.world, given, error.message)
        raise
    except StripeRefusal as refusal:
        webhooks.subscription_create_failed(side.world, given, str(refusal))
        raise StiggError("StripeError", str(refusal), stripeCode=refusal.code) from refusal


async def _take_billing_information(
    side: Side, customer: Customer, order: Order, payment_method_id: str | None
) -> None:
    customers.keep_tax_ids(customer, order.tax_ids)
    if payment_method_id is not None:
        await customers.set_payment_method(side, customer, payment_method_id)
    if order.billing_address is not None and customer.billing_id is not None:
        await customers.set_billing_address(side, customer, order.billing_address)


async def _fulfil(side: Side, customer: Customer, order: Order, payer: Customer, *, hosted: bool) -> Subscription:
    trial = trial_of(side, customer, order)
    if trial is not None:
        order = await taxes.resolved(side, order)
        return await _start_trial(side, customer, order, *trial)
    order = after_trial(side, customer, order)
    step = step_of(side, customer, order)
    order = await taxes.resolved(side, order, step.current if step.in_place else None)
    if order.payer_ref_id is not None and step.in_place:
        _require_same_payer(step, order)
    if step.current is not None and (step.at is not None or step.current.choice == order.choice):
        return await _change(side, customer, step.current, order, step)
    starts_later = order.start_at is not None and order.start_at > side.now()
    if order.plan.pricing_type == "PAID" and not starts_later:
        _require_payment_method(payer, order, hosted=hosted)
        if step.current is not None and step.in_place:
            return await _change(side, customer, step.current, order, step)
    await _drop_pending(side, customer, order)
    if starts_later:
        return await _wait_for_start(side, customer, order)
    if order.plan.pricing_type != "PAID":
        return await _start_unpaid(side, customer, order, step)
    return await _start_paid(side, customer, order, step)


def _refuse_known_id(side: Side, order: Order) -> None:
    if order.ref_id is not None and order.ref_id in side.state.subscriptions:
        raise StiggError("DuplicatedEntityNotAllowed", "Subscription already exists", subscriptionId=order.ref_id)
    if order.start_at is not None and order.start_at < side.now() - timedelta(minutes=5):
        raise StiggError("UnsupportedParameter", "The sandbox does not know back-dated subscriptions yet")


def _payer(side: Side, customer: Customer, ref_id: str | None) -> Customer:
    return customer if ref_id is None else side.living_customer(ref_id)


def _require_same_payer(step: Step, order: Order) -> None:
    current = step.current
    if current is not None and order.payer_ref_id != (current.payer_ref_id or current.customer_ref_id):
        raise StiggError("ChangingPayingCustomerIsNotSupportedError", "Somebody else pays for this subscription")


async def _drop_pending(side: Side, customer: Customer, order: Order) -> None:
    """An unpaid or not yet begun subscription of the same product gives way to the new order."""
    for other in side.state.subscriptions_of(customer):
        same = (other.product_id, other.resource_id) == (order.plan.product_id, order.resource_id)
        if same and other.status in {"PAYMENT_PENDING", "NOT_STARTED"}:
            await lifecycle.end(side, other, "UpgradeOrDowngrade")


def _require_payment_method(customer: Customer, order: Order, *, hosted: bool) -> None:
    if order.collection_method != "CHARGE" or customer.payment_method is not None or order.subtotal == 0:
        return
    if hosted:
        raise StiggError("CheckoutIsNotSupported", "The sandbox has no hosted checkout")
    raise StiggError("PaymentMethodNotFoundError", "Customer has no default payment method")


async def _start_trial(side: Side, customer: Customer, order: Order, ends: datetime, end_behavior: str) -> Subscription:
    subscription = new(side, customer, order, status="IN_TRIAL")
    subscription.trial_end_at, subscription.trial_end_behavior = ends, end_behavior
    subscription.period_start, subscription.period_end = subscription.start_at, ends
    await lifecycle.came_about(side, subscription, "UPGRADE")
    return subscription


async def _wait_for_start(side: Side, customer: Customer, order: Order) -> Subscription:
    subscription = new(side, customer, order, status="NOT_STARTED")
    await lifecycle.came_about(side, subscription, "NONE")
    return subscription


async def _start_unpaid(side: Side, customer: Customer, order: Order, step: Step) -> Subscription:
    """Free and custom plans never reach Stripe; what was paid for there ends with credit for the rest."""
    subscription = new(side, customer, order, status="ACTIVE")
    if step.current is not None and step.current.billing_id is not None:
        watch = lifecycle.Watch.on(side, step.current)
        await billing.cancel_now(side, step.current, prorate=True)
        sync.end(step.current, "UpgradeOrDowngrade", side.now())
        await watch.announce()
    await lifecycle.came_about(side, subscription, step.direction)
    return subscription


async def _start_paid(side: Side, customer: Customer, order: Order, step: Step) -> Subscription:
    subscription = new(side, customer, order, status="ACTIVE")
    if order.collection_method == "NONE":
        subscription.period_start = side.now()
        subscription.period_end = after_period(side.now(), order.choice.billing_period or "MONTHLY")
    elif order.await_payment:
        await bill(side, customer, subscription)
    else:
        subscription.status, subscription.payment_collection = "PAYMENT_PENDING", "PROCESSING"
        _bill_later(side, customer, subscription)
    await lifecycle.came_about(side, subscription, step.direction)
    return subscription


async def bill(side: Side, customer: Customer, subscription: Subscription) -> None:
    """Makes the subscription at Stripe and takes over what came of the first charge."""
    billing_id = await customers.ensure_billing_id(side, _payer(side, customer, subscription.payer_ref_id))
    made = await billing.start(side, subscription, billing_id, lines_of(side.state, subscription))
    await sync.apply(side, subscription, made)


async def bill_in_time(side: Side, customer: Customer, subscription: Subscription) -> None:
    """The same with nobody waiting for the answer: a refusal of Stripe's ends the subscription."""
    watch = lifecycle.Watch.on(side, subscription)
    try:
        await bill(side, customer, subscription)
    except (StiggError, StripeRefusal) as refusal:
        sync.end(subscription, "CancelledByBilling", side.now())
        webhooks.sync_failed(side.world, customer, str(refusal))
    await watch.announce()


def _bill_later(side: Side, customer: Customer, subscription: Subscription) -> None:
    async def run() -> None:
        async with customer.lock:
            if side.state.subscriptions.get(subscription.ref_id) is not subscription:
                return
            await bill_in_time(side, customer, subscription)

    side.world.clock.at(side.now() + EARLY_RETURN_PAUSE, run, f"stigg/{subscription.id}/bill")


async def _change(side: Side, customer: Customer, current: Subscription, order: Order, step: Step) -> Subscription:
    await _drop_pending(side, customer, order)
    watch = lifecycle.Watch.on(side, current)
    current.metadata = {**current.metadata, **order.metadata}
    current.overrides = current.overrides if order.overrides is None else order.overrides
    await changing.change(side, current, order, step)
    await watch.announce(isUpgrade=step.direction == "UPGRADE", isDowngrade=step.direction == "DOWNGRADE")
    return current


def new(side: Side, customer: Customer, order: Order, status: str) -> Subscription:
    now = side.now()
    ref_id = order.ref_id or f"subscription-{order.plan.ref_id}-{uuid4().hex[:6]}"
    return Subscription(
        id=str(uuid4()),
        ref_id=ref_id,
        customer_ref_id=customer.ref_id,
        product_id=order.plan.product_id,
        choice=order.choice,
        pricing_type=order.plan.pricing_type,
        status=status,
        created_at=now,
        start_at=order.start_at or now,
        currency=order.currency,
        payment_collection_method=order.collection_method,
        metadata=dict(order.metadata),
        resource_id=order.resource_id,
        coupon=order.coupon,
        billing_metadata=dict(order.billing_metadata),
        days_until_due=order.days_until_due,
        tax_rates=order.tax_rates,
        overrides=order.overrides or (),
        payer_ref_id=order.payer_ref_id,
    )
