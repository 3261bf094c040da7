"""The paywall's rules, case by case: who looks at which plan in which period, and what the card says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.gateways.stigg.types import (
    FeatureSnapshot,
    PaywallSnapshot,
    PlanEntitlementSnapshot,
    TrialConfigSnapshot,
)
from billing.services.plan_cards import (
    Visitor,
    entitlement_text,
)
from tests.unit.shop import ENTERPRISE, FREE, PRO, STARTER, TRIAL, cards, on, plan, price, shop

# What the button says: visitor, period, and the labels of Free, Starter, Pro, Enterprise

CURRENT = "Your current plan"
BUTTONS = {
    "anybody": (Visitor(), "MONTHLY", ["Start for free", "Choose Starter", "Choose Pro", "Talk to us"]),
    "anybody, yearly": (Visitor(), "ANNUALLY", ["Start for free", "Choose Starter", "Choose Pro", "Talk to us"]),
    "signed in without a plan": (
        Visitor(is_signed_in=True),
        "MONTHLY",
        ["Start for free", "Choose Starter", "Choose Pro", "Talk to us"],
    ),
    "on Free": (on("Free", ""), "MONTHLY", [CURRENT, "Upgrade to Starter", "Upgrade to Pro", "Talk to us"]),
    "on Free, yearly": (on("Free", ""), "ANNUALLY", [CURRENT, "Upgrade to Starter", "Upgrade to Pro", "Talk to us"]),
    "on Starter": (on("Starter"), "MONTHLY", ["Move to Free", CURRENT, "Upgrade to Pro", "Talk to us"]),
    "on Starter, looking at yearly": (
        on("Starter"),
        "ANNUALLY",
        ["Move to Free", "Switch to yearly billing", "Upgrade to Pro", "Talk to us"],
    ),
    "on yearly Starter, looking at monthly": (
        on("Starter", "ANNUALLY"),
        "MONTHLY",
        ["Move to Free", "Switch to monthly billing", "Upgrade to Pro", "Talk to us"],
    ),
    "on Pro": (on("Pro"), "MONTHLY", ["Move to Free", "Move to Starter", CURRENT, "Talk to us"]),
    "on trial of Pro": (
        on("Pro", is_on_trial=True, trial_days_left=3),
        "MONTHLY",
        ["Move to Free", "Move to Starter", "Upgrade to Pro now", "Talk to us"],
    ),
    "on Enterprise": (on("Enterprise", "", has_custom_plan=True), "MONTHLY", ["", "", "", CURRENT]),
    "on a plan that is not sold any more": (
        on("Legacy"),
        "MONTHLY",
        ["Start for free", "Choose Starter", "Choose Pro", "Talk to us"],
    ),
}


@pytest.mark.shows("P8")
@pytest.mark.parametrize(("visitor", "period", "labels"), BUTTONS.values(), ids=BUTTONS.keys())
def test_each_visitor_reads_the_button_that_fits(visitor: Visitor, period: str, labels: list[str]) -> None:
    assert [card.action.label for card in cards(visitor, period).values()] == labels


@pytest.mark.shows("P8")
def test_the_button_of_the_current_plan_does_nothing() -> None:
    card = cards(on("Starter"))["Starter"]
    assert (card.is_current, card.action.is_disabled, card.action.intent) == (True, True, "none")
    assert card.state_label == CURRENT


@pytest.mark.shows("P8")
def test_who_has_a_custom_plan_is_offered_no_other() -> None:
    found = cards(on("Enterprise", "", has_custom_plan=True))
    assert {found[name].action.intent for name in ("Free", "Starter", "Pro")} == {"none"}
    assert {found[name].action.kind for name in ("Free", "Starter", "Pro")} == {"none"}


@pytest.mark.shows("P8")
def test_a_custom_plan_leads_to_a_conversation() -> None:
    action = cards()["Enterprise"].action
    assert (action.intent, action.kind) == ("contact", "contact")


def test_a_plan_whose_kind_is_not_known_is_not_for_sale() -> None:
    assert cards(paywall=shop(plan("Odd", None)))["Odd"].action.intent == "none"


@pytest.mark.shows("P9")
def test_the_highlighted_plan_stands_out_alone() -> None:
    found = cards(highlighted_plan_id="plan-pro")
    assert [name for name, card in found.items() if card.is_highlighted] == ["Pro"]
    assert found["Pro"].highlight_label == "Recommended"
    assert found["Pro"].action.kind == "primary"
    assert {found[name].action.kind for name in ("Free", "Starter")} == {"secondary"}


def test_a_step_down_is_never_the_loud_button() -> None:
    assert cards(on("Pro"), highlighted_plan_id="plan-starter")["Starter"].action.kind == "secondary"


# Trials


@pytest.mark.shows("P8")
@pytest.mark.parametrize(
    ("trial", "label"),
    [
        (TrialConfigSnapshot(14, "DAY"), "Try Pro free for 14 days"),
        (TrialConfigSnapshot(1, "DAY"), "Try Pro free for 1 day"),
        (TrialConfigSnapshot(1, "MONTH"), "Try Pro free for 1 month"),
    ],
)
def test_a_plan_with_a_trial_offers_it(trial: TrialConfigSnapshot, label: str) -> None:
    with_trial = plan("Pro", monthly=49, default_trial=trial)
    assert cards(paywall=shop(with_trial))["Pro"].action.label == label


@pytest.mark.shows("P8")
@pytest.mark.parametrize(
    "visitor",
    [
        Visitor(is_signed_in=True, trialed_products=frozenset({"product"})),
        on("Starter", is_on_trial=True, trialed_products=frozenset({"product"})),
    ],
    ids=["had one", "is on one"],
)
def test_there_is_one_trial_of_a_product(visitor: Visitor) -> None:
    with_trial = plan("Pro", monthly=49, default_trial=TRIAL)
    assert "Try" not in cards(visitor, paywall=shop(STARTER, with_trial))["Pro"].action.label


def test_a_trial_of_another_product_does_not_count() -> None:
    visitor = Visitor(is_signed_in=True, trialed_products=frozenset({"another"}))
    with_trial = plan("Pro", monthly=49, default_trial=TRIAL)
    assert "Try" in cards(visitor, paywall=shop(with_trial))["Pro"].action.label


@pytest.mark.shows("P8")
def test_a_running_trial_says_how_long_it_lasts() -> None:
    assert cards(on("Pro", is_on_trial=True, trial_days_left=3))["Pro"].state_label == "Your trial: 3 days left"
    assert cards(on("Pro", is_on_trial=True, trial_days_left=1))["Pro"].state_label == "Your trial: 1 day left"


# Which plans are shown


@pytest.mark.shows("P1")
def test_plans_are_shown_in_the_order_of_the_price_list() -> None:
    assert list(cards()) == ["Free", "Starter", "Pro", "Enterprise"]
    assert list(cards(paywall=shop(ENTERPRISE, PRO, FREE))) == ["Enterprise", "Pro", "Free"]


def test_a_plan_not_sold_in_the_period_is_left_out() -> None:
    yearly_only = plan("Patron", yearly=900)
    assert list(cards(paywall=shop(FREE, yearly_only), period="MONTHLY")) == ["Free"]
    assert list(cards(paywall=shop(FREE, yearly_only), period="ANNUALLY")) == ["Free", "Patron"]


@pytest.mark.shows("P1", "P3")
def test_a_plan_that_is_paid_once_is_shown_in_its_period() -> None:
    lifetime = plan("Lifetime", prices=(price("ANNUALLY", 499, billing_cadence="ONE_OFF"),))
    assert list(cards(paywall=shop(FREE, lifetime), period="MONTHLY")) == ["Free"]
    found = cards(paywall=shop(FREE, lifetime), period="ANNUALLY")
    assert list(found) == ["Free", "Lifetime"]
    assert (found["Lifetime"].price.text, found["Lifetime"].price.unit) == ("$499", "once")


@pytest.mark.shows("P9")
def test_hidden_plans_are_left_out_whoever_hid_them() -> None:
    hidden_by_stigg = plan("Secret", monthly=9, hidden_from_widgets=("PAYWALL",))
    hidden_elsewhere = plan("Portal", monthly=9, hidden_from_widgets=("CUSTOMER_PORTAL",))
    shown = cards(paywall=shop(FREE, STARTER, hidden_by_stigg, hidden_elsewhere), hidden=frozenset({"plan-starter"}))
    assert list(shown) == ["Free", "Portal"]


def test_an_empty_price_list_is_no_cards() -> None:
    assert cards(paywall=PaywallSnapshot(plans=(), currency="USD")) == {}


# What a plan includes

SEAT = FeatureSnapshot("feature-seats", "Seats", units="seat", units_plural="seats")
CALLS = FeatureSnapshot("feature-calls", "API calls", units="API call", units_plural="API calls")
SSO = FeatureSnapshot("feature-sso", "Single sign-on")
ENTITLEMENTS = {
    "a switch": (PlanEntitlementSnapshot(SSO), "Single sign-on"),
    "a limit": (PlanEntitlementSnapshot(CALLS, usage_limit=Decimal(10000)), "10,000 API calls"),
    "one": (PlanEntitlementSnapshot(SEAT, usage_limit=Decimal(1)), "1 seat"),
    "nought": (PlanEntitlementSnapshot(SEAT, usage_limit=Decimal(0)), "0 seats"),
    "by the month": (
        PlanEntitlementSnapshot(CALLS, usage_limit=Decimal(1000), reset_period="MONTH"),
        "1,000 API calls per month",
    ),
    "unlimited": (PlanEntitlementSnapshot(CALLS, has_unlimited_usage=True), "Unlimited API calls"),
    "custom": (PlanEntitlementSnapshot(CALLS, is_custom=True, has_unlimited_usage=True), "Custom API calls"),
    "choices": (
        PlanEntitlementSnapshot(FeatureSnapshot("f", "Support"), enum_values=("e_mail", "live-chat")),
        "Support: e mail, live chat",
    ),
    "in the seller's own words": (
        PlanEntitlementSnapshot(SSO, display_name_override="SSO with everything"),
        "SSO with everything",
    ),
}


@pytest.mark.shows("P6")
@pytest.mark.parametrize(("item", "expected"), ENTITLEMENTS.values(), ids=ENTITLEMENTS.keys())
def test_an_entitlement_in_words(item: PlanEntitlementSnapshot, expected: str) -> None:
    assert entitlement_text(item) == expected


@pytest.mark.shows("P6")
def test_rows_are_the_plans_own_and_the_heading_names_what_comes_along() -> None:
    rows = (
        PlanEntitlementSnapshot(SSO),
        PlanEntitlementSnapshot(CALLS, hidden_from_widgets=("PAYWALL",)),
        PlanEntitlementSnapshot(SEAT, is_granted=False),
    )
    team = plan("Team", monthly=9, base_plan_name="Starter", entitlements=rows)
    found = cards(paywall=shop(STARTER, team, plan("Bare", monthly=5, base_plan_name="Team")))
    assert [row.text for row in found["Team"].rows] == ["Single sign-on"]
    assert found["Team"].heading == "Everything in Starter, plus:"
    assert found["Bare"].heading == "Everything in Team"
    assert found["Starter"].heading == ""
