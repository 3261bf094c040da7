"""The bank asks who is there: when the card is saved or when it is charged, in the page or on a page of its own."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import ASKS_ALWAYS, ASKS_AT_SET_UP, PATIENCE_MS, VISA

pytestmark = pytest.mark.shows("C7")


def answer_bank(person, answer):
    person.card_form.bank.get_by_role("button", name=f"{answer} authentication").click(timeout=PATIENCE_MS)


def test_a_card_that_is_confirmed_with_the_bank_pays(person, sandbox):
    person.goes_to_card_page()
    person.pays_with(ASKS_AT_SET_UP)
    answer_bank(person, "Complete")
    person.is_welcomed("Pro")

    person.subscription(status="ACTIVE")
    sandbox.books(person.email).assert_paid_once()


@pytest.mark.shows("C8")
def test_a_card_that_is_not_confirmed_buys_nothing_and_another_one_does(person, sandbox):
    person.goes_to_card_page()
    person.pays_with(ASKS_AT_SET_UP)
    answer_bank(person, "Fail")
    expect(person.card_form.alert).to_contain_text("could not confirm that it was you", timeout=PATIENCE_MS)
    assert person.me()["subscriptions"] == []

    person.pays_with(VISA)
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


@pytest.mark.shows("C14")
def test_the_bank_may_have_a_page_of_its_own(person, sandbox):
    sandbox.three_d_secure("redirect")
    person.goes_to_card_page()
    person.pays_with(ASKS_AT_SET_UP)
    person.page.get_by_role("button", name="Complete authentication").click()
    person.is_welcomed("Pro")

    assert "secret" not in person.page.url
    sandbox.books(person.email).assert_paid_once()


@pytest.mark.shows("C14")
def test_on_a_page_of_its_own_the_bank_may_also_refuse(person, sandbox):
    sandbox.three_d_secure("redirect")
    person.goes_to_card_page()
    person.pays_with(ASKS_AT_SET_UP)
    person.page.get_by_role("button", name="Fail authentication").click()
    person.sees("Your bank could not confirm that it was you.")
    assert "secret" not in person.page.url
    assert person.me()["subscriptions"] == []

    person.enters_other_card_form()
    person.pays_with(VISA)
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


@pytest.fixture
def asked_at_payment(person):
    """The bank wants the first payment itself confirmed."""
    person.goes_to_card_page()
    person.pays_with(ASKS_ALWAYS)
    answer_bank(person, "Complete")
    person.sees_heading("Your bank wants to be sure it is you")
    person.subscription(status="PAYMENT_PENDING", payment_collection="ACTION_REQUIRED", grants_access=False)
    return person


def test_a_payment_that_is_confirmed_with_the_bank_starts_the_subscription(asked_at_payment, sandbox):
    answer_bank(asked_at_payment, "Complete")
    asked_at_payment.is_welcomed("Pro")

    asked_at_payment.subscription(status="ACTIVE")
    sandbox.books(asked_at_payment.email).assert_paid_once()


def test_who_confirmed_and_then_lost_the_connection_is_not_told_that_nothing_was_charged(asked_at_payment, sandbox):
    """The bank has its answer, and our server has not heard of it when the page is loaded again."""
    for source in ("stripe", "stigg"):
        sandbox.webhooks(source, "hold")
    page = asked_at_payment.page
    page.route("**/completion/", lambda route: route.abort())
    answer_bank(asked_at_payment, "Complete")
    expect(page.locator("[data-alert]")).not_to_be_empty(timeout=PATIENCE_MS)
    page.unroute("**/completion/")
    page.reload()
    for source in ("stripe", "stigg"):
        sandbox.webhooks(source, "deliver")
    asked_at_payment.is_welcomed("Pro")
    sandbox.books(asked_at_payment.email).assert_paid_once()


def test_a_payment_that_is_not_confirmed_can_be_made_with_another_card(asked_at_payment, sandbox):
    answer_bank(asked_at_payment, "Fail")
    asked_at_payment.sees("could not confirm that it was you")
    asked_at_payment.uses_another_card(VISA)
    asked_at_payment.is_welcomed("Pro")

    asked_at_payment.subscription(status="ACTIVE")
    sandbox.books(asked_at_payment.email).assert_paid_once()


@pytest.fixture
def sent_to_bank(person, sandbox):
    """As before, by a bank that has a page of its own."""
    sandbox.three_d_secure("redirect")
    person.goes_to_card_page()
    person.pays_with(ASKS_ALWAYS)
    person.page.get_by_role("button", name="Complete authentication").click()
    expect(person.page.get_by_text("Approve a payment")).to_be_visible(timeout=PATIENCE_MS)
    return person


@pytest.mark.shows("C14")
def test_the_first_payment_can_be_confirmed_on_the_banks_own_page(sent_to_bank, sandbox):
    sent_to_bank.page.get_by_role("button", name="Complete authentication").click()
    sent_to_bank.is_welcomed("Pro")

    assert "secret" not in sent_to_bank.page.url
    sent_to_bank.subscription(status="ACTIVE")
    sandbox.books(sent_to_bank.email).assert_paid_once()


@pytest.mark.shows("C14")
def test_the_first_payment_can_be_turned_down_on_the_banks_own_page(sent_to_bank, sandbox):
    sent_to_bank.page.get_by_role("button", name="Fail authentication").click()
    sent_to_bank.sees("could not confirm that it was you")
    assert "secret" not in sent_to_bank.page.url
    sandbox.three_d_secure("modal")
    sent_to_bank.uses_another_card(VISA)
    sent_to_bank.is_welcomed("Pro")
    sandbox.books(sent_to_bank.email).assert_paid_once()


def test_who_goes_back_from_the_banks_page_is_not_sent_there_again_unasked(sent_to_bank, sandbox):
    sent_to_bank.page.go_back()
    button = sent_to_bank.page.get_by_role("button", name="Confirm with your bank")
    expect(button).to_be_enabled(timeout=PATIENCE_MS)
    button.click()
    sent_to_bank.page.get_by_role("button", name="Complete authentication").click()
    sent_to_bank.is_welcomed("Pro")
    sandbox.books(sent_to_bank.email).assert_paid_once()
