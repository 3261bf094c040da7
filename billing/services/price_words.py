"""One charge in words: what its units cost, for how many of them, and how often. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from billing.gateways.stigg.types import FeatureSnapshot, PriceSnapshot
from billing.money import UnitPrice
from billing.services import text
from billing.services.charges import slice_price


@dataclass(frozen=True, slots=True)
class Least:
    """What is paid at the least, and for how many units: one, a block, or a bundle."""

    amount: UnitPrice
    units: int = 1


def least(price: PriceSnapshot) -> Least | None:
    """Of tiers, the first that is not free: units that are included say nothing of what the others cost."""
    if not price.tiers:
        return Least(price.price, int(price.block_size or 1)) if price.price is not None else None
    below = 0
    for tier in price.tiers:
        if tier.unit_price:
            return Least(tier.unit_price)
        if tier.flat_price:
            return Least(tier.flat_price, int(tier.up_to or below + 1))
        below = int(tier.up_to or below)
    free = slice_price(price.tiers[0], 1)
    return Least(free) if free is not None else None


def amount(price: PriceSnapshot) -> str:
    """ "$5", or "from $5" of tiers; "" where the price list does not say."""
    found = least(price)
    if found is None:
        return ""
    shown = text.money(found.amount)
    return gettext("from %(amount)s") % {"amount": shown} if price.tiers else shown


def unit(price: PriceSnapshot) -> str:
    """ "per seat", or "for 1,000 calls" of what is sold by the block; "" of what is not counted."""
    found = least(price)
    if price.feature is None or found is None or price.billing_model == "FLAT_FEE":
        return ""
    return _per(price.feature, found.units)


def unit_and_period(price: PriceSnapshot, period: str) -> str:
    """ "per month", or "per seat, per month"."""
    each, counted = text.period_unit(period), unit(price)
    return gettext("%(unit)s, %(period)s") % {"unit": counted, "period": each} if counted else each


def charge(price: PriceSnapshot) -> str:
    """ "$5 per month", "$5 per seat, per month", "$0.05 per call" of usage, "$100 once"; "" where it has no price."""
    shown = amount(price)
    if not shown:
        return ""
    if price.billing_cadence == "ONE_OFF":
        return gettext("%(amount)s once") % {"amount": f"{shown} {unit(price)}".strip()}
    is_usage = price.billing_model == "USAGE_BASED" and price.feature is not None
    return f"{shown} {unit(price) if is_usage else unit_and_period(price, price.billing_period)}".strip()


def unit_word(feature: FeatureSnapshot, count: int) -> str:
    """ "editor" or "editors"."""
    plural = feature.units_plural or feature.units or feature.display_name
    return feature.units if count == 1 and feature.units else plural


def _per(feature: FeatureSnapshot, units: int) -> str:
    if units > 1:
        return gettext("for %(count)s %(units)s") % {"count": text.number(units), "units": unit_word(feature, units)}
    return gettext("per %(unit)s") % {"unit": feature.units or feature.display_name}
