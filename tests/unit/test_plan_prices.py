"""What a price says in words and figures, which periods there are, and what a year saves."""

from __future__ import annotations

from decimal import Decimal

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
from billing.services.plan_prices import default_period, periods, saving_percent
from tests.unit.shop import ENTERPRISE, FREE, PRO, STARTER, cards, plan, price, shop, usd

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
