"""Money: conversions lose nothing in any kind of currency, sums stay exact, and people read what they expect."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import STRIPE_TWO_DECIMALS, Money, exponent, unit_price

# One or two of each kind: two decimals, none, three, and Stripe's two special ones.
CURRENCIES = ("USD", "EUR", "JPY", "KRW", "KWD", "BHD", "ISK", "UGX")
MINOR = st.integers(min_value=-(10**12), max_value=10**12)
CURRENCY = st.sampled_from(CURRENCIES)
MONEY = st.builds(Money, MINOR, CURRENCY)


def to_stripe(money: Money) -> int:
    """The amount as Stripe writes it."""
    return money.amount_minor * 100 if money.currency in STRIPE_TWO_DECIMALS else money.amount_minor


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("USD", 2), ("eur", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("UGX", 0), ("CLP", 0), ("VND", 0), ("TND", 3)],
)
def test_exponent(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["AFN", "ALL", "LAK", "LBP", "MMK", "RSD", "SOS", "YER"])
def test_exponent_of_currencies_that_few_people_print_with_decimals(currency: str) -> None:
    """Two by ISO 4217 and on Stripe's wire, however banknotes are rounded."""
    assert exponent(currency) == 2


class TestConversion:
    @given(MONEY)
    def test_decimal_units_and_back(self, money: Money) -> None:
        assert Money.from_decimal(money.decimal, money.currency) == money

    @given(MONEY)
    def test_decimal_units_as_text_and_back(self, money: Money) -> None:
        assert Money.from_decimal(f"{money.decimal:f}", money.currency.lower()) == money

    @given(st.integers(min_value=-(10**9), max_value=10**9), CURRENCY)
    def test_a_json_float_and_back(self, minor: int, currency: str) -> None:
        money = Money(minor, currency)
        assert Money.from_decimal(float(money.decimal), currency) == money

    @given(MONEY)
    def test_stripes_amount_and_back(self, money: Money) -> None:
        assert Money.from_stripe(to_stripe(money), money.currency.lower()) == money

    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            (4900, "usd", 4900),
            (500, "jpy", 500),
            (5120, "kwd", 5120),
            (150000, "isk", 1500),
            (370000, "ugx", 3700),
            (0, "isk", 0),
        ],
    )
    def test_from_stripe(self, amount: int, currency: str, minor: int) -> None:
        assert Money.from_stripe(amount, currency) == Money(minor, currency.upper())

    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            (49.99, "USD", 4999),
            ("49.99", "usd", 4999),
            (Decimal("0.005"), "USD", 1),
            (Decimal("-0.005"), "USD", -1),
            (1.005, "USD", 101),
            (0.1 + 0.2, "USD", 30),
            (1500, "ISK", 1500),
            (99.5, "JPY", 100),
            (5.12, "KWD", 5120),
            (5.1234, "KWD", 5123),
            (1e15, "USD", 10**17),
        ],
    )
    def test_from_decimal_rounds_half_up(self, amount: Decimal | float | str, currency: str, minor: int) -> None:
        assert Money.from_decimal(amount, currency) == Money(minor, currency.upper())

    @pytest.mark.parametrize("amount", ["", "abc", "NaN", "Infinity", None])
    def test_what_is_no_amount(self, amount: str | None) -> None:
        with pytest.raises((ArithmeticError, ValueError)):
            Money.from_decimal(amount, "USD")  # type: ignore[arg-type]


class TestArithmetic:
    @given(MINOR, MINOR, CURRENCY)
    def test_sum_and_difference_undo_each_other(self, one: int, other: int, currency: str) -> None:
        left, right = Money(one, currency), Money(other, currency)
        assert left + right - right == left
        assert left + right == right + left
        assert (-left).amount_minor == -one
        assert not left - left

    @given(MINOR, MINOR)
    def test_currencies_do_not_mix(self, one: int, other: int) -> None:
        with pytest.raises(ValueError, match="USD"):
            Money(one, "USD") + Money(other, "EUR")
        with pytest.raises(ValueError, match="USD"):
            Money(one, "USD") - Money(other, "EUR")

    def test_same_number_of_another_currency_is_not_equal(self) -> None:
        assert Money(1, "USD") != Money(1, "EUR")

    @given(MONEY, st.integers(min_value=1, max_value=100))
    def test_split_is_off_by_half_a_unit_at_most(self, money: Money, parts: int) -> None:
        assert abs(money.split(parts).amount_minor * parts - money.amount_minor) * 2 <= parts

    @pytest.mark.parametrize(("minor", "parts", "each"), [(47000, 12, 3917), (100, 8, 13), (0, 3, 0)])
    def test_split(self, minor: int, parts: int, each: int) -> None:
        assert Money(minor, "USD").split(parts) == Money(each, "USD")


class TestFormat:
    @pytest.mark.parametrize(
        ("minor", "currency", "locale", "shown"),
        [
            (4900, "USD", "en_US", "$49"),
            (4990, "USD", "en_US", "$49.90"),
            (4999, "USD", "en-US", "$49.99"),
            (0, "USD", "en_US", "$0"),
            (123456789, "USD", "en_US", "$1,234,567.89"),
            (-4990, "USD", "en_US", "-$49.90"),
            (-4900, "USD", "en_US", "-$49"),
            (4900, "EUR", "de_DE", "49\xa0€"),
            (4990, "EUR", "de_DE", "49,90\xa0€"),
            (123450000, "EUR", "de_DE", "1.234.500\xa0€"),
            (4990, "EUR", "fr_FR", "49,90\xa0€"),
            (4990, "USD", "de_DE", "49,90\xa0$"),
            (1500, "JPY", "en_US", "¥1,500"),
            (1500, "JPY", "ja_JP", "￥1,500"),
            (5120, "KWD", "en_US", "KWD5.120"),
            (5000, "KWD", "en_US", "KWD5"),
            (1500, "ISK", "en_US", "ISK1,500"),
            (3700, "UGX", "en_US", "UGX3,700"),
            (4990, "EUR", "en_IE", "€49.90"),
        ],
    )
    def test_as_people_write_it(self, minor: int, currency: str, locale: str, shown: str) -> None:
        assert _close_up(Money(minor, currency).format(locale)) == _close_up(shown)

    @given(MONEY, st.sampled_from(["en_US", "de_DE", "fr_FR", "ja_JP", "pt-BR", "ar", "hi_IN"]))
    def test_no_digit_is_lost(self, money: Money, locale: str) -> None:
        shown = money.format(locale)
        digits = "".join(str(int(sign)) for sign in shown if sign.isdecimal())
        whole = money.amount_minor % 10 ** exponent(money.currency) == 0
        kept = abs(money.amount_minor) // 10 ** exponent(money.currency) if whole else abs(money.amount_minor)
        assert int(digits) == kept


def _close_up(shown: str) -> str:
    """Without the blank that some versions of the locale data put between a code and its number."""
    return shown.replace("\xa0", "")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Money(1, "USD").amount_minor = 2  # type: ignore[misc]


class TestRate:
    """The price of a unit that is finer than any coin."""

    @pytest.mark.shows("P4")
    @pytest.mark.parametrize(
        ("amount", "currency", "locale", "text"),
        [
            ("0.0015", "USD", "en_US", "$0.0015"),
            ("0.0015", "EUR", "de_DE", "0,0015\u00a0€"),
            ("0.25", "JPY", "ja_JP", "￥0.25"),
            ("1.23456", "KWD", "en_US", "KWD\u00a01.23456"),
            ("12.5", "USD", "en_US", "$12.50"),
            ("49", "USD", "en_US", "$49"),
        ],
    )
    def test_is_written_with_all_of_its_decimals(self, amount: str, currency: str, locale: str, text: str) -> None:
        assert unit_price(amount, currency).format(locale) == text

    @pytest.mark.parametrize(("count", "minor"), [(1, 0), (3, 0), (4, 1), (10, 2), (1000, 150), (1_000_000, 150_000)])
    def test_is_rounded_once_when_it_is_multiplied(self, count: int, minor: int) -> None:
        assert unit_price("0.0015", "USD").times(count) == Money(minor, "USD")

    def test_a_month_of_a_year_keeps_its_decimals(self) -> None:
        assert unit_price("0.018", "USD").split(12) == unit_price("0.0015", "USD")

    @given(MINOR, CURRENCY, st.integers(min_value=0, max_value=10_000))
    def test_whole_coins_are_money(self, minor: int, currency: str, count: int) -> None:
        price = unit_price(Money(minor, currency).decimal, currency)
        assert price == Money(minor, currency)
        assert price.times(count) == Money(minor * count, currency)
