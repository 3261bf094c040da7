"""What a choice costs by the price list alone: flat fees, units, blocks, volume and graduated tiers. Pure, exact, in
minor units; what is charged in the end is what Stigg's preview says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.gateways.stigg.types import (
    AddonSnapshot,
    PlanSnapshot,
    PriceSnapshot,
    PriceTierSnapshot,
    SubscriptionChoice,
)
from billing.money import Money, Rate, UnitPrice, rounded


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a choice: a plan's base fee, units of a feature, or an add-on."""

    kind: str
    """"base", "units" or "addon"."""
    label: str
    quantity: int
    amount: Money


def charges(plan: PlanSnapshot, choice: SubscriptionChoice) -> tuple[Charge, ...]:
    """The charges of one billing period, in the order of the price list, without usage that is billed later."""
    period = choice.billing_period or ""
    quantities = dict(choice.unit_quantities)
    found = []
    for price in plan.prices_in(period):
        if price.billing_model == "FLAT_FEE" and price.price is not None:
            found.append(Charge("base", plan.display_name, 1, price.price.times(1)))
        elif price.billing_model == "PER_UNIT" and price.feature is not None:
            quantity = quantities.get(price.feature.feature_id, minimum_of(price))
            amount = amount_for(price, quantity)
            if amount is not None:
                label = price.feature.units_plural or price.feature.display_name
                found.append(Charge("units", label, quantity, amount))
    return (*found, *_addon_charges(plan, choice, period))


def due_once(plan: PlanSnapshot, period: str) -> tuple[Money, ...]:
    """What is charged a single time when the plan is bought in `period`."""
    prices = [p for p in plan.prices if p.billing_cadence == "ONE_OFF" and p.billing_period == period]
    return tuple(amount for price in prices if (amount := amount_for(price, minimum_of(price))))


def _addon_charges(plan: PlanSnapshot, choice: SubscriptionChoice, period: str) -> tuple[Charge, ...]:
    known = {addon.addon_id: addon for addon in plan.compatible_addons}
    found = []
    for addon_id, quantity in choice.addons:
        addon = known.get(addon_id)
        amounts = [addon_amount(price, quantity) for price in addon_prices(addon, period)] if addon else []
        known_amounts = [amount for amount in amounts if amount is not None]
        if addon and known_amounts:
            total = sum(known_amounts[1:], start=known_amounts[0])
            found.append(Charge("addon", addon.display_name, quantity, total))
    return tuple(found)


def addon_prices(addon: AddonSnapshot, period: str) -> tuple[PriceSnapshot, ...]:
    """The charges that come again in each `period`, without usage that is billed later."""
    return tuple(
        price
        for price in addon.prices
        if price.billing_period == period
        and price.billing_cadence != "ONE_OFF"
        and price.billing_model in ("FLAT_FEE", "PER_UNIT")
    )


def addon_amount(price: PriceSnapshot, quantity: int) -> Money | None:
    """What a charge of an add-on comes to, taken `quantity` times; each time with the least number of units."""
    return amount_for(price, quantity if price.billing_model == "FLAT_FEE" else minimum_of(price) * quantity)


def minimum_of(price: PriceSnapshot) -> int:
    """The least quantity that can be bought."""
    return int(price.min_unit_quantity or 1)


def amount_for(price: PriceSnapshot, quantity: int) -> Money | None:
    """What `quantity` units cost; None where the price list does not say.

    VOLUME: the tier that holds the quantity prices all of it. GRADUATED: each tier prices its own slice.
    Source: https://docs.stigg.io/documentation/modeling-your-pricing-in-stigg/pricing-models
    """
    if price.tiers:
        return _graduated(price, quantity) if price.tiers_mode == "GRADUATED" else _volume(price, quantity)
    if price.price is None:
        return None
    block = int(price.block_size or 1)
    return price.price.times(-(-quantity // block))


def _volume(price: PriceSnapshot, quantity: int) -> Money | None:
    tier = next((t for t in price.tiers if t.up_to is None or quantity <= t.up_to), price.tiers[-1])
    found = slice_price(tier, quantity)
    return found.times(1) if found is not None else None


def _graduated(price: PriceSnapshot, quantity: int) -> Money | None:
    """Rounded once, in the end: Stripe's invoice has one line for all slices."""
    parts: list[UnitPrice] = []
    below = 0
    for tier in price.tiers:
        is_last = tier is price.tiers[-1]
        top = quantity if tier.up_to is None or is_last else min(quantity, int(tier.up_to))
        if top > below:
            part = slice_price(tier, top - below)
            parts += [part] if part is not None else []
            below = top
    return rounded(sum((part.exact for part in parts), Decimal(0)), parts[0].currency) if parts else None


def slice_price(tier: PriceTierSnapshot, units: int) -> UnitPrice | None:
    """What `units` cost by one tier, exact; None where it has no price."""
    given = [part for part in (tier.unit_price, tier.flat_price) if part is not None]
    if not given:
        return None
    by_unit = tier.unit_price.exact * units if tier.unit_price is not None else Decimal(0)
    total = by_unit + (tier.flat_price.exact if tier.flat_price is not None else Decimal(0))
    currency = given[0].currency
    return Rate(total, currency) if total % 1 else Money(int(total), currency)
