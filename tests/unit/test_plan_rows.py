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
    PriceSnapshot,
)
from billing.services.comparison import Comparison, comparison
from billing.services.options import addon_options
from billing.services.plan_rows import addon_lines, rows
from tests.unit.shop import ENTERPRISE, SEAT, STARTER, cards, per_seat, plan, price, shop, tier, tiered, usd

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


BY_USE = PriceSnapshot("MONTHLY", "USAGE_BASED", price=usd(0.05), feature=CALLS)
SETUP = price("MONTHLY", 100, billing_cadence="ONE_OFF")
ADDON_PRICES = {
    "a fee": ((price("MONTHLY", 5),), "$5 per month"),
    "usage": ((BY_USE,), "$0.05 per call"),
    "seats": ((per_seat(5),), "$5 per seat, per month"),
    "a block": ((per_seat(5, block_size=Decimal(10)),), "$5 for 10 seats, per month"),
    "tiers": ((tiered("VOLUME", tier(10, unit=5), tier(None, unit=4)),), "from $5 per seat, per month"),
    "tiers that begin for free": (
        (tiered("GRADUATED", tier(5), tier(None, unit=8)),),
        "from $8 per seat, per month",
    ),
    "bundles": ((tiered("VOLUME", tier(10, flat=50), tier(None, unit=4)),), "from $50 for 10 seats, per month"),
    "once": ((SETUP,), "$100 once"),
    "once and each month": ((SETUP, price("MONTHLY", 10)), "$10 per month and $100 once"),
    "everything": (
        (BY_USE, SETUP, price("MONTHLY", 10), per_seat(5)),
        "$10 per month, $5 per seat, per month, $0.05 per call, and $100 once",
    ),
    "of another period": ((price("ANNUALLY", 50),), None),
    "not set": ((price("MONTHLY", None),), None),
}


@pytest.mark.shows("P7", "C4")
@pytest.mark.parametrize(("prices", "words"), ADDON_PRICES.values(), ids=ADDON_PRICES.keys())
def test_add_ons_say_all_that_they_cost_on_the_card_and_in_the_order(
    prices: tuple[PriceSnapshot, ...], words: str | None
) -> None:
    more = AddonSnapshot("more", "More", pricing_type="PAID", prices=prices)
    team = plan("Team", monthly=9, compatible_addons=(more,))
    expected = [words] if words else []
    assert [line.price for line in addon_lines(team, "MONTHLY")] == expected
    assert [option.price for option in addon_options(team, "MONTHLY")] == expected


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


HIDDEN = {"hidden_from_widgets": ("PAYWALL",)}
OWN = {
    "is shown": (grant(CALLS, 100), "100 calls"),
    "is hidden": (grant(CALLS, 100, **HIDDEN), "yes"),
    "is taken away": (grant(CALLS, is_granted=False), None),
    "is taken away and hidden": (grant(CALLS, is_granted=False, **HIDDEN), None),
}


@pytest.mark.shows("P6", "P12")
@pytest.mark.parametrize(("own", "words"), OWN.values(), ids=OWN.keys())
def test_what_a_plan_replaces_is_not_told_of_it(own: PlanEntitlementSnapshot, words: str | None) -> None:
    small = plan("Small", monthly=5, entitlements=(grant(CALLS, 10),))
    large = plan("Large", monthly=9, entitlements=(own,), inherited_entitlements=small.entitlements)
    assert cells(table(small, large), "API calls") == ["10 calls", words]


OWN_CREDITS = {
    "is shown": (credit(500), "500 credits per month"),
    "is hidden": (credit(500, **HIDDEN), "yes"),
    "is taken away": (credit(500, is_granted=False), None),
}


@pytest.mark.shows("P6", "P12")
@pytest.mark.parametrize(("own", "words"), OWN_CREDITS.values(), ids=OWN_CREDITS.keys())
def test_credits_that_a_plan_replaces_are_not_told_of_it(own: CreditGrantSnapshot, words: str | None) -> None:
    small = plan("Small", monthly=5, credits=(credit(100),))
    large = plan("Large", monthly=9, credits=(own,), inherited_credits=small.credits)
    assert cells(table(small, large), "AI credits") == ["100 credits per month", words]


def test_what_is_hidden_and_not_inherited_is_no_row() -> None:
    small = plan("Small", monthly=5, entitlements=(grant(SSO),))
    large = plan("Large", monthly=9, entitlements=(grant(CALLS, 100, **HIDDEN),), inherited_entitlements=(grant(SSO),))
    assert [row.name for row in table(small, large).rows] == ["Single sign-on"]


def test_what_adds_to_something_hidden_is_summed_up_too() -> None:
    small = plan("Small", monthly=5, entitlements=(grant(CALLS, 10, **HIDDEN),))
    more = (grant(CALLS, 5, is_increment=True),)
    large = plan("Large", monthly=9, entitlements=more, inherited_entitlements=small.entitlements)
    assert cells(table(small, large), "API calls") == [None, "15 calls"]


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
