"""The paywall's cards: a price list and a visitor in, plan cards out. Pure: no rows, no network, no clock of its own.

Behaviour of Stigg's own paywall where it is right; where it misleads (a yearly price shown as odd cents a
month with the sum charged left unsaid) the cards say what is charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext

from billing import wording
from billing.gateways.stigg.types import PaywallSnapshot, PlanSnapshot
from billing.services import plan_rows, text
from billing.services.plan_actions import Action, NextChange, action, next_change
from billing.services.plan_prices import PriceText, price_text
from billing.services.plan_quantities import QuantityField, TierTable, quantity_fields, tier_tables
from billing.services.plan_rows import AddonLine, Row, entitlement_rows, entitlement_text
from billing.services.plan_visitor import Visitor

__all__ = ["Action", "PlanCard", "Row", "Visitor", "entitlement_rows", "entitlement_text", "on_show", "plan_cards"]


@dataclass(frozen=True, slots=True)
class PlanCard:
    """One plan as the paywall shows it."""

    plan_id: str
    name: str
    description: str
    price: PriceText
    action: Action
    heading: str = ""
    rows: tuple[Row, ...] = ()
    is_highlighted: bool = False
    highlight_label: str = ""
    is_current: bool = False
    state_label: str = ""
    quantities: tuple[QuantityField, ...] = ()
    tiers: tuple[TierTable, ...] = ()
    addons: tuple[AddonLine, ...] = ()
    next_change: NextChange | None = None
    kept: tuple[tuple[str, str], ...] = ()
    """Parameters of the page's address that its form of quantities has to carry on."""
    extra: dict[str, str] = field(default_factory=dict)


def on_show(
    paywall: PaywallSnapshot, *, visitor: Visitor, hidden: frozenset[str], only_eligible: bool = False
) -> PaywallSnapshot:
    """The price list as the visitor may see it in any period: periods and savings are told of these plans alone."""
    ids = [plan.plan_id for plan in paywall.plans]
    is_listed = only_eligible and visitor.current_plan_id in ids
    lowest = ids.index(visitor.current_plan_id) if is_listed else 0
    plans = [plan for plan in paywall.plans[lowest:] if "PAYWALL" not in plan.hidden_from_widgets]
    return replace(paywall, plans=tuple(plan for plan in plans if plan.plan_id not in hidden))


def plan_cards(
    paywall: PaywallSnapshot,
    *,
    period: str,
    visitor: Visitor,
    highlighted_plan_id: str = "",
    hidden: frozenset[str],
    only_eligible: bool = False,
    asked: Mapping[str, str] | None = None,
) -> tuple[PlanCard, ...]:
    """Cards in catalog order: every plan that is not sold by period, and those sold in `period`.

    `asked`: the address's parameters, for quantities. `only_eligible` leaves out what is below the current plan.
    """
    order = {plan.plan_id: index for index, plan in enumerate(paywall.plans)}
    shown = on_show(paywall, visitor=visitor, hidden=hidden, only_eligible=only_eligible)
    return tuple(
        _card(
            shown,
            plan,
            period=period,
            visitor=visitor,
            order=order,
            is_highlighted=plan.plan_id == highlighted_plan_id,
            asked=asked or {},
        )
        for plan in shown.plans
        if _is_sold(plan, period)
    )


def _is_sold(plan: PlanSnapshot, period: str) -> bool:
    return plan.pricing_type != "PAID" or not plan.prices or period in plan.periods


def _card(
    paywall: PaywallSnapshot,
    plan: PlanSnapshot,
    *,
    period: str,
    visitor: Visitor,
    order: dict[str, int],
    is_highlighted: bool,
    asked: Mapping[str, str],
) -> PlanCard:
    is_current = plan.plan_id == visitor.current_plan_id
    rows = plan_rows.rows(plan, period)
    fields = quantity_fields(plan, period, asked=asked, own=visitor.quantities if is_current else {})
    button = action(plan, period=period, visitor=visitor, order=order, is_highlighted=is_highlighted, quantities=fields)
    change = next_change(plan, period=period, visitor=visitor)
    return PlanCard(
        plan_id=plan.plan_id,
        name=plan.display_name,
        description=plan.description,
        price=price_text(paywall, plan, period, {field.feature_id: field.value for field in fields}),
        action=button,
        heading=plan_rows.heading(plan, has_rows=bool(rows)),
        rows=rows,
        is_highlighted=is_highlighted,
        highlight_label=wording.say("plan_recommended") if is_highlighted else "",
        is_current=is_current,
        state_label=_state_label(visitor) if is_current else change.label if change else "",
        quantities=fields if button.kind != "none" else (),
        tiers=tier_tables(plan, period),
        addons=plan_rows.addon_lines(plan, period),
        next_change=change,
    )


def _state_label(visitor: Visitor) -> str:
    if visitor.is_on_trial:
        return gettext("Your trial: %(days)s left") % {"days": text.days(visitor.trial_days_left)}
    return wording.say("plan_current")
