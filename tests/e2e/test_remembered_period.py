"""The period that a visitor chose stays with them, without a cookie and without anything moving."""

import pytest

pytestmark = pytest.mark.shows("P2")


def test_links_to_the_prices_lead_to_the_period_that_was_chosen_last(new_person):
    page = new_person().page
    page.goto("/pricing/")
    page.get_by_role("link", name="Monthly").click()
    page.wait_for_url("**/pricing/?period=MONTHLY")
    page.goto("/")
    page.get_by_role("link", name="Pricing", exact=True).click()
    page.wait_for_url("**/pricing/?period=MONTHLY")
    assert page.get_by_role("link", name="Monthly").get_attribute("aria-current") == "true"
    page.get_by_role("link", name="Yearly").click()
    page.wait_for_url("**/pricing/?period=ANNUALLY")
    page.goto("/")
    page.get_by_role("link", name="See plans and prices").click()
    page.wait_for_url("**/pricing/?period=ANNUALLY")
    assert page.context.cookies() == []


def test_the_order_and_the_way_back_keep_the_period_without_javascript(new_person):
    page = new_person(java_script_enabled=False).page
    page.goto("/pricing/?period=MONTHLY")
    page.locator("[data-plan=plan-pro] [data-action]").click()
    page.get_by_role("link", name="Change plan").click()
    page.wait_for_url("**/pricing/?period=MONTHLY")
