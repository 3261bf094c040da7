"""Products, subscriptions, their first invoices, changes, and payments."""

from typing import Any

import pytest

from tests.contract.stripe.behaviours.doors import Door
from tests.contract.stripe.behaviours.names import shows
from tests.contract.stripe.behaviours.steps import RETURN_URL, Steps, card_data, payment_intent, refused

FAILING = "pm_card_chargeCustomerFail"


@shows("product-and-price")
def test_products_and_prices(door: Door) -> None:
    product = door("products.create", name="Pro", metadata={"plan": "pro"})
    changed = door("products.update", product["id"], description="For teams")
    assert (changed["description"], changed["metadata"]) == ("For teams", {"plan": "pro"})
    recurring = {"interval": "year", "interval_count": 1}
    price = door(
        "prices.create",
        product=product["id"],
        currency="eur",
        unit_amount=47000,
        recurring=recurring,
        lookup_key="pro-annual",
    )
    assert (price["type"], price["recurring"]["interval"], price["unit_amount"]) == ("recurring", "year", 47000)
    found = door("prices.list", lookup_keys=["pro-annual"], expand=["data.product"])["data"]
    assert [each["product"]["name"] for each in found] == ["Pro"]
    assert door("prices.retrieve", price["id"])["product"] == product["id"]
    assert [each["id"] for each in door("products.list", active=True)["data"]] == [product["id"]]


@shows("subscription-active")
def test_a_saved_card_makes_it_active(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    steps.save_card(customer)
    made = steps.subscribe(customer, price)
    item = made["items"]["data"][0]
    assert (made["status"], made["billing_mode"]["type"]) == ("active", "flexible")
    assert item["current_period_end"] > item["current_period_start"]
    assert "current_period_end" not in made
    invoice = made["latest_invoice"]
    assert (invoice["status"], invoice["amount_paid"], payment_intent(made)["status"]) == ("paid", 4900, "succeeded")
    assert invoice["parent"]["subscription_details"]["subscription"] == made["id"]
    payments = door("invoice_payments.list", invoice=invoice["id"])["data"]
    assert [each["status"] for each in payments] == ["paid"]
    assert door("subscriptions.list", customer=customer["id"])["data"][0]["id"] == made["id"]


@shows("default-incomplete")
def test_the_browser_pays_the_first_invoice(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    made = steps.subscribe(customer, price, payment_behavior="default_incomplete")
    assert (made["status"], made["latest_invoice"]["status"]) == ("incomplete", "open")
    secret = made["latest_invoice"]["confirmation_secret"]["client_secret"]
    intent = payment_intent(made)
    assert (intent["status"], intent["client_secret"]) == ("requires_payment_method", secret)
    done = door.browser()("payment_intents.confirm", intent["id"], **card_data("4242424242424242", secret))
    assert done["status"] == "succeeded"
    assert door("subscriptions.retrieve", made["id"])["status"] == "active"
    assert door("invoices.retrieve", made["latest_invoice"]["id"])["status"] == "paid"


@shows("charge-fails")
def test_another_card_pays_after_a_failed_charge(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    steps.attach(customer, FAILING)
    made = steps.subscribe(customer, price)
    invoice = made["latest_invoice"]
    assert (made["status"], invoice["status"]) == ("incomplete", "open")
    assert payment_intent(made)["last_payment_error"]["code"] == "card_declined"
    assert refused(door, "invoices.pay", invoice["id"]).code == "card_declined"
    card = door("payment_methods.attach", "pm_card_visa", customer=customer["id"])
    paid = door("invoices.pay", invoice["id"], payment_method=card["id"])
    assert (paid["status"], paid["amount_remaining"]) == ("paid", 0)
    assert door("subscriptions.retrieve", made["id"])["status"] == "active"
    charges = door("charges.list", customer=customer["id"])["data"]
    assert [each["status"] for each in charges] == ["succeeded", "failed", "failed"]


@shows("error-if-incomplete")
def test_error_if_incomplete_creates_nothing(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    steps.attach(customer, FAILING)
    fields = {"customer": customer["id"], "items": [{"price": price["id"]}]}
    error = refused(door, "subscriptions.create", payment_behavior="error_if_incomplete", **fields)
    assert (error.status, error.kind, error.code) == (402, "card_error", "card_declined")
    assert door("subscriptions.list", status="all")["data"] == []
    assert door("invoices.list")["data"] == []


@shows("first-invoice-3d-secure")
@pytest.mark.parametrize(("outcome", "status"), [("accept", "active"), ("refuse", "incomplete")])
def test_the_first_invoice_waits_for_the_customer(
    door: Door, steps: Steps, customer: Any, price: Any, outcome: str, status: str
) -> None:
    steps.save_card(customer, "pm_card_authenticationRequired")
    made = steps.subscribe(customer, price)
    intent = payment_intent(made)
    assert (made["status"], intent["status"]) == ("incomplete", "requires_action")
    assert made["latest_invoice"]["confirmation_secret"]["client_secret"] == intent["client_secret"]
    steps.authenticate(intent, outcome)
    assert door("subscriptions.retrieve", made["id"])["status"] == status
    kinds = {each["type"] for each in door("events.list", limit=100)["data"]}
    assert {"invoice.payment_action_required", "payment_intent.requires_action"} <= kinds


@shows("trial-and-cancel")
def test_a_trial_is_unbilled_and_cancelled(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    steps.save_card(customer)
    made = steps.subscribe(customer, price, trial_period_days=14)
    assert (made["status"], made["latest_invoice"]["total"]) == ("trialing", 0)
    assert made["trial_end"] - made["trial_start"] == 14 * 86400
    planned = door("subscriptions.update", made["id"], cancel_at_period_end=True)
    assert (planned["status"], planned["cancel_at"]) == ("trialing", made["trial_end"])
    gone = door("subscriptions.cancel", made["id"], cancellation_details={"comment": "too early"})
    assert (gone["status"], gone["cancellation_details"]["comment"]) == ("canceled", "too early")
    assert refused(door, "subscriptions.cancel", made["id"]).code == "resource_missing"
    assert door("charges.list", customer=customer["id"])["data"] == []


@shows("quantity-update")
def test_another_quantity_is_prorated(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    steps.save_card(customer)
    made = steps.subscribe(customer, price)
    items = [{"id": made["items"]["data"][0]["id"], "quantity": 3}]
    change = {"items": items, "proration_behavior": "always_invoice"}
    preview = door("invoices.create_preview", subscription=made["id"], subscription_details=change)
    changed = door("subscriptions.update", made["id"], expand=["latest_invoice"], **change)
    invoice = changed["latest_invoice"]
    assert changed["items"]["data"][0]["quantity"] == 3
    assert (invoice["billing_reason"], invoice["status"]) == ("subscription_update", "paid")
    assert invoice["total"] == pytest.approx(9800, abs=2)
    assert invoice["total"] == pytest.approx(preview["total"], abs=2)
    assert all(line["parent"]["subscription_item_details"]["proration"] for line in invoice["lines"]["data"])


@shows("pay-paid-invoice")
def test_a_paid_invoice_is_not_paid_again(door: Door, steps: Steps, customer: Any, price: Any) -> None:
    steps.save_card(customer)
    invoice = steps.subscribe(customer, price)["latest_invoice"]
    error = refused(door, "invoices.pay", invoice["id"])
    assert (error.status, error.error["message"]) == (400, "Invoice is already paid")
    assert len(door("charges.list", customer=customer["id"])["data"]) == 1


@shows("payment-intent")
def test_payment_intents(door: Door, customer: Any) -> None:
    about = {"amount": 1500, "currency": "usd", "customer": customer["id"]}
    made = door("payment_intents.create", payment_method="pm_card_visa", **about)
    assert (made["status"], made["amount_received"]) == ("requires_confirmation", 0)
    confirmed = {"return_url": RETURN_URL, "expand": ["latest_charge"]}
    done = door("payment_intents.confirm", made["id"], **confirmed)
    assert (done["status"], done["amount_received"], done["latest_charge"]["paid"]) == ("succeeded", 1500, True)
    error = refused(door, "payment_intents.confirm", made["id"], payment_method="pm_card_visa")
    assert error.code == "payment_intent_unexpected_state"
    card = {"payment_method": "pm_card_visa_chargeDeclined", "confirm": True, "return_url": RETURN_URL}
    declined = refused(door, "payment_intents.create", **about, **card)
    assert (declined.status, declined.error["payment_intent"]["status"]) == (402, "requires_payment_method")
    other = declined.error["payment_intent"]["id"]
    assert door("payment_intents.cancel", other)["status"] == "canceled"
    listed = door("payment_intents.list", customer=customer["id"])["data"]
    assert [each["status"] for each in listed] == ["canceled", "succeeded"]
    charges = door("charges.list", payment_intent=made["id"])["data"]
    assert [each["outcome"]["network_status"] for each in charges] == ["approved_by_network"]
    assert refused(door, "payment_intents.create", currency="usd").error["param"] == "amount"
