"""What an order is, whether it needs a card, and what it saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from billing.gateways.stigg.types import PlanSnapshot, PreviewSnapshot, PriceSnapshot, SubscriptionChoice
from billing.gateways.stigg.types import TrialConfigSnapshot as Trial
from billing.models import Subscription
from billing.money import Money
from billing.services.order_kinds import Kind, kind_of, needs_card, starts_later, starts_trial, yearly_saving

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ZERO, SOME = Money(0, "USD"), Money(4900, "USD")


def plan(plan_id: str = "pro", pricing_type: str = "PAID", *, yearly: int = 47000, trial: str = "") -> PlanSnapshot:
    return PlanSnapshot(
        plan_id=plan_id,
        display_name="Pro",
        description="",
        product_id="product",
        pricing_type=pricing_type,  # type: ignore[arg-type]
        prices=(
            PriceSnapshot("MONTHLY", "FLAT_FEE", price=SOME),
            PriceSnapshot("ANNUALLY", "FLAT_FEE", price=Money(yearly, "USD")),
        ),
        default_trial=Trial(14, "DAY", trial) if trial else None,
    )


def held(plan_id: str = "pro", status: str = "ACTIVE", pricing_type: str = "PAID") -> Subscription:
    return Subscription(plan_id=plan_id, status=status, pricing_type=pricing_type, billing_period="MONTHLY")


@pytest.mark.parametrize(
    ("has", "wanted", "period", "expected"),
    [
        (None, plan(), "MONTHLY", Kind.NEW),
        (held("free", pricing_type="FREE"), plan(), "MONTHLY", Kind.NEW),
        (held("pro", status="IN_TRIAL"), plan(), "MONTHLY", Kind.CONVERSION),
        (held("starter"), plan(), "MONTHLY", Kind.UPGRADE),
        (held("pro"), plan(), "ANNUALLY", Kind.PERIOD),
        (held("pro"), plan(), "MONTHLY", Kind.CHANGE),
        (held("pro"), plan("free", "FREE"), None, Kind.TO_FREE),
    ],
)
def test_the_kind_follows_from_what_one_has(
    has: Subscription | None, wanted: PlanSnapshot, period: str | None, expected: Kind
) -> None:
    choice = SubscriptionChoice(wanted.plan_id, period)
    assert kind_of(wanted, choice, held=has, priced=None, is_trial=False) == expected


def test_whether_another_plan_is_a_step_down_is_for_stigg_to_say() -> None:
    priced = PreviewSnapshot(ZERO, ZERO, is_plan_downgrade=True)
    choice = SubscriptionChoice("pro", "MONTHLY")
    assert kind_of(plan(), choice, held=held("big"), priced=priced, is_trial=False) == Kind.DOWNGRADE


@pytest.mark.parametrize(
    ("setting", "ending", "expected"),
    [
        ("never", "CONVERT_TO_PAID", False),
        ("if_converting", "CONVERT_TO_PAID", True),
        ("if_converting", "CANCEL_SUBSCRIPTION", False),
        ("always", "CANCEL_SUBSCRIPTION", True),
    ],
)
def test_a_trial_asks_for_a_card_as_the_setting_says(setting: str, ending: str, expected: bool) -> None:
    asked = needs_card(plan(trial=ending), Kind.TRIAL, is_scheduled=False, due_now=ZERO, trial_card=setting)
    assert asked is expected


@pytest.mark.parametrize(
    ("kind", "is_scheduled", "due", "expected"),
    [
        (Kind.NEW, False, SOME, True),
        (Kind.NEW, False, ZERO, True),  # a first month free is followed by others
        (Kind.DOWNGRADE, True, ZERO, False),
        (Kind.CHANGE, False, ZERO, False),
        (Kind.UPGRADE, False, SOME, True),
        (Kind.NEW, True, SOME, True),  # what is paid today needs a card, whenever it begins
    ],
)
def test_a_card_is_asked_for_only_where_something_is_or_becomes_due(
    kind: Kind, is_scheduled: bool, due: Money, expected: bool
) -> None:
    assert needs_card(plan(), kind, is_scheduled=is_scheduled, due_now=due, trial_card="never") is expected


def test_a_trial_is_what_costs_nothing_now_and_something_later() -> None:
    monthly = SubscriptionChoice("pro", "MONTHLY")
    trial = PreviewSnapshot(ZERO, ZERO, recurring=SOME, period_starts_at=NOW)
    assert starts_trial(plan(), monthly, trial, may_try=True, now=NOW)
    assert not starts_trial(plan(), monthly, trial, may_try=False, now=NOW)
    paid = PreviewSnapshot(ZERO, SOME, recurring=SOME)
    assert not starts_trial(plan(), monthly, paid, may_try=True, now=NOW)
    later = PreviewSnapshot(ZERO, ZERO, recurring=SOME, period_starts_at=NOW + timedelta(days=9))
    assert not starts_trial(plan(), monthly, later, may_try=True, now=NOW)


def test_a_plan_that_is_paid_by_usage_alone_can_be_tried_and_one_that_is_given_away_not() -> None:
    by_usage = replace(plan(), prices=(PriceSnapshot("MONTHLY", "USAGE_BASED", price=SOME),))
    monthly = SubscriptionChoice("pro", "MONTHLY")
    for nothing in (None, ZERO):
        priced = PreviewSnapshot(ZERO, ZERO, recurring=nothing, period_starts_at=NOW)
        assert starts_trial(by_usage, monthly, priced, may_try=True, now=NOW)
        assert not starts_trial(plan(), monthly, priced, may_try=True, now=NOW)


def test_what_is_paid_today_begins_today_although_stiggs_clock_is_ahead() -> None:
    tomorrow = NOW + timedelta(days=1)
    assert not starts_later(PreviewSnapshot(SOME, SOME, recurring=SOME, period_starts_at=tomorrow), NOW)
    assert starts_later(PreviewSnapshot(ZERO, ZERO, recurring=SOME, period_starts_at=tomorrow), NOW)
    assert starts_later(PreviewSnapshot(ZERO, ZERO, recurring=SOME, has_scheduled_updates=True), NOW)


def test_the_saving_of_a_year_is_told_on_both_sides_and_never_where_there_is_none() -> None:
    assert yearly_saving(plan(), SubscriptionChoice("pro", "MONTHLY")) == Money(11800, "USD")
    assert yearly_saving(plan(), SubscriptionChoice("pro", "ANNUALLY")) == Money(11800, "USD")
    assert yearly_saving(plan(yearly=60000), SubscriptionChoice("pro", "MONTHLY")) is None
