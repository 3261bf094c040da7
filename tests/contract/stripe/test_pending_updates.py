"""Changes that wait for their payment: `payment_behavior: pending_if_incomplete`."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.conftest import Browser, set_default, set_up_card
from tests.contract.stripe.side import StripeSide
from tests.contract.stripe.test_subscriptions import charge_failing_card, payment_intent, subscribe

EXPAND = ["latest_invoice.payments.data.payment.payment_intent"]


@pytest.fixture
def made(client: stripe.StripeClient, customer: Any, price: Any) -> Any:
    set_up_card(client, customer)
    return subscribe(client, customer, price)


def more_seats(client: stripe.StripeClient, made: Any) -> Any:
    return client.v1.subscriptions.update(
        made.id,
        {
            "items": [{"id": made.items.data[0].id, "quantity": 3}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
            "expand": EXPAND,
        },
    )


def test_a_paid_change_is_made_at_once(client: stripe.StripeClient, made: Any) -> None:
    changed = more_seats(client, made)
    assert (changed.items.data[0].quantity, changed.pending_update) == (3, None)
    assert changed.latest_invoice.status == "paid"


def test_an_unpaid_change_waits_and_is_made_when_paid(
    client: stripe.StripeClient, customer: Any, made: Any, side: StripeSide
) -> None:
    charge_failing_card(client, customer)
    changed = more_seats(client, made)
    assert (changed.status, changed.items.data[0].quantity) == ("active", 1)
    assert changed.pending_update.subscription_items[0].quantity == 3
    assert changed.pending_update.expires_at > changed.created
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.invoices.pay(changed.latest_invoice.id, {"payment_method": card.id})
    after = client.v1.subscriptions.retrieve(made.id)
    assert (after.items.data[0].quantity, after.pending_update) == (3, None)
    assert "customer.subscription.pending_update_applied" in side.event_types()


def test_an_unpaid_change_is_given_up_after_23_hours(
    client: stripe.StripeClient, customer: Any, made: Any, side: StripeSide
) -> None:
    charge_failing_card(client, customer)
    changed = more_seats(client, made)
    side.advance(hours=22)
    assert client.v1.subscriptions.retrieve(made.id).pending_update is not None
    side.advance(hours=2)
    after = client.v1.subscriptions.retrieve(made.id)
    assert (after.status, after.items.data[0].quantity, after.pending_update) == ("active", 1, None)
    assert client.v1.invoices.retrieve(changed.latest_invoice.id).status == "void"
    assert "customer.subscription.pending_update_expired" in side.event_types()


def test_a_change_may_wait_for_authentication(
    client: stripe.StripeClient, customer: Any, made: Any, browser: Browser
) -> None:
    intent = set_up_card(client, customer, "pm_card_authenticationRequired")
    browser.authenticate(intent, "accept")
    set_default(client, customer, intent.payment_method)
    changed = more_seats(client, made)
    assert (payment_intent(changed).status, changed.items.data[0].quantity) == ("requires_action", 1)
    browser.authenticate(payment_intent(changed), "accept")
    assert client.v1.subscriptions.retrieve(made.id).items.data[0].quantity == 3


def test_only_some_parameters_may_wait(client: stripe.StripeClient, made: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.subscriptions.update(made.id, {"payment_behavior": "pending_if_incomplete", "description": "Pro"})
    assert raised.value.param == "description"
