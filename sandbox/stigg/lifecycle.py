"""What follows when a subscription comes about or moves on: who is told, and what else ends by it.

Every path (a caller's mutation, a Stripe event, a timer) goes through here, so that the application hears
the same story whichever came first. The caller holds the customer's lock.
"""

from dataclasses import dataclass
from typing import Any

from sandbox.stigg import billing, sync, timers, webhooks
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.stripe_link import StripeRefusal
from sandbox.stigg.wire import subscription as wire

Shown = dict[str, Any]

FAILING = frozenset({"FAILED", "ACTION_REQUIRED"})


async def came_about(side: Side, subscription: Subscription, step: str) -> None:
    """A new subscription, already in its first status; `step` is the direction from the one it follows."""
    side.state.subscriptions[subscription.ref_id] = subscription
    if subscription.status == "IN_TRIAL":
        owner = _owner(side, subscription)
        owner.trialed.append((subscription.product_id, subscription.plan_id))
    webhooks.subscription_event(
        side.world, "created", subscription, isUpgrade=step == "UPGRADE", isDowngrade=step == "DOWNGRADE"
    )
    if subscription.status == "IN_TRIAL":
        webhooks.subscription_event(side.world, "trial_started", subscription)
    if subscription.payment_collection in FAILING:
        webhooks.payment_failed(side.world, subscription)
    if subscription.grants_access:
        await _took_effect(side, subscription, "subscription_created")
    timers.schedule(side, subscription)


@dataclass
class Watch:
    """Taken before a subscription may move; `announce` compares and tells."""

    side: Side
    subscription: Subscription
    seen: Shown

    ended: bool = False

    @classmethod
    def on(cls, side: Side, subscription: Subscription) -> "Watch":
        return cls(side, subscription, _visible(side, subscription))

    async def announce(self, **more: Any) -> None:
        """Silent when nothing that can be seen has changed. `more` goes into subscription.updated."""
        subscription, before = self.subscription, self.seen
        after = _visible(self.side, subscription)
        if after == before:
            return
        if not subscription.is_open:
            self.ended = True
            await self._announce_end()
        else:
            await self._announce_update(before, after, more)
        timers.schedule(self.side, subscription)
        self.seen = after

    async def _announce_end(self) -> None:
        side, subscription = self.side, self.subscription
        kind = "expired" if subscription.status == "EXPIRED" else "canceled"
        if subscription.trial_end_at is not None and subscription.status == "EXPIRED":
            kind = "trial_expired"
        if subscription.cancel_reason == "TrialConverted":
            reason = "PAID_SUBSCRIPTION_PROVISIONED"
            webhooks.subscription_event(side.world, "trial_converted", subscription, reason=reason)
        webhooks.subscription_event(side.world, kind, subscription)
        if self.seen["status"] in {"ACTIVE", "IN_TRIAL"}:
            owner, resource_id = _owner(side, subscription), subscription.resource_id
            webhooks.entitlements_updated(side.world, owner, "subscription_canceled", resource_id)

    async def _announce_update(self, before: Shown, after: Shown, more: Shown) -> None:
        side, subscription = self.side, self.subscription
        flags = {"isUpgrade": False, "isDowngrade": False, **more}
        webhooks.subscription_event(side.world, "updated", subscription, **flags)
        if subscription.payment_collection in FAILING and _payment_part(before) != _payment_part(after):
            webhooks.payment_failed(side.world, subscription)
        gained = subscription.grants_access and before["status"] not in {"ACTIVE", "IN_TRIAL"}
        if gained or before["choice"] != after["choice"] or before["status"] != after["status"]:
            await _took_effect(side, subscription, "subscription_updated")


async def end(side: Side, subscription: Subscription, reason: str, status: str = "CANCELED") -> None:
    """Ends it here and at Stripe, at once and without credit."""
    watch = Watch.on(side, subscription)
    if subscription.billing_id is not None:
        try:
            await billing.cancel_now(side, subscription, prorate=False)
        except StripeRefusal as refusal:
            # Already gone at Stripe: then it is over on both sides.
            if refusal.status != 404 and refusal.code != "resource_missing":
                raise
    sync.end(subscription, reason, side.now(), status)
    await watch.announce()


async def _took_effect(side: Side, subscription: Subscription, trigger: str) -> None:
    owner = _owner(side, subscription)
    invoice = subscription.latest_invoice
    if invoice is not None and invoice.status == "PAID":
        # A paid plan whose first invoice came to nothing (a coupon, usage alone) is a paid plan all the same.
        owner.has_paid.add(subscription.product_id)
        if invoice.total > 0:
            owner.currency = subscription.currency
    for other in _superseded(side, subscription):
        await end(side, other, "TrialConverted" if other.status == "IN_TRIAL" else "UpgradeOrDowngrade")
    webhooks.entitlements_updated(side.world, owner, trigger, subscription.resource_id)


def _superseded(side: Side, subscription: Subscription) -> list[Subscription]:
    """One trial and one other subscription per product and resource; a paid one ends the trial as well."""
    if not subscription.grants_access:
        return []
    trial = subscription.status == "IN_TRIAL"
    return [
        other
        for other in side.state.subscriptions_of(_owner(side, subscription))
        if other is not subscription
        and other.is_open
        and (other.product_id, other.resource_id) == (subscription.product_id, subscription.resource_id)
        and ((other.status == "IN_TRIAL") == trial or (not trial and subscription.pricing_type == "PAID"))
    ]


def _owner(side: Side, subscription: Subscription) -> Customer:
    return side.state.customers[subscription.customer_ref_id]


def _visible(side: Side, subscription: Subscription) -> Shown:
    """What a reader of the API would see, without what leads elsewhere."""
    everything = wire.subscription(side.state, subscription, side.now())
    shown = {name: value for name, value in everything.items() if not callable(value)}
    if shown["latestInvoice"]:
        shown["latestInvoice"] = {k: v for k, v in shown["latestInvoice"].items() if k != "updatedAt"}
    for changing in ("prices", "addons", "totalPrice"):
        shown.pop(changing)
    return shown | {"choice": (subscription.choice, subscription.overrides)}


def _payment_part(shown: Shown) -> tuple[Any, ...]:
    invoice = shown["latestInvoice"] or {}
    names = ("billingId", "attemptCount", "errorMessage")
    return (shown["paymentCollection"], *(invoice.get(name) for name in names))
