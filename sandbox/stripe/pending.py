"""`payment_behavior: pending_if_incomplete`: a change of a subscription that waits for its invoice to be paid.

Source: https://docs.stripe.com/billing/subscriptions/pending-updates
"""

from datetime import UTC, datetime

from sandbox.stripe import standing
from sandbox.stripe.copying import copied
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.state import Obj
from sandbox.world import World

LIFETIME = 23 * 3600
# What such a change may touch, and what applying it therefore writes.
CHANGED = ("items", "currency", "billing_cycle_anchor", "trial_end", "discounts")


def begin(world: World, subscription: Obj, changed: Obj, invoice: Obj, waiting: list[Obj]) -> None:
    """Before the invoice is collected; `waiting` lines come back when the change is given up."""
    entry = {"invoice": invoice["id"], "changed": changed, "waiting": waiting}
    world.stripe.pending_updates[subscription["id"]] = entry
    subscription["latest_invoice"] = invoice["id"]


def is_waiting_for(world: World, invoice: Obj) -> bool:
    return _entry(world, invoice) is not None


def show(world: World, subscription: Obj) -> None:
    """The invoice was not paid at once: the subscription stays as it is and shows what waits."""
    entry = world.stripe.pending_updates[subscription["id"]]
    changed, period_end = entry["changed"], subscription["items"]["data"][0]["current_period_end"]
    trial_end = changed["trial_end"] if changed["trial_end"] != subscription["trial_end"] else None
    anchor = changed["billing_cycle_anchor"]
    subscription["pending_update"] = {
        "billing_cycle_anchor": anchor if anchor != subscription["billing_cycle_anchor"] else None,
        "cancel_at_period_end": None,
        "discount": None,
        "discounts": changed["discounts"] or None,
        "expires_at": min(world.clock.timestamp() + LIFETIME, period_end),
        "metadata": None,
        "subscription_items": copied(changed["items"]["data"]),
        "trial_end": trial_end,
        "trial_from_plan": None,
    }
    plan_timer(world, subscription)


def plan_timer(world: World, subscription: Obj) -> None:
    """(Re)set the end of what waits."""
    shown, entry = subscription["pending_update"], world.stripe.pending_updates.get(subscription["id"])
    if shown is None or entry is None:
        return

    async def expire() -> None:
        from sandbox.stripe import billing

        invoice = world.stripe.invoices[entry["invoice"]]
        if invoice["status"] == "open":
            billing.void(world, invoice)

    world.clock.at(datetime.fromtimestamp(shown["expires_at"], UTC), expire, _timer(subscription))


def apply(world: World, invoice: Obj) -> None:
    """The invoice was paid: the change takes place."""
    entry = _entry(world, invoice)
    if entry is None:
        return
    from sandbox.stripe import cycle

    subscription = _subscription(world, invoice)
    before, was_shown = copied(subscription), subscription["pending_update"] is not None
    _forget(world, subscription)
    subscription |= {name: entry["changed"][name] for name in CHANGED}
    if subscription["status"] == "trialing":
        subscription["status"] = entry["changed"]["status"]
    cycle.plan_timers(world, subscription)
    if was_shown:
        emit(world, "customer.subscription.pending_update_applied", subscription)
    emit_update(world, "customer.subscription.updated", subscription, before)


def give_up(world: World, invoice: Obj) -> None:
    """The invoice is void: the subscription goes on as before."""
    entry = _entry(world, invoice)
    if entry is None:
        return
    subscription = _subscription(world, invoice)
    before = copied(subscription)
    _forget(world, subscription)
    if entry["waiting"]:
        world.stripe.pending_lines.setdefault(subscription["id"], []).extend(entry["waiting"])
    emit(world, "customer.subscription.pending_update_expired", subscription)
    emit_update(world, "customer.subscription.updated", subscription, before)


def _entry(world: World, invoice: Obj) -> Obj | None:
    subscription = standing.subscription_of(world, invoice)
    entry = world.stripe.pending_updates.get(subscription["id"]) if subscription else None
    return entry if entry is not None and entry["invoice"] == invoice["id"] else None


def _subscription(world: World, invoice: Obj) -> Obj:
    found = standing.subscription_of(world, invoice)
    if found is None:
        raise LookupError(f"invoice {invoice['id']} has no subscription")
    return found


def _forget(world: World, subscription: Obj) -> None:
    del world.stripe.pending_updates[subscription["id"]]
    subscription["pending_update"] = None
    world.clock.cancel(_timer(subscription))


def _timer(subscription: Obj) -> str:
    return standing.timer_key(subscription, "pending_update")
