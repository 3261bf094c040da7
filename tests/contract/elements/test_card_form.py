"""The Payment Element: what it accepts, what it refuses in place, and where the card number goes."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.contract.elements.steps import fill_card, mount


def test_a_good_card_is_saved_and_attached(shop, card_frame, sandbox):
    intent = sandbox.setup_intent()
    mount(shop, intent)
    fill_card(card_frame)
    result = shop.evaluate("confirm()")
    assert result["setupIntent"]["status"] == "succeeded"
    stored = sandbox.api("GET", f"/v1/setup_intents/{intent['id']}")
    method = sandbox.api("GET", f"/v1/payment_methods/{stored['payment_method']}")
    assert method["customer"] == intent["customer"]
    assert (method["card"]["last4"], method["card"]["exp_month"], method["card"]["exp_year"]) == ("4242", 12, 2034)
    assert method["billing_details"]["address"]["postal_code"] == "94103"


def test_a_declined_card_is_told_in_place_and_another_one_may_follow(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame, "4000 0000 0000 0002")
    error = shop.evaluate("confirm()")["error"]
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert error["setup_intent"]["status"] == "requires_payment_method"
    expect(card_frame.get_by_role("alert")).to_have_text("Your card was declined.")
    fill_card(card_frame)
    expect(card_frame.get_by_role("alert")).to_have_count(0)
    assert shop.evaluate("confirm()")["setupIntent"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("card", "code", "message"),
    [
        ({"number": "4242 4242 4242 4241"}, "invalid_number", "Your card number is invalid."),
        ({"number": "4242 4242"}, "incomplete_number", "Your card number is incomplete."),
        ({"expiry": "12 / 20"}, "invalid_expiry_year_past", "Your card's expiration year is in the past."),
        ({"expiry": "1"}, "incomplete_expiry", "Your card's expiration date is incomplete."),
        ({"cvc": "12"}, "incomplete_cvc", "Your card's security code is incomplete."),
        ({"zip_code": "941"}, "incomplete_zip", "Your ZIP code is incomplete."),
    ],
)
def test_a_wrong_field_shows_its_own_error(shop, card_frame, sandbox, card, code, message):
    intent = sandbox.setup_intent()
    mount(shop, intent)
    fill_card(card_frame, **card)
    assert shop.evaluate("confirm()") == {"error": {"type": "validation_error", "code": code, "message": message}}
    expect(card_frame.get_by_role("alert")).to_have_text(message)
    assert sandbox.api("GET", f"/v1/setup_intents/{intent['id']}")["last_setup_error"] is None


def test_an_empty_form_is_refused_by_submit(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    assert shop.evaluate("elements.submit()")["error"]["code"] == "incomplete_number"
    expect(card_frame.get_by_role("alert")).to_have_count(4)
    expect(card_frame.get_by_label("Card number")).to_be_focused()
    expect(card_frame.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")


def test_typing_moves_through_the_fields(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    card_frame.get_by_label("Card number").press_sequentially("378282246310005")
    expect(card_frame.get_by_label("Card number")).to_have_value("3782 822463 10005")
    expect(card_frame.get_by_alt_text("American Express")).to_be_visible()
    shop.keyboard.type("134")
    expect(card_frame.get_by_label("Expiration date")).to_have_value("01 / 34")
    shop.keyboard.type("1234")
    expect(card_frame.get_by_label("Security code")).to_have_value("1234")
    last = shop.evaluate("events.findLast((event) => event.name === 'change')")
    assert (last["elementType"], last["empty"], last["complete"]) == ("payment", False, False)


def test_the_postal_code_follows_the_country(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    country = card_frame.get_by_label("Country or region")
    country.select_option("GB")
    expect(card_frame.get_by_label("Postal code")).to_be_visible()
    country.select_option("DE")
    expect(card_frame.get_by_label("Postal code")).to_be_hidden()


def test_the_card_number_goes_to_stripe_only(shop, card_frame, sandbox):
    carrying = []

    def watch(request):
        if "42424242" in (request.post_data or ""):
            carrying.append(request.url)

    shop.on("request", watch)
    shop.evaluate("addEventListener('message', (event) => events.push(JSON.stringify(event.data)))")
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame)
    shop.evaluate("confirm()")
    shop.remove_listener("request", watch)
    assert [urlsplit(url).netloc for url in carrying] == [urlsplit(sandbox.stripe_url).netloc]
    assert not re.search(r"4242 ?4242", shop.evaluate("JSON.stringify(events)"))


def test_the_frame_is_named_as_stripes_is(shop, sandbox):
    mount(shop, sandbox.setup_intent())
    frame = shop.locator("iframe[title='Secure payment input frame']")
    expect(frame).to_have_attribute("name", re.compile("^__privateStripeFrame"))
    assert frame.bounding_box()["height"] > 200


def test_a_billing_address_beside_it_takes_over_the_address(shop, card_frame, sandbox):
    intent = sandbox.setup_intent()
    mount(shop, intent)
    shop.evaluate("elements.create('address', { mode: 'billing' }).mount('#address')")
    expect(card_frame.get_by_label("ZIP code")).to_be_hidden()
    address = shop.frame_locator("iframe[title='Secure address input frame']")
    address.get_by_label("Full name").fill("Ada Example")
    address.get_by_label("Address line 1").fill("1 Market Street")
    address.get_by_label("City").fill("San Francisco")
    address.get_by_label("State").select_option("CA")
    address.get_by_label("ZIP code").fill("94103")
    card_frame.get_by_label("Card number").fill("4242424242424242")
    card_frame.get_by_label("Expiration date").fill("1234")
    card_frame.get_by_label("Security code").fill("123")
    value = shop.evaluate("elements.getElement('address').getValue()")
    assert value["complete"] is True
    method_id = shop.evaluate("confirm()")["setupIntent"]["payment_method"]
    details = sandbox.api("GET", f"/v1/payment_methods/{method_id}")["billing_details"]
    assert (details["name"], details["address"]["city"], details["address"]["state"]) == (
        "Ada Example",
        "San Francisco",
        "CA",
    )


def test_a_form_moved_within_the_page_works_again(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    expect(card_frame.get_by_label("Card number")).to_be_visible()
    shop.evaluate("document.querySelector('main').append(document.querySelector('#payment'))")
    fill_card(card_frame)
    assert shop.evaluate("confirm()")["setupIntent"]["status"] == "succeeded"
