"""What can be set on a plan before it is bought: quantities of its units, and its add-ons. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from billing.gateways.stigg.types import AddonSnapshot, PlanSnapshot
from billing.services import price_words, text
from billing.services.charges import minimum_of


@dataclass(frozen=True, slots=True)
class QuantityOption:
    """How many units of a feature; `maximum` None is no limit."""

    feature_id: str
    label: str
    minimum: int
    maximum: int | None
    hint: str


@dataclass(frozen=True, slots=True)
class AddonOption:
    """An add-on that the plan takes; `requires` are add-on ids that must be taken with it."""

    addon_id: str
    name: str
    description: str
    price: str
    maximum: int | None
    requires: tuple[str, ...]


def quantity_options(plan: PlanSnapshot, period: str) -> tuple[QuantityOption, ...]:
    """One for each per-unit price of the plan in `period`."""
    found = {}
    for price in plan.prices_in(period):
        if price.billing_model == "PER_UNIT" and price.feature is not None:
            maximum = int(price.max_unit_quantity) if price.max_unit_quantity else None
            found[price.feature.feature_id] = QuantityOption(
                feature_id=price.feature.feature_id,
                label=price.feature.display_name,
                minimum=minimum_of(price),
                maximum=maximum,
                hint=_range_hint(minimum_of(price), maximum),
            )
    return tuple(found.values())


def _range_hint(minimum: int, maximum: int | None) -> str:
    if maximum is not None:
        return gettext("%(minimum)s to %(maximum)s") % {
            "minimum": text.number(minimum),
            "maximum": text.number(maximum),
        }
    return gettext("At least %(minimum)s") % {"minimum": text.number(minimum)} if minimum > 1 else ""


def addon_options(plan: PlanSnapshot, period: str) -> tuple[AddonOption, ...]:
    """The add-ons that are sold with the plan in `period`."""
    found = []
    for addon in plan.compatible_addons:
        price = addon_price(addon, period)
        if price:
            found.append(
                AddonOption(
                    addon_id=addon.addon_id,
                    name=addon.display_name,
                    description=addon.description,
                    price=price,
                    maximum=addon.max_quantity,
                    requires=addon.dependencies,
                )
            )
    return tuple(found)


def addon_price(addon: AddonSnapshot, period: str) -> str:
    """All that it costs, what comes again first: "$10 per month and $100 once"; "" where it is not sold in `period`."""
    prices = [price for price in addon.prices if price.billing_period == period]
    prices.sort(key=lambda price: (price.billing_cadence == "ONE_OFF", price.billing_model == "USAGE_BASED"))
    return text.listing([words for price in prices if (words := price_words.charge(price))])
