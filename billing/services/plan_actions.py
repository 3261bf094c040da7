"""What the button of a plan says and does, by who looks and what is agreed already. Pure.

The states are those of Stigg's own paywall; the words are ours: each says what it does and for which plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext

from billing import wording
from billing.gateways.stigg.types import PlanSnapshot, TrialConfigSnapshot
from billing.services import text
from billing.services.plan_quantities import QuantityField
from billing.services.plan_visitor import ScheduledChange, Visitor

ActionKind = Literal["primary", "secondary", "contact", "none"]
PLAN_CHANGES = ("Downgrade", "Plan")
NO_ACTION_LABEL = ""


@dataclass(frozen=True, slots=True)
class Action:
    """The one button of a card; `intent` tells the view which address it leads to."""

    label: str
    kind: ActionKind = "primary"
    intent: Literal["checkout", "contact", "none"] = "checkout"
    is_disabled: bool = False
    hint: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class NextChange:
    """What is agreed for later, on the card that it leads to; the customer may still take it back."""

    label: str
    sentence: str
    cancel_url: str = ""


NONE = Action(NO_ACTION_LABEL, kind="none", intent="none")


def action(
    plan: PlanSnapshot,
    *,
    period: str,
    visitor: Visitor,
    order: dict[str, int],
    is_highlighted: bool = False,
    quantities: tuple[QuantityField, ...] = (),
) -> Action:
    """The first case that fits. `order`: plan id → its place in the price list."""
    kind: ActionKind = "primary" if is_highlighted else "secondary"
    is_current = plan.plan_id == visitor.current_plan_id
    if change_on(plan, period=period, visitor=visitor) is not None:
        return NONE
    if is_current and not visitor.is_on_trial and (plan.pricing_type != "PAID" or visitor.current_period == period):
        return _on_current_plan(quantities, visitor)
    if plan.pricing_type == "CUSTOM":
        return Action(wording.say("plan_contact"), kind="contact", intent="contact")
    if visitor.has_custom_plan or plan.pricing_type is None or not _has_price(plan, period):
        return NONE
    if is_current:
        return _to_pay_or_switch(plan, period, kind=kind, visitor=visitor)
    if may_try(plan, visitor) and plan.default_trial is not None:
        words = {"plan": plan.display_name, "time": _trial_length(plan.default_trial)}
        return Action(wording.say("plan_start_trial", **words), kind=kind)
    return _to_another_plan(plan, kind=kind, visitor=visitor, order=order)


def _has_price(plan: PlanSnapshot, period: str) -> bool:
    """Whether a paid plan has come with what it costs; without, an order of it is refused."""
    prices = [price for price in plan.prices if price.billing_period in ("", None, period)]
    return plan.pricing_type != "PAID" or any(price.price is not None or price.tiers for price in prices)


def may_try(plan: PlanSnapshot, visitor: Visitor) -> bool:
    """Whether the plan begins with a trial for this visitor: once per product, and not during another one."""
    return (
        plan.default_trial is not None
        and plan.product_id not in visitor.trialed_products
        and not visitor.is_on_trial
        and plan.plan_id != visitor.current_plan_id
    )


def _on_current_plan(quantities: tuple[QuantityField, ...], visitor: Visitor) -> Action:
    """Nothing to do, unless other quantities are set than the customer has."""
    changed = [field for field in quantities if visitor.quantities.get(field.feature_id, field.value) != field.value]
    if not changed:
        return Action(wording.say("plan_current"), kind="secondary", intent="none", is_disabled=True)
    if len(changed) > 1:
        return Action(gettext("Change the quantities"), kind="primary")
    words = {"count": text.number(changed[0].value), "units": changed[0].units}
    return Action(gettext("Change to %(count)s %(units)s") % words, kind="primary")


def _to_pay_or_switch(plan: PlanSnapshot, period: str, *, kind: ActionKind, visitor: Visitor) -> Action:
    if visitor.is_on_trial:
        return Action(gettext("Upgrade to %(plan)s now") % {"plan": plan.display_name}, kind="primary")
    yearly = period == "ANNUALLY"
    return Action(gettext("Switch to yearly billing") if yearly else gettext("Switch to monthly billing"), kind=kind)


def _to_another_plan(plan: PlanSnapshot, *, kind: ActionKind, visitor: Visitor, order: dict[str, int]) -> Action:
    words = {"plan": plan.display_name}
    if visitor.current_plan_id in order:
        is_higher = order[plan.plan_id] > order[visitor.current_plan_id]
        label = wording.say("plan_upgrade" if is_higher else "plan_move", **words)
        return Action(label, kind=kind if is_higher else "secondary")
    if plan.pricing_type == "FREE":
        return Action(wording.say("plan_start_free"), kind=kind)
    return Action(wording.say("plan_choose", **words), kind=kind)


def _trial_length(trial: TrialConfigSnapshot) -> str:
    return text.months(trial.duration) if trial.units == "MONTH" else text.days(trial.duration)


def change_on(plan: PlanSnapshot, *, period: str, visitor: Visitor) -> ScheduledChange | None:
    """The change to come that ends on this card: another plan goes before another period or quantity."""
    if not visitor.subscription_id:
        return None
    of_plan = [change for change in visitor.scheduled if change.kind in PLAN_CHANGES and change.plan_id]
    if of_plan:
        change = of_plan[0]
        is_its_period = change.period == period or change.period not in plan.periods
        return change if change.plan_id == plan.plan_id and is_its_period else None
    if plan.plan_id != visitor.current_plan_id:
        return None
    for change in visitor.scheduled:
        if change.kind == "BillingPeriod" and change.period == period:
            return change
        if change.kind == "UnitAmount" and visitor.current_period == period and change.quantity is not None:
            return change
    return None


def next_change(plan: PlanSnapshot, *, period: str, visitor: Visitor) -> NextChange | None:
    """The change that ends on this card, in words."""
    change = change_on(plan, period=period, visitor=visitor)
    if change is None:
        return None
    words = {"date": text.date(change.at), "plan": plan.display_name, "current": visitor.current_plan_name}
    if change.kind in PLAN_CHANGES:
        sentence = gettext("You move to %(plan)s on %(date)s.") % words
        if visitor.current_plan_name:
            sentence = text.sentences(sentence, gettext("Until then you keep %(current)s.") % words)
        return NextChange(gettext("Your next plan"), sentence)
    if change.kind == "BillingPeriod":
        yearly = change.period == "ANNUALLY"
        sentence = (
            gettext("You are billed yearly from %(date)s.")
            if yearly
            else gettext("You are billed monthly from %(date)s.")
        )
        return NextChange(gettext("Agreed"), sentence % words)
    words["quantity"] = _quantity_in_words(plan, period, change)
    return NextChange(gettext("Agreed"), gettext("You change to %(quantity)s on %(date)s.") % words)


def _quantity_in_words(plan: PlanSnapshot, period: str, change: ScheduledChange) -> str:
    features = [price.feature for price in plan.prices_in(period) if price.feature is not None]
    named = [feature for feature in features if feature.feature_id == change.feature_id] or features
    count = change.quantity or 0
    if not named:
        return text.number(count)
    feature = named[0]
    singular = feature.units if count == 1 else ""
    return f"{text.number(count)} {singular or feature.units_plural or feature.display_name}"
