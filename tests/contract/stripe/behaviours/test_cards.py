"""Saving a card: SetupIntents, payment methods, declines, 3-D Secure, sessions, and Stripe.js's own wire."""

from typing import Any

import pytest
import requests

from tests.contract.stripe.behaviours.doors import Door
from tests.contract.stripe.behaviours.names import shows
from tests.contract.stripe.behaviours.steps import RETURN_URL, Steps, card_data, refused

# What Stripe.js resolves with. Source: the type declarations of @stripe/stripe-js
PUBLIC_SETUP_INTENT = {
    *("id", "object", "status", "client_secret", "payment_method", "payment_method_types", "usage", "next_action"),
    *("last_setup_error", "cancellation_reason", "created", "description", "livemode"),
}


@pytest.fixture
def intent(steps: Steps, customer: Any) -> Any:
    return steps.setup_intent(customer)


@shows("setup-intent-create")
def test_a_setup_intent_takes_automatic_methods_only(door: Door, customer: Any, intent: Any) -> None:
    assert (intent["status"], intent["usage"]) == ("requires_payment_method", "off_session")
    assert intent["automatic_payment_methods"] == {"allow_redirects": "always", "enabled": True}
    assert intent["client_secret"].startswith(f"{intent['id']}_secret_")
    error = refused(door, "setup_intents.create", customer=customer["id"], payment_method_types=["card"])
    assert (error.status, error.code) == (400, "payment_method_types_no_longer_supported")
    chosen = door("setup_intents.create", allowed_payment_method_types=["card"])
    assert (chosen["payment_method_types"], chosen["automatic_payment_methods"]) == (["card"], None)
    assert [each["id"] for each in door("setup_intents.list", customer=customer["id"])["data"]] == [intent["id"]]


@shows("setup-intent-confirm")
def test_a_confirmed_card_is_attached(door: Door, customer: Any, intent: Any) -> None:
    done = door("setup_intents.confirm", intent["id"], payment_method="pm_card_visa", return_url=RETURN_URL)
    assert done["status"] == "succeeded"
    method = door("payment_methods.retrieve", done["payment_method"])
    assert (method["customer"], method["card"]["last4"]) == (customer["id"], "4242")
    error = refused(door, "setup_intents.confirm", intent["id"], payment_method="pm_card_mastercard")
    assert error.code == "setup_intent_unexpected_state"
    assert error.error["setup_intent"]["status"] == "succeeded"


@shows("setup-intent-confirm")
def test_a_server_names_a_return_url_or_takes_no_redirects(
    door: Door, intent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door.side.world.settings, "need_return_url", True)
    error = refused(door, "setup_intents.confirm", intent["id"], payment_method="pm_card_visa")
    assert "you must provide a `return_url`" in error.error["message"]
    methods = {"enabled": True, "allow_redirects": "never"}
    without = door("setup_intents.create", automatic_payment_methods=methods)
    assert door("setup_intents.confirm", without["id"], payment_method="pm_card_visa")["status"] == "succeeded"


@shows("setup-intent-client-side")
def test_the_browser_confirms_with_its_secret(door: Door, intent: Any) -> None:
    browser, secret = door.browser(), intent["client_secret"]
    wrong = refused(browser, "setup_intents.retrieve", intent["id"], client_secret=f"{intent['id']}_secret_wrong")
    assert wrong.status == 400
    assert refused(browser, "setup_intents.confirm", intent["id"], payment_method="pm_card_visa").status == 400
    done = browser("setup_intents.confirm", intent["id"], **card_data("5555555555554444", secret))
    assert (done["status"], "metadata" in done, "customer" in done) == ("succeeded", False, False)
    assert door("payment_methods.retrieve", done["payment_method"])["card"]["last4"] == "4444"


@shows("setup-intent-decline")
def test_a_decline_shows_the_intent(door: Door, intent: Any) -> None:
    card = {"payment_method": "pm_card_visa_chargeDeclined", "return_url": RETURN_URL}
    error = refused(door, "setup_intents.confirm", intent["id"], **card)
    assert (error.status, error.kind, error.code) == (402, "card_error", "card_declined")
    assert error.error["decline_code"] == "generic_decline"
    assert error.error["setup_intent"]["status"] == "requires_payment_method"
    after = door("setup_intents.retrieve", intent["id"], expand=["latest_attempt"])
    assert after["last_setup_error"]["decline_code"] == "generic_decline"
    assert after["latest_attempt"]["status"] == "failed"
    assert len(door("setup_attempts.list", setup_intent=intent["id"])["data"]) == 1
    done = door("setup_intents.confirm", intent["id"], payment_method="pm_card_visa", return_url=RETURN_URL)
    assert (done["status"], done["last_setup_error"]) == ("succeeded", None)


@shows("decline-by-number")
@pytest.mark.parametrize(
    ("number", "code", "decline"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "processing_error", "processing_error"),
        ("4242424242424241", "incorrect_number", None),
    ],
)
def test_a_number_declines_as_documented(door: Door, intent: Any, number: str, code: str, decline: str | None) -> None:
    secret = intent["client_secret"]
    error = refused(door.browser(), "setup_intents.confirm", intent["id"], **card_data(number, secret))
    assert (error.status, error.kind, error.code) == (402, "card_error", code)
    assert error.error.get("decline_code") == decline
    assert number not in str(error.error)


@shows("setup-intent-3d-secure")
@pytest.mark.parametrize(("outcome", "status"), [("accept", "succeeded"), ("refuse", "requires_payment_method")])
def test_the_customer_authenticates(door: Door, steps: Steps, intent: Any, outcome: str, status: str) -> None:
    card = {"payment_method": "pm_card_authenticationRequiredOnSetup", "use_stripe_sdk": True}
    asked = door("setup_intents.confirm", intent["id"], **card)
    assert (asked["status"], asked["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    steps.authenticate(intent, outcome)
    after = door("setup_intents.retrieve", intent["id"])
    assert (after["status"], after["next_action"]) == (status, None)
    if outcome == "refuse":
        assert after["last_setup_error"]["code"] == "setup_intent_authentication_failure"


@shows("setup-intent-3d-secure")
def test_a_server_is_sent_to_a_page_of_the_bank(door: Door, intent: Any) -> None:
    card = {"payment_method": "pm_card_authenticationRequired", "return_url": RETURN_URL}
    asked = door("setup_intents.confirm", intent["id"], **card)
    assert asked["next_action"]["type"] == "redirect_to_url"
    assert asked["next_action"]["redirect_to_url"]["return_url"] == RETURN_URL


@shows("setup-intent-cancel")
def test_a_cancelled_intent_stays_cancelled(door: Door, intent: Any) -> None:
    cancelled = door("setup_intents.cancel", intent["id"], cancellation_reason="abandoned")
    assert (cancelled["status"], cancelled["cancellation_reason"]) == ("canceled", "abandoned")
    error = refused(door, "setup_intents.confirm", intent["id"], payment_method="pm_card_visa")
    assert (error.status, error.code) == (400, "setup_intent_unexpected_state")
    assert refused(door, "setup_intents.cancel", intent["id"]).code == "setup_intent_unexpected_state"


@shows("payment-method-attach")
def test_cards_are_attached_made_default_and_detached(door: Door, steps: Steps, customer: Any) -> None:
    method = steps.attach(customer, "pm_card_mastercard")
    other = door("payment_methods.attach", "pm_card_mastercard", customer=customer["id"])
    assert method != other["id"]
    listed = door("customers.payment_methods.list", customer["id"], type="card")
    assert [each["id"] for each in listed["data"]] == [other["id"], method]
    shown = door("customers.retrieve", customer["id"])
    assert shown["invoice_settings"]["default_payment_method"] == method
    assert door("payment_methods.detach", method)["customer"] is None
    shown = door("customers.retrieve", customer["id"])
    assert shown["invoice_settings"]["default_payment_method"] is None
    assert refused(door, "payment_methods.detach", method).status == 400


@shows("declining-card-attach")
def test_a_declining_card_is_not_attached(door: Door, customer: Any) -> None:
    error = refused(door, "payment_methods.attach", "pm_card_visa_chargeDeclined", customer=customer["id"])
    assert (error.status, error.code, error.error["decline_code"]) == (402, "card_declined", "generic_decline")
    assert door("customers.payment_methods.list", customer["id"])["data"] == []


@shows("customer-session")
def test_a_customer_session_has_its_components(door: Door, customer: Any) -> None:
    features = {"payment_method_redisplay": "enabled", "payment_method_save": "enabled"}
    components = {"payment_element": {"enabled": True, "features": features}}
    session = door("customer_sessions.create", customer=customer["id"], components=components)
    made = session["components"]["payment_element"]["features"]
    assert (made["payment_method_redisplay"], made["payment_method_remove"]) == ("enabled", "disabled")
    assert (made["payment_method_allow_redisplay_filters"], made["payment_method_redisplay_limit"]) == (["always"], 3)
    assert session["expires_at"] > session["created"]
    again = door("customer_sessions.create", customer=customer["id"], components=components)
    assert again["client_secret"] != session["client_secret"]
    missing = refused(door, "customer_sessions.create", customer="cus_none", components=components)
    assert missing.code == "resource_missing"


@shows("stripe-js")
def test_stripe_js_is_served_and_its_wire_works(door: Door, intent: Any) -> None:
    """How it looks and behaves in a browser is shown by tests/contract/elements."""
    script = requests.get(f"{door.side.url}/endive/stripe.js", timeout=5)
    assert (script.status_code, script.headers["content-type"].split(";")[0]) == (200, "text/javascript")
    for name in ("confirmSetup", "confirmPayment", "handleNextAction", "retrieveSetupIntent", "elements"):
        assert name in script.text
    origin = {"Origin": "http://127.0.0.1:8000"}
    page = f"{door.side.url}/elements/payment.html"
    frame = requests.get(page, params={"parent": origin["Origin"]}, timeout=5)
    assert (frame.status_code, "frame-ancestors" in frame.headers["content-security-policy"]) == (200, True)
    shown = door.browser()("setup_intents.retrieve", intent["id"], client_secret=intent["client_secret"])
    assert shown.keys() >= PUBLIC_SETUP_INTENT
    path = f"{door.side.url}/v1/setup_intents/{intent['id']}"
    allowed = requests.get(path, params={"client_secret": intent["client_secret"]}, headers=origin, timeout=5)
    assert allowed.headers["access-control-allow-origin"] == origin["Origin"]
