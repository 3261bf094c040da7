"""The card page's button says what the page has shown; who would be charged more is asked first."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, VISA, Person, assert_accessible, eventually

pytestmark = pytest.mark.shows("C2")


@pytest.fixture
def old_page(person, sandbox, stack):
    """On a card page that shows $29, while a tab that was opened later shows $49, which is the price now."""
    person.goes_to_card_page()
    books = sandbox.books(person.email)
    sandbox.gives_credit(stack, books.stripe_id, minor=2000)
    tab = orders_in_another_tab(person, price="$29")
    sandbox.gives_credit(stack, books.stripe_id, minor=0)
    orders_in_another_tab(person, price="$49")
    tab.page.bring_to_front()
    return tab


def orders_in_another_tab(person, *, price):
    tab = Person(person.page.context.new_page(), person.email)
    tab.page.goto("/checkout/start/?plan=plan-pro&period=MONTHLY")
    tab.reviews()
    rose, pay = tab.page.get_by_text("The price has changed"), tab.page.get_by_role("button", name=f"Pay {price} and")
    expect(rose.or_(pay)).to_be_visible(timeout=PATIENCE_MS)
    if rose.is_visible():
        tab.reviews()
    expect(pay).to_be_enabled(timeout=PATIENCE_MS)
    return tab


def is_asked_again_and_agrees(person, sandbox):
    person.sees("The price has changed: it is $49 now.")
    assert sandbox.books(person.email).payments() == []
    assert_accessible(person.page)

    person.page.get_by_role("button", name="Pay $49 and subscribe").click()
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


def test_a_page_that_shows_an_old_price_asks_again_before_it_charges(old_page, sandbox):
    old_page.pays_with(VISA)
    is_asked_again_and_agrees(old_page, sandbox)


def test_it_does_so_too_when_only_stripe_can_tell_that_the_card_was_saved(old_page, sandbox):
    """The page lost its connection, or Stripe's webhook was faster."""
    old_page.page.route("**/completion/", lambda route: route.abort())
    old_page.pays_with(VISA)
    expect(old_page.card_form.alert).to_contain_text("Your card is saved and nothing is lost", timeout=PATIENCE_MS)
    old_page.page.unroute("**/completion/")
    address = old_page.page.url
    eventually(lambda: comes_back_to(old_page, address, "it is $49 now"), "the new price", old_page.reads)
    is_asked_again_and_agrees(old_page, sandbox)


def comes_back_to(person, address, text):
    person.page.goto(address)
    return text in person.reads()


def test_a_server_that_does_not_answer_is_said_before_the_card_is_given_away(person, sandbox):
    person.goes_to_card_page()
    person.page.route("**/agreement/", lambda route: route.abort())
    person.pays_with(VISA)
    expect(person.card_form.alert).to_contain_text("That did not work. Nothing was charged", timeout=PATIENCE_MS)
    assert sandbox.books(person.email).payments() == []

    person.page.unroute("**/agreement/")
    person.card_form.submit()
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()
