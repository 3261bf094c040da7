"""The global `Stripe`: what it refuses, what it resolves with, where it goes."""

import re

import pytest

from tests.contract.elements.steps import fill_card, mount


def test_a_spent_client_secret_is_refused(shop, card_frame, sandbox):
    intent = sandbox.setup_intent(payment_method="pm_card_visa", confirm="true")
    assert intent["status"] == "succeeded"
    mount(shop, intent)
    error = shop.evaluate("events.find((event) => event.name === 'loaderror')")["error"]
    assert error["code"] == "setup_intent_unexpected_state"
    assert shop.evaluate("events.some((event) => event.name === 'ready')") is False
    assert shop.evaluate("confirm()")["error"]["code"] == "setup_intent_unexpected_state"


def test_a_wrong_client_secret_is_refused(shop, sandbox):
    intent = sandbox.setup_intent()
    mount(shop, {"client_secret": f"{intent['id']}_secret_wrong"})
    error = shop.evaluate("events.find((event) => event.name === 'loaderror')")["error"]
    assert error["type"] == "invalid_request_error"


def test_redirect_always_goes_to_the_return_url(shop, card_frame, sandbox):
    intent = sandbox.setup_intent()
    mount(shop, intent)
    fill_card(card_frame)
    shop.evaluate("() => { window.confirm({ redirect: 'always' }); }")
    shop.wait_for_url(re.compile(rf"/return\?setup_intent={intent['id']}&.*redirect_status=succeeded"))


def test_an_intent_can_be_retrieved(shop, sandbox):
    intent = sandbox.setup_intent()
    got = shop.evaluate("(secret) => Stripe('pk_test_sandbox').retrieveSetupIntent(secret)", intent["client_secret"])
    assert got["setupIntent"]["id"] == intent["id"]
    assert "customer" not in got["setupIntent"] or got["setupIntent"]["customer"] is None


def test_a_payment_intent_can_be_confirmed_with_the_card_form(shop, card_frame, sandbox):
    payment = sandbox.api(
        "POST", "/v1/payment_intents", amount=4900, currency="usd", **{"automatic_payment_methods[enabled]": "true"}
    )
    mount(shop, payment)
    fill_card(card_frame)
    result = shop.evaluate(
        "attempt(() => stripe.confirmPayment({ elements, redirect: 'if_required', "
        "confirmParams: { return_url: location.origin + '/return' } }))"
    )
    assert result["paymentIntent"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("work", "words"),
    [
        ("Stripe('sk_test_sandbox')", "secret key"),
        ("Stripe('pk_live_1')", "refuses live keys"),
        ("Stripe('pk_test_sandbox').elements({ clientSecret: '' })", "clientSecret should be a client secret"),
        (
            "Stripe('pk_test_sandbox').elements({ mode: 'setup', currency: 'usd', paymentMethodTypes: ['card'] })",
            "no lon",
        ),
        ("Stripe('pk_test_sandbox').handleCardSetup()", "was removed"),
        ("Stripe('pk_test_sandbox').confirmSetup({ redirect: 'always' })", "return_url"),
        (
            "stripe.confirmSetup({ elements: stripe.elements(options), redirect: 'if_required' })",
            "mounted Payment Element",
        ),
        ("stripe.elements(options).create('payment').mount('#nowhere')", "applies to no DOM elements"),
        ("stripe.handleNextAction(options)", "not in the requires_action state"),
        ("stripe.createConfirmationToken({})", "needs elements"),
        ("stripe.createPaymentMethod({})", "either elements or a type"),
        ("stripe.createPaymentMethod({ type: 'card', card: { number: '4242424242424242' } })", "Payment Element only"),
        ("stripe.createPaymentMethod({ elements: stripe.elements(options) })", 'paymentMethodCreation: "manual"'),
        ("stripe.elements({ mode: 'payment', currency: 'usd' })", "needs an amount"),
        (
            "stripe.confirmSetup({ elements: stripe.elements({ mode: 'setup', currency: 'usd' }), "
            "clientSecret: options.clientSecret, redirect: 'if_required' })",
            "elements.submit() must be called before",
        ),
    ],
)
def test_mistakes_of_the_page_are_thrown(shop, sandbox, work, words):
    secret = sandbox.setup_intent()["client_secret"]
    shop.evaluate(
        "(clientSecret) => { window.stripe = Stripe('pk_test_sandbox'); window.options = { clientSecret }; }", secret
    )
    got = shop.evaluate(f"attempt(() => {work})")
    assert got["thrown"] == "IntegrationError"
    assert words in got["message"]


def test_a_payment_method_is_made_without_an_intent(shop, card_frame, sandbox):
    shop.evaluate("mountPayment({ mode: 'setup', currency: 'usd', paymentMethodCreation: 'manual' })")
    fill_card(card_frame)
    assert "error" not in shop.evaluate("elements.submit()")
    made = shop.evaluate(
        "stripe.createPaymentMethod({ elements, params: { billing_details: { name: 'Ada Example' } } })"
    )
    stored = sandbox.api("GET", f"/v1/payment_methods/{made['paymentMethod']['id']}")
    assert (stored["card"]["last4"], stored["billing_details"]["name"]) == ("4242", "Ada Example")


def test_a_confirmation_token_confirms_in_the_page(shop, card_frame, sandbox):
    shop.evaluate("mountPayment({ mode: 'setup', currency: 'usd' })")
    fill_card(card_frame)
    early = shop.evaluate("attempt(() => stripe.createConfirmationToken({ elements }))")
    assert "elements.submit() must be called before" in early["message"]
    shop.evaluate("elements.submit()")
    made = shop.evaluate(
        "stripe.createConfirmationToken({ elements, params: { return_url: location.origin + '/return' } })"
    )
    token = made["confirmationToken"]
    assert (token["object"], token["payment_method_preview"]["card"]["last4"]) == ("confirmation_token", "4242")
    result = shop.evaluate(
        "([clientSecret, confirmation_token]) => "
        "stripe.confirmSetup({ clientSecret, redirect: 'if_required', confirmParams: { confirmation_token } })",
        [sandbox.setup_intent()["client_secret"], token["id"]],
    )
    assert result["setupIntent"]["status"] == "succeeded"


def test_a_confirmation_token_is_for_a_server_too(shop, card_frame, sandbox):
    shop.evaluate("mountPayment({ mode: 'payment', currency: 'usd', amount: 4900 })")
    fill_card(card_frame, "4000 0000 0000 0341")
    shop.evaluate("elements.submit()")
    made = shop.evaluate("stripe.createConfirmationToken({ elements })")
    done = sandbox.setup_intent(confirm="true", confirmation_token=made["confirmationToken"]["id"])
    assert done["status"] == "succeeded"


def test_the_deferred_flow_takes_its_secret_at_the_end(shop, card_frame, sandbox):
    shop.evaluate("mountPayment({ mode: 'setup', currency: 'usd', setupFutureUsage: 'off_session' })")
    fill_card(card_frame)
    assert shop.evaluate("elements.submit()") == {"selectedPaymentMethod": "card"}
    intent = sandbox.setup_intent()
    result = shop.evaluate("(clientSecret) => confirm({ clientSecret })", intent["client_secret"])
    assert result["setupIntent"]["status"] == "succeeded"


def test_a_fault_at_loading_is_a_load_error(shop, sandbox):
    fault = {"provider": "stripe", "operation": "GET /v1/setup_intents/{id}", "kind": "status", "status": 500}
    sandbox.console("POST", "/api/faults", fault)
    mount(shop, sandbox.setup_intent())
    error = shop.evaluate("events.find((event) => event.name === 'loaderror')")["error"]
    assert error["type"] == "api_error"


def test_an_error_has_what_stripe_documents(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame, "4000 0000 0000 9995")
    error = shop.evaluate("confirm()")["error"]
    assert {
        "type",
        "code",
        "decline_code",
        "message",
        "doc_url",
        "request_log_url",
        "setup_intent",
        "payment_method",
    } <= set(error)
    assert error["payment_method"]["card"]["last4"] == "9995"


def test_stripe_out_of_reach_is_a_connection_error(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame)
    sandbox.console("POST", "/api/scenarios/stripe_down")
    assert shop.evaluate("confirm()")["error"]["type"] == "api_connection_error"
    sandbox.console("POST", "/api/scenarios/calm")
    assert shop.evaluate("confirm()")["setupIntent"]["status"] == "succeeded"
