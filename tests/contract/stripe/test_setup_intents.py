"""Saving a card: by a server, by Stripe.js, with declines and 3-D Secure."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.conftest import Browser, set_up_card
from tests.contract.stripe.side import StripeSide


@pytest.fixture
def intent(client: stripe.StripeClient, customer: Any) -> Any:
    return client.v1.setup_intents.create(
        {"customer": customer.id, "automatic_payment_methods": {"enabled": True}, "usage": "off_session"}
    )


def test_payment_method_types_are_no_longer_taken(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.setup_intents.create({"payment_method_types": ["card"]})
    assert raised.value.code == "payment_method_types_no_longer_supported"


def test_a_success_attaches_the_card(client: stripe.StripeClient, customer: Any, side: StripeSide) -> None:
    done = set_up_card(client, customer)
    assert done.status == "succeeded"
    assert client.v1.payment_methods.retrieve(done.payment_method).customer == customer.id
    assert {"payment_method.attached", "setup_intent.succeeded"} <= set(side.event_types())
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.setup_intents.confirm(done.id, {"payment_method": "pm_card_mastercard"})
    assert raised.value.code == "setup_intent_unexpected_state"


def test_the_browser_confirms_with_the_secret(client: stripe.StripeClient, intent: Any, browser: Browser) -> None:
    answer = browser.confirm(intent, "5555555555554444").json()
    assert answer["status"] == "succeeded"
    assert "metadata" not in answer
    shown = browser.get(f"/v1/setup_intents/{intent.id}", client_secret=intent.client_secret).json()
    assert shown["payment_method"] == answer["payment_method"]
    assert client.v1.payment_methods.retrieve(answer["payment_method"]).card.last4 == "4444"


def test_a_wrong_secret_opens_nothing(intent: Any, browser: Browser) -> None:
    path = f"/v1/setup_intents/{intent.id}"
    assert browser.get(path, client_secret="seti_x_secret_y").status_code == 400
    assert browser.get(path).status_code == 400
    answer = browser.post(f"{path}/confirm", client_secret="wrong", payment_method="pm_card_visa")
    assert answer.status_code == 400


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
def test_a_declined_card_can_be_replaced(
    client: stripe.StripeClient, intent: Any, browser: Browser, number: str, code: str, decline: str | None
) -> None:
    answer = browser.confirm(intent, number)
    error = answer.json()["error"]
    assert answer.status_code == 402
    assert (error["type"], error["code"], error.get("decline_code")) == ("card_error", code, decline)
    assert client.v1.setup_intents.retrieve(intent.id).status == "requires_payment_method"
    assert browser.confirm(intent, "4242424242424242").json()["status"] == "succeeded"


def test_a_decline_says_what_happened(client: stripe.StripeClient, intent: Any, side: StripeSide) -> None:
    with pytest.raises(stripe.CardError) as raised:
        client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclined"})
    assert raised.value.error.setup_intent.status == "requires_payment_method"
    again = client.v1.setup_intents.retrieve(intent.id, {"expand": ["latest_attempt"]})
    assert again.last_setup_error.decline_code == "generic_decline"
    assert again.latest_attempt.status == "failed"
    assert client.v1.setup_attempts.list({"setup_intent": intent.id}).data[0].setup_error is not None
    assert side.events("setup_intent.setup_failed")


@pytest.mark.parametrize(("outcome", "status"), [("accept", "succeeded"), ("refuse", "requires_payment_method")])
def test_three_d_secure(client: stripe.StripeClient, intent: Any, browser: Browser, outcome: str, status: str) -> None:
    answer = browser.confirm(intent, "4000002500003155").json()
    assert answer["status"] == "requires_action"
    assert answer["next_action"]["type"] == "use_stripe_sdk"
    assert "/elements/3ds?" in answer["next_action"]["use_stripe_sdk"]["stripe_js"]
    assert browser.authenticate(intent, outcome).json()["status"] == status
    after = client.v1.setup_intents.retrieve(intent.id)
    assert after.status == status
    if outcome == "refuse":
        assert after.last_setup_error.code == "setup_intent_authentication_failure"
    assert browser.authenticate(intent, "accept").status_code == 409


def test_a_server_confirms_by_redirect(client: stripe.StripeClient, customer: Any) -> None:
    intent = set_up_card(client, customer, "pm_card_authenticationRequired")
    assert intent.status == "requires_action"
    assert intent.next_action.redirect_to_url.return_url == "http://127.0.0.1/done"


def test_a_cancelled_intent_stays_cancelled(client: stripe.StripeClient, intent: Any) -> None:
    cancelled = client.v1.setup_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert raised.value.code == "setup_intent_unexpected_state"


def test_an_intent_is_updated_and_listed(client: stripe.StripeClient, intent: Any, customer: Any) -> None:
    client.v1.setup_intents.update(intent.id, {"metadata": {"plan": "pro"}, "description": "Pro"})
    listed = client.v1.setup_intents.list({"customer": customer.id})
    assert [each.description for each in listed.data] == ["Pro"]
