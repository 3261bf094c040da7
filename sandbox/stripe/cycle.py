"""What time does to a subscription: renewals, the end of a trial, expiry of an unpaid start, planned ends."""

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.stripe import billing, standing, upcoming
from sandbox.stripe.copying import copied
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.items import cycle_lines, cycle_of, set_period
from sandbox.stripe.periods import period_end
from sandbox.stripe.state import Obj
from sandbox.world import World

HOUR = 3600
DAY = 24 * HOUR
# Source: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
INCOMPLETE_LIFETIME = 23 * HOUR
TRIAL_NOTICE = 3 * DAY


def items_of(subscription: Obj) -> list[Obj]:
    items: list[Obj] = subscription["items"]["data"]
    return items


def plan_timers(world: World, subscription: Obj) -> None:
    """(Re)set everything that time will do to the subscription as it now stands."""
    end: int = items_of(subscription)[0]["current_period_end"]
    _at(world, subscription, "cycle", end, lambda: _turn(world, subscription))
    _at(world, subscription, "cancel", subscription["cancel_at"], lambda: _cancel_planned(world, subscription))
    notice_of_renewal = upcoming.moment_of(world, subscription)
    _at(world, subscription, "upcoming", notice_of_renewal, lambda: upcoming.announce(world, subscription))
    if subscription["status"] == "incomplete":
        deadline = subscription["created"] + INCOMPLETE_LIFETIME
        _at(world, subscription, "expire", deadline, lambda: _expire(world, subscription))
    if subscription["status"] == "trialing":
        notice = subscription["trial_end"] - TRIAL_NOTICE
        _at(world, subscription, "trial_will_end", notice, lambda: _give_notice(world, subscription))


def start_period(world: World, subscription: Obj, start: int, reason: str) -> None:
    """Begin a new period at `start`, bill it with what waits for it, and charge the default card."""
    items = items_of(subscription)
    end = period_end(subscription["billing_cycle_anchor"], *cycle_of(items), after=start)
    set_period(items, start, end)
    lines = world.stripe.pending_lines.pop(subscription["id"], []) + cycle_lines(world, items, (start, end))
    invoice = billing.draft(world, subscription, lines, reason)
    if subscription["status"] == "unpaid":
        # Nothing more is tried; the drafts wait until the customer has paid what is open.
        invoice["auto_advance"] = False
    elif world.settings.draft_hour and reason == "subscription_cycle":
        invoice["automatically_finalizes_at"] = world.clock.timestamp() + HOUR
        plan_draft(world, invoice)
    else:
        bill(world, subscription, invoice)


def plan_draft(world: World, invoice: Obj) -> None:
    """(Re)set the end of a draft's hour."""
    moment, subscription = invoice["automatically_finalizes_at"], standing.subscription_of(world, invoice)
    if invoice["status"] != "draft" or moment is None or subscription is None:
        return

    async def bill_draft() -> None:
        if invoice["status"] == "draft" and subscription["status"] not in standing.ENDED:
            bill(world, subscription, invoice)

    world.clock.at(datetime.fromtimestamp(moment, UTC), bill_draft, f"stripe:{invoice['id']}:finalize")


def bill(world: World, subscription: Obj, invoice: Obj) -> None:
    """Finalize and charge with nobody at the keyboard, unless collection is paused."""
    paused = subscription["pause_collection"]
    if paused is not None and paused["behavior"] == "keep_as_draft":
        invoice["auto_advance"] = False
        return
    billing.finalize(world, invoice)
    if paused is not None and invoice["status"] == "open":
        forgo = billing.void if paused["behavior"] == "void" else billing.mark_uncollectible
        forgo(world, invoice)
    if invoice["status"] != "open" or subscription["collection_method"] == "send_invoice":
        return
    method = standing.default_method(world, standing.customer_of(world, subscription), subscription)
    if method is not None:
        billing.collect(world, invoice, method)
    else:
        billing.fail_without_method(world, invoice)


def _turn(world: World, subscription: Obj) -> None:
    """The period is over."""
    if subscription["status"] in standing.ENDED | {"incomplete", "paused"}:
        return
    if subscription["cancel_at_period_end"]:
        standing.end(world, subscription, "cancellation_requested")
        return
    if subscription["status"] == "trialing" and not _may_leave_trial(world, subscription):
        return
    before = copied(subscription)
    start: int = items_of(subscription)[0]["current_period_end"]
    if subscription["status"] == "trialing":
        subscription |= {"status": "active", "billing_cycle_anchor": start}
    start_period(world, subscription, start, "subscription_cycle")
    emit_update(world, "customer.subscription.updated", subscription, before)
    plan_timers(world, subscription)


def _may_leave_trial(world: World, subscription: Obj) -> bool:
    """Without a card `trial_settings` decide what becomes of it."""
    customer = standing.customer_of(world, subscription)
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "create_invoice" or standing.default_method(world, customer, subscription) is not None:
        return True
    if behavior == "cancel":
        standing.end(world, subscription, None)
    else:
        before = copied(subscription)
        subscription["status"] = "paused"
        emit_update(world, "customer.subscription.updated", subscription, before)
        emit(world, "customer.subscription.paused", subscription)
    return False


def _expire(world: World, subscription: Obj) -> None:
    if subscription["status"] != "incomplete":
        return
    standing.expire(world, subscription)
    invoice = world.stripe.invoices[subscription["latest_invoice"]]
    if invoice["status"] == "open":
        billing.void(world, invoice)


def _cancel_planned(world: World, subscription: Obj) -> None:
    if subscription["status"] not in standing.ENDED:
        standing.end(world, subscription, "cancellation_requested")


def _give_notice(world: World, subscription: Obj) -> None:
    if subscription["status"] == "trialing":
        emit(world, "customer.subscription.trial_will_end", subscription)


def _at(world: World, subscription: Obj, what: str, moment: int | None, action: Callable[[], None]) -> None:
    key = standing.timer_key(subscription, what)
    if moment is None:
        world.clock.cancel(key)
        return

    async def fire() -> None:
        action()

    world.clock.at(datetime.fromtimestamp(moment, UTC), fire, key)
