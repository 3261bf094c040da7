"""The sums: tiers, blocks, coupons, proration. No servers."""

from datetime import UTC, datetime

import pytest

from sandbox.catalog.model import Coupon, Price, Tier
from sandbox.catalog.money import to_decimal, to_minor
from sandbox.stigg import pricing
from sandbox.stigg.periods import add_months, after_period, window


def tiered(mode: str) -> Price:
    return Price(
        key="p",
        billing_model="PER_UNIT",
        billing_period="MONTHLY",
        currency="USD",
        feature_id="feature-seats",
        tiers_mode=mode,
        tiers=(Tier(5, 1000), Tier(20, 800, 500), Tier(None, 500)),
    )


@pytest.mark.parametrize(("quantity", "amount"), [(1, 1000), (5, 5000), (6, 5300), (20, 16500), (21, 10500)])
def test_volume_prices_all_units_by_one_tier(quantity, amount):
    assert pricing.charge_amount(tiered("VOLUME"), quantity) == amount


@pytest.mark.parametrize(("quantity", "amount"), [(1, 1000), (5, 5000), (6, 6300), (20, 17500), (21, 18000)])
def test_graduated_prices_each_slice(quantity, amount):
    assert pricing.charge_amount(tiered("GRADUATED"), quantity) == amount


def test_blocks_are_begun_blocks():
    price = Price("p", "PER_UNIT", "MONTHLY", "USD", amount=200, feature_id="f", block_size=100)
    assert [pricing.charge_amount(price, n) for n in (1, 100, 101)] == [200, 200, 400]


def test_discounts():
    assert pricing.discount([999], Coupon("c", "c", percent_off=33.3), "USD") == 333
    assert pricing.discount([999], Coupon("c", "c", amounts_off={"USD": 1500}), "USD") == 999
    assert pricing.discount([999], Coupon("c", "c", amounts_off={"EUR": 1500}), "USD") == 0


def test_proration_to_the_second():
    start, end = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    half = pricing.proration(1900, 4900, start=start, end=end, at=datetime(2026, 4, 16, tzinfo=UTC))
    assert (half.credit, half.debit, half.net) == (950, 2450, 1500)
    over = pricing.proration(1900, 4900, start=start, end=end, at=datetime(2026, 6, 1, tzinfo=UTC))
    assert over.net == 0


@pytest.mark.parametrize(("amount", "currency", "minor"), [(49, "USD", 4900), (980, "JPY", 980), (1.25, "KWD", 1250)])
def test_minor_units_by_currency(amount, currency, minor):
    assert to_minor(amount, currency) == minor
    assert to_decimal(minor, currency) == amount


def test_a_fraction_of_the_smallest_coin_is_refused():
    with pytest.raises(ValueError, match="more decimals"):
        to_minor(0.5, "JPY")


def test_months_end_where_months_end():
    assert add_months(datetime(2027, 1, 31, tzinfo=UTC), 1) == datetime(2027, 2, 28, tzinfo=UTC)
    assert after_period(datetime(2028, 2, 29, tzinfo=UTC), "ANNUALLY") == datetime(2029, 2, 28, tzinfo=UTC)


def test_reset_windows_count_from_the_anchor():
    anchor, now = datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)
    assert window(anchor, "MONTH", now) == (datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
    assert window(anchor, "DAY", now)[0] == now
    assert window(anchor, None, now) == (None, None)
