"""A subscription that moves: to another resource, or to another customer, who uses what the first goes on paying."""

from typing import Any

from sandbox.stigg import lifecycle
from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription

Given = dict[str, Any]


async def transfer(side: Side, given: Given) -> Subscription:
    """The older way: from a resource that pays to one of the same customer that has a free plan."""
    customer = side.living_customer(given["customerId"])
    async with customer.lock:
        moving = _active(side, customer, given["sourceResourceId"], "PAID")
        gives_way = _active(side, customer, given["destinationResourceId"], "FREE")
        await lifecycle.end(side, gives_way, "UpgradeOrDowngrade")
        await _set_resource(side, moving, given["destinationResourceId"])
    return moving


async def transfer_to_resource(side: Side, given: Given) -> Subscription:
    subscription = _open(side, given["subscriptionId"])
    async with side.customer(subscription.customer_ref_id).lock:
        await _set_resource(side, subscription, given.get("destinationResourceId"))
    return subscription


async def delegate(side: Side, given: Given) -> Subscription:
    """Whoever paid goes on paying."""
    subscription = _open(side, given["subscriptionId"])
    if given.get("destinationCustomerId") is None:
        raise StiggError("BadUserInput", "destinationCustomerId is missing")
    receiver = side.living_customer(given["destinationCustomerId"])
    async with side.customer(subscription.customer_ref_id).lock:
        watch = lifecycle.Watch.on(side, subscription)
        subscription.payer_ref_id = subscription.payer_ref_id or subscription.customer_ref_id
        subscription.customer_ref_id = receiver.ref_id
        await watch.announce()
    return subscription


def migrate(side: Side, given: Given) -> Subscription:
    """A catalogue file holds one version of a plan, so everybody is on the latest."""
    _open(side, given["subscriptionId"])
    raise StiggError("SubscriptionAlreadyOnLatestPlanError", "Subscription is on the latest plan already")


async def _set_resource(side: Side, subscription: Subscription, resource_id: str | None) -> None:
    watch = lifecycle.Watch.on(side, subscription)
    subscription.resource_id = resource_id
    await watch.announce()


def _open(side: Side, ref_id: str) -> Subscription:
    found = side.subscription(ref_id)
    if not found.is_open:
        raise StiggError("SubscriptionAlreadyCanceledOrExpired", "Subscription is canceled or expired")
    return found


def _active(side: Side, customer: Customer, resource_id: str, pricing_type: str) -> Subscription:
    for found in side.state.subscriptions_of(customer):
        if found.status == "ACTIVE" and (found.resource_id, found.pricing_type) == (resource_id, pricing_type):
            return found
    raise StiggError(
        "NoActiveSubscriptionForCustomer", f"No {pricing_type.lower()} subscription is active on {resource_id}"
    )
