"""A card that the bank refuses while it is entered: told in place, and another one does."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import DECLINED, PATIENCE_MS, VISA


@pytest.mark.shows("C8")
def test_a_declined_card_is_told_in_place_and_another_one_pays(person, sandbox):
    person.goes_to_card_page()
    address = person.page.url
    person.pays_with(DECLINED)
    expect(person.card_form.alert).to_contain_text("Your bank declined this card", timeout=PATIENCE_MS)
    expect(person.card_form.alert).to_be_focused()
    assert person.page.url == address
    assert person.me()["subscriptions"] == []

    person.page.reload()
    person.sees("Your bank declined this card")
    person.enters_other_card_form()
    person.pays_with(VISA)
    person.is_welcomed("Pro")

    person.subscription(status="ACTIVE")
    sandbox.books(person.email).assert_paid_once()


@pytest.mark.shows("C8")
@pytest.mark.parametrize(
    ("number", "reason", "next_step"),
    [
        ("4000 0000 0000 9995", "There is not enough money on this card.", "use another card, or try again once"),
        ("4000 0000 0000 0069", "This card has expired.", "use another card"),
        ("4000 0000 0000 0127", "The security code of this card is wrong.", "with the right code"),
        ("4000 0000 0000 0119", "The card could not be processed just now.", "try again in a moment"),
    ],
)
def test_each_refusal_says_why_and_what_to_do(person, number, reason, next_step):
    person.goes_to_card_page()
    person.pays_with(number)
    expect(person.card_form.alert).to_contain_text(reason, timeout=PATIENCE_MS)
    expect(person.card_form.alert).to_contain_text(next_step)
    expect(person.card_form.button).to_be_enabled()


@pytest.mark.shows("C8")
def test_what_is_typed_wrong_is_told_at_the_field_and_asks_nobody(person, sandbox):
    person.goes_to_card_page()
    person.pays_with("4242 4242 4242 4241")

    expect(person.card_form.payment.get_by_text("card number is invalid")).to_be_visible(timeout=PATIENCE_MS)
    expect(person.card_form.button).to_be_enabled()
    (intent,) = sandbox.stripe("setup_intents", customer=sandbox.books(person.email).stripe_id)
    assert intent["last_setup_error"] is None
