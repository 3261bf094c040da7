"""The card page's button says what the page has shown; who would be charged more is asked first."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, VISA


@pytest.mark.shows("C2")
def test_a_page_that_shows_an_old_price_asks_again_before_it_charges(person, sandbox):
    person.goes_to_card_page()
    expect(person.card_form.button).to_be_enabled(timeout=PATIENCE_MS)
    # As it would be had the page been opened at $29.
    person.page.locator("[data-card-form] [name=shown]").evaluate("field => { field.value = '2900 USD new' }")
    person.pays_with(VISA)
    person.sees("The price has changed since you opened this page: it is $49 now.")
    assert sandbox.books(person.email).payments() == []

    person.page.get_by_role("button", name="Pay $49 and subscribe").click()
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()
