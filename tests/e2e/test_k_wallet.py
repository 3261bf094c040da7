"""A wallet above the card form, where the browser has one; where it has none, there is nothing to see of it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS


def wallet_button(person):
    frame = person.page.frame_locator("iframe[title='Secure express checkout frame']")
    return frame.get_by_role("button", name="Test wallet")


def chooses_in_wallet(person, card):
    wallet_button(person).click()
    sheet = person.page.frame_locator("iframe[title='Test wallet']")
    sheet.get_by_label("Card").select_option(card)
    sheet.get_by_role("button", name="Continue").click()


@pytest.fixture
def no_wallet(sandbox):
    sandbox.wallet("none")
    yield
    sandbox.wallet("available")


@pytest.mark.shows("C14")
def test_a_wallet_pays_and_its_address_is_on_the_invoice(person, sandbox):
    person.goes_to_card_page()
    chooses_in_wallet(person, "tok_visa")
    person.is_welcomed("Pro")

    person.subscription(status="ACTIVE")
    books = sandbox.books(person.email)
    books.assert_paid_once()
    (customer,) = sandbox.stripe("customers", email=person.email)
    assert customer["address"]["line1"] == "1 Test Street"


@pytest.mark.shows("C14")
def test_a_declined_wallet_card_is_told_and_the_next_one_pays(person, sandbox):
    person.goes_to_card_page()
    chooses_in_wallet(person, "tok_visa_chargeDeclined")
    expect(person.card_form.alert).to_contain_text("Your bank declined this card", timeout=PATIENCE_MS)
    chooses_in_wallet(person, "tok_mastercard")
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


@pytest.mark.shows("C14")
def test_without_a_wallet_there_is_no_gap(person, no_wallet):
    person.goes_to_card_page()
    expect(person.page.locator("[data-wallets]")).to_have_count(0)
    person.pays_with()
    person.is_welcomed("Pro")
