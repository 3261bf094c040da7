"""`fields: "never"`: what the form does not ask, the page must hand over at confirmation."""

import pytest
from playwright.sync_api import expect

from tests.contract.elements.steps import fill_card, mount

COUNTRY = {"billingDetails": {"address": {"country": "never"}}}


def mounted(shop, intent, fields):
    shop.evaluate(
        "([options, element]) => mountPayment(options, element)",
        [{"clientSecret": intent["client_secret"]}, {"fields": fields}],
    )


def fill(frame):
    frame.get_by_label("Card number").fill("4242424242424242")
    frame.get_by_label("Expiration date").fill("1234")
    frame.get_by_label("Security code").fill("123")


def confirm(shop, details=None):
    data = {} if details is None else {"payment_method_data": {"billing_details": details}}
    return shop.evaluate("(confirmParams) => confirm({ confirmParams })", data)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"billingDetails": "never"}, "name"),
        ({"billingDetails": {"email": "never"}}, "email"),
        ({"billingDetails": {"address": "never"}}, "address.line1"),
        (COUNTRY, "address.country"),
    ],
)
def test_a_missing_detail_is_named(shop, card_frame, sandbox, fields, name):
    mounted(shop, sandbox.setup_intent(), fields)
    fill(card_frame)
    if "address" not in str(fields) and fields["billingDetails"] != "never":
        card_frame.get_by_label("ZIP code").fill("94103")
    got = confirm(shop)
    assert got["thrown"] == "IntegrationError"
    assert f'You specified "never" for fields.billing_details.{name}' in got["message"]
    assert f"confirmParams.payment_method_data.billing_details.{name}" in got["message"]


def test_what_is_handed_over_is_saved(shop, card_frame, sandbox):
    mounted(shop, sandbox.setup_intent(), COUNTRY)
    expect(card_frame.get_by_label("Country or region")).to_be_hidden()
    fill(card_frame)
    method = confirm(shop, {"address": {"country": "AT"}})["setupIntent"]["payment_method"]
    address = sandbox.api("GET", f"/v1/payment_methods/{method}")["billing_details"]["address"]
    assert address["country"] == "AT"


def test_an_address_element_beside_it_hands_it_over(shop, card_frame, sandbox):
    mounted(shop, sandbox.setup_intent(), COUNTRY)
    shop.evaluate("""() => {
      const address = elements.create("address", {
        mode: "billing",
        defaultValues: {
          name: "Ada Example",
          address: { country: "AT", line1: "Ring 1", city: "Wien", postal_code: "1010" },
        },
      });
      address.mount("#address");
      return new Promise((resolve) => address.on("ready", () => resolve(true)));
    }""")
    fill(card_frame)
    assert confirm(shop)["setupIntent"]["status"] == "succeeded"


def test_fields_that_are_asked_need_nothing(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame)
    assert confirm(shop)["setupIntent"]["status"] == "succeeded"
