"""A subscriber changes the plan: the total follows while they type, and one click with the card on file does it."""

from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, assert_accessible


def test_an_upgrade_with_more_seats_is_priced_live_and_paid_with_one_click(person, sandbox, picture):
    person.subscribes("Starter")
    page = person.page
    person.opens_prices()
    person.chooses("Pro")
    person.sees_heading("Review your change")
    person.has_card_on_file()
    seats, button = page.get_by_label("Extra seats"), page.locator("[data-submit]")
    before = button.inner_text()
    seats.press_sequentially("2")
    expect(page.locator(".summary__recurring")).to_contain_text("per month", timeout=PATIENCE_MS)
    expect(button).not_to_have_text(before, timeout=PATIENCE_MS)
    expect(seats).to_be_focused()
    expect(page.locator("#order-live")).to_have_attribute("aria-busy", "false")
    assert_accessible(page)
    picture(page, "review-change")
    button.click()
    person.sees_heading("Your plan is changed")
    assert person.subscription(status="ACTIVE", plan_id="plan-pro")
    assert len(sandbox.books(person.email).payments()) == 2


def test_a_downgrade_waits_and_is_taken_back(person):
    person.subscribes("Pro")
    page = person.page
    person.opens_prices()
    person.chooses("Starter")
    person.sees("You keep Pro until")
    page.get_by_role("button", name="Confirm the change").click()
    person.sees_heading("Your change is set")
    page.goto("/billing/")
    page.get_by_role("link", name="Cancel the change").click()
    assert_accessible(page)
    page.get_by_role("button", name="Yes, cancel the change").click()
    person.sees("The change is canceled")
