"""What a plan includes and what can be added to it, in lines. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from billing.gateways.stigg.types import (
    AddonSnapshot,
    CreditGrantSnapshot,
    PlanEntitlementSnapshot,
    PlanSnapshot,
)
from billing.services import text
from billing.services.options import addon_price
from billing.services.plan_quantities import unit_prices


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what a plan includes."""

    text: str
    detail: str = ""
    is_included: bool = True


@dataclass(frozen=True, slots=True)
class AddonLine:
    """An add-on that the plan takes."""

    name: str
    price: str
    description: str = ""
    adds: tuple[str, ...] = ()
    needs: str = ""
    limit: str = ""


def heading(plan: PlanSnapshot, *, has_rows: bool) -> str:
    """What stands above the rows: the plan whose entitlements come along."""
    if plan.base_plan_name:
        everything = gettext("Everything in %(plan)s, plus:") if has_rows else gettext("Everything in %(plan)s")
        return everything % {"plan": plan.base_plan_name}
    return gettext("What you get:") if has_rows else ""


def rows(plan: PlanSnapshot, period: str) -> tuple[Row, ...]:
    """How many units can be bought, then what the plan grants of its own."""
    return (*_range_rows(plan, period), *entitlement_rows(plan))


def _range_rows(plan: PlanSnapshot, period: str) -> tuple[Row, ...]:
    found = []
    for price in unit_prices(plan, period):
        if price.feature is not None:
            most = int(price.max_unit_quantity) if price.max_unit_quantity else None
            words = text.unit_range(price.feature, int(price.min_unit_quantity or 1), most)
            found += [Row(words, detail=price.feature.description)] if words else []
    return tuple(found)


def entitlement_rows(plan: PlanSnapshot) -> tuple[Row, ...]:
    """The plan's own entitlements and credits; what it inherits stands in its heading."""
    features = [
        Row(text=entitlement_text(item), detail=item.description or item.feature.description)
        for item in plan.entitlements
        if is_shown(item)
    ]
    credits = [Row(text=credit_text(grant), detail=grant.description) for grant in plan.credits if is_shown(grant)]
    return (*features, *credits)


def is_shown(item: PlanEntitlementSnapshot | CreditGrantSnapshot) -> bool:
    """Whether it is granted, and not to be kept from the paywall."""
    return item.is_granted and "PAYWALL" not in item.hidden_from_widgets


def entitlement_text(item: PlanEntitlementSnapshot) -> str:
    """One entitlement in words."""
    if item.display_name_override:
        return item.display_name_override
    if item.is_custom:
        return gettext("Custom %(units)s") % {"units": item.feature.units_plural or item.feature.display_name}
    if item.enum_values:
        return f"{item.feature.display_name}: {text.choices(item.enum_values)}"
    return text.limit(
        item.feature,
        usage_limit=item.usage_limit,
        is_unlimited=item.has_unlimited_usage,
        reset_period=item.reset_period,
    )


def credit_text(grant: CreditGrantSnapshot) -> str:
    """One grant of credits in words."""
    return grant.display_name_override or text.credit(grant)


def addon_lines(plan: PlanSnapshot, period: str) -> tuple[AddonLine, ...]:
    """The add-ons that are sold with the plan in `period`; all of them with one that has no period."""
    return tuple(
        _addon_line(addon, price)
        for addon in plan.compatible_addons
        if "PAYWALL" not in addon.hidden_from_widgets and (price := _addon_price(addon, period))
    )


def _addon_price(addon: AddonSnapshot, period: str) -> str:
    """Empty where it is not sold in the period."""
    if addon.pricing_type == "FREE":
        return gettext("Free")
    if addon.pricing_type == "CUSTOM":
        return gettext("Price on request")
    return addon_price(addon, period)


def _addon_line(addon: AddonSnapshot, price: str) -> AddonLine:
    features = [entitlement_text(item) for item in addon.entitlements if is_shown(item)]
    credits = [credit_text(grant) for grant in addon.credits if is_shown(grant)]
    needed = ", ".join(addon.dependency_names or addon.dependencies)
    most = addon.max_quantity
    return AddonLine(
        name=addon.display_name,
        price=price,
        description=addon.description,
        adds=(*features, *credits),
        needs=gettext("Needs %(addons)s") % {"addons": needed} if needed else "",
        limit=gettext("Up to %(count)s") % {"count": text.number(most)} if most and most > 1 else "",
    )
