"""A subscription's standing: what payment, failure and time do to its status. No invoices are made here."""

from sandbox.stripe import lookup
from sandbox.stripe.copying import copied
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.state import Obj
from sandbox.world import World

ENDED = {"canceled", "incomplete_expired"}


def timer_key(subscription: Obj, what: str) -> str:
    return f"stripe:{subscription['id']}:{what}"


def subscription_of(world: World, invoice: Obj) -> Obj | None:
    parent = invoice["parent"]
    if parent is None or parent["subscription_details"] is None:
        return None
    return world.stripe.subscriptions.get(parent["subscription_details"]["subscription"])


def customer_of(world: World, owned: Obj) -> Obj:
    return world.stripe.customers[owned["customer"]]


def default_method(world: World, customer: Obj, subscription: Obj | None = None) -> Obj | None:
    """The subscription's own default before the customer's."""
    method_id = subscription["default_payment_method"] if subscription else None
    if method_id is None and not customer.get("deleted"):
        method_id = customer["invoice_settings"]["default_payment_method"]
    return world.stripe.payment_methods.get(method_id or "")


def paid(world: World, invoice: Obj, method: Obj | None) -> None:
    """An invoice was paid: the subscription is active, unless another of its invoices is still open."""
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["status"] not in {"incomplete", "past_due", "unpaid"}:
        return
    others = [each for each in lookup.invoices_of(world.stripe, subscription["id"]) if each["status"] == "open"]
    if others:
        return
    before = copied(subscription)
    subscription["status"] = "active"
    settings = subscription["payment_settings"]
    if method is not None and settings["save_default_payment_method"] == "on_subscription":
        subscription["default_payment_method"] = method["id"]
    world.clock.cancel(timer_key(subscription, "expire"))
    # While it is being created, `customer.subscription.created` will show the outcome.
    if subscription["id"] not in world.stripe.starting:
        emit_update(world, "customer.subscription.updated", subscription, before)


def unpaid(world: World, invoice: Obj) -> None:
    """A payment failed or waits for the customer. The first invoice leaves the subscription incomplete.

    One that only a pending update waits for leaves it as it was.
    """
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["status"] not in {"active", "trialing"}:
        return
    if world.stripe.pending_updates.get(subscription["id"], {}).get("invoice") == invoice["id"]:
        return
    before = copied(subscription)
    subscription["status"] = "past_due"
    emit_update(world, "customer.subscription.updated", subscription, before)


def end(world: World, subscription: Obj, reason: str | None, comment: Obj | None = None) -> None:
    """Cancelled for good."""
    now = world.clock.timestamp()
    details = {"comment": None, "feedback": None, "feedback_option": None, "reason": reason}
    subscription |= {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
        "cancellation_details": details | (comment or {}),
    }
    for what in ("expire", "cycle", "cancel", "trial_will_end", "upcoming", "pending_update"):
        world.clock.cancel(timer_key(subscription, what))
    emit(world, "customer.subscription.deleted", subscription)


def expire(world: World, subscription: Obj) -> None:
    """The first invoice was not paid within 23 hours."""
    before = copied(subscription)
    subscription |= {"status": "incomplete_expired", "ended_at": world.clock.timestamp()}
    world.clock.cancel(timer_key(subscription, "cycle"))
    emit_update(world, "customer.subscription.updated", subscription, before)
