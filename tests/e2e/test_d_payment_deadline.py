"""An unpaid first invoice waits for a day, no longer: then it is over on both sides and here, and may be begun anew."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import VISA, eventually
from tests.e2e.test_c_failed_first_payment import fails_to_pay

pytestmark = pytest.mark.shows("C9")


def test_after_22_hours_it_can_still_be_paid(person, sandbox):
    fails_to_pay(person)
    sandbox.advance(hours=22)
    assert sandbox.books(person.email).stripe_statuses() == ["incomplete"]

    person.uses_another_card(VISA)
    person.is_welcomed("Pro")

    person.subscription(status="ACTIVE")
    sandbox.books(person.email).assert_paid_once()


def test_after_24_hours_it_is_canceled_everywhere_and_the_customer_may_buy_again(person, admin, sandbox):
    fails_to_pay(person)
    sandbox.advance(hours=24)

    books = sandbox.books(person.email)
    eventually(lambda: books.stigg_statuses() == ["CANCELED"], "canceled at Stigg", books.stigg_statuses)
    assert books.stripe_statuses() == ["incomplete_expired"]
    eventually(lambda: person.me()["subscriptions"] == [], "over in our mirror", person.me)
    admin.page.goto(f"/admin/billing/subscription/?q={person.email}")
    expect(admin.page.locator("#result_list tbody tr")).to_contain_text("canceled")
    person.page.reload()
    person.sees_heading("This order has expired")

    person.subscribes_again()
    assert person.subscription(status="ACTIVE")["grants_access"]
    assert sorted(books.stripe_statuses()) == ["active", "incomplete_expired"]
    assert len(books.payments()) == 1


def test_another_card_that_comes_too_late_charges_nothing(person, sandbox):
    fails_to_pay(person)
    person.page.get_by_role("button", name="Use another card").click()
    person.card_form.enter_card(VISA)
    sandbox.advance(hours=24)
    person.card_form.submit()
    person.sees_heading("This order has expired")

    assert sandbox.books(person.email).payments() == []
