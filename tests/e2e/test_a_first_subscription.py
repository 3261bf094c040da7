"""From a stranger to a subscriber, and what staff see of it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS


@pytest.mark.shows("C1", "C15")
def test_a_visitor_signs_up_pays_and_has_what_the_plan_promises(person, admin, sandbox, picture):
    person.opens_prices()
    picture(person.page, "paywall")
    person.chooses("Pro")
    person.signs_up()
    person.reviews()
    expect(person.card_form.button).to_be_enabled(timeout=PATIENCE_MS)
    picture(person.page, "checkout")
    person.pays_with("4242 4242 4242 4242")
    person.is_welcomed("Pro")

    subscription = person.subscription(status="ACTIVE")
    assert subscription["plan_id"] == "plan-pro"
    assert subscription["grants_access"]
    assert {"feature-projects", "feature-audit-log", "feature-custom-domain"} <= person.granted()
    assert "feature-sso" not in person.granted()
    books = sandbox.books(person.email)
    books.assert_paid_once()
    assert [each["amount"] for each in books.payments()] == [subscription["total_minor"]]

    admin.page.goto(f"/admin/billing/subscription/?q={person.email}")
    row = admin.page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Pro")
    expect(row).to_contain_text("Active", ignore_case=True)


@pytest.mark.shows("P2")
def test_a_yearly_plan_costs_what_the_price_page_said(person, sandbox):
    person.subscribes("Pro", period="ANNUALLY")

    subscription = person.subscription(status="ACTIVE")
    assert subscription["billing_period"] == "ANNUALLY"
    assert [each["amount"] for each in sandbox.books(person.email).payments()] == [47_000]
    assert subscription["total_minor"] == 47_000


def test_a_free_plan_needs_no_card(person, sandbox):
    person.opens_prices()
    person.chooses("Free")
    person.signs_up()
    person.reviews(button="Start with Free")
    person.is_welcomed("Free")

    assert person.subscription(status="ACTIVE")["plan_id"] == "plan-free"
    assert sandbox.books(person.email).payments() == []
