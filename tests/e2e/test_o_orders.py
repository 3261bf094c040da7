"""On the review page: a discount code that is refused, one that counts, and a price that is not what it was."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, assert_accessible, eventually


@pytest.fixture
def reviewing(person):
    person.opens_prices()
    person.chooses("Pro")
    person.signs_up()
    person.sees_heading("Review your order")
    person.page.get_by_label("Country").select_option(label="United States")
    return person


def due(person):
    return person.page.locator(".summary__due dd")


@pytest.mark.shows("C5", "C3")
def test_a_code_is_refused_in_words_and_another_one_takes_a_fifth_off(reviewing, sandbox):
    page = reviewing.page
    expect(due(reviewing)).to_have_text("$49", timeout=PATIENCE_MS)
    code = page.get_by_label("Discount code")
    code.fill("NO-SUCH-CODE")
    code.press("Tab")
    expect(page.locator("#id_coupon_errors")).to_contain_text("code", timeout=PATIENCE_MS)
    expect(due(reviewing)).to_have_text("$49")
    assert_accessible(page)

    code.fill("WELCOME20")
    code.press("Tab")
    expect(due(reviewing)).to_have_text("$39.20", timeout=PATIENCE_MS)
    expect(page.locator("#id_coupon_errors")).to_be_empty()
    page.get_by_role("button", name="Continue to payment").click()
    reviewing.enters_other_card_form()
    expect(reviewing.card_form.button).to_have_text("Pay $39.20 and subscribe")
    reviewing.pays_with()
    reviewing.is_welcomed("Pro")
    assert [each["amount"] for each in sandbox.books(reviewing.email).payments()] == [3920]


@pytest.mark.shows("C2", "C3")
def test_who_was_shown_another_price_is_asked_again_before_anything_is_charged(person, sandbox):
    """The page has been open since the price was lower."""
    person.subscribes("Starter")
    page = person.page
    person.opens_prices()
    person.chooses("Pro")
    person.sees_heading("Review your change")
    button = page.locator("[data-submit]")
    # The card of a purchase is on file a moment after it, when Stripe's webhook is worked.
    price = eventually(
        lambda: page.reload() and re.search(r"^Pay \$.+ now$", button.inner_text()), "a card that pays at once"
    ).group()
    page.evaluate("document.querySelector('[name=shown]').value = '2000 USD'")
    button.click()
    person.sees("The price has changed", timeout=PATIENCE_MS)
    assert len(sandbox.books(person.email).payments()) == 1
    assert_accessible(page)
    expect(button).to_have_text(price)
    button.click()
    person.sees_heading("Your plan is changed")
    assert len(sandbox.books(person.email).payments()) == 2


@pytest.mark.shows("P4")
def test_tiers_are_priced_on_both_sides_of_a_boundary(person):
    page = person.page
    person.opens_prices()
    seats, price = page.get_by_label("Seats – Business"), person.offer("Business").locator("[data-live=price]")
    for count, monthly in (("20", "$280"), ("21", "$292"), ("100", "$1,240"), ("101", "$1,250")):
        seats.fill(count)
        expect(price).to_contain_text(monthly)


def asks_for_prices_in(person, country, price):
    """The very first who asks for a country sees the usual prices, until the site has fetched that country's."""
    shown = person.offer("Pro").locator("[data-live=price]")

    def ask():
        person.page.locator("#paywall-country").select_option(country)
        person.page.locator("form.choices button").click()
        person.page.wait_for_load_state()
        return price in shown.inner_text()

    eventually(ask, f"{price} in {country}", shown.inner_text)


@pytest.mark.shows("P5", "P11")
def test_language_and_currency_go_along_from_the_price_page_to_the_order(person):
    page = person.page
    person.opens_prices()
    asks_for_prices_in(person, "DE", "€46")
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(person.offer("Pro").locator("[data-live=price]")).to_contain_text(re.compile(r"46\s€"))
    page.get_by_role("link", name="日本語").click()
    asks_for_prices_in(person, "JP", "￥7,300")
    assert_accessible(page)
