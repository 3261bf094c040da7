"""The cheapest way to what was refused: a higher plan, more units, or an add-on of the plan one has. Pure.

Costs are compared per year, in the price list's currency: what the customer would pay in all in their billing
period, or in the plan's own where it is not sold in that one. What has no such price is offered last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from billing.gateways.stigg.types import (
    AddonSnapshot,
    PaywallSnapshot,
    PlanEntitlementSnapshot,
    PlanSnapshot,
    SubscriptionChoice,
)
from billing.money import Money
from billing.services.charges import charges, minimum_of
from billing.services.entitlements import Decision

PERIODS_PER_YEAR = {"MONTHLY": 12, "ANNUALLY": 1}
PRICED, UNPRICED, BY_CONTACT = range(3)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the customer has: a plan (or none), in a period, with so many of its add-ons."""

    plan_id: str = ""
    period: str = ""
    addons: Mapping[str, int] = field(default_factory=dict)
    resource_id: str = ""
    """The workspace or such that it is for."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What to buy. `price` is what that costs per `period`: the plan, or the add-ons alone; None: not said."""

    kind: Literal["plan", "units", "addon", "contact"]
    plan: PlanSnapshot
    period: str = ""
    price: Money | None = None
    units: int = 0
    """How many units of the feature to buy, where the plan is sold by them."""
    addon: AddonSnapshot | None = None
    addon_quantity: int = 0
    """How many of it in all, those that the customer has included."""


def cheapest_offer(
    paywall: PaywallSnapshot, refusal: Decision, holding: Holding, *, period: str, hidden: Iterable[str] = ()
) -> Offer | None:
    """The cheapest offer that grants what was refused; None when nothing on sale does.

    `period` is compared in; plans below the customer's own are left out, and so are `hidden` ones.
    """
    offers = [*_plan_offers(paywall, refusal, holding, period, frozenset(hidden))]
    current = paywall.find_plan(holding.plan_id)
    base = Decimal(0)
    if current is not None and current.pricing_type == "PAID":
        own_cost = _cost(current, SubscriptionChoice(current.plan_id, holding.period), paywall.currency)
        base = _yearly(own_cost, holding.period)
        offers += _addon_offers(current, refusal, holding)
    order = {plan.plan_id: index for index, plan in enumerate(paywall.plans)}

    def rank(offer: Offer) -> tuple[int, Decimal, bool, int]:
        is_addon, place = offer.kind == "addon", order[offer.plan.plan_id]
        if offer.kind == "contact":
            return BY_CONTACT, Decimal(0), is_addon, place
        if offer.price is None or offer.price.currency != paywall.currency:
            return UNPRICED, Decimal(0), is_addon, place
        own = _yearly(offer.price, offer.period)
        return PRICED, base + own if is_addon else own, is_addon, place  # a plan for the same money gives more

    return min(offers, key=rank, default=None)


def _yearly(amount: Money | None, period: str) -> Decimal:
    return Decimal(amount.amount_minor * PERIODS_PER_YEAR.get(period, 1)) if amount else Decimal(0)


# Plans


def _plan_offers(
    paywall: PaywallSnapshot, refusal: Decision, holding: Holding, period: str, hidden: frozenset[str]
) -> Iterable[Offer]:
    ids = [plan.plan_id for plan in paywall.plans]
    current = paywall.find_plan(holding.plan_id)
    lowest = ids.index(holding.plan_id) if current else 0
    for plan in paywall.plans[lowest:]:
        if plan.plan_id in hidden or "PAYWALL" in plan.hidden_from_widgets:
            continue
        if current is not None and plan.product_id != current.product_id:
            continue
        offer = _plan_offer(paywall, plan, refusal, period=period)
        # The plan one has does not grant it as it is; only more of its units might.
        if offer and (plan is not current or offer.kind == "units"):
            yield offer


def _plan_offer(paywall: PaywallSnapshot, plan: PlanSnapshot, refusal: Decision, *, period: str) -> Offer | None:
    sold_in = period if period in plan.periods else "".join(plan.periods[:1])
    units = _units(plan, refusal, sold_in)
    grant = grant_of(plan, refusal.feature_id)
    if not units and not (grant and suffices(grant, refusal)):
        return None
    if plan.pricing_type == "CUSTOM":
        return Offer("contact", plan)
    if plan.pricing_type not in ("FREE", "PAID"):
        return None
    quantities = ((refusal.feature_id, units),) if units else ()
    price = _cost(plan, SubscriptionChoice(plan.plan_id, sold_in, quantities), paywall.currency)
    return Offer("units" if units else "plan", plan, period=sold_in, price=price, units=units)


def _units(plan: PlanSnapshot, refusal: Decision, period: str) -> int:
    """How many units to buy where the feature is sold by the unit (they are its limit then); 0 where it is not."""
    for price in plan.prices_in(period):
        if price.billing_model == "PER_UNIT" and price.feature and price.feature.feature_id == refusal.feature_id:
            wanted = max(math.ceil(refusal.needed), minimum_of(price))
            return wanted if price.max_unit_quantity is None or wanted <= price.max_unit_quantity else 0
    return 0


def _cost(plan: PlanSnapshot, choice: SubscriptionChoice, currency: str) -> Money | None:
    """What the plan costs per period; None where the price list does not say it in that currency."""
    if plan.pricing_type == "FREE":
        return Money(0, currency)
    amounts = [charge.amount for charge in charges(plan, choice)]
    if not amounts or any(amount.currency != currency for amount in amounts):
        return None
    return sum(amounts[1:], start=amounts[0])


def grant_of(plan: PlanSnapshot, feature_id: str) -> PlanEntitlementSnapshot | None:
    """What the plan grants of a feature: its own word over what it inherits, or on top of it."""
    inherited = _find(plan.inherited_entitlements, feature_id)
    own = _find(plan.entitlements, feature_id)
    if own is None or inherited is None or not own.is_increment:
        return own or inherited
    return _sum(inherited, own)


def _find(items: Iterable[PlanEntitlementSnapshot], feature_id: str) -> PlanEntitlementSnapshot | None:
    return next((item for item in items if item.feature.feature_id == feature_id and item.is_granted), None)


def _sum(base: PlanEntitlementSnapshot, more: PlanEntitlementSnapshot) -> PlanEntitlementSnapshot:
    limits = [limit for limit in (base.usage_limit, more.usage_limit) if limit is not None]
    is_unlimited = base.has_unlimited_usage or more.has_unlimited_usage
    return replace(base, usage_limit=sum(limits, Decimal(0)) if limits else None, has_unlimited_usage=is_unlimited)


def suffices(grant: PlanEntitlementSnapshot, refusal: Decision) -> bool:
    """Whether a grant covers what is used and what was asked for on top."""
    if grant.feature.feature_type == "ENUM":
        return set(refusal.requested_values) <= set(grant.enum_values)
    if grant.feature.feature_type != "NUMBER" or grant.has_unlimited_usage or grant.usage_limit is None:
        return True
    is_metered = grant.feature.meter_type is not None
    return (is_metered and grant.has_soft_limit) or refusal.needed <= grant.usage_limit


# Add-ons


def _addon_offers(plan: PlanSnapshot, refusal: Decision, holding: Holding) -> Iterable[Offer]:
    """Add-ons of the customer's own plan; one that needs another which they do not have is no quick way."""
    for addon in plan.compatible_addons:
        if "PAYWALL" in addon.hidden_from_widgets:
            continue
        more = _addon_count(plan, addon, refusal)
        has = holding.addons.get(addon.addon_id, 0)
        is_within = more > 0 and (addon.max_quantity is None or has + more <= addon.max_quantity)
        if not is_within or any(needed not in holding.addons for needed in addon.dependencies):
            continue
        price = _addon_cost(plan, addon, more, holding.period)
        if price is not None:
            yield Offer("addon", plan, period=holding.period, price=price, addon=addon, addon_quantity=has + more)


def _addon_cost(plan: PlanSnapshot, addon: AddonSnapshot, quantity: int, period: str) -> Money | None:
    """All that an order charges for it; None where it is not sold in the period."""
    choice = SubscriptionChoice(plan.plan_id, period, addons=((addon.addon_id, quantity),))
    return next((charge.amount for charge in charges(plan, choice) if charge.kind == "addon"), None)


def _addon_count(plan: PlanSnapshot, addon: AddonSnapshot, refusal: Decision) -> int:
    """How many more of the add-on it takes; 0 when no number of them would do."""
    extra = _find(addon.entitlements, refusal.feature_id)
    if extra is None:
        return 0
    if suffices(extra, refusal):
        return 1
    if not extra.usage_limit:
        return 0
    base = grant_of(plan, refusal.feature_id)
    has = refusal.limit or (base.usage_limit if base else None) or Decimal(0)
    missing = refusal.needed - (has if extra.is_increment else 0)
    return max(1, math.ceil(missing / extra.usage_limit))
