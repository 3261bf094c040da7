"""The Express Checkout Element with its pretend wallet: offered, pressed, confirmed, cancelled, failed."""

import pytest
from playwright.sync_api import expect

from tests.contract.elements.steps import until

WATCHED = """(options) => {
  window.stripe = Stripe("pk_test_sandbox");
  window.elements = stripe.elements({ mode: "setup", currency: "usd" });
  const express = elements.create("expressCheckout", options);
  for (const name of ["ready", "cancel", "availablepaymentmethodschange"]) {
    express.on(name, (event) => events.push({ name, ...event }));
  }
  window.express = express;
  express.mount("#payment");
  return new Promise((resolve) => express.on("ready", resolve)).then((event) => event.availablePaymentMethods ?? null);
}"""
CONFIRMING = """(clientSecret) => {
  express.on("click", (event) => {
    events.push({ name: "click", type: event.expressPaymentType });
    event.resolve({ emailRequired: true });
  });
  express.on("confirm", async (event) => {
    events.push({ name: "confirm", billingDetails: event.billingDetails });
    const checked = await elements.submit();
    events.push({ name: "submitted", ...checked });
    window.outcome = stripe.confirmSetup({ elements, clientSecret, redirect: "if_required" });
  });
}"""


def mount(shop, **options):
    return shop.evaluate(WATCHED, options)


def button(shop):
    return shop.frame_locator("iframe[title='Secure express checkout frame']").get_by_role("button")


def wallet(shop):
    return shop.frame_locator("iframe[title='Test wallet']")


def events(shop, name):
    return shop.evaluate("(name) => events.filter((event) => event.name === name)", name)


def test_the_wallet_is_offered_as_one_of_stripes(shop):
    assert mount(shop)["googlePay"] is True
    assert events(shop, "availablepaymentmethodschange")[0]["paymentMethods"] == {"googlePay": {"available": True}}
    expect(button(shop)).to_have_text("Buy withTest wallet")


def test_the_page_may_leave_it_out(shop):
    assert mount(shop, paymentMethods={"googlePay": "never"}) is None
    expect(button(shop)).to_have_count(0)


def test_a_browser_may_have_no_wallet(shop, sandbox):
    sandbox.console("POST", "/api/scenarios/no_wallet")
    assert mount(shop) is None


def test_a_card_of_the_wallet_is_saved(shop, sandbox):
    intent = sandbox.setup_intent()
    mount(shop, buttonType={"googlePay": "subscribe"}, buttonHeight=50)
    assert button(shop).bounding_box()["height"] == 50
    shop.evaluate(CONFIRMING, intent["client_secret"])
    button(shop).click()
    wallet(shop).get_by_label("Email").fill("ada@example.com")
    wallet(shop).get_by_role("button", name="Continue").click()
    until(shop, "window.outcome")
    result = shop.evaluate("outcome")["setupIntent"]
    assert result["status"] == "succeeded"
    assert events(shop, "click") == [{"name": "click", "type": "google_pay"}]
    assert events(shop, "submitted")[0]["selectedPaymentMethod"] == "google_pay"
    assert events(shop, "confirm")[0]["billingDetails"]["email"] == "ada@example.com"
    expect(shop.locator("dialog")).to_have_count(0)
    method = sandbox.api("GET", f"/v1/payment_methods/{result['payment_method']}")
    assert (method["card"]["last4"], method["billing_details"]["email"]) == ("4242", "ada@example.com")
    assert method["customer"] == intent["customer"]


def test_a_declined_card_of_the_wallet(shop, sandbox):
    mount(shop)
    shop.evaluate(CONFIRMING, sandbox.setup_intent()["client_secret"])
    button(shop).click()
    wallet(shop).get_by_label("Card").select_option(label="Visa •••• 0002: declined")
    wallet(shop).get_by_role("button", name="Continue").click()
    until(shop, "window.outcome")
    assert shop.evaluate("outcome")["error"]["code"] == "card_declined"


@pytest.mark.parametrize("by", ["button", "escape"])
def test_the_sheet_is_left(shop, by):
    mount(shop)
    button(shop).click()
    leave = wallet(shop).get_by_role("button", name="Cancel")
    expect(leave).to_be_visible()
    if by == "button":
        leave.click()
    else:
        wallet(shop).get_by_label("Name").press("Escape")
    expect(shop.locator("dialog")).to_have_count(0)
    assert len(events(shop, "cancel")) == 1


def test_a_rejected_press_opens_nothing(shop):
    mount(shop)
    shop.evaluate("express.on('click', (event) => { window.pressed = true; event.reject(); })")
    button(shop).click()
    until(shop, "window.pressed")
    expect(shop.locator("dialog")).to_have_count(0)


def test_the_page_may_tell_of_a_failure(shop):
    mount(shop)
    shop.evaluate("express.on('confirm', (event) => event.paymentFailed({ message: 'Sold out.' }))")
    button(shop).click()
    wallet(shop).get_by_role("button", name="Continue").click()
    expect(wallet(shop).get_by_role("status")).to_have_text("Sold out.")
    expect(wallet(shop).get_by_role("button", name="Continue")).to_be_enabled()


def test_a_spent_secret_is_a_load_error(shop, sandbox):
    intent = sandbox.setup_intent(payment_method="pm_card_visa", confirm="true", return_url="http://127.0.0.1/return")
    error = shop.evaluate(
        """(clientSecret) => new Promise((resolve) => {
          const express = Stripe("pk_test_sandbox").elements({ clientSecret }).create("expressCheckout");
          express.on("loaderror", (event) => resolve(event.error));
          express.mount("#payment");
        })""",
        intent["client_secret"],
    )
    assert error["code"] == "setup_intent_unexpected_state"
