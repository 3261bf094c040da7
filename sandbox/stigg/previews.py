"""previewSubscription: what an order would cost now and each period, without doing anything.

A new subscription is priced here, by the rules by which Stripe's side bills; for a change of one that is
billed already, Stripe's own preview is asked, which alone knows what was paid for the period.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox.stigg import billing, orders, pricing, taxes
from sandbox.stigg.orders import Order
from sandbox.stigg.periods import after_period
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.steps import Step, after_trial, step_of, trial_of
from sandbox.stigg.wire import preview as wire
from sandbox.stigg.wire.subscription import lines as lines_of

Given = dict[str, Any]


@dataclass(frozen=True)
class Immediate:
    """The invoice of today: `totals`, and where something is prorated, `proration`.

    `totals` may be below zero: then nothing is to be paid, and the rest becomes credit.
    """

    totals: pricing.Totals
    proration: pricing.Proration | None = None


async def preview(side: Side, given: Given) -> dict[str, Any]:
    customer = side.living_customer(given["customerId"])
    order = orders.read(side.state.catalog, customer, given)
    trial = trial_of(side, customer, order)
    order = order if trial else after_trial(side, customer, order)
    step = Step(None, "NONE", None) if trial else step_of(side, customer, order)
    now = side.now()
    order = await taxes.resolved(side, order, step.current if step.in_place else None)
    if step.current is not None and step.in_place and order.coupon is None:
        order = replace(order, coupon=step.current.coupon_at(now))
    nothing = Immediate(pricing.Totals(0, 0, 0))
    waits = step.at is not None
    starts_later = order.start_at is not None and order.start_at > now
    immediate = nothing if trial or waits or starts_later else await _immediate(side, order, step)
    payer = customer if order.payer_ref_id is None else side.living_customer(order.payer_ref_id)
    credit = await credit_at_stripe(side, payer)
    start, end = _range(order, step, trial[0] if trial else None, now)
    return {
        "immediateInvoice": wire.immediate(order, immediate, credit, now),
        "recurringInvoice": wire.recurring(order, _recurring(order)) if order.lines else None,
        "billingPeriodRange": {"start": start, "end": end},
        "isPlanDowngrade": step.direction == "DOWNGRADE",
        "hasScheduledUpdates": waits,
    }


async def credit_at_stripe(side: Side, customer: Customer) -> int:
    """What earlier changes left there, which the next invoices use up."""
    if customer.billing_id is None:
        return 0
    found = await side.stripe.get(f"/v1/customers/{customer.billing_id}")
    return max(0, -int(found.get("balance") or 0))


async def _immediate(side: Side, order: Order, step: Step) -> Immediate:
    current = step.current
    if current is None or current.billing_id is None:
        return Immediate(pricing.totals(order.amounts, order.coupon, order.currency, order.tax_rates))
    if order.plan.pricing_type != "PAID":
        return _unused(side, current)
    found = await billing.preview_change(side, current, order)
    amounts = [int(line["amount"]) for line in found["lines"]["data"]]
    share = pricing.Proration(
        credit=-sum(amount for amount in amounts if amount < 0), debit=sum(amount for amount in amounts if amount > 0)
    )
    taxes = found["total_taxes"]
    totals = pricing.Totals(
        subtotal=int(found["subtotal"]),
        discount=sum(int(each["amount"]) for each in found["total_discount_amounts"]),
        tax=sum(int(each["amount"]) for each in taxes),
        included=sum(int(each["amount"]) for each in taxes if each["tax_behavior"] == "inclusive"),
    )
    return Immediate(totals, share)


def _unused(side: Side, current: Subscription) -> Immediate:
    """The credit with which a paid subscription ends at once."""
    start, end = current.period_start or current.start_at, current.period_end or side.now()
    amounts = [line.amount for line in lines_of(side.state, current)]
    off = pricing.discount(amounts, current.coupon_at(start), current.currency)
    share = pricing.proration(sum(amounts) - off, 0, start=start, end=end, at=side.now())
    return Immediate(pricing.Totals(-share.credit, 0, 0), share)


def _recurring(order: Order) -> pricing.Totals:
    coupon = None if order.coupon is not None and order.coupon.once else order.coupon
    return pricing.totals(order.amounts, coupon, order.currency, order.tax_rates)


def _range(order: Order, step: Step, trial_ends: datetime | None, now: datetime) -> tuple[datetime, datetime | None]:
    """The period that this order begins, or the one that goes on."""
    if trial_ends is not None:
        return now, trial_ends
    start = step.at or order.start_at or now
    current, period = step.current, order.choice.billing_period
    goes_on = current is not None and current.choice.billing_period == period and not order.restart_cycle
    if current is not None and goes_on and step.at is None and current.period_start is not None:
        return current.period_start, current.period_end
    return start, after_period(start, period) if period else None
