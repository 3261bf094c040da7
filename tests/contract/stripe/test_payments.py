"""PaymentIntents by themselves, the hosted invoice page, invoices that are voided or paid elsewhere."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.stripe.conftest import Browser, set_up_card
from tests.contract.stripe.test_subscriptions import charge_failing_card, subscribe


def test_a_payment_is_confirmed_by_a_server(client: stripe.StripeClient, customer: Any) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 1500, "currency": "usd", "customer": customer.id, "payment_method": "pm_card_visa"}
    )
    assert intent.status == "requires_confirmation"
    done = client.v1.payment_intents.confirm(
        intent.id, {"return_url": "http://127.0.0.1/x", "expand": ["latest_charge"]}
    )
    assert (done.status, done.amount_received) == ("succeeded", 1500)
    assert done.latest_charge.outcome.network_status == "approved_by_network"


def test_a_decline_names_the_charge(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as raised:
        client.v1.payment_intents.create(
            {
                "amount": 1500,
                "currency": "usd",
                "payment_method": "pm_card_visa_chargeDeclined",
                "confirm": True,
            }
        )
    charge = client.v1.charges.retrieve(raised.value.error.charge)
    assert (charge.status, charge.failure_code) == ("failed", "card_declined")


@pytest.mark.parametrize(("outcome", "status"), [("accept", "succeeded"), ("refuse", "requires_payment_method")])
def test_the_browser_authenticates_a_payment(
    client: stripe.StripeClient, browser: Browser, outcome: str, status: str
) -> None:
    intent = client.v1.payment_intents.create({"amount": 1500, "currency": "usd"})
    assert browser.confirm(intent, "4000002760003184").json()["status"] == "requires_action"
    browser.authenticate(intent, outcome)
    assert client.v1.payment_intents.retrieve(intent.id).status == status


def test_nobody_can_authenticate_off_session(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as raised:
        client.v1.payment_intents.create(
            {
                "amount": 1500,
                "currency": "usd",
                "payment_method": "pm_card_authenticationRequired",
                "confirm": True,
                "off_session": True,
            }
        )
    assert raised.value.code == "authentication_required"


def test_a_payment_is_cancelled(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 1500, "currency": "usd"})
    assert client.v1.payment_intents.cancel(intent.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent.id)


def test_the_hosted_page_takes_another_card(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    charge_failing_card(client, customer)
    invoice = subscribe(client, customer, price).latest_invoice
    form = {"number": "4000000000000002", "expiry": "12 / 40", "cvc": "123"}
    declined = requests.post(invoice.hosted_invoice_url, data=form, timeout=5)
    assert (declined.status_code, "Your card was declined." in declined.text) == (402, True)
    form["number"] = "4242 4242 4242 4242"
    paid = requests.post(invoice.hosted_invoice_url, data=form, timeout=5)
    assert "paid" in paid.text
    assert client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_an_invoice_is_voided_or_paid_elsewhere(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    charge_failing_card(client, customer)
    voided = client.v1.invoices.void_invoice(subscribe(client, customer, price).latest_invoice.id)
    assert voided.status == "void"
    made = subscribe(client, customer, price)
    paid = client.v1.invoices.pay(made.latest_invoice.id, {"paid_out_of_band": True})
    assert paid.status == "paid"
    assert client.v1.subscriptions.retrieve(made.id).status == "active"


def test_invoice_payments_are_listed(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    invoice = subscribe(client, customer, price).latest_invoice
    payments = client.v1.invoice_payments.list({"invoice": invoice.id, "expand": ["data.invoice"]}).data
    assert [each.status for each in payments] == ["paid"]
    assert payments[0].payment.payment_intent is not None


def test_a_draft_is_finalized(client: stripe.StripeClient, customer: Any) -> None:
    draft = client.v1.invoices.create({"customer": customer.id})
    assert draft.status == "draft"
    assert client.v1.invoices.finalize_invoice(draft.id).status == "paid"
