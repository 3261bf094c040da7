"""The paywall's prices: which periods are sold, what a plan costs in each, and how to say it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext

from billing.gateways.stigg.types import PaywallSnapshot, PlanSnapshot, PriceSnapshot, SubscriptionChoice
from billing.money import Money, UnitPrice
from billing.services import charges, price_words, text
from billing.services.plan_quantities import default_of, unit_prices
from billing.services.price_words import unit_word

MONTHS = 12


@dataclass(frozen=True, slots=True)
class PriceText:
    """A price, ready to print."""

    text: str
    unit: str = ""
    caption: str = ""
    note: str = ""
    extras: tuple[str, ...] = ()
    """What comes on top: usage that is billed later, units beyond those included, charges that are made once."""
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
    total = _total(plan, choice)
    return total if total is not None else headline(paywall, plan, period)


def headline(paywall: PaywallSnapshot, plan: PlanSnapshot, period: str) -> Money | None:
    """What a plan costs per period at the least: Stigg's price point, else its charges together, else the first.

    Usage counts only where there is nothing else: it is billed later.
    """
    point = paywall.find_price_point(plan.plan_id, period)
    if point is not None:
        return point.amount
    total = _total(plan, SubscriptionChoice(plan.plan_id, period))
    if total is not None:
        return total
    prices = plan.prices_in(period)
    in_advance = [price for price in prices if price.billing_model != "USAGE_BASED"]
    known = [first for price in in_advance or prices if (first := _first_price(price)) is not None]
    return known[0].times(1) if known else None


def _total(plan: PlanSnapshot, choice: SubscriptionChoice) -> Money | None:
    """What the price list adds up to; None where it says nothing, or in several currencies."""
    amounts = [charge.amount for charge in charges.charges(plan, choice)]
    if not amounts or len({amount.currency for amount in amounts}) > 1:
        return None
    return sum(amounts[1:], start=amounts[0])


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
        return replace(_usage_price(prices[0]), extras=(*_later(plan, period, prices[1:]), *_once(plan, period)))
    due_once = charges.due_once(plan, period)
    if not prices and due_once:
        return PriceText(text=text.money(due_once[0]), unit=gettext("once"), extras=_once(plan, period)[1:])
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
        extras=(*_later(plan, period, prices), *_once(plan, period)),
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
    least = price_words.least(price)
    if least is None:
        return PriceText(text=gettext("Price not set"))
    note = gettext("You pay for what you use, once a month.")
    if price.billing_period == "ANNUALLY":
        note = gettext("You pay for what you use, once a year.")
    return PriceText(
        text=text.money(least.amount),
        unit=price_words.unit(price),
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
    if only is None or only.billing_model != "PER_UNIT" or only.price is None:
        return text.period_unit(period)
    return price_words.unit_and_period(only, period)


def _later(plan: PlanSnapshot, period: str, prices: tuple[PriceSnapshot, ...]) -> tuple[str, ...]:
    """Usage, and units beyond those that are included: billed when a period ends."""
    used = gettext("plus %(amount)s %(unit)s that you use")
    beyond = gettext("plus %(amount)s %(unit)s beyond what is included")
    usage = [price for price in prices if price.billing_model == "USAGE_BASED"]
    found = [_by_unit(used, price) for price in usage]
    found += [_by_unit(beyond, price) for price in plan.overage_prices_in(period)]
    return tuple(filter(None, found))


def _by_unit(words: str, price: PriceSnapshot) -> str:
    """Nothing is said of what is free."""
    least = price_words.least(price)
    if price.feature is None or least is None or not least.amount:
        return ""
    return words % {"amount": price_words.amount(price), "unit": price_words.unit(price)}


def _once(plan: PlanSnapshot, period: str) -> tuple[str, ...]:
    amounts = charges.due_once(plan, period)
    return tuple(gettext("plus %(amount)s once") % {"amount": text.money(amount)} for amount in amounts)
