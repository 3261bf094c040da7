"""The address of a paywall: what it takes in, what it keeps, and whose prices it leads to."""

from __future__ import annotations

import pytest

from billing.services.paywall_address import Address, Asked


@pytest.mark.parametrize(
    ("given", "country"),
    [("DE", "DE"), ("de", "DE"), ("", ""), ("DEU", ""), ("<b>", ""), ("D1", ""), (None, None)],
)
def test_a_country_is_two_letters(given: str | None, country: str | None) -> None:
    assert Asked.of({} if given is None else {"country": given}).country == country


@pytest.mark.parametrize(
    ("own", "chosen", "seen", "country"),
    [
        ("", None, "", ""),
        ("", None, "JP", "JP"),
        ("", "DE", "JP", "DE"),
        ("", "", "JP", ""),
        ("FR", "DE", "JP", "FR"),
        ("", None, "XX-YY", ""),
    ],
)
def test_ones_own_country_goes_before_the_chosen_and_that_before_the_seen(
    own: str, chosen: str | None, seen: str, country: str
) -> None:
    asked = Asked.of({} if chosen is None else {"country": chosen}, country_seen=seen)
    assert asked.country_for(own) == country


def test_quantities_are_digits_and_few() -> None:
    given = {
        "quantity-plan-a": "7",
        "quantity-plan-b": "x",
        "quantity-plan c": "1",
        "plan": "9",
        "quantity-d": "1" * 10,
    }
    assert Asked.of(given).quantities == {"quantity-plan-a": "7"}
    assert len(Asked.of({f"quantity-{number}": "1" for number in range(500)}).quantities) == 20


def test_the_address_can_be_shared_and_holds_nothing_else() -> None:
    asked = Asked.of({"country": "JP", "quantity-plan-a": "7", "utm_source": "x", "period": "ANNUALLY"})
    address = Address("MONTHLY", asked)
    assert address.url(period="ANNUALLY") == "/pricing/?period=ANNUALLY&country=JP&quantity-plan-a=7"
    assert address.kept("quantity-plan-a") == (("period", "MONTHLY"), ("country", "JP"))


def test_the_choice_travels_to_the_checkout() -> None:
    address = Address("MONTHLY", Asked.of({"country": "JP", "resource": "site-1"}))
    assert address.checkout_url("plan-a", "MONTHLY", {"feature-seats": 7}, country="JP") == (
        "/checkout/start/?plan=plan-a&period=MONTHLY&quantity-feature-seats=7&resource=site-1&country=JP"
    )
