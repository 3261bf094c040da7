"""`invoice.upcoming`: some days before a renewal, what it is going to bill. Nothing is changed by it."""

from sandbox.stripe import standing
from sandbox.stripe.copying import copied
from sandbox.stripe.discounts import valid_at
from sandbox.stripe.events import emit
from sandbox.stripe.ids import random_text
from sandbox.stripe.invoice_object import new_invoice
from sandbox.stripe.items import cycle_lines, cycle_of
from sandbox.stripe.periods import period_end
from sandbox.stripe.state import Obj
from sandbox.world import World

DAY = 86400
RENEWING = {"active", "trialing", "past_due"}


def moment_of(world: World, subscription: Obj) -> int | None:
    """When the notice is due; None when there is none, or its time has passed."""
    if subscription["status"] not in RENEWING or subscription["cancel_at"] is not None:
        return None
    ahead = world.settings.upcoming_days * DAY
    due: int = subscription["items"]["data"][0]["current_period_end"] - ahead
    return due if ahead and due > world.clock.timestamp() else None


def announce(world: World, subscription: Obj) -> None:
    items = subscription["items"]["data"]
    start: int = items[0]["current_period_end"]
    anchor = start if subscription["status"] == "trialing" else subscription["billing_cycle_anchor"]
    waiting = copied(world.stripe.pending_lines.get(subscription["id"], []))
    lines = waiting + cycle_lines(world, items, (start, period_end(anchor, *cycle_of(items), after=start)))
    invoice = new_invoice(
        world,
        standing.customer_of(world, subscription),
        lines,
        currency=subscription["currency"],
        reason="upcoming",
        subscription=subscription,
        discounts=valid_at(world.stripe, subscription["discounts"], start),
    )
    invoice |= {"id": f"upcoming_in_{random_text(24)}", "next_payment_attempt": start}
    emit(world, "invoice.upcoming", invoice)
