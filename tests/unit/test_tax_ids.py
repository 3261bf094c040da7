"""Tax ids by country: what is taken, how it is written, what is turned down."""

from __future__ import annotations

import re

import pytest

from billing.services import tax_ids

pytestmark = pytest.mark.shows("C13")


@pytest.mark.parametrize(
    ("country", "typed", "kind", "written"),
    [
        ("DE", "DE123456789", "eu_vat", "DE123456789"),
        ("DE", "de 123 456 789", "eu_vat", "DE123456789"),
        ("DE", "123456789", "eu_vat", "DE123456789"),
        ("GR", "123456789", "eu_vat", "EL123456789"),
        ("AT", "ATU12345678", "eu_vat", "ATU12345678"),
        ("LT", "LT123456789012", "eu_vat", "LT123456789012"),
        ("US", "123456789", "us_ein", "12-3456789"),
        ("GB", "GB 123 4567 89", "gb_vat", "GB123456789"),
        ("CH", "CHE-123.456.789 MWST", "ch_vat", "CHE-123.456.789 MWST"),
        ("CH", "che123456789", "ch_uid", "CHE-123.456.789"),
        ("BR", "01234456543210", "br_cnpj", "01.234.456/5432-10"),
        ("NO", "NO123456789", "no_vat", "123456789MVA"),
    ],
)
def test_a_tax_id_is_known_however_it_is_typed(country: str, typed: str, kind: str, written: str) -> None:
    assert tax_ids.parse(country, typed) == (kind, written)


@pytest.mark.parametrize(
    ("country", "typed"), [("DE", "DE12345678"), ("DE", "ATU12345678"), ("US", "12"), ("FR", "x"), ("AQ", "123456789")]
)
def test_what_is_no_tax_id_of_the_country_is_turned_down(country: str, typed: str) -> None:
    assert tax_ids.parse(country, typed) is None


def test_the_example_that_is_shown_is_taken_itself() -> None:
    for country, shapes in tax_ids.SHAPES.items():
        for shape in shapes:
            assert tax_ids.parse(country, shape.example) == (shape.type, shape.example)
    for country in tax_ids.EU_PATTERNS:
        (shape,) = tax_ids.shapes_of(country)
        example = re.sub("…$", "", shape.example)
        assert example == shape.example or example in (country, "EL")
