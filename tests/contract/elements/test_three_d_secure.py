"""3-D Secure in the dialog and by leaving the page; accepted and refused."""

import re

from playwright.sync_api import expect

from tests.contract.elements.steps import bank, fill_card, mount, start_confirming

CARD = "4000 0025 0000 3155"


def begin(shop, card_frame, intent):
    mount(shop, intent)
    fill_card(card_frame, CARD)
    start_confirming(shop)


def test_accepted(shop, card_frame, sandbox):
    intent = sandbox.setup_intent()
    begin(shop, card_frame, intent)
    bank(shop).get_by_role("button", name="Complete authentication").click()
    assert shop.evaluate("outcome")["setupIntent"]["status"] == "succeeded"
    expect(shop.locator("dialog")).to_have_count(0)
    assert sandbox.api("GET", f"/v1/setup_intents/{intent['id']}")["status"] == "succeeded"


def test_refused_leaves_the_intent_open_for_another_card(shop, card_frame, sandbox):
    begin(shop, card_frame, sandbox.setup_intent())
    bank(shop).get_by_role("button", name="Fail authentication").click()
    error = shop.evaluate("outcome")["error"]
    assert error["code"] == "setup_intent_authentication_failure"
    assert error["setup_intent"]["status"] == "requires_payment_method"
    fill_card(card_frame)
    assert shop.evaluate("confirm()")["setupIntent"]["status"] == "succeeded"


def test_escape_does_not_lose_the_dialog(shop, card_frame, sandbox):
    begin(shop, card_frame, sandbox.setup_intent())
    expect(bank(shop).get_by_role("button", name="Fail authentication")).to_be_visible()
    shop.keyboard.press("Escape")
    expect(shop.locator("dialog")).to_be_visible()


def test_by_redirect_accepted(shop, card_frame, sandbox):
    sandbox.console("POST", "/api/scenarios/three_d_secure_by_redirect")
    intent = sandbox.setup_intent()
    begin(shop, card_frame, intent)
    shop.get_by_role("button", name="Complete authentication").click()
    shop.wait_for_url(re.compile(r"/return\?"))
    assert f"setup_intent={intent['id']}&" in shop.url
    assert "setup_intent_client_secret=" in shop.url
    assert "redirect_status=succeeded" in shop.url


def test_a_banks_page_whose_script_is_still_under_way_takes_no_answer(shop, card_frame, sandbox):
    sandbox.console("POST", "/api/elements", {"three_d_secure": "redirect"})
    held = []

    def hold(route):
        held.append(route)

    shop.route("**/frame/three-d-secure.js", hold, times=1)
    begin(shop, card_frame, sandbox.setup_intent())
    refuse = shop.get_by_role("button", name="Fail authentication")
    expect(refuse).to_be_disabled()
    held[0].continue_()
    refuse.click()
    shop.wait_for_url(re.compile("redirect_status=failed"))


def test_by_redirect_refused(shop, card_frame, sandbox):
    sandbox.console("POST", "/api/elements", {"three_d_secure": "redirect"})
    begin(shop, card_frame, sandbox.setup_intent())
    shop.get_by_role("button", name="Fail authentication").click()
    shop.wait_for_url(re.compile("redirect_status=failed"))


def test_handle_next_action_goes_on_where_a_server_stopped(shop, sandbox):
    intent = sandbox.setup_intent(payment_method="pm_card_authenticationRequiredOnSetup", confirm="true")
    assert intent["status"] == "requires_action"
    shop.evaluate(
        "(clientSecret) => { window.outcome = Stripe('pk_test_sandbox').handleNextAction({ clientSecret }); }",
        intent["client_secret"],
    )
    bank(shop).get_by_role("button", name="Complete authentication").click()
    assert shop.evaluate("outcome")["setupIntent"]["status"] == "succeeded"


def test_a_first_invoice_that_asks_for_authentication_is_paid(shop, sandbox):
    """The secret of an invoice's PaymentIntent goes through handleNextAction."""
    customer = sandbox.api("POST", "/v1/customers", email="card@example.com")["id"]
    product = sandbox.api("POST", "/v1/products", name="Pro")["id"]
    price = {"product": product, "currency": "usd", "unit_amount": 4900, "recurring[interval]": "month"}
    method = sandbox.api("POST", "/v1/payment_methods/pm_card_authenticationRequired/attach", customer=customer)["id"]
    subscription = sandbox.api(
        "POST",
        "/v1/subscriptions",
        customer=customer,
        default_payment_method=method,
        **{
            "items[0][price]": sandbox.api("POST", "/v1/prices", **price)["id"],
            "expand[]": "latest_invoice.confirmation_secret",
        },
    )
    assert subscription["status"] == "incomplete"
    secret = subscription["latest_invoice"]["confirmation_secret"]["client_secret"]
    shop.evaluate(
        "(clientSecret) => { window.outcome = Stripe('pk_test_sandbox').handleNextAction({ clientSecret }); }", secret
    )
    bank(shop).get_by_role("button", name="Complete authentication").click()
    assert shop.evaluate("outcome")["paymentIntent"]["status"] == "succeeded"
    assert sandbox.api("GET", f"/v1/subscriptions/{subscription['id']}")["status"] == "active"
