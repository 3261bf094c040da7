"""What plans include, what can be added to them, and the table that compares them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing.gateways.stigg.types import (
    AddonSnapshot,
    CreditGrantSnapshot,
    FeatureSnapshot,
    PlanEntitlementSnapshot,
)
from billing.services.comparison import Comparison, comparison
from billing.services.plan_rows import addon_lines, rows
from tests.unit.shop import ENTERPRISE, SEAT, STARTER, cards, per_seat, plan, price, shop

CALLS = FeatureSnapshot("calls", "API calls", "Requests", "NUMBER", units="call", units_plural="calls")
SSO = FeatureSnapshot("sso", "Single sign-on", "SAML")
FORMATS = FeatureSnapshot("formats", "Formats", feature_type="ENUM")


def credit(amount: float | None = 100, **fields: Any) -> CreditGrantSnapshot:
    given = {"cadence": "MONTH", "units": "credit", "units_plural": "credits"} | fields
    return CreditGrantSnapshot("ai", "AI credits", None if amount is None else Decimal(str(amount)), **given)


def grant(feature: FeatureSnapshot, limit: int | None = None, **fields: Any) -> PlanEntitlementSnapshot:
    return PlanEntitlementSnapshot(feature, None if limit is None else Decimal(limit), **fields)


# Rows


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (None, 50, ["Up to 50 seats"]),
        (2, 50, ["2–50 seats"]),
        (5, None, ["At least 5 seats"]),
        (None, None, []),
        (1, None, []),
    ],
)
def test_how_many_units_can_be_bought(least: int | None, most: int | None, words: list[str]) -> None:
    limits = {
        "min_unit_quantity": None if least is None else Decimal(least),
        "max_unit_quantity": None if most is None else Decimal(most),
    }
    team = plan("Team", prices=(per_seat(12, **limits),), entitlements=(grant(SSO),))
    assert [row.text for row in rows(team, "MONTHLY")] == [*words, "Single sign-on"]
    assert [row.text for row in rows(team, "ANNUALLY")] == ["Single sign-on"]


@pytest.mark.shows("P6")
def test_rows_are_explained_by_the_plan_or_else_by_the_feature() -> None:
    team = plan("Team", monthly=9, entitlements=(grant(SSO), grant(CALLS, 5, description="Only for tests")))
    assert [row.detail for row in rows(team, "MONTHLY")] == ["SAML", "Only for tests"]


@pytest.mark.shows("P6")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (credit(), "100 credits per month"),
        (credit(1, cadence="YEAR"), "1 credit per year"),
        (credit(None), "Custom credits"),
        (credit(is_custom=True), "Custom credits"),
        (credit(units="", units_plural=""), "100 AI credits per month"),
        (credit(display_name_override="Plenty of AI"), "Plenty of AI"),
    ],
)
def test_credits_stand_among_the_rows(given: CreditGrantSnapshot, words: str) -> None:
    assert [row.text for row in rows(plan("Team", monthly=9, credits=(given,)), "MONTHLY")] == [words]


@pytest.mark.shows("P6")
def test_hidden_credits_and_those_not_granted_are_left_out() -> None:
    hidden = (credit(hidden_from_widgets=("PAYWALL",)), credit(is_granted=False))
    assert rows(plan("Team", monthly=9, credits=hidden), "MONTHLY") == ()


# Add-ons

EXTRA = AddonSnapshot(
    "extra",
    "Extra calls",
    "For busy days.",
    max_quantity=10,
    pricing_type="PAID",
    prices=(price("MONTHLY", 5), price("ANNUALLY", 50)),
    entitlements=(grant(CALLS, 1000, reset_period="MONTH"),),
    credits=(credit(20),),
)
FAST = AddonSnapshot(
    "fast",
    "Priority",
    pricing_type="PAID",
    prices=(price("MONTHLY", 9),),
    max_quantity=1,
    dependencies=("extra",),
    dependency_names=("Extra calls",),
)


@pytest.mark.shows("P7")
def test_add_ons_say_what_they_cost_what_they_add_and_what_they_need() -> None:
    extra, fast = addon_lines(plan("Team", monthly=9, compatible_addons=(EXTRA, FAST)), "MONTHLY")
    assert (extra.name, extra.price, extra.limit, extra.needs) == ("Extra calls", "$5 per month", "Up to 10", "")
    assert extra.adds == ("1,000 calls per month", "20 credits per month")
    assert (fast.price, fast.limit, fast.needs) == ("$9 per month", "", "Needs Extra calls")


@pytest.mark.shows("P7")
def test_add_ons_that_are_not_sold_in_the_period_or_hidden_are_left_out() -> None:
    secret = AddonSnapshot("s", "S", prices=(price("ANNUALLY", 1),), hidden_from_widgets=("PAYWALL",))
    team = plan("Team", monthly=9, compatible_addons=(EXTRA, FAST, secret))
    assert [line.price for line in addon_lines(team, "ANNUALLY")] == ["$50 per year"]


# The table


def table(*plans: Any) -> Comparison:
    paywall = shop(*plans)
    found = comparison(paywall, tuple(cards(paywall=paywall).values()))
    assert found is not None
    return found


def cells(found: Comparison, name: str) -> list[str | None]:
    (row,) = [row for row in found.rows if row.name == name]
    return [cell.text or "yes" if cell.is_included else None for cell in row.cells]


@pytest.mark.shows("P6", "P12")
def test_what_is_inherited_is_written_out_and_ones_own_goes_over_it() -> None:
    small = plan("Small", monthly=5, entitlements=(grant(CALLS, 10), grant(FORMATS, enum_values=("png", "pdf"))))
    large = plan(
        "Large", monthly=9, entitlements=(grant(CALLS, 99), grant(SSO)), inherited_entitlements=small.entitlements
    )
    found = table(small, large)
    assert cells(found, "API calls") == ["10 calls", "99 calls"]
    assert cells(found, "Formats") == ["png, pdf", "png, pdf"]
    assert cells(found, "Single sign-on") == [None, "yes"]


@pytest.mark.shows("P6", "P12")
def test_what_adds_to_the_inherited_is_summed_up() -> None:
    small = plan("Small", monthly=5, entitlements=(grant(CALLS, 10),), credits=(credit(100),))
    more = (grant(CALLS, 5, is_increment=True),)
    large = plan(
        "Large",
        monthly=9,
        entitlements=more,
        inherited_entitlements=small.entitlements,
        credits=(credit(50, is_increment=True),),
        inherited_credits=small.credits,
    )
    found = table(small, large)
    assert cells(found, "API calls") == ["10 calls", "15 calls"]
    assert cells(found, "AI credits") == ["100 credits per month", "150 credits per month"]


@pytest.mark.shows("P12")
def test_units_that_are_bought_are_told_as_such() -> None:
    limited = plan("Team", prices=(per_seat(9, max_unit_quantity=Decimal(50)),), entitlements=(grant(SEAT, 1),))
    found = table(limited, plan("Open", prices=(per_seat(9),)), STARTER)
    assert cells(found, "Seats") == ["Up to 50 seats", "As many as you buy", None]


@pytest.mark.shows("P12")
def test_features_are_grouped_by_the_catalog_or_else_by_their_kind() -> None:
    secure = FeatureSnapshot("audit", "Audit log", group="Security")
    found = table(plan("A", monthly=1, entitlements=(grant(SSO), grant(CALLS, 5), grant(secure))), ENTERPRISE)
    assert [(group.name, [row.name for row in group.rows]) for group in found.groups] == [
        ("What you can do", ["Single sign-on"]),
        ("How much you get", ["API calls"]),
        ("Security", ["Audit log"]),
    ]


def test_nothing_is_compared_with_nothing() -> None:
    paywall = shop(plan("A", monthly=1, entitlements=(grant(SSO),)))
    assert comparison(paywall, tuple(cards(paywall=paywall).values())) is None
