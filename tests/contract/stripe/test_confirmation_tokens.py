"""Confirmation tokens: what a form has collected, to confirm one intent with."""

import pytest
import requests
import stripe

from tests.contract.stripe.schema import object_problems
from tests.contract.stripe.side import PUBLISHABLE_KEY

RETURN_URL = "http://127.0.0.1/return"
TYPED = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242",
    "payment_method_data[card][exp_month]": "12",
    "payment_method_data[card][exp_year]": "34",
    "return_url": RETURN_URL,
    "setup_future_usage": "off_session",
}


@pytest.fixture
def make(side):
    """As Stripe.js does, from typed card data."""

    def make(key=PUBLISHABLE_KEY):
        return requests.post(f"{side.url}/v1/confirmation_tokens", data=TYPED, auth=(key, ""), timeout=5)

    return make


@pytest.fixture
def token(make):
    return make().json()


def intent_of(client, customer):
    return client.v1.setup_intents.create({"customer": customer.id})


def test_the_browser_makes_one_and_a_server_reads_it(client, token):
    found = client.v1.confirmation_tokens.retrieve(token["id"])
    assert object_problems("confirmation_token", found.to_dict()) == []
    assert (found.payment_method_preview.card.last4, found.return_url) == ("4242", RETURN_URL)
    assert found.expires_at - found.created == 12 * 3600


def test_it_confirms_a_setup_intent_once(client, customer, token):
    intent = intent_of(client, customer)
    done = client.v1.setup_intents.confirm(intent.id, {"confirmation_token": token["id"]})
    assert done.status == "succeeded"
    assert client.v1.payment_methods.retrieve(done.payment_method).customer == customer.id
    assert client.v1.confirmation_tokens.retrieve(token["id"]).setup_intent == intent.id
    with pytest.raises(stripe.InvalidRequestError, match="already been used"):
        client.v1.setup_intents.confirm(intent_of(client, customer).id, {"confirmation_token": token["id"]})


def test_it_pays_and_its_wish_to_save_the_card_counts(client, customer, token):
    order = {"amount": 4900, "currency": "usd", "customer": customer.id, "confirm": True}
    paid = client.v1.payment_intents.create(order | {"confirmation_token": token["id"]})
    assert (paid.status, paid.setup_future_usage) == ("succeeded", "off_session")


def test_without_a_confirmation_it_is_not_taken(client, customer, token):
    with pytest.raises(stripe.InvalidRequestError, match="confirm=true"):
        client.v1.setup_intents.create({"customer": customer.id, "confirmation_token": token["id"]})


def test_it_goes_with_no_other_payment_method(client, customer, token):
    both = {"confirmation_token": token["id"], "payment_method": "pm_card_visa"}
    with pytest.raises(stripe.InvalidRequestError, match="together with a confirmation token"):
        client.v1.setup_intents.confirm(intent_of(client, customer).id, both)


def test_after_twelve_hours_it_is_over(side, client, customer, token):
    side.advance(hours=12)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.setup_intents.confirm(intent_of(client, customer).id, {"confirmation_token": token["id"]})


def test_servers_have_the_test_helper(client, make):
    assert make(key="sk_test_sandbox").status_code == 403
    made = client.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    assert made.payment_method_preview.card.brand == "visa"
    assert client.v1.confirmation_tokens.retrieve(made.id).use_stripe_sdk is False
