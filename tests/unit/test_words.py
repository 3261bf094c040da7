"""Pauses, reasons and small pieces of text: what people read, and how long machines wait."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from billing.forms import OrderForm, countries
from billing.gateways.stigg.types import FeatureSnapshot
from billing.services import declines, text
from billing.services.backoff import delay
from tests.unit.shop import PRO

# Pauses


@given(attempts=st.integers(1, 10_000))
def test_a_pause_is_never_shorter_than_a_second_nor_much_longer_than_its_cap(attempts: int) -> None:
    assert timedelta(seconds=1) < delay(attempts) <= timedelta(seconds=3600 * 1.3)


@given(attempts=st.integers(1, 9))
def test_pauses_double_but_for_their_jitter(attempts: int) -> None:
    expected = 2.0 * 2 ** (attempts - 1)
    assert 0.7 * expected <= delay(attempts).total_seconds() <= 1.3 * expected


def test_many_failures_do_not_come_back_at_once() -> None:
    assert len({delay(5) for _ in range(50)}) > 40


def test_a_cap_is_kept() -> None:
    assert delay(50, cap_seconds=300) <= timedelta(seconds=390)


# Reasons


@pytest.mark.parametrize(
    "code", ["stolen_card", "lost_card", "fraudulent", "pickup_card", "merchant_blacklist", "", "?"]
)
def test_a_reason_that_must_not_be_told_reads_like_a_plain_refusal(code: str) -> None:
    assert declines.explain(code) is declines.REFUSED


@pytest.mark.parametrize("code", sorted(declines.EXPLANATIONS))
def test_every_reason_is_a_sentence_and_says_what_to_do(code: str) -> None:
    explanation = declines.explain(code)
    assert str(explanation.reason).endswith(".")
    assert "lease" in str(explanation.next_step)
    for word in ("stolen", "lost", "fraud", code if "_" in code else "\0"):
        assert word not in str(explanation.reason).lower()


# Text


@pytest.mark.parametrize(
    ("language", "number", "day_count"),
    [("en", "1,234.5", "2 days"), ("de", "1.234,5", "2"), ("fr", "1\u202f234,5", "2"), ("ja", "1,234.5", "2")],
)
def test_numbers_are_written_as_the_visitor_writes_them(language: str, number: str, day_count: str) -> None:
    with translation.override(language):
        assert text.number(Decimal("1234.5")) == number
        assert day_count in text.days(2)


@pytest.mark.parametrize(
    ("brand", "label"),
    [
        ("visa", "Visa •••• 4242"),
        ("amex", "American Express •••• 4242"),
        ("cartes_bancaires", "Cartes Bancaires •••• 4242"),
        ("", "Card •••• 4242"),
    ],
)
def test_a_card_is_named_by_brand_and_last_digits(brand: str, label: str) -> None:
    assert text.card(brand, "4242") == label


@pytest.mark.parametrize(
    ("usage_limit", "reset", "unlimited", "expected"),
    [
        (Decimal(1), None, False, "1 seat"),
        (Decimal(5), None, False, "5 seats"),
        (Decimal("2.5"), "DAY", False, "2.5 seats per day"),
        (Decimal(5), "CENTURY", False, "5 seats"),
        (None, None, False, "Seats"),
        (Decimal(5), None, True, "Unlimited seats"),
    ],
)
def test_a_limit_in_words(usage_limit: Decimal | None, reset: str | None, unlimited: bool, expected: str) -> None:
    seats = FeatureSnapshot("feature-seats", "Seats", units="seat", units_plural="seats")
    assert text.limit(seats, usage_limit=usage_limit, reset_period=reset, is_unlimited=unlimited) == expected


# Forms


@pytest.mark.parametrize(("country", "valid"), [("DE", True), ("", True), ("XX", False), ("EU", False), ("de", False)])
def test_a_country_is_one_of_the_list(country: str, valid: bool) -> None:
    form = OrderForm({"name": "Ada", "country": country}, plan=PRO, period="MONTHLY")
    assert form.is_valid() is valid


def test_countries_stand_in_the_alphabet_of_the_visitor() -> None:
    with translation.override("de"):
        names = dict(countries())
    assert names["DE"] == "Deutschland"
    assert len(names) > 200
