"""What several behaviours begin with, through whichever door."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.contract.stripe.behaviours.doors import Answer, Door, Refused

EXPAND = ["latest_invoice.confirmation_secret", "latest_invoice.payments.data.payment.payment_intent"]
RETURN_URL = "http://127.0.0.1/done"


@dataclass
class Steps:
    door: Door

    def price(self, amount: int) -> Answer:
        product = self.door("products.create", name="Pro")
        recurring = {"interval": "month"}
        return self.door(
            "prices.create", product=product["id"], currency="usd", unit_amount=amount, recurring=recurring
        )

    def setup_intent(self, customer: Any) -> Answer:
        return self.door(
            "setup_intents.create",
            customer=customer["id"],
            automatic_payment_methods={"enabled": True},
            usage="off_session",
        )

    def save_card(self, customer: Any, card: str = "pm_card_visa") -> str:
        """By a SetupIntent, authenticated if need be, and made the default."""
        intent = self.setup_intent(customer)
        done = self.door("setup_intents.confirm", intent["id"], payment_method=card, return_url=RETURN_URL)
        if done["status"] == "requires_action":
            self.authenticate(intent, "accept")
            done = self.door("setup_intents.retrieve", intent["id"])
        return self.make_default(customer, done["payment_method"])

    def attach(self, customer: Any, card: str) -> str:
        method = self.door("payment_methods.attach", card, customer=customer["id"])
        return self.make_default(customer, method["id"])

    def make_default(self, customer: Any, method_id: str) -> str:
        settings = {"default_payment_method": method_id}
        self.door("customers.update", customer["id"], invoice_settings=settings)
        return method_id

    def subscribe(self, customer: Any, price: Any, **more: Any) -> Answer:
        items = [{"price": price["id"]}]
        return self.door("subscriptions.create", customer=customer["id"], items=items, expand=EXPAND, **more)

    def authenticate(self, intent: Any, outcome: str) -> Any:
        """What the customer does on the bank's page."""
        form = {"client_secret": intent["client_secret"], "outcome": outcome}
        return requests.post(f"{self.door.side.url}/sandbox/3ds/{intent['id']}", data=form, timeout=5).json()


def payment_intent(subscription: Any) -> Any:
    return subscription["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]


def refused(door: Door, operation: str, *ids: str, **params: Any) -> Refused:
    with pytest.raises(Refused) as raised:
        door(operation, *ids, **params)
    return raised.value


def card_data(number: str, secret: str) -> dict[str, Any]:
    """What Stripe.js sends when a number was typed."""
    card = {"number": number, "exp_month": "12", "exp_year": "40", "cvc": "123"}
    return {"client_secret": secret, "payment_method_data": {"type": "card", "card": card}, "use_stripe_sdk": True}
