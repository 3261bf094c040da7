"""Subscriptions from their first invoice to their end, by the sandbox's clock."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.conftest import Browser, set_default, set_up_card
from tests.contract.stripe.side import StripeSide

EXPAND = ["latest_invoice.confirmation_secret", "latest_invoice.payments.data.payment.payment_intent"]


def subscribe(client: stripe.StripeClient, customer: Any, price: Any, **more: Any) -> Any:
    return client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "expand": EXPAND, **more}
    )


def payment_intent(subscription: Any) -> Any:
    return subscription.latest_invoice.payments.data[0].payment.payment_intent


def charge_failing_card(client: stripe.StripeClient, customer: Any) -> None:
    """4000000000000341 can be saved and fails when charged."""
    method = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    set_default(client, customer, method.id)


def test_a_saved_card_makes_it_active(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    subscription = subscribe(client, customer, price)
    item = subscription.items.data[0]
    assert subscription.status == "active"
    assert item.current_period_end > item.current_period_start
    assert (subscription.latest_invoice.status, subscription.latest_invoice.amount_paid) == ("paid", 4900)
    assert payment_intent(subscription).status == "succeeded"
    assert client.v1.charges.list({"customer": customer.id}).data[0].paid
    expected = {"invoice.paid", "invoice_payment.paid", "charge.succeeded", "customer.subscription.created"}
    assert expected <= set(side.event_types())
    assert side.events("customer.subscription.created")[0]["data"]["object"]["status"] == "active"


def test_without_a_card_nothing_is_created(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        subscribe(client, customer, price)
    assert raised.value.code == "resource_missing"
    assert client.v1.subscriptions.list({"status": "all"}).data == []


def test_default_incomplete_waits_for_the_browser(
    client: stripe.StripeClient, customer: Any, price: Any, browser: Browser, side: StripeSide
) -> None:
    settings: Any = {"save_default_payment_method": "on_subscription"}
    made = subscribe(client, customer, price, payment_behavior="default_incomplete", payment_settings=settings)
    intent = payment_intent(made)
    assert (made.status, made.latest_invoice.status) == ("incomplete", "open")
    assert made.latest_invoice.confirmation_secret.client_secret == intent.client_secret
    assert browser.confirm(intent, "4242424242424242").json()["status"] == "succeeded"
    after = client.v1.subscriptions.retrieve(made.id)
    assert after.status == "active"
    assert after.default_payment_method is not None
    update = side.events("customer.subscription.updated")[-1]
    assert update["data"]["previous_attributes"]["status"] == "incomplete"


def test_a_failed_first_charge_is_paid_with_another_card(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    charge_failing_card(client, customer)
    made = subscribe(client, customer, price)
    assert (made.status, payment_intent(made).status) == ("incomplete", "requires_payment_method")
    assert payment_intent(made).last_payment_error.decline_code == "generic_decline"
    assert "invoice.payment_failed" in side.event_types()
    with pytest.raises(stripe.CardError):
        client.v1.invoices.pay(made.latest_invoice.id)
    other = set_up_card(client, customer)
    paid = client.v1.invoices.pay(made.latest_invoice.id, {"payment_method": other.payment_method})
    assert paid.status == "paid"
    assert client.v1.subscriptions.retrieve(made.id).status == "active"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.invoices.pay(made.latest_invoice.id)


def test_error_if_incomplete_creates_nothing(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    charge_failing_card(client, customer)
    with pytest.raises(stripe.CardError):
        subscribe(client, customer, price, payment_behavior="error_if_incomplete")
    assert client.v1.subscriptions.list({"status": "all"}).data == []


@pytest.mark.parametrize(("outcome", "status"), [("accept", "active"), ("refuse", "incomplete")])
def test_three_d_secure_on_the_first_invoice(
    client: stripe.StripeClient,
    customer: Any,
    price: Any,
    browser: Browser,
    side: StripeSide,
    outcome: str,
    status: str,
) -> None:
    intent = set_up_card(client, customer, "pm_card_authenticationRequired")
    browser.authenticate(intent, "accept")
    set_default(client, customer, intent.payment_method)
    made = subscribe(client, customer, price)
    assert (made.status, payment_intent(made).status) == ("incomplete", "requires_action")
    assert "invoice.payment_action_required" in side.event_types()
    browser.authenticate(payment_intent(made), outcome)
    assert client.v1.subscriptions.retrieve(made.id).status == status


def test_a_card_authenticated_at_set_up_pays_later(
    client: stripe.StripeClient, customer: Any, price: Any, browser: Browser
) -> None:
    intent = set_up_card(client, customer, "pm_card_authenticationRequiredOnSetup")
    browser.authenticate(intent, "accept")
    set_default(client, customer, intent.payment_method)
    assert subscribe(client, customer, price).status == "active"


def test_an_unpaid_start_expires_after_23_hours(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    charge_failing_card(client, customer)
    made = subscribe(client, customer, price)
    side.advance(hours=22)
    assert client.v1.subscriptions.retrieve(made.id).status == "incomplete"
    side.advance(hours=1, minutes=1)
    assert client.v1.subscriptions.retrieve(made.id).status == "incomplete_expired"
    assert client.v1.invoices.retrieve(made.latest_invoice.id).status == "void"
    assert client.v1.payment_intents.retrieve(payment_intent(made).id).status == "canceled"
    assert "invoice.voided" in side.event_types()


def test_it_renews_by_the_clock(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    side.advance(days=32)
    after = client.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    invoice: Any = after.latest_invoice
    assert (after.status, invoice.status, invoice.billing_reason) == ("active", "paid", "subscription_cycle")
    assert after.items.data[0].current_period_start == made.items.data[0].current_period_end
    side.advance(days=365)
    assert len(client.v1.invoices.list({"subscription": made.id, "limit": 100}).data) == 14


def test_a_failed_renewal_is_past_due_until_paid(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    charge_failing_card(client, customer)
    until_due = made.items.data[0].current_period_end - made.created
    side.advance(days=until_due / 86400 + 0.5)  # and not to the next try, days later
    after = client.v1.subscriptions.retrieve(made.id)
    assert after.status == "past_due"
    invoice = client.v1.invoices.list({"subscription": made.id, "status": "open"}).data[0]
    assert invoice.next_payment_attempt is not None
    set_up_card(client, customer)
    side.advance(days=4)
    assert client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert client.v1.subscriptions.retrieve(made.id).status == "active"


def test_an_unpaid_renewal_ends_it(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    charge_failing_card(client, customer)
    side.advance(days=50)
    after = client.v1.subscriptions.retrieve(made.id)
    assert (after.status, after.cancellation_details.reason) == ("canceled", "payment_failed")


def test_a_trial_bills_at_its_end(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price, trial_period_days=14)
    assert (made.status, made.latest_invoice.total) == ("trialing", 0)
    side.advance(days=12)
    assert "customer.subscription.trial_will_end" in side.event_types()
    side.advance(days=3)
    after = client.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (after.status, after.latest_invoice.amount_paid) == ("active", 4900)


def test_a_trial_without_a_card_can_end_with_it(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    settings = {"end_behavior": {"missing_payment_method": "cancel"}}
    made = subscribe(client, customer, price, trial_period_days=14, trial_settings=settings)
    side.advance(days=15)
    assert client.v1.subscriptions.retrieve(made.id).status == "canceled"


def test_it_ends_with_its_period(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    planned = client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    assert planned.cancel_at == made.items.data[0].current_period_end
    client.v1.subscriptions.update(made.id, {"cancel_at_period_end": False})
    client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    side.advance(days=32)
    assert client.v1.subscriptions.retrieve(made.id).status == "canceled"
    assert side.event_types().count("customer.subscription.deleted") == 1


def test_it_can_be_cancelled_at_once(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    assert client.v1.subscriptions.cancel(made.id).status == "canceled"
    assert client.v1.subscriptions.list({"customer": customer.id}).data == []
    assert len(client.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data) == 1


@pytest.mark.parametrize(("behavior", "status"), [("void", "void"), ("keep_as_draft", "draft")])
def test_collection_can_be_paused(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide, behavior: Any, status: str
) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    client.v1.subscriptions.update(made.id, {"pause_collection": {"behavior": behavior}})
    side.advance(days=32)
    assert client.v1.invoices.list({"subscription": made.id}).data[0].status == status
    assert client.v1.subscriptions.retrieve(made.id).status == "active"


def test_an_invoice_can_be_sent_instead_of_charged(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    made = subscribe(client, customer, price, collection_method="send_invoice", days_until_due=14)
    assert (made.status, made.latest_invoice.status) == ("active", "open")
    assert made.latest_invoice.due_date == made.latest_invoice.created + 14 * 86400


def test_what_the_sandbox_cannot_do_is_refused(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="sandbox does not support"):
        subscribe(client, customer, price, automatic_tax={"enabled": True})
    with pytest.raises(stripe.InvalidRequestError, match="sandbox does not support"):
        subscribe(client, customer, price, transfer_data={"destination": "acct_1"})


def test_a_paused_trial_is_resumed_with_a_card(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = subscribe(client, customer, price, trial_period_days=14, trial_settings=settings)
    side.advance(days=15)
    assert client.v1.subscriptions.retrieve(made.id).status == "paused"
    set_up_card(client, customer)
    resumed = client.v1.subscriptions.resume(made.id, {"expand": ["latest_invoice"]})
    assert (resumed.status, resumed.latest_invoice.status) == ("active", "paid")


def test_a_trial_may_ask_for_a_card_by_setup_intent(
    client: stripe.StripeClient, customer: Any, price: Any, browser: Browser
) -> None:
    made = client.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "trial_period_days": 14,
            "payment_behavior": "default_incomplete",
            "expand": ["pending_setup_intent"],
        }
    )
    browser.confirm(made.pending_setup_intent, "4242424242424242")
    after = client.v1.subscriptions.retrieve(made.id)
    assert after.pending_setup_intent is None
    assert after.default_payment_method is not None


def test_cancelling_an_unpaid_start_voids_its_invoice(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    charge_failing_card(client, customer)
    made = subscribe(client, customer, price)
    assert client.v1.subscriptions.cancel(made.id).status == "canceled"
    assert client.v1.invoices.retrieve(made.latest_invoice.id).status == "void"


def test_deleting_the_customer_ends_it(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    client.v1.customers.delete(customer.id)
    assert client.v1.subscriptions.retrieve(made.id).status == "canceled"
