"""What the price page does in a browser: the price follows the number, and the table folds and prints."""

import pytest


@pytest.mark.shows("P4")
def test_the_price_follows_the_number_that_is_typed_and_the_button_carries_it(new_person):
    page = new_person().page
    page.goto("/pricing/?period=MONTHLY")
    card = page.locator("[data-plan=plan-business]")
    page.evaluate("window.stays = true")
    card.get_by_label("Seats").fill("30")
    card.get_by_text("$400").first.wait_for()  # 20 seats at $14 and 10 at $12
    assert "quantity-feature-seats=30" in card.locator("[data-action]").get_attribute("href")
    assert "quantity-plan-business=30" in page.url
    assert page.evaluate("window.stays") is True
    page.get_by_role("link", name="Yearly").click()
    page.wait_for_url("**period=ANNUALLY**")
    assert card.get_by_label("Seats").input_value() == "30"


@pytest.mark.shows("P12")
def test_the_table_folds_and_a_folded_one_prints(new_person):
    page = new_person().page
    page.goto("/pricing/")
    cell = page.get_by_role("cell", name="Priority support").first
    assert cell.is_visible()
    page.get_by_text("Compare every detail").click()
    assert not cell.is_visible()
    page.emulate_media(media="print")
    assert page.locator(".compare table").bounding_box()["height"] > 200
