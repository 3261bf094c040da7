"""A card that can be saved but not charged: no access, the reason, the time left, and another card that pays."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import CHARGE_FAILS, VISA, eventually

pytestmark = pytest.mark.shows("C9")

LONGEST_WAIT_HOURS = 23


def fails_to_pay(person):
    person.goes_to_card_page()
    person.pays_with(CHARGE_FAILS)
    person.sees_heading("Your payment did not go through")


def test_a_failed_payment_gives_no_access_and_says_why_and_how_long(person, sandbox):
    fails_to_pay(person)

    person.sees("declined")
    countdown = person.page.locator("[data-countdown]")
    expect(countdown).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    assert int(countdown.inner_text()[:2]) < LONGEST_WAIT_HOURS
    subscription = person.subscription(status="PAYMENT_PENDING")
    assert not subscription["grants_access"]
    assert person.granted() == set()
    books = sandbox.books(person.email)
    assert books.stigg_statuses() == ["PAYMENT_PENDING"]
    assert books.stripe_statuses() == ["incomplete"]
    assert books.payments() == []


def test_another_card_pays_the_open_invoice(person, sandbox):
    fails_to_pay(person)
    (invoice,) = sandbox.books(person.email).invoices()
    person.uses_another_card(VISA)
    person.is_welcomed("Pro")

    assert person.subscription(status="ACTIVE")["grants_access"]
    eventually(person.granted, "what the plan includes", person.me)  # the page may be a moment ahead of the mirror
    books = sandbox.books(person.email)
    books.assert_paid_once()
    assert [(each["id"], each["status"]) for each in books.invoices()] == [(invoice["id"], "paid")]


def test_the_same_card_may_be_tried_again_and_fails_again(person):
    fails_to_pay(person)
    person.page.get_by_role("button", name="Try this card again").click()
    person.sees_heading("Your payment did not go through")
    person.subscription(status="PAYMENT_PENDING", payment_collection="FAILED")


def test_the_account_page_offers_to_pay_too(person, sandbox):
    fails_to_pay(person)
    person.page.goto("/billing/")
    person.page.locator("[data-subscription]").get_by_role("button", name="Pay with another card").click()
    person.sees_heading("Your payment did not go through")
    person.uses_another_card(VISA)
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()


def test_a_customer_may_give_up_an_unpaid_order(person, sandbox):
    fails_to_pay(person)
    person.page.get_by_text("Cancel this order", exact=True).click()
    person.page.get_by_role("button", name="Yes, cancel this order").click()
    person.sees_heading("This order was canceled")

    assert sandbox.books(person.email).stigg_statuses() == ["CANCELED"]
    person.subscribes_again()
