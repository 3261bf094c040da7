"""Quantities on a card: what can be set, what is set at first, what it costs, and how the price goes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from billing.gateways.stigg.types import FeatureSnapshot, PlanSnapshot, PriceSnapshot
from billing.services.plan_actions import Action
from billing.services.plan_quantities import QuantityField, default_of, is_bulk, tier_tables
from tests.unit.shop import SEAT, cards, on, per_seat, plan, price, shop, tier, tiered, usd

BUNDLES = tiered("VOLUME", tier(10, flat=100), tier(50, flat=400), tier(None, unit=7, flat=50))
SLICES = tiered("GRADUATED", tier(5), tier(20, unit=10), tier(None, unit=8, flat=25))
TEAM = plan("Team", prices=(per_seat(12, min_unit_quantity=Decimal(2), max_unit_quantity=Decimal(50)),))
AGENCY = plan("Agency", prices=(price("MONTHLY", 99), SLICES))
BULK = plan("Bulk", prices=(BUNDLES,))
CALLS = FeatureSnapshot("feature-calls", "Calls", units="call", units_plural="calls")
BLOCKS = PriceSnapshot(
    "MONTHLY", "PER_UNIT", price=usd(2.5), block_size=Decimal(1000), min_unit_quantity=Decimal(1000), feature=CALLS
)


def limited(least: int | None, most: int | None) -> PriceSnapshot:
    """Bundles up to a hundred, of which not all are sold."""
    return tiered(
        "VOLUME",
        *(tier(10, flat=10), tier(50, flat=40), tier(100, flat=70)),
        min_unit_quantity=Decimal(least) if least else None,
        max_unit_quantity=Decimal(most) if most else None,
    )


def by_ten(**fields: Any) -> PriceSnapshot:
    return per_seat(10, block_size=Decimal(10), **fields)


def field(which: PlanSnapshot, asked: dict[str, str] | None = None, visitor: Any = None) -> QuantityField:
    return cards(visitor, paywall=shop(which), asked=asked or {})[which.display_name].quantities[0]


def shown(which: PlanSnapshot, quantity: str) -> tuple[str, str, str, str]:
    name = f"quantity-{which.plan_id}"
    found = cards(paywall=shop(which), asked={name: quantity})[which.display_name].price
    return found.caption, found.text, found.unit, found.note


# Which number is set


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("asked", "value", "is_asked"),
    [
        ("", 2, False),
        ("7", 7, True),
        ("2", 2, True),
        ("1", 2, True),
        ("0", 2, True),
        ("50", 50, True),
        ("51", 50, True),
        ("999999999999999", 2, False),
        ("-3", 2, False),
        ("7.5", 2, False),
        ("seven", 2, False),
        ("٧", 2, False),
    ],
)
def test_a_number_is_kept_between_the_least_and_the_most(asked: str, value: int, is_asked: bool) -> None:
    found = field(TEAM, {"quantity-plan-team": asked})
    assert (found.value, found.is_asked) == (value, is_asked)
    assert (found.minimum, found.maximum, found.hint) == (2, 50, "2–50 seats")


def test_customers_see_their_own_number_on_their_plan_and_the_least_on_others() -> None:
    visitor = on("Agency", quantities={"feature-seats": 7})
    assert field(AGENCY, visitor=visitor).value == 7
    assert field(TEAM, visitor=visitor).value == 2
    assert field(AGENCY, {"quantity-plan-agency": "9"}, visitor).value == 9


@pytest.mark.parametrize(
    ("which", "default"),
    [
        (BUNDLES, 10),
        (limited(20, 50), 50),
        (SLICES, 1),
        (per_seat(12), 1),
        (per_seat(12, min_unit_quantity=Decimal(3)), 3),
        (BLOCKS, 1000),
        (by_ten(), 10),
        (by_ten(min_unit_quantity=Decimal(15)), 20),
        (by_ten(max_unit_quantity=Decimal(5)), 5),
    ],
    ids=[
        "first bundle",
        "first bundle that is sold",
        "slices",
        "one",
        "the least",
        "a block of a thousand",
        "a block",
        "blocks that hold the least",
        "less than a block",
    ],
)
def test_the_number_that_is_set_at_first(which: PriceSnapshot, default: int) -> None:
    assert default_of(which) == default


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (BUNDLES, True),
        (SLICES, False),
        (per_seat(12), False),
        (tiered("VOLUME", tier(10, unit=5), tier(None, unit=4)), False),
        (tiered("VOLUME", tier(10, flat=5), tier(20, unit=1, flat=5), tier(None, unit=4)), False),
        (tiered("VOLUME", tier(None, flat=5)), False),
    ],
)
def test_bundles_are_tiers_with_a_price_as_a_whole_only(which: PriceSnapshot, expected: bool) -> None:
    assert is_bulk(which) is expected


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("asked", "chosen"),
    [("", "10"), ("7", "7"), ("10", "10"), ("11", "11"), ("50", "50"), ("51", "51"), ("70", "70")],
)
def test_a_bundle_is_chosen_from_a_list_that_says_what_each_costs(asked: str, chosen: str) -> None:
    choices = field(BULK, {"quantity-plan-bulk": asked}).choices
    assert [str(choice.value) for choice in choices if choice.is_current] == [chosen]
    if not asked:
        assert [choice.label for choice in choices] == [
            "Up to 10 seats: $100",
            "Up to 50 seats: $400",
            "From 51 seats: $407",
        ]


# least, most, asked: the bundles to choose from, the one that is chosen, and what the card says that it costs
LIMITED = {
    "beyond the last": (
        None,
        None,
        "500",
        ["Up to 10 seats: $10", "Up to 50 seats: $40", "500 seats: $70"],
        500,
        "$70",
    ),
    "at the last": (
        None,
        None,
        "100",
        ["Up to 10 seats: $10", "Up to 50 seats: $40", "Up to 100 seats: $70"],
        100,
        "$70",
    ),
    "one fits between least and most": (20, 50, "", ["Up to 50 seats: $40"], 50, "$40"),
    "nothing below the least": (11, None, "", ["Up to 50 seats: $40", "Up to 100 seats: $70"], 50, "$40"),
    "the most cuts a bundle": (None, 30, "99", ["Up to 10 seats: $10", "Up to 30 seats: $40"], 30, "$40"),
    "the least is beyond all": (200, None, "", ["200 seats: $70"], 200, "$70"),
}


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("least", "most", "asked", "labels", "chosen", "price_text"), LIMITED.values(), ids=LIMITED.keys()
)
def test_a_bundle_that_is_offered_can_be_bought_and_the_one_that_is_priced_is_chosen(
    least: int | None, most: int | None, asked: str, labels: list[str], chosen: int, price_text: str
) -> None:
    card = cards(
        paywall=shop(plan("Some", prices=(limited(least, most),))), asked={"quantity-plan-some": asked} if asked else {}
    )["Some"]
    (found,) = card.quantities
    assert [choice.label for choice in found.choices] == labels
    assert [choice.value for choice in found.choices if choice.is_current] == [chosen] == [found.value]
    assert card.price.text == price_text


@pytest.mark.shows("P4")
def test_an_open_bundle_begins_at_the_least() -> None:
    least = replace(BUNDLES, min_unit_quantity=Decimal(60))
    (choice,) = field(plan("Some", prices=(least,))).choices
    assert (choice.value, choice.label, choice.is_current) == (60, "From 60 seats: $470", True)


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("asked", "value", "note"),
    [
        ("", 10, ""),
        ("10", 10, ""),
        ("11", 11, "$20 per month for 11 seats"),
        ("20", 20, "$20 per month for 20 seats"),
        ("3", 3, ""),
    ],
)
def test_steps_of_a_block_end_with_full_blocks(asked: str, value: int, note: str) -> None:
    card = cards(paywall=shop(plan("Ten", prices=(by_ten(),))), asked={"quantity-plan-ten": asked})["Ten"]
    (found,) = card.quantities
    assert (found.minimum, found.step, found.value) == (10, 10, value)
    assert card.price.note == note


def test_who_has_less_than_a_block_has_nothing_to_change() -> None:
    visitor = on("Ten", quantities={SEAT.feature_id: 4})
    card = cards(visitor, paywall=shop(plan("Ten", prices=(by_ten(),))))["Ten"]
    assert (card.quantities[0].value, card.action.label) == (4, "Your current plan")


def test_a_second_number_has_a_name_of_its_own() -> None:
    both = plan("Both", prices=(BUNDLES, BLOCKS))
    found = cards(paywall=shop(both), asked={"quantity-plan-both.feature-calls": "2500"})["Both"]
    assert [(f.parameter, f.value, f.step) for f in found.quantities] == [
        ("quantity-plan-both", 10, 1),
        ("quantity-plan-both.feature-calls", 2500, 1000),
    ]
    assert found.price.charged == usd(100 + 7.5)


# What it costs


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("which", "quantity", "expected"),
    [
        (AGENCY, "1", ("Starts at", "$99", "per month", "")),
        (AGENCY, "5", ("", "$99", "per month", "")),
        (AGENCY, "6", ("", "$109", "per month", "")),
        (AGENCY, "20", ("", "$249", "per month", "")),
        (AGENCY, "21", ("", "$282", "per month", "")),
        (BULK, "10", ("", "$100", "per month", "")),
        (BULK, "11", ("", "$400", "per month", "")),
        (BULK, "51", ("", "$407", "per month", "")),
        (TEAM, "2", ("", "$12", "per seat, per month", "$24 per month for 2 seats")),
        (TEAM, "7", ("", "$12", "per seat, per month", "$84 per month for 7 seats")),
    ],
)
def test_the_price_follows_the_number(which: PlanSnapshot, quantity: str, expected: tuple[str, ...]) -> None:
    assert shown(which, quantity) == expected


@pytest.mark.shows("P2", "P4")
def test_a_year_of_units_says_the_month_the_sum_charged_and_the_saving() -> None:
    team = plan("Team", prices=(per_seat(12), per_seat(120, "ANNUALLY")))
    found = cards(paywall=shop(team), period="ANNUALLY", asked={"quantity-plan-team": "3"})["Team"].price
    assert (found.text, found.unit) == ("$10", "per seat, per month")
    assert found.note == "$360 billed once a year for 3 seats, you save $72"
    assert found.charged == usd(360)


@pytest.mark.shows("P4")
def test_a_block_is_priced_as_one() -> None:
    found = cards(paywall=shop(plan("Calls", prices=(BLOCKS,))))["Calls"].price
    assert (found.text, found.unit, found.note) == ("$2.50", "for 1,000 calls, per month", "")


# How the price goes


@pytest.mark.shows("P4")
def test_tiers_are_told_row_by_row() -> None:
    (slices,) = tier_tables(AGENCY, "MONTHLY")
    assert slices.rule == "Each unit costs what its own row says, per month."
    assert [(row.units, row.price) for row in slices.rows] == [
        ("1–5", "Included"),
        ("6–20", "$10 each"),
        ("21 and more", "$8 each, plus $25"),
    ]
    (bundles,) = tier_tables(BULK, "MONTHLY")
    assert bundles.rule == "The row that your number falls in prices all units, per month."
    assert [row.price for row in bundles.rows] == ["$100 in all", "$400 in all", "$7 each, plus $50"]
    assert tier_tables(TEAM, "MONTHLY") == ()


# The button


@pytest.mark.shows("P8")
@pytest.mark.parametrize(
    ("asked", "label", "is_disabled"),
    [
        ("", "Your current plan", True),
        ("7", "Your current plan", True),
        ("9", "Change to 9 seats", False),
        ("1", "Change to 1 seat", False),
    ],
)
def test_another_number_on_the_current_plan_is_a_change(asked: str, label: str, is_disabled: bool) -> None:
    visitor = on("Agency", quantities={SEAT.feature_id: 7})
    found: Action = cards(visitor, paywall=shop(AGENCY), asked={"quantity-plan-agency": asked})["Agency"].action
    assert (found.label, found.is_disabled) == (label, is_disabled)


def test_who_cannot_buy_a_plan_is_asked_for_no_number() -> None:
    found = cards(on("Enterprise", "", has_custom_plan=True), paywall=shop(TEAM, plan("Enterprise", "CUSTOM")))
    assert found["Team"].quantities == ()
