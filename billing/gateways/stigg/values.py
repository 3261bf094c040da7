"""Readers of single JSON values: text, numbers, times, money.

They raise KeyError, TypeError or ValueError; `shape.shaped` around them makes that a GatewayProtocolError.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from billing.money import Money, UnitPrice, unit_price

Json = dict[str, Any]


def text(value: Any) -> str:
    """A string; null reads as empty."""
    return "" if value is None else str(value)


def words(value: Any) -> tuple[str, ...]:
    """A list of strings; null reads as empty."""
    return tuple(str(item) for item in value or ())


def number(value: Any) -> Decimal | None:
    """Stigg's Float, without binary noise: 0.1 stays 0.1, and 25.0 is 25."""
    if value is None:
        return None
    found = Decimal(str(value))
    if not found.is_finite():
        raise ValueError(f"{value} is not a number")
    return Decimal(int(found)) if found == found.to_integral_value() else found


def whole(value: Any) -> int | None:
    """An integer that travels as Float."""
    found = number(value)
    return None if found is None else int(found)


def moment(value: Any) -> datetime | None:
    """ISO-8601 → aware UTC; a time without a zone is UTC."""
    if not value:
        return None
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def required_moment(value: Any) -> datetime:
    """As `moment`, for fields that Stigg never leaves out."""
    found = moment(value)
    if found is None:
        raise ValueError("a time is missing")
    return found


def money(value: Json | None) -> Money | None:
    """A `Money` object: decimal units → minor units."""
    return None if value is None else required_money(value)


def required_money(value: Json) -> Money:
    """As `money`, for fields that Stigg never leaves out."""
    return Money.from_decimal(value["amount"], value["currency"])


def price_of_units(value: Json | None) -> UnitPrice | None:
    """A `Money` object that units are multiplied with: exact, however fine."""
    return None if value is None else unit_price(value["amount"], value["currency"])


def money_of(amount: Any, currency: Any) -> Money | None:
    """Money whose two halves are separate fields, either of which may be null."""
    return Money.from_decimal(amount, currency) if amount is not None and currency else None
