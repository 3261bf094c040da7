"""Agreed changes on the cards, and plans below the current one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.services.plan_cards import PlanCard
from billing.services.plan_visitor import ScheduledChange, Visitor
from tests.unit.shop import ENTERPRISE, FREE, PRO, SEAT, STARTER, cards, on, per_seat, plan, shop

DAY = datetime(2026, 12, 1, tzinfo=UTC)
CREW = plan("Crew", prices=(per_seat(8), per_seat(80, "ANNUALLY")))


def waiting(kind: str, *, plan_on: str = "Pro", **fields: Any) -> Visitor:
    change = ScheduledChange(kind, DAY, **fields)
    return on(plan_on, current_plan_name=plan_on, subscription_id="sub-1", scheduled=(change,))


def next_cards(found: dict[str, PlanCard]) -> dict[str, str]:
    return {name: card.next_change.sentence for name, card in found.items() if card.next_change}


@pytest.mark.shows("P8")
@pytest.mark.parametrize("kind", ["Downgrade", "Plan"])
def test_an_agreed_plan_is_the_next_one_and_cannot_be_bought_again(kind: str) -> None:
    found = cards(waiting(kind, plan_id="plan-starter", period="MONTHLY"))
    assert next_cards(found) == {"Starter": "You move to Starter on December 1, 2026. Until then you keep Pro."}
    assert (found["Starter"].state_label, found["Starter"].action.kind) == ("Your next plan", "none")
    assert found["Pro"].action.label == "Your current plan"


def test_an_agreed_plan_is_next_in_its_own_period_alone() -> None:
    visitor = waiting("Downgrade", plan_id="plan-starter", period="ANNUALLY")
    assert next_cards(cards(visitor, "MONTHLY")) == {}
    assert list(next_cards(cards(visitor, "ANNUALLY"))) == ["Starter"]


def test_an_agreed_plan_that_has_no_period_is_next_in_both() -> None:
    visitor = waiting("Downgrade", plan_id="plan-free")
    assert list(next_cards(cards(visitor, "MONTHLY"))) == list(next_cards(cards(visitor, "ANNUALLY"))) == ["Free"]


@pytest.mark.shows("P8")
def test_an_agreed_period_stands_on_the_current_plan_in_that_period() -> None:
    visitor = waiting("BillingPeriod", period="ANNUALLY")
    assert next_cards(cards(visitor, "MONTHLY")) == {}
    assert next_cards(cards(visitor, "ANNUALLY")) == {"Pro": "You are billed yearly from December 1, 2026."}


@pytest.mark.shows("P8")
@pytest.mark.parametrize(("count", "words"), [(3, "3 seats"), (1, "1 seat")])
def test_an_agreed_number_of_units_stands_on_the_current_plan(count: int, words: str) -> None:
    visitor = waiting("UnitAmount", plan_on="Crew", feature_id=SEAT.feature_id, quantity=count)
    found = next_cards(cards(visitor, paywall=shop(STARTER, CREW)))
    assert found == {"Crew": f"You change to {words} on December 1, 2026."}


def test_an_agreed_plan_goes_before_an_agreed_period() -> None:
    changes = (
        ScheduledChange("BillingPeriod", DAY, period="ANNUALLY"),
        ScheduledChange("Downgrade", DAY, plan_id="plan-starter", period="ANNUALLY"),
    )
    visitor = on("Pro", subscription_id="sub-1", scheduled=changes)
    assert list(next_cards(cards(visitor, "ANNUALLY"))) == ["Starter"]


def test_other_changes_to_come_are_no_business_of_the_cards() -> None:
    for kind in ("Addon", "Coupon", "AdditionalMetaData", "MigrateToLatest"):
        assert next_cards(cards(waiting(kind))) == {}


@pytest.mark.shows("P9")
def test_only_what_is_not_below_the_current_plan_is_shown_where_the_host_wants_it() -> None:
    assert list(cards(on("Starter"), only_eligible=True)) == ["Starter", "Pro", "Enterprise"]
    assert list(cards(only_eligible=True)) == ["Free", "Starter", "Pro", "Enterprise"]
    assert list(cards(on("Legacy"), only_eligible=True)) == ["Free", "Starter", "Pro", "Enterprise"]
    assert list(cards(on("Starter"))) == ["Free", "Starter", "Pro", "Enterprise"]


@pytest.mark.shows("P8")
def test_every_button_that_does_something_says_for_which_plan_or_is_unique() -> None:
    found = cards(paywall=shop(FREE, STARTER, PRO, ENTERPRISE))
    labels = [card.action.label for card in found.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.shows("P3")
@pytest.mark.parametrize("prices", [(), (replace(per_seat(8), price=None),)])
def test_a_plan_whose_price_is_not_set_has_no_button_that_leads_nowhere(prices: tuple[Any, ...]) -> None:
    card = cards(paywall=shop(STARTER, plan("Crew", prices=prices)))["Crew"]
    assert card.price.text == "Price not set"
    assert card.action.kind == "none"
