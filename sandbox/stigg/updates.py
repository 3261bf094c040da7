"""updateSubscription: quantities, add-ons, period, coupon, trial end, planned end, metadata; never the plan."""

from typing import Any

from sandbox.stigg import billing, cancellation, changing, coupons, lifecycle, orders, overrides, taxes
from sandbox.stigg.errors import StiggError, unsupported
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.steps import step_of
from sandbox.stigg.stripe_link import StripeRefusal

Given = dict[str, Any]

NOT_KNOWN = ("budget", "minimumSpend", "priceOverrides")
OF_THE_CHOICE = ("addons", "billableFeatures", "charges", "billingPeriod", "unitQuantity")


async def update(side: Side, given: Given) -> Subscription:
    unsupported(given, NOT_KNOWN)
    subscription = side.subscription(given.get("refId") or given.get("subscriptionId") or "")
    customer = side.customer(subscription.customer_ref_id)
    async with customer.lock:
        if not subscription.is_open:
            raise StiggError("SubscriptionAlreadyCanceledOrExpired", "Subscription is canceled or expired")
        watch = lifecycle.Watch.on(side, subscription)
        try:
            await _plain_fields(side, customer, subscription, given)
            if any(given.get(name) is not None for name in OF_THE_CHOICE):
                await _choice(side, customer, subscription, given)
        except StripeRefusal as refusal:
            raise StiggError("StripeError", str(refusal), stripeCode=refusal.code) from refusal
        await watch.announce()
    return subscription


async def _plain_fields(side: Side, customer: Customer, subscription: Subscription, given: Given) -> None:
    if given.get("additionalMetaData") is not None:
        subscription.metadata = {**subscription.metadata, **given["additionalMetaData"]}
    if "salesforceId" in given:
        subscription.salesforce_id = given["salesforceId"]
    if given.get("appliedCoupon") or given.get("promotionCode"):
        subscription.coupon = coupons.read(side.state.catalog, customer, given)
        subscription.coupon_from = side.now()
        if subscription.billing_id is not None:
            await billing.set_coupon(side, subscription)
    if given.get("trialEndDate") is not None:
        if subscription.status != "IN_TRIAL":
            raise StiggError("InvalidSubscriptionStatus", "Only a trial has a trial end")
        subscription.trial_end_at = subscription.period_end = given["trialEndDate"]
    own = overrides.read(side.state.catalog, given)
    subscription.overrides = subscription.overrides if own is None else own
    if "cancellationDate" in given:
        await _planned_end(side, subscription, given)


async def _planned_end(side: Side, subscription: Subscription, given: Given) -> None:
    """Null takes a planned end back."""
    when = given["cancellationDate"]
    if when is None:
        await cancellation.take_back(side, subscription)
    elif when <= side.now():
        raise StiggError("InvalidCancellationDate", "cancellationDate must be in the future")
    else:
        await cancellation.plan_end(side, subscription, when)


async def _choice(side: Side, customer: Customer, subscription: Subscription, given: Given) -> None:
    """The way of a new order of the same plan."""
    order = orders.read(side.state.catalog, customer, as_order(subscription, given))
    if subscription.status != "ACTIVE":
        subscription.choice = order.choice
        return
    order = await taxes.resolved(side, order, subscription)
    await changing.change(side, subscription, order, step_of(side, customer, order))


def as_order(subscription: Subscription, given: Given) -> Given:
    """The input of an order for what is asked; what is not given stays as it is."""
    choice = subscription.choice
    addons = [{"addonId": ref_id, "quantity": count} for ref_id, count in choice.addons]
    quantities = [{"featureId": feature_id, "quantity": count} for feature_id, count in choice.quantities]
    by_unit = given.get("unitQuantity") is not None
    return {
        "customerId": subscription.customer_ref_id,
        "planId": choice.plan_id,
        "billingPeriod": given.get("billingPeriod") or choice.billing_period,
        "billingCountryCode": choice.country,
        "addons": addons if given.get("addons") is None else given["addons"],
        "billableFeatures": None if by_unit else given.get("billableFeatures") or quantities,
        "charges": given.get("charges"),
        "unitQuantity": given.get("unitQuantity"),
        "scheduleStrategy": given.get("scheduleStrategy"),
        "billingCycleAnchor": given.get("billingCycleAnchor"),
        "resourceId": subscription.resource_id,
        "appliedCoupon": given.get("appliedCoupon"),
        "promotionCode": given.get("promotionCode"),
    }
