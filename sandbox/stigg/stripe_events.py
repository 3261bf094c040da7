"""What Stigg's side does when Stripe tells it something: re-read, bring its own up to date, pass it on.

Source: https://docs.stigg.io/documentation/native-integrations/billing/stripe/overview
"""

import logging
from typing import Any

import httpx

from sandbox.stigg import changing, customers, lifecycle, moments, sync, webhooks
from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.stripe_link import Obj, StripeRefusal

log = logging.getLogger("sandbox.stigg")


async def handle(side: Side, event: dict[str, Any]) -> None:
    """Events about what is not ours, or is not known here, are of no account."""
    state, kind, item = side.state, event["type"], event["data"]["object"]
    customer = _customer_of(side, event)
    if customer is None:
        return
    try:
        async with customer.lock:
            await _handle(side, customer, kind, item)
    except (StripeRefusal, StiggError, httpx.HTTPError) as error:
        log.warning("after %s: %s", kind, error)
        customer.sync_failed = True
        webhooks.sync_failed(side.world, customer, str(error))
    except KeyError:
        # A reset that came meanwhile has taken away what this was about.
        if side.state is state:
            raise


def _customer_of(side: Side, event: dict[str, Any]) -> Customer | None:
    item = event["data"]["object"]
    billing_id = item["id"] if item.get("object") == "customer" else item.get("customer")
    if billing_id is None:
        # A detached payment method has lost its customer.
        billing_id = (event["data"].get("previous_attributes") or {}).get("customer")
    return side.state.customer_by_billing_id(billing_id) if isinstance(billing_id, str) else None


async def _handle(side: Side, customer: Customer, kind: str, item: Obj) -> None:
    if kind == "payment_method.attached":
        await _attached(side, customer, item)
    elif kind in {"customer.updated", "payment_method.updated", "payment_method.automatically_updated"}:
        if await customers.refresh_payment_method(side, customer):
            webhooks.customer_updated(side.world, customer)
    elif kind == "payment_method.detached":
        _detached(side, customer, item)
    elif kind == "customer.deleted":
        customer.payment_method = None
        customer.sync_failed = customer.billing_deleted = True
        webhooks.sync_failed(side.world, customer, "Customer was deleted at Stripe")
    else:
        for subscription in _subscriptions_of(side, customer, kind, item):
            await _refresh(side, subscription)


async def _attached(side: Side, customer: Customer, item: Obj) -> None:
    """A card saved for the customer becomes the default one."""
    await customers.set_payment_method(side, customer, item["id"])
    customer.updated_at = side.now()
    if customer.payment_method is not None:
        webhooks.payment_method_attached(side.world, customer, customer.payment_method)
    webhooks.customer_updated(side.world, customer)


def _detached(side: Side, customer: Customer, item: Obj) -> None:
    """One that is not the default, or that Stigg's own caller detached, changes nothing here."""
    card = customer.payment_method
    if card is None or card.id != item["id"]:
        return
    customer.payment_method = None
    customer.updated_at = side.now()
    webhooks.payment_method_detached(side.world, customer, card)
    webhooks.customer_updated(side.world, customer)


async def _refresh(side: Side, subscription: Subscription) -> None:
    watch = lifecycle.Watch.on(side, subscription)
    waiting = subscription.updates("PendingPayment")
    await sync.read(side, subscription)
    if any(update.status == "Canceled" for update in waiting) and subscription.is_open:
        await changing.put_back(side, subscription)
    await watch.announce()
    if subscription.cancel_reason in {"ScheduledCancellation", "CancelledByBilling"} and watch.ended:
        await moments.follow_up(side, subscription)


def _subscriptions_of(side: Side, customer: Customer, kind: str, item: Obj) -> list[Subscription]:
    if kind.startswith("customer.subscription."):
        found = side.state.subscription_by_billing_id(item["id"])
        return [found] if found else []
    if kind.startswith("invoice."):
        parent = (item.get("parent") or {}).get("subscription_details") or {}
        found = side.state.subscription_by_billing_id(sync.id_of(parent.get("subscription")) or "")
        return [found] if found else []
    if kind.startswith("payment_intent."):
        # A PaymentIntent does not say which invoice it is for.
        paid_for = [s for s in side.state.subscriptions.values() if s.payer_ref_id == customer.ref_id]
        return [s for s in [*side.state.subscriptions_of(customer), *paid_for] if _is_unpaid(s)]
    return []


def _is_unpaid(subscription: Subscription) -> bool:
    return subscription.latest_invoice is not None and subscription.latest_invoice.status == "OPEN"
