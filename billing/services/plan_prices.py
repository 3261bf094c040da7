"""The paywall's prices: which periods are sold, what a plan costs in each, and how to say it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext

from billing.gateways.stigg.types import (
    FeatureSnapshot,
    PaywallSnapshot,
    PlanSnapshot,
    PriceSnapshot,
    SubscriptionChoice,
)
from billing.money import Money, UnitPrice
from billing.services import charges, text
from billing.services.plan_quantities import default_of, unit_prices, unit_word

MONTHS = 12


@dataclass(frozen=True, slots=True)
class PriceText:
    """A price, ready to print."""

    text: str
    unit: str = ""
    caption: str = ""
    note: str = ""
    extras: tuple[str, ...] = ()
    """What comes on top: usage that is billed later, charges that are made once."""
    charged: Money | None = None
    """What a period costs with the quantities shown, without what is billed later."""


def periods(paywall: PaywallSnapshot) -> tuple[str, ...]:
    """Billing periods in which anything is sold, monthly first."""
    offered = {price.billing_period for plan in paywall.plans for price in plan.prices}
    return tuple(period for period in ("MONTHLY", "ANNUALLY") if period in offered)


def default_period(paywall: PaywallSnapshot, *, preferred: str = "", current: str = "") -> str:
    """The host's preference, else the customer's own period, else monthly only if more is sold monthly.

    Source: the rule of Stigg's React widget.
    """
    available = periods(paywall)
    for wish in (preferred, current):
        if wish in available:
            return wish
    counts = {p: sum(len(plan.prices_in(p)) for plan in paywall.plans) for p in ("MONTHLY", "ANNUALLY")}
    if counts["MONTHLY"] > counts["ANNUALLY"]:
        return "MONTHLY"
    return available[-1] if available else ""


def saving_percent(paywall: PaywallSnapshot) -> int:
    """The largest saving of paying yearly over monthly, in whole percent; 0 when there is none.

    Of what a plan costs at the least in both periods, where that is in one currency.
    """
    savings = [0]
    for plan in paywall.plans:
        monthly, annual = charged(paywall, plan, "MONTHLY"), charged(paywall, plan, "ANNUALLY")
        if monthly and annual and monthly.currency == annual.currency:
            year_of_months = Decimal(monthly.amount_minor * MONTHS)
            percent = (year_of_months - annual.amount_minor) / year_of_months * 100
            savings.append(int(percent.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    return max(savings)


def charged(
    paywall: PaywallSnapshot, plan: PlanSnapshot, period: str, quantities: Mapping[str, int] | None = None
) -> Money | None:
    """What a period costs in advance with these quantities (feature id → units), else with the least of each; None
    where all is billed later."""
    if plan.is_by_usage_alone(period):
        return None
    units = unit_prices(plan, period)
    if not units:
        return headline(paywall, plan, period)
    given = quantities or {}
    chosen = tuple(
        (price.feature.feature_id, given.get(price.feature.feature_id, default_of(price)))
        for price in units
        if price.feature is not None
    )
    choice = SubscriptionChoice(plan.plan_id, period, unit_quantities=chosen)
    amounts = [charge.amount for charge in charges.charges(plan, choice)]
    if not amounts or len({amount.currency for amount in amounts}) > 1:
        return headline(paywall, plan, period)
    return sum(amounts[1:], start=amounts[0])


def headline(paywall: PaywallSnapshot, plan: PlanSnapshot, period: str) -> Money | None:
    """What a plan costs per period at the least: Stigg's price point, else its first price."""
    point = paywall.find_price_point(plan.plan_id, period)
    if point is not None:
        return point.amount
    prices = plan.prices_in(period)
    first = _first_price(prices[0]) if prices else None
    return first.times(1) if first is not None else None


def _first_price(price: PriceSnapshot) -> UnitPrice | None:
    """Of one unit, or of one block."""
    return price.price if price.price is not None or not price.tiers else charges.slice_price(price.tiers[0], 1)


def price_text(
    paywall: PaywallSnapshot, plan: PlanSnapshot, period: str, quantities: Mapping[str, int] | None = None
) -> PriceText:
    """The price of a plan in words and figures; a yearly price shows the month and says what is charged."""
    if plan.pricing_type == "FREE":
        free = Money(0, paywall.currency)
        return PriceText(text=text.money(free), note=gettext("Free for as long as you like"), charged=free)
    if plan.pricing_type == "CUSTOM":
        return PriceText(text=gettext("Custom"), note=gettext("Priced for your team"))
    prices = plan.prices_in(period)
    only = prices[0] if len(prices) == 1 else None
    if plan.is_by_usage_alone(period):
        return replace(_usage_price(prices[0]), extras=_extras(plan, prices[1:]))
    amount = charged(paywall, plan, period, quantities)
    if amount is None:
        return PriceText(text=gettext("Price not set"))
    by_month = period == "ANNUALLY" and "MONTHLY" in periods(paywall)
    is_by_unit = only is not None and only.billing_model == "PER_UNIT" and only.feature and only.price is not None
    shown: UnitPrice = only.price if only is not None and is_by_unit and only.price is not None else amount
    return PriceText(
        text=text.money(shown.split(MONTHS) if by_month else shown),
        unit=_unit(only, "MONTHLY" if by_month else period),
        caption=gettext("Starts at") if _is_least(paywall, plan, period, quantities) else "",
        note=_note(paywall, plan, period, quantities, amount),
        extras=_extras(plan, prices),
        charged=amount,
    )


def _is_least(paywall: PaywallSnapshot, plan: PlanSnapshot, period: str, quantities: Mapping[str, int] | None) -> bool:
    """Whether more than the price shown may be charged: there are more charges, and not all of them are set."""
    prices, units = plan.prices_in(period), unit_prices(plan, period)
    point = paywall.find_price_point(plan.plan_id, period)
    if len(prices) < 2 and not (point and point.additional_charges_may_apply):
        return False
    later = [price for price in prices if price.billing_model not in ("FLAT_FEE", "PER_UNIT")]
    given = quantities or {}
    least = [
        price
        for price in units
        if price.feature and given.get(price.feature.feature_id, default_of(price)) <= default_of(price)
    ]
    return bool(later or least or not units)


def _usage_price(price: PriceSnapshot) -> PriceText:
    """Nothing but usage, billed later: a month of it has no price yet."""
    amount = _first_price(price)
    if amount is None:
        return PriceText(text=gettext("Price not set"))
    note = gettext("You pay for what you use, once a month.")
    if price.billing_period == "ANNUALLY":
        note = gettext("You pay for what you use, once a year.")
    return PriceText(
        text=text.money(amount),
        unit=_per_unit(price, price.feature) if price.feature else "",
        caption=gettext("From") if price.tiers else "",
        note=note,
    )


def _note(
    paywall: PaywallSnapshot, plan: PlanSnapshot, period: str, quantities: Mapping[str, int] | None, amount: Money
) -> str:
    """What is charged where the price shown does not say it: all units together, the whole year."""
    units = _units_in_words(plan, period, quantities)
    words = {"amount": text.money(amount), "units": units}
    if period != "ANNUALLY":
        return gettext("%(amount)s per month for %(units)s") % words if units else ""
    if "MONTHLY" not in periods(paywall) and not units:
        return gettext("Billed once a year")
    monthly = charged(paywall, plan, "MONTHLY", quantities)
    saved = monthly.amount_minor * MONTHS - amount.amount_minor if monthly else 0
    if monthly is None or monthly.currency != amount.currency or saved <= 0:
        if units:
            return gettext("%(amount)s billed once a year for %(units)s") % words
        return gettext("%(amount)s billed once a year") % words
    words["saved"] = text.money(Money(saved, amount.currency))
    if units:
        return gettext("%(amount)s billed once a year for %(units)s, you save %(saved)s") % words
    return gettext("%(amount)s billed once a year, you save %(saved)s") % words


def _units_in_words(plan: PlanSnapshot, period: str, quantities: Mapping[str, int] | None) -> str:
    """The units that a price by the unit is multiplied with, or "" where it is said already."""
    prices = plan.prices_in(period)
    if len(prices) != 1 or prices[0].price is None or prices[0].billing_model != "PER_UNIT" or not prices[0].feature:
        return ""
    feature = prices[0].feature
    count = (quantities or {}).get(feature.feature_id, default_of(prices[0]))
    if count <= int(prices[0].block_size or 1):
        return ""
    return f"{text.number(count)} {unit_word(feature, count)}"


def _unit(only: PriceSnapshot | None, period: str) -> str:
    """ "per month", or "per seat, per month" when the only charge is by the unit."""
    each = text.period_unit(period)
    if only is None or only.feature is None or only.billing_model != "PER_UNIT" or only.price is None:
        return each
    return gettext("%(unit)s, %(period)s") % {"unit": _per_unit(only, only.feature), "period": each}


def _per_unit(price: PriceSnapshot, feature: FeatureSnapshot) -> str:
    """ "per seat", or "for 1,000 calls" of what is sold by the block."""
    block = int(price.block_size or 1)
    if block > 1:
        return gettext("for %(count)s %(units)s") % {"count": text.number(block), "units": unit_word(feature, block)}
    return gettext("per %(unit)s") % {"unit": feature.units or feature.display_name}


def _extras(plan: PlanSnapshot, prices: tuple[PriceSnapshot, ...]) -> tuple[str, ...]:
    found = []
    for price in prices:
        amount = _first_price(price)
        if price.billing_model == "USAGE_BASED" and price.feature and amount is not None:
            words = {"amount": text.money(amount), "unit": _per_unit(price, price.feature)}
            found.append(gettext("plus %(amount)s %(unit)s that you use") % words)
    once = [p for p in plan.prices if p.billing_cadence == "ONE_OFF" and p.price and prices]
    found += [
        gettext("plus %(amount)s once") % {"amount": text.money(price.price)}
        for price in once
        if price.price and price.billing_period == prices[0].billing_period
    ]
    return tuple(found)
