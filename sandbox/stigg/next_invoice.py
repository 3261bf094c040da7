"""previewNextInvoice: the bill that the next renewal will bring, with what is scheduled for that day."""

from datetime import datetime
from typing import Any

from sandbox.catalog.model import Addon, Coupon
from sandbox.stigg import orders, pricing
from sandbox.stigg.errors import StiggError
from sandbox.stigg.periods import after_period
from sandbox.stigg.previews import credit_at_stripe
from sandbox.stigg.side import Side
from sandbox.stigg.state import Choice, StiggState, Subscription
from sandbox.stigg.wire import catalog as catalog_wire
from sandbox.stigg.wire import preview as preview_wire

Wire = dict[str, Any]


async def preview(side: Side, given: dict[str, Any]) -> Wire:
    """Raises InvalidSubscriptionStatus for one that will not be billed again."""
    subscription = side.subscription(given["subscriptionId"])
    due = _next_bill_at(subscription)
    choice = _choice_at(side.state, subscription)
    plan = side.state.catalog.plans[choice.plan_id]
    lines = orders.charges(side.state.catalog, plan, choice)
    if due is None or not lines or choice.billing_period is None:
        raise StiggError("InvalidSubscriptionStatus", "Subscription has no next invoice")
    credit = await credit_at_stripe(side, side.customer(subscription.customer_ref_id))
    coupon = subscription.coupon_at(due)
    totals = pricing.totals([line.amount for line in lines], coupon, subscription.currency, subscription.tax_rates)
    period = {"start": due, "end": after_period(due, choice.billing_period)}
    shown = [_line(side.state, line, period) for line in lines]
    return _invoice(subscription, totals, coupon, credit) | {"lines": shown, "lastUpdatedAt": side.now()}


def _next_bill_at(subscription: Subscription) -> datetime | None:
    if subscription.effective_end_at is not None:
        return None
    if subscription.status == "IN_TRIAL" and subscription.trial_end_behavior == "CONVERT_TO_PAID":
        return subscription.trial_end_at
    return subscription.period_end if subscription.status == "ACTIVE" else None


def _choice_at(state: StiggState, subscription: Subscription) -> Choice:
    scheduled = subscription.updates("Scheduled")
    return scheduled[0].choice if scheduled else subscription.choice


def _invoice(subscription: Subscription, totals: pricing.Totals, coupon: Coupon | None, credit: int) -> Wire:
    code = subscription.currency
    used = min(credit, totals.total)
    return {
        "amountDue": catalog_wire.money(totals.total - used, code),
        "minimumSpendAdjustment": catalog_wire.money(0, code),
        "total": catalog_wire.money(totals.total, code),
        "totalExcludingTax": catalog_wire.money(totals.total_excluding_tax, code),
        "subTotal": catalog_wire.money(totals.subtotal, code),
        "subTotalExcludingTax": catalog_wire.money(totals.subtotal, code),
        "tax": catalog_wire.money(totals.tax, code) if subscription.tax_rates else None,
        "taxDetails": preview_wire.tax_details(subscription.tax_rates),
        "discount": catalog_wire.money(totals.discount, code) if totals.discount else None,
        "discountDetails": preview_wire.discount(coupon, code) if totals.discount and coupon else None,
        "credits": preview_wire.credits(credit, used, credit - used, code),
    }


def _line(state: StiggState, line: pricing.Line, period: Wire) -> Wire:
    code, unit = line.price.currency, line.price.amount
    cost = f"{line.quantity} × {catalog_wire.money(unit, code)['amount']} {code}" if unit is not None else "Tiers"
    return {
        "type": _type(line),
        "description": line.package.display_name,
        "costDescription": cost,
        "amount": catalog_wire.money(line.amount, code),
        "unitPrice": None if unit is None else catalog_wire.money(unit, code),
        "quantity": line.quantity,
        "proration": False,
        "price": catalog_wire.price(state, line.package, line.price),
        "usageLimit": line.quantity if line.price.feature_id else None,
        "period": period,
        "hasSoftLimit": None,
        "lines": None,
    }


def _type(line: pricing.Line) -> str:
    if isinstance(line.package, Addon):
        return "AddonCharge"
    if line.price.tiers:
        return "TierCharge"
    return "InAdvanceCommitmentCharge" if line.price.feature_id else "BaseCharge"
