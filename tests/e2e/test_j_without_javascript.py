"""Everything but the card field works without JavaScript."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.shows("P13")


@pytest.fixture
def person(new_person):
    return new_person(java_script_enabled=False)


def test_prices_show_and_an_account_and_an_order_can_be_made(person):
    person.opens_prices()
    expect(person.page.get_by_role("article")).to_have_count(5)
    person.chooses("Pro")
    person.signs_up()
    person.reviews()
    expect(person.page.locator("[data-card-form] noscript p")).to_be_visible()
    person.page.goto("/billing/")
    person.sees_heading("Billing")


@pytest.mark.shows("P4")
def test_units_are_priced_by_a_button(person):
    person.opens_prices()
    person.page.get_by_label("Seats – Business").fill("25")
    person.page.get_by_role("button", name="Show the price – Business").click()
    expect(person.offer("Business").locator("[data-live=price]")).to_contain_text("$340")


def test_a_question_about_a_custom_plan_is_sent(person):
    person.opens_prices()
    person.chooses("Enterprise")
    person.page.get_by_label("Your name").fill("Grace Hopper")
    person.page.get_by_label("Email").fill("grace")
    person.page.get_by_label("What do you need?").fill("Single sign-on.")
    person.page.locator("form[method=post]").evaluate("form => form.noValidate = true")
    person.page.get_by_role("button", name="Send").click()
    person.sees("Enter a valid email address.")
    person.page.get_by_label("Email").fill(person.email)
    person.page.get_by_role("button", name="Send").click()
    person.sees_heading("Thank you, we have your message")


def test_a_free_plan_starts(person):
    person.opens_prices()
    person.chooses("Free")
    person.signs_up()
    person.reviews(button="Start with Free")
    person.is_welcomed("Free")
