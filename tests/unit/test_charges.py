"""What units cost: volume and graduated tiers at, below and beyond every boundary, blocks, minimums."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.gateways.stigg.types import PriceSnapshot, PriceTierSnapshot
from billing.money import Money, unit_price
from billing.services.charges import amount_for, due_once
from billing.services.plan_prices import charged
from tests.unit.shop import SEAT, per_seat, plan, price, shop, tier, tiered, usd

THREE = (tier(10, unit=5), tier(50, unit=4, flat=20), tier(None, unit=3))
# quantity: (volume, graduated), in dollars
AT_BOUNDARIES = {
    1: (5, 5),
    9: (45, 45),
    10: (50, 50),
    11: (11 * 4 + 20, 50 + 4 + 20),
    49: (49 * 4 + 20, 50 + 39 * 4 + 20),
    50: (50 * 4 + 20, 50 + 40 * 4 + 20),
    51: (51 * 3, 50 + 160 + 20 + 3),
    1000: (3000, 50 + 160 + 20 + 950 * 3),
}


@pytest.mark.shows("P4")
@pytest.mark.parametrize(("quantity", "amounts"), AT_BOUNDARIES.items())
def test_tiers_at_below_and_beyond_each_boundary(quantity: int, amounts: tuple[int, int]) -> None:
    volume, graduated = amounts
    assert amount_for(tiered("VOLUME", *THREE), quantity) == usd(volume)
    assert amount_for(tiered("GRADUATED", *THREE), quantity) == usd(graduated)


@pytest.mark.shows("P4")
@pytest.mark.parametrize(("quantity", "amount"), [(1, 100), (10, 100), (11, 400), (50, 400), (51, 51 * 7 + 50)])
def test_bundles_cost_the_same_until_they_are_full(quantity: int, amount: int) -> None:
    price = tiered("VOLUME", tier(10, flat=100), tier(50, flat=400), tier(None, unit=7, flat=50))
    assert amount_for(price, quantity) == usd(amount)


@pytest.mark.parametrize(("mode", "amount"), [("VOLUME", 12 * 4), ("GRADUATED", 5 * 5 + 7 * 4)])
def test_beyond_the_last_boundary_the_last_tier_goes_on(mode: str, amount: int) -> None:
    assert amount_for(tiered(mode, tier(5, unit=5), tier(10, unit=4)), 12) == usd(amount)


@pytest.mark.shows("P4")
@pytest.mark.parametrize(("quantity", "blocks"), [(1, 1), (1000, 1), (1001, 2), (2000, 2), (2001, 3)])
def test_begun_blocks_count_whole(quantity: int, blocks: int) -> None:
    price = PriceSnapshot("MONTHLY", "PER_UNIT", price=usd(2.5), block_size=Decimal(1000), feature=SEAT)
    assert amount_for(price, quantity) == Money(250 * blocks, "USD")


@pytest.mark.shows("P4", "P5")
@pytest.mark.parametrize(("currency", "unit"), [("JPY", 1480), ("KWD", 1250)])
def test_currencies_with_other_decimals_stay_exact(currency: str, unit: int) -> None:
    price = PriceSnapshot("MONTHLY", "PER_UNIT", price=Money(unit, currency), feature=SEAT)
    assert amount_for(price, 7) == Money(unit * 7, currency)


TIERS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9999), st.integers(0, 99_999)), min_size=1, max_size=5)


@given(tiers=TIERS, quantity=st.integers(1, 300))
def test_graduated_is_the_sum_of_single_units_and_of_the_fees_of_tiers_that_are_reached(
    tiers: list[tuple[int, int, int]], quantity: int
) -> None:
    bounds = [sum(size for size, _, _ in tiers[: index + 1]) for index in range(len(tiers))]
    made = [
        tier(None if index == len(tiers) - 1 else bounds[index], unit=Decimal(unit) / 100, flat=Decimal(flat) / 100)
        for index, (_, unit, flat) in enumerate(tiers)
    ]
    expected, reached = 0, set()
    for number in range(1, quantity + 1):
        index = next((i for i, bound in enumerate(bounds) if number <= bound), len(tiers) - 1)
        expected += tiers[index][1]
        reached.add(index)
    expected += sum(tiers[index][2] for index in reached)
    assert amount_for(tiered("GRADUATED", *made), quantity) == Money(expected, "USD")


def test_a_plans_price_is_the_sum_of_its_charges() -> None:
    team = plan("Team", monthly=99)
    with_seats = plan("Team", prices=(*team.prices, tiered("GRADUATED", *THREE)))
    assert charged(shop(with_seats), with_seats, "MONTHLY", {"feature-seats": 11}) == usd(99 + 74)
    assert charged(shop(with_seats), with_seats, "MONTHLY") == usd(104)


def test_the_least_that_can_be_bought_is_what_a_price_starts_at() -> None:
    team = plan("Team", prices=(per_seat(12, min_unit_quantity=Decimal(2)),))
    assert charged(shop(team), team, "MONTHLY") == usd(24)


def fine(up_to: int | None, unit: str) -> PriceTierSnapshot:
    return PriceTierSnapshot(None if up_to is None else Decimal(up_to), unit_price(unit, "USD"), None)


@pytest.mark.shows("P4")
def test_slices_finer_than_a_cent_are_rounded_together() -> None:
    price = tiered("GRADUATED", fine(3, "0.0015"), fine(6, "0.0013"), fine(None, "0.0011"))
    # 0.45 + 0.39 + 0.33 cents: each alone would come to nothing.
    assert amount_for(price, 9) == Money(1, "USD")
    assert amount_for(tiered("VOLUME", fine(3, "0.0015"), fine(None, "0.0011")), 9) == Money(1, "USD")


@pytest.mark.shows("P4")
def test_what_is_due_once_is_of_the_period_and_of_the_least_units() -> None:
    once = {"billing_cadence": "ONE_OFF"}
    prices = (
        price("MONTHLY", 49),
        price("MONTHLY", 99, **once),
        per_seat(5, min_unit_quantity=Decimal(3), **once),
        price("MONTHLY", 0, **once),
        price("ANNUALLY", 9, **once),
    )
    assert due_once(plan("Team", prices=prices), "MONTHLY") == (usd(99), usd(15))
