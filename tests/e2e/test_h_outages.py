"""Stigg or Stripe is down: what can be served is served, nothing is lost, and it goes on by itself."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, VISA, eventually


@pytest.mark.shows("P13")
def test_while_stigg_is_down_prices_are_shown_and_people_can_sign_up(person, sandbox):
    sandbox.fault("stigg", "down")
    person.opens_prices()
    expect(person.page.get_by_role("article")).to_have_count(5)
    person.page.goto("/accounts/signup/")
    person.signs_up()
    expect(person.page).to_have_url("/billing/")
    assert sandbox.stigg("customers", email=person.email) == []

    sandbox.clear_faults()
    eventually(lambda: sandbox.stigg("customers", email=person.email), "the customer at Stigg", seconds=90)


def test_an_order_begun_while_stigg_is_down_says_so_and_waits(person, sandbox):
    sandbox.fault("stigg", "down")
    person.opens_prices()
    person.chooses("Pro")
    person.signs_up()
    person.reviews()
    person.sees("Your order for Pro is kept, and nothing was charged.")

    sandbox.clear_faults()
    eventually(lambda: try_again(person), "the card form", seconds=60)
    person.pays_with(VISA)
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


def try_again(person):
    if person.card_form.form.count():
        person.enters_other_card_form()
        return True
    person.page.get_by_role("button", name="Try again").click()
    person.page.wait_for_load_state()
    return False


@pytest.mark.shows("C11")
def test_a_card_saved_while_stigg_is_down_becomes_a_subscription_by_itself(person, sandbox):
    person.goes_to_card_page()
    sandbox.fault("stigg", "down")
    person.pays_with(VISA)
    person.sees_heading("Your card is saved, and we are not done yet")
    assert person.me()["subscriptions"] == []

    sandbox.clear_faults()
    person.is_welcomed_after_a_while("Pro")
    person.subscription(status="ACTIVE")
    sandbox.books(person.email).assert_paid_once()


@pytest.mark.shows("C11")
def test_an_answer_that_got_lost_does_not_buy_twice(person, sandbox):
    person.goes_to_card_page()
    sandbox.fault("stigg", "reset", operation="provisionSubscriptionV2", times=1)
    person.pays_with(VISA)
    person.is_welcomed_after_a_while("Pro")

    sandbox.books(person.email).assert_paid_once()


def test_while_stripe_is_down_the_card_page_says_so_and_keeps_the_order(person, sandbox):
    person.opens_prices()
    person.chooses("Pro")
    person.signs_up()
    eventually(lambda: sandbox.stigg("customers", email=person.email), "the customer at Stigg")
    sandbox.fault("stripe", "down")
    person.reviews()
    person.sees("Your order for Pro is kept, and nothing was charged.")

    sandbox.clear_faults()
    eventually(lambda: try_again(person), "the card form", seconds=60)
    expect(person.card_form.button).to_be_enabled(timeout=PATIENCE_MS)
