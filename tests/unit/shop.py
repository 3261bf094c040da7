"""A shop for the paywall's rules: plans and prices as Stigg would list them, and the cards that come of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from billing.gateways.stigg.types import (
    FeatureSnapshot,
    PaywallSnapshot,
    PlanSnapshot,
    PriceSnapshot,
    PriceTierSnapshot,
    TrialConfigSnapshot,
)
from billing.money import Money
from billing.services.plan_cards import (
    PlanCard,
    Visitor,
    plan_cards,
)

SEAT = FeatureSnapshot("feature-seats", "Seats", "Who can sign in", units="seat", units_plural="seats")


def usd(amount: float | Decimal) -> Money:
    return Money.from_decimal(amount, "USD")


def tier(up_to: int | None, *, unit: float | Decimal = 0, flat: float | Decimal = 0) -> PriceTierSnapshot:
    """As Stigg writes it: no price is a zero."""
    return PriceTierSnapshot(None if up_to is None else Decimal(up_to), usd(unit), usd(flat))


def tiered(mode: str, *tiers: PriceTierSnapshot, period: str = "MONTHLY", **fields: Any) -> PriceSnapshot:
    given = {"feature": SEAT} | fields
    return PriceSnapshot(period, "PER_UNIT", tiers_mode=mode, tiers=tiers, **given)


def per_seat(amount: float, period: str = "MONTHLY", **fields: Any) -> PriceSnapshot:
    return PriceSnapshot(period, "PER_UNIT", price=usd(amount), **({"feature": SEAT} | fields))


def price(period: str, amount: float | None, **fields: Any) -> PriceSnapshot:
    return PriceSnapshot(period, "FLAT_FEE", price=None if amount is None else usd(amount), **fields)


def plan(
    name: str, kind: str | None = "PAID", *, monthly: float | None = None, yearly: float | None = None, **fields: Any
) -> PlanSnapshot:
    prices = [price(period, amount) for period, amount in (("MONTHLY", monthly), ("ANNUALLY", yearly)) if amount]
    given = {"description": "", "product_id": "product", "prices": tuple(prices)} | fields
    return PlanSnapshot(plan_id=f"plan-{name.lower()}", display_name=name, pricing_type=kind, **given)


FREE = plan("Free", "FREE")
STARTER = plan("Starter", monthly=19, yearly=182)
PRO = plan("Pro", monthly=49, yearly=470)
ENTERPRISE = plan("Enterprise", "CUSTOM")
TRIAL = TrialConfigSnapshot(duration=14, units="DAY")


def shop(*plans: PlanSnapshot, **fields: Any) -> PaywallSnapshot:
    return PaywallSnapshot(plans=plans or (FREE, STARTER, PRO, ENTERPRISE), currency="USD", **fields)


def cards(
    visitor: Visitor | None = None, period: str = "MONTHLY", paywall: PaywallSnapshot | None = None, **options: Any
) -> dict[str, PlanCard]:
    given = {"highlighted_plan_id": "", "hidden": frozenset()} | options
    found = plan_cards(paywall or shop(), period=period, visitor=visitor or Visitor(), **given)
    return {card.name: card for card in found}


def on(name: str, period: str = "MONTHLY", **fields: Any) -> Visitor:
    return Visitor(is_signed_in=True, current_plan_id=f"plan-{name.lower()}", current_period=period, **fields)
