"""What a price says in words and figures, which periods there are, and what a year saves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from billing.gateways.stigg.types import (
    FeatureSnapshot,
    PaywallSnapshot,
    PlanSnapshot,
    PricePointSnapshot,
    PriceSnapshot,
    PriceTierSnapshot,
)
from billing.money import unit_price
from billing.services.plan_cards import Visitor, on_show
from billing.services.plan_prices import PriceText, default_period, headline, periods, saving_percent
from tests.unit.shop import ENTERPRISE, FREE, PRO, STARTER, cards, on, per_seat, plan, price, shop, tier, usd

# Prices: plan, period, and (caption, text, unit, note)

TIERED = plan(
    "Tiered",
    prices=(
        PriceSnapshot(
            "MONTHLY",
            "PER_UNIT",
            tiers=(
                PriceTierSnapshot(Decimal(10), usd(5), usd(20)),
                PriceTierSnapshot(None, usd(3), None),
            ),
        ),
    ),
)
SEAT = FeatureSnapshot("feature-seats", "Seats", units="seat", units_plural="seats")
PER_SEAT = plan("Team", prices=(PriceSnapshot("MONTHLY", "PER_UNIT", price=usd(8), feature=SEAT),))
BASE_AND_SEATS = plan(
    "Mixed",
    prices=(price("MONTHLY", 49), PriceSnapshot("MONTHLY", "PER_UNIT", price=usd(8), feature=SEAT)),
)
PRICES = {
    "free": (FREE, "MONTHLY", ("", "$0", "", "Free for as long as you like")),
    "custom": (ENTERPRISE, "MONTHLY", ("", "Custom", "", "Priced for your team")),
    "monthly": (PRO, "MONTHLY", ("", "$49", "per month", "")),
    "yearly, with the sum that is charged": (
        PRO,
        "ANNUALLY",
        ("", "$39.17", "per month", "$470 billed once a year, you save $118"),
    ),
    "cents": (plan("Odd", monthly=9.9), "MONTHLY", ("", "$9.90", "per month", "")),
    "by the seat": (PER_SEAT, "MONTHLY", ("", "$8", "per seat, per month", "")),
    "base and seats": (BASE_AND_SEATS, "MONTHLY", ("Starts at", "$57", "per month", "")),
    "tiers begin at the first": (TIERED, "MONTHLY", ("", "$25", "per month", "")),
    "not set": (plan("Blank"), "MONTHLY", ("", "Price not set", "", "")),
}


@pytest.mark.shows("P3")
@pytest.mark.parametrize(("which", "period", "expected"), PRICES.values(), ids=PRICES.keys())
def test_a_price_says_what_is_charged(which: PlanSnapshot, period: str, expected: tuple[str, ...]) -> None:
    shown = cards(paywall=shop(which, STARTER), period=period)[which.display_name].price
    assert (shown.caption, shown.text, shown.unit, shown.note) == expected


@pytest.mark.shows("P3")
def test_a_yearly_price_is_not_split_into_months_that_nobody_sells() -> None:
    shown = cards(paywall=shop(plan("Patron", yearly=900)), period="ANNUALLY")["Patron"].price
    assert (shown.text, shown.unit, shown.note) == ("$900", "per year", "Billed once a year")


def test_stiggs_own_price_point_goes_before_the_first_price() -> None:
    point = PricePointSnapshot("plan-pro", "MONTHLY", usd(57))
    assert cards(paywall=shop(PRO, price_points=(point,)))["Pro"].price.text == "$57"


def test_a_one_off_charge_is_not_the_price_of_a_month() -> None:
    setup = price("MONTHLY", 500, billing_cadence="ONE_OFF")
    with_setup = plan("Pro", prices=(setup, price("MONTHLY", 49)))
    shown = cards(paywall=shop(with_setup))["Pro"].price
    assert (shown.text, shown.caption) == ("$49", "")


@pytest.mark.shows("P5")
def test_prices_are_written_as_the_visitor_writes_them() -> None:
    with translation.override("de"):
        assert cards(period="ANNUALLY")["Pro"].price.text == "39,17\u00a0$"


# Periods and savings


@pytest.mark.shows("P2")
@pytest.mark.parametrize(
    ("paywall", "percent"),
    [
        (shop(), 20),
        (shop(plan("Pro", monthly=10, yearly=90), plan("Starter", monthly=10, yearly=100)), 25),
        (shop(plan("Pro", monthly=10, yearly=120)), 0),
        (shop(plan("Pro", monthly=10, yearly=200)), 0),
        (shop(plan("Pro", monthly=10)), 0),
        (shop(FREE, ENTERPRISE), 0),
        (shop(plan("Pro", monthly=49, yearly=470)), 20),
    ],
    ids=["default", "the largest counts", "nothing saved", "dearer", "monthly only", "nothing sold", "rounded"],
)
def test_the_saving_of_a_year_in_percent(paywall: PaywallSnapshot, percent: int) -> None:
    assert saving_percent(paywall) == percent


@pytest.mark.shows("P2")
def test_periods_are_those_in_which_something_is_sold() -> None:
    assert periods(shop()) == ("MONTHLY", "ANNUALLY")
    assert periods(shop(plan("Patron", yearly=900))) == ("ANNUALLY",)
    assert periods(shop(FREE)) == ()


@pytest.mark.shows("P2")
@pytest.mark.parametrize(
    ("paywall", "wishes", "period"),
    [
        (shop(), {}, "ANNUALLY"),
        (shop(), {"preferred": "MONTHLY"}, "MONTHLY"),
        (shop(), {"current": "MONTHLY"}, "MONTHLY"),
        (shop(), {"preferred": "ANNUALLY", "current": "MONTHLY"}, "ANNUALLY"),
        (shop(), {"preferred": "WEEKLY"}, "ANNUALLY"),
        (shop(STARTER, plan("Pro", monthly=49)), {}, "MONTHLY"),
        (shop(FREE), {}, ""),
    ],
)
def test_the_period_shown_first(paywall: PaywallSnapshot, wishes: dict[str, str], period: str) -> None:
    assert default_period(paywall, **wishes) == period


# Usage, and prices finer than a cent

CALL = FeatureSnapshot("feature-calls", "API calls", units="call", units_plural="calls")
USAGE = tuple(
    PriceSnapshot(period, "USAGE_BASED", price=unit_price("0.0015", "USD"), feature=CALL)
    for period in ("MONTHLY", "ANNUALLY")
)


@pytest.mark.shows("P4")
def test_usage_alone_has_a_price_for_each_unit_and_none_for_a_month() -> None:
    (card,) = cards(paywall=shop(plan("Pay as you go", prices=USAGE))).values()
    assert (card.price.text, card.price.unit, card.price.charged) == ("$0.0015", "per call", None)
    assert card.price.note == "You pay for what you use, once a month."
    assert saving_percent(shop(plan("Pay as you go", prices=USAGE))) == 0


@pytest.mark.shows("P4")
def test_usage_on_top_stands_below_the_price() -> None:
    (card,) = cards(paywall=shop(plan("Base and calls", prices=(price("MONTHLY", 10), *USAGE)))).values()
    assert (card.price.caption, card.price.text, card.price.unit) == ("Starts at", "$10", "per month")
    assert card.price.extras == ("plus $0.0015 per call that you use",)


@pytest.mark.shows("P4")
def test_a_unit_that_costs_less_than_a_cent_says_so_and_is_multiplied_exactly() -> None:
    calls = PriceSnapshot("MONTHLY", "PER_UNIT", price=unit_price("0.0015", "USD"), feature=CALL)
    (card,) = cards(paywall=shop(plan("Calls", prices=(calls,))), asked={"quantity-plan-calls": "33000"}).values()
    assert (card.price.text, card.price.unit) == ("$0.0015", "per call, per month")
    assert card.price.note == "$49.50 per month for 33,000 calls"


def by_use(*tiers: PriceTierSnapshot, period: str = "MONTHLY", **fields: Any) -> PriceSnapshot:
    return PriceSnapshot(period, "USAGE_BASED", tiers=tiers, feature=CALL, **fields)


# tiers: what a card with a fee says on top, and what one says that has nothing else
IN_TIERS = {
    "the first are free": (
        (tier(1000), tier(None, unit=0.01)),
        ("plus from $0.01 per call that you use",),
        ("From", "$0.01", "per call"),
    ),
    "none is free": (
        (tier(1000, unit=0.02), tier(None, unit=0.01)),
        ("plus from $0.02 per call that you use",),
        ("From", "$0.02", "per call"),
    ),
    "by the bundle": (
        (tier(1000), tier(5000, flat=10), tier(None, flat=40)),
        ("plus from $10 for 5,000 calls that you use",),
        ("From", "$10", "for 5,000 calls"),
    ),
    "at once from a number on": (
        (tier(1000), tier(None, flat=40)),
        ("plus from $40 for 1,001 calls that you use",),
        ("From", "$40", "for 1,001 calls"),
    ),
    "all are free": ((tier(1000), tier(None)), (), ("From", "$0", "per call")),
}


@pytest.mark.shows("P4")
@pytest.mark.parametrize(("tiers", "on_top", "alone"), IN_TIERS.values(), ids=IN_TIERS.keys())
def test_usage_in_tiers_begins_with_what_is_not_free(
    tiers: tuple[PriceTierSnapshot, ...], on_top: tuple[str, ...], alone: tuple[str, ...]
) -> None:
    with_fee = plan("Fee", prices=(price("MONTHLY", 20), by_use(*tiers)))
    found = cards(paywall=shop(with_fee, plan("Use", prices=(by_use(*tiers),))))
    assert found["Fee"].price.extras == on_top
    assert (found["Use"].price.caption, found["Use"].price.text, found["Use"].price.unit) == alone


# Overage: what units cost beyond those that a plan includes

BEYOND = PriceSnapshot("MONTHLY", "USAGE_BASED", price=usd(0.01), feature=CALL)
OVERAGE = {
    "of the period": ("MONTHLY", (BEYOND,), ("plus $0.01 per call beyond what is included",)),
    "billed by the month of a plan by the year": (
        "ANNUALLY",
        (BEYOND,),
        ("plus $0.01 per call beyond what is included",),
    ),
    "another for each period": (
        "ANNUALLY",
        (BEYOND, PriceSnapshot("ANNUALLY", "USAGE_BASED", price=usd(0.02), feature=CALL)),
        ("plus $0.02 per call beyond what is included",),
    ),
    "by the block": (
        "MONTHLY",
        (PriceSnapshot("MONTHLY", "USAGE_BASED", price=usd(5), block_size=Decimal(1000), feature=CALL),),
        ("plus $5 for 1,000 calls beyond what is included",),
    ),
    "in tiers": (
        "MONTHLY",
        (by_use(tier(10), tier(None, unit=1)),),
        ("plus from $1 per call beyond what is included",),
    ),
    "not said": ("MONTHLY", (PriceSnapshot("MONTHLY", "USAGE_BASED", feature=CALL),), ()),
    "none": ("MONTHLY", (), ()),
}


@pytest.mark.shows("P4")
@pytest.mark.parametrize(("period", "beyond", "extras"), OVERAGE.values(), ids=OVERAGE.keys())
def test_what_units_cost_beyond_those_included_stands_below_the_price(
    period: str, beyond: tuple[PriceSnapshot, ...], extras: tuple[str, ...]
) -> None:
    pro = plan("Pro", monthly=49, yearly=470, overage_prices=beyond)
    assert cards(paywall=shop(pro), period=period)["Pro"].price.extras == extras


# Charges that are made once

SETUP = price("MONTHLY", 99, billing_cadence="ONE_OFF")
ONCE = {
    "on top of a fee": ((price("MONTHLY", 49), SETUP), ("$49", "per month", ("plus $99 once",))),
    "on top of usage": ((USAGE[0], SETUP), ("$0.0015", "per call", ("plus $99 once",))),
    "on top of seats": ((per_seat(8), SETUP), ("$8", "per seat, per month", ("plus $99 once",))),
    "nothing else": ((SETUP,), ("$99", "once", ())),
    "nothing else, twice": (
        (SETUP, price("MONTHLY", 5, billing_cadence="ONE_OFF")),
        ("$99", "once", ("plus $5 once",)),
    ),
    "of the other period": (
        (price("MONTHLY", 49), price("ANNUALLY", 9, billing_cadence="ONE_OFF")),
        ("$49", "per month", ()),
    ),
}


@pytest.mark.shows("P3", "P4")
@pytest.mark.parametrize(("prices", "expected"), ONCE.values(), ids=ONCE.keys())
def test_what_is_charged_once_is_always_said(
    prices: tuple[PriceSnapshot, ...], expected: tuple[str, str, tuple[str, ...]]
) -> None:
    shown: PriceText = cards(paywall=shop(plan("Any", prices=prices)))["Any"].price
    assert (shown.text, shown.unit, shown.extras) == expected


# Where Stigg sends no price point

WITHOUT_POINT = {
    "usage first": ((USAGE[0], price("MONTHLY", 20)), 20),
    "usage last": ((price("MONTHLY", 20), USAGE[0]), 20),
    "usage and two fees": ((USAGE[0], price("MONTHLY", 20), price("MONTHLY", 5)), 25),
    "units that are not named": ((USAGE[0], PriceSnapshot("MONTHLY", "PER_UNIT", price=usd(7))), 7),
}


@pytest.mark.shows("P3")
@pytest.mark.parametrize(("prices", "amount"), WITHOUT_POINT.values(), ids=WITHOUT_POINT.keys())
def test_usage_is_not_the_price_of_a_plan_that_has_another(prices: tuple[PriceSnapshot, ...], amount: int) -> None:
    mixed = plan("Mixed", prices=prices)
    assert headline(shop(mixed), mixed, "MONTHLY") == usd(amount)
    shown = cards(paywall=shop(mixed))["Mixed"].price
    assert (shown.caption, shown.text, shown.charged) == ("Starts at", f"${amount}", usd(amount))


# Only what is on show counts

SECRET = plan("Secret", monthly=100, yearly=600)
OLD = plan("Old", monthly=100, yearly=600, hidden_from_widgets=("PAYWALL",))
ON_SHOW = {
    "all": ((STARTER, SECRET), Visitor(), {}, ("MONTHLY", "ANNUALLY"), 50),
    "hidden by the site": (
        (STARTER, SECRET),
        Visitor(),
        {"hidden": frozenset({"plan-secret"})},
        ("MONTHLY", "ANNUALLY"),
        20,
    ),
    "hidden by Stigg": ((STARTER, OLD), Visitor(), {}, ("MONTHLY", "ANNUALLY"), 20),
    "below the customer's plan": (
        (SECRET, STARTER),
        on("Starter"),
        {"only_eligible": True},
        ("MONTHLY", "ANNUALLY"),
        20,
    ),
    "the only one by the year is hidden": ((plan("Solo", monthly=10), OLD), Visitor(), {}, ("MONTHLY",), 0),
}


@pytest.mark.shows("P2", "P9")
@pytest.mark.parametrize(("plans", "visitor", "options", "sold", "percent"), ON_SHOW.values(), ids=ON_SHOW.keys())
def test_periods_and_savings_are_those_of_the_plans_on_show(
    plans: tuple[PlanSnapshot, ...], visitor: Visitor, options: dict[str, Any], sold: tuple[str, ...], percent: int
) -> None:
    shown = on_show(shop(*plans), visitor=visitor, **({"hidden": frozenset()} | options))
    assert (periods(shown), saving_percent(shown)) == (sold, percent)


@pytest.mark.shows("P2")
def test_a_hidden_plan_by_the_month_does_not_split_a_year_that_is_sold_alone() -> None:
    hidden = plan("Old", monthly=9, hidden_from_widgets=("PAYWALL",))
    shown = cards(paywall=shop(plan("Patron", yearly=900), hidden), period="ANNUALLY")["Patron"].price
    assert (shown.text, shown.unit, shown.note) == ("$900", "per year", "Billed once a year")
