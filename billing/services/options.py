"""What can be set on a plan before it is bought: quantities of its units, and its add-ons. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from billing.gateways.stigg.types import PlanSnapshot, PriceSnapshot
from billing.services import text
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
        prices = [price for price in addon.prices if price.billing_period == period and price.price is not None]
        if prices:
            found.append(
                AddonOption(
                    addon_id=addon.addon_id,
                    name=addon.display_name,
                    description=addon.description,
                    price=price_text(prices[0]),
                    maximum=addon.max_quantity,
                    requires=addon.dependencies,
                )
            )
    return tuple(found)


def price_text(price: PriceSnapshot) -> str:
    """What an add-on costs, and how often; for one that is not in tiers."""
    words = {"amount": text.money(price.price) if price.price else "", "period": text.period_unit(price.billing_period)}
    return (gettext("%(amount)s once") if price.billing_cadence == "ONE_OFF" else "%(amount)s %(period)s") % words
