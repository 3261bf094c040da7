"""Impatience is harmless: two clicks, two tabs, back and forth; one subscription, one payment."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, VISA, Person, eventually

pytestmark = pytest.mark.shows("C12")


def test_a_double_click_buys_once(person, sandbox):
    person.goes_to_card_page()
    person.card_form.enter_card(VISA)
    person.card_form.submit(clicks=2)
    person.is_welcomed("Pro")

    person.subscription(status="ACTIVE")
    sandbox.books(person.email).assert_paid_once()


def test_two_tabs_buy_once(person, sandbox):
    person.goes_to_card_page()
    other = Person(person.page.context.new_page(), person.email)
    other.page.goto(person.page.url)
    for each in (person, other):
        expect(each.card_form.button).to_be_enabled(timeout=PATIENCE_MS)
        each.card_form.enter_card(VISA)
    person.card_form.submit()
    other.card_form.submit()
    person.is_welcomed("Pro")
    other.is_welcomed("Pro")

    person.subscription(status="ACTIVE")
    sandbox.books(person.email).assert_paid_once()


def test_two_tabs_that_begin_the_same_order_share_it(person, sandbox):
    person.opens_prices()
    person.chooses("Pro")
    person.signs_up()
    other = Person(person.page.context.new_page(), person.email)
    other.page.goto(person.page.url)
    person.reviews()
    other.reviews()
    other.enters_other_card_form()

    assert other.page.url == person.page.url
    assert len(sandbox.stripe("setup_intents", customer=sandbox.books(person.email).stripe_id)) == 1


def test_doubled_and_shuffled_webhooks_change_nothing(person, sandbox):
    sandbox.webhooks("stripe", "double")
    sandbox.webhooks("stigg", "shuffle")
    person.subscribes()
    person.subscription(status="ACTIVE")

    books = sandbox.books(person.email)
    books.assert_paid_once()
    eventually(person.granted, "entitlements", person.me)


def test_going_back_after_paying_does_not_offer_to_pay_again(person, sandbox):
    person.subscribes()
    person.page.go_back()
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


def test_the_card_form_of_an_order_that_another_one_replaced_says_so(person, sandbox):
    person.goes_to_card_page()
    other = Person(person.page.context.new_page(), person.email)
    other.page.goto("/checkout/start/?plan=plan-starter&period=MONTHLY")
    other.reviews()
    expect(other.card_form.button).to_be_enabled(timeout=PATIENCE_MS)
    stripe_id = sandbox.books(person.email).stripe_id
    eventually(lambda: sandbox.stripe("setup_intents", customer=stripe_id, status="canceled"), "the first form is off")

    person.pays_with(VISA)
    person.sees_heading("You chose something else in the meantime")
    assert sandbox.books(person.email).payments() == []
