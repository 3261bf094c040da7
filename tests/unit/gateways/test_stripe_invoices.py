"""How an invoice came about: tax that is on top of its prices, not in them, and what was taken off."""

from __future__ import annotations

from typing import Any

import pytest

from billing.gateways.stripe import parse
from billing.money import Money

RAW: dict[str, Any] = {
    "id": "in_1",
    "status": "paid",
    "currency": "usd",
    "total": 12198,
    "amount_due": 12198,
    "amount_remaining": 0,
}


@pytest.mark.parametrize(
    ("taxes", "on_top"),
    [
        (None, 0),
        ([], 0),
        ([{"amount": 1948, "tax_behavior": "inclusive"}], 0),
        ([{"amount": 1000, "tax_behavior": "exclusive"}, {"amount": 948, "tax_behavior": "exclusive"}], 1948),
    ],
)
def test_only_tax_on_top_counts(taxes: Any, on_top: int) -> None:
    assert parse.invoice(RAW | {"total_taxes": taxes}).tax_on_top == Money(on_top, "USD")


def test_all_discounts_are_added_up() -> None:
    assert parse.invoice(RAW).discount == Money(0, "USD")
    found = parse.invoice(RAW | {"total_discount_amounts": [{"amount": 1000}, {"amount": 250}]})
    assert found.discount == Money(1250, "USD")
