"""Stripe's side on a free port, fresh for each test, with the official SDK pointed at it."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.contract.stripe.side import PUBLISHABLE_KEY, StripeSide


@pytest.fixture(scope="session")
def running_side() -> Iterator[StripeSide]:
    side = StripeSide()
    side.start()
    yield side
    side.stop()


@pytest.fixture
def side(running_side: StripeSide) -> StripeSide:
    running_side.run(running_side.world.reset())
    return running_side


@pytest.fixture
def client(side: StripeSide) -> stripe.StripeClient:
    return side.client()


@pytest.fixture
def browser(side: StripeSide) -> "Browser":
    return Browser(side)


@pytest.fixture
def customer(client: stripe.StripeClient) -> Any:
    return client.v1.customers.create({"email": "ada@example.com"})


@pytest.fixture
def price(client: stripe.StripeClient) -> Any:
    return make_price(client, 4900)


class Browser:
    """What Stripe.js does: the publishable key and a client secret."""

    def __init__(self, side: StripeSide) -> None:
        self._side = side

    def post(self, path: str, key: str = PUBLISHABLE_KEY, **form: str) -> Any:
        import requests

        return requests.post(f"{self._side.url}{path}", data={"key": key, **form}, timeout=5)

    def get(self, path: str, **query: str) -> Any:
        import requests

        return requests.get(f"{self._side.url}{path}", params={"key": PUBLISHABLE_KEY, **query}, timeout=5)

    def confirm(self, intent: Any, number: str, cvc: str = "123") -> Any:
        kind = "setup_intents" if intent.object == "setup_intent" else "payment_intents"
        form = {
            "client_secret": intent.client_secret,
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": number,
            "payment_method_data[card][exp_month]": "12",
            "payment_method_data[card][exp_year]": "40",
            "payment_method_data[card][cvc]": cvc,
            "use_stripe_sdk": "true",
        }
        return self.post(f"/v1/{kind}/{intent.id}/confirm", **form)

    def authenticate(self, intent: Any, outcome: str) -> Any:
        secret = intent.client_secret
        return self.post(f"/sandbox/3ds/{intent.id}", client_secret=secret, outcome=outcome)


def make_price(client: stripe.StripeClient, amount: int, interval: str = "month") -> Any:
    product = client.v1.products.create({"name": "Pro"})
    return client.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": interval},
        }
    )


def set_up_card(client: stripe.StripeClient, customer: Any, card: str = "pm_card_visa") -> Any:
    """A card saved through a SetupIntent and made the default."""
    intent = client.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": {"enabled": True}})
    intent = client.v1.setup_intents.confirm(intent.id, {"payment_method": card, "return_url": "http://127.0.0.1/done"})
    if intent.status == "succeeded":
        set_default(client, customer, intent.payment_method)
    return intent


def set_default(client: stripe.StripeClient, customer: Any, method_id: str) -> None:
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method_id}})
