"""Is a change of subscription a step up or down, and what kind of change is it? Pure rules.

Source: https://docs.stigg.io/documentation/managing-subscriptions/subscription-upgrades
"""

from typing import Literal

from sandbox.catalog.model import Catalog, Plan
from sandbox.stigg import pricing
from sandbox.stigg.state import Choice

Direction = Literal["UPGRADE", "DOWNGRADE", "NONE"]

RANKS = {"FREE": 0, "PAID": 1, "CUSTOM": 2}


def direction(
    catalog: Catalog, old: Choice, old_lines: list[pricing.Line], new: Choice, new_lines: list[pricing.Line]
) -> Direction:
    if old.plan_id != new.plan_id:
        return _plan_direction(catalog, catalog.plans[old.plan_id], catalog.plans[new.plan_id])
    if old.billing_period != new.billing_period:
        # The longer commitment counts as the step up.
        return "UPGRADE" if new.billing_period == "ANNUALLY" else "DOWNGRADE"
    difference = _sum(new_lines) - _sum(old_lines)
    if difference == 0:
        return "NONE"
    return "UPGRADE" if difference > 0 else "DOWNGRADE"


def kind(old: Choice, new: Choice, step: Direction) -> str:
    """In the words of SubscriptionScheduleType."""
    if old.plan_id != new.plan_id:
        return "Downgrade" if step == "DOWNGRADE" else "Plan"
    if old.billing_period != new.billing_period:
        return "BillingPeriod"
    return "Addon" if old.addons != new.addons else "UnitAmount"


def _plan_direction(catalog: Catalog, old: Plan, new: Plan) -> Direction:
    if old in catalog.lineage(new):
        return "UPGRADE"
    if new in catalog.lineage(old):
        return "DOWNGRADE"
    if old.pricing_type != new.pricing_type:
        return "UPGRADE" if RANKS[new.pricing_type] > RANKS[old.pricing_type] else "DOWNGRADE"
    if old.pricing_type == "PAID":
        return "UPGRADE" if starting_price(new) >= starting_price(old) else "DOWNGRADE"
    if old.pricing_type == "CUSTOM":
        return "UPGRADE" if new.order > old.order else "DOWNGRADE"
    return "NONE"


def starting_price(plan: Plan) -> float:
    """The least that a month of the plan costs."""
    monthly = [
        float(pricing.monthly_value(_sum(pricing.lines(plan, period, quantities={})), period))
        for period in ("MONTHLY", "ANNUALLY")
        if pricing.offered_prices(plan, period, None)
    ]
    return min(monthly, default=0.0)


def _sum(lines: list[pricing.Line]) -> int:
    return sum(line.amount for line in lines)
