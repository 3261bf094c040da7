"""What an order is to what the customer has, whether it needs a card, and what it would save. Pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from billing.gateways.stigg.types import PlanSnapshot, PreviewSnapshot, SubscriptionChoice
from billing.models import CheckoutSession, Subscription
from billing.money import Money
from billing.services import charges, current

Kind = CheckoutSession.Kind
CLOCK_SKEW = timedelta(minutes=5)
OTHER_PERIOD = {"MONTHLY": "ANNUALLY", "ANNUALLY": "MONTHLY"}


def kind_of(
    plan: PlanSnapshot,
    choice: SubscriptionChoice,
    *,
    held: Subscription | None,
    priced: PreviewSnapshot | None,
    is_trial: bool,
) -> CheckoutSession.Kind:
    """`held` is what the customer has of the product, `priced` what Stigg says of the order, where it does."""
    if held is None or (held.pricing_type == "FREE" and held.status != Subscription.Status.IN_TRIAL):
        return Kind.TRIAL if is_trial else Kind.NEW
    if plan.pricing_type == "FREE":
        return Kind.TO_FREE
    if held.status == Subscription.Status.IN_TRIAL:
        return Kind.CONVERSION
    if held.plan_id != plan.plan_id:
        return Kind.DOWNGRADE if priced and priced.is_plan_downgrade else Kind.UPGRADE
    return Kind.PERIOD if held.billing_period != choice.billing_period else Kind.CHANGE


def starts_trial(
    plan: PlanSnapshot, choice: SubscriptionChoice, priced: PreviewSnapshot, *, may_try: bool, now: datetime
) -> bool:
    """Whether the order begins with a trial: nothing is charged, although it begins now and costs something later,
    be it only for what is used."""
    begins_now = priced.period_starts_at is None or priced.period_starts_at <= now + CLOCK_SKEW
    costs_later = bool(priced.recurring) or plan.is_by_usage_alone(choice.billing_period or "")
    return may_try and begins_now and not priced.has_scheduled_updates and not priced.subtotal and costs_later


def starts_later(priced: PreviewSnapshot, now: datetime) -> bool:
    """Whether it begins on a later day. What is paid for today begins today, whatever Stigg's clock says."""
    begins = priced.period_starts_at
    is_later = begins is not None and begins > now + CLOCK_SKEW and not priced.due_now
    return priced.has_scheduled_updates or is_later


def needs_card(
    plan: PlanSnapshot, kind: CheckoutSession.Kind, *, is_scheduled: bool, due_now: Money | None, trial_card: str
) -> bool:
    """Whether a card is asked for. `trial_card`: "never", "if_converting" or "always"."""
    if plan.pricing_type != "PAID":
        return False
    if kind == Kind.TRIAL:
        converts = plan.default_trial is not None and plan.default_trial.trial_end_behavior != "CANCEL_SUBSCRIPTION"
        return trial_card == "always" or (trial_card == "if_converting" and converts)
    if due_now:
        return True
    is_free_change = kind in CheckoutSession.CHANGES and due_now is not None
    return not is_scheduled and not is_free_change


def yearly_saving(plan: PlanSnapshot, choice: SubscriptionChoice) -> Money | None:
    """What paying yearly saves in a year, by the price list; None where it saves nothing or cannot be compared."""
    other = OTHER_PERIOD.get(choice.billing_period or "")
    if other is None or other not in plan.periods:
        return None
    here = charges.charges(plan, choice)
    there = charges.charges(plan, replace(choice, billing_period=other))
    if not here or [part.kind for part in here] != [part.kind for part in there]:
        return None
    monthly, yearly = (here, there) if choice.billing_period == "MONTHLY" else (there, here)
    if {part.amount.currency for part in (*monthly, *yearly)} != {monthly[0].amount.currency}:
        return None
    year_of_months = sum(part.amount.amount_minor for part in monthly) * 12
    saving = Money(year_of_months - sum(part.amount.amount_minor for part in yearly), monthly[0].amount.currency)
    return saving if saving.amount_minor > 0 else None


def changes_nothing(held: Subscription | None, choice: SubscriptionChoice) -> bool:
    """Whether the order asks for what the customer has, with no new discount."""
    return held is not None and not choice.code and current.is_same(held, choice)
