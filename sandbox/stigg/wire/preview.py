"""The two invoices of a preview."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.catalog.model import Coupon
from sandbox.catalog.money import to_decimal
from sandbox.stigg import pricing
from sandbox.stigg.orders import Order
from sandbox.stigg.state import TaxRate
from sandbox.stigg.wire.catalog import money

if TYPE_CHECKING:
    from sandbox.stigg.previews import Immediate

Wire = dict[str, Any]


def immediate(order: Order, item: "Immediate", credit: int, now: datetime) -> Wire:
    """`credit` is what stands at Stripe already; what this change leaves over is added to what remains.

    The total is what will be charged: the widgets show it below the credits, as the sum due today.
    """
    code, due, share = order.currency, max(0, item.totals.total), item.proration
    used = min(credit, due)
    remaining = credit - used + max(0, -item.totals.total)
    return recurring(order, item.totals) | {
        "total": money(due - used, code),
        "credits": credits(credit, used, remaining, code),
        "proration": share
        and {
            "prorationDate": now,
            "credit": money(-share.credit, code),
            "debit": money(share.debit, code),
            "netAmount": money(share.net, code),
            "hasProrations": True,
        },
    }


def recurring(order: Order, item: pricing.Totals) -> Wire:
    code, taxed = order.currency, bool(order.tax_rates)
    return {
        "subTotal": money(item.subtotal, code),
        "totalExcludingTax": money(item.total_excluding_tax, code),
        "total": money(item.total, code),
        "tax": money(item.tax, code) if taxed else None,
        "taxDetails": tax_details(order.tax_rates),
        "discount": money(item.discount, code) if item.discount else None,
        "discountDetails": discount(order.coupon, code) if item.discount and order.coupon else None,
    }


def tax_details(rates: Sequence[TaxRate]) -> Wire | None:
    """Several rates are shown as one."""
    if not rates:
        return None
    return {
        "displayName": rates[0].display_name,
        "percentage": sum(rate.percentage for rate in rates),
        "inclusive": rates[0].inclusive,
    }


def credits(initial: int, used: int, remaining: int, code: str) -> Wire | None:
    if not initial and not remaining:
        return None
    return {
        "initial": money(initial, code),
        "used": money(used, code),
        "remaining": money(remaining, code),
    }


def discount(coupon: Coupon, code: str) -> Wire:
    lasting = "REPEATING" if coupon.duration_months else "FOREVER"
    percent = coupon.percent_off
    return {
        "name": coupon.name,
        "type": "FIXED" if percent is None else "PERCENTAGE",
        "value": to_decimal(coupon.amounts_off.get(code, 0), code) if percent is None else percent,
        "durationType": "ONCE" if coupon.once else lasting,
        "durationInMonths": coupon.duration_months,
    }
