"""Customers, their payment methods and sessions."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.side import StripeSide


def test_a_customer_lives_and_is_deleted(client: stripe.StripeClient, side: StripeSide) -> None:
    made = client.v1.customers.create({"email": "a@example.com", "metadata": {"one": "1", "two": "2"}})
    changed = client.v1.customers.update(made.id, {"name": "Ada", "metadata": {"two": "", "three": "3"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"one": "1", "three": "3"}
    update = side.events("customer.updated")[0]
    assert update["data"]["previous_attributes"]["name"] is None
    assert client.v1.customers.delete(made.id).deleted
    assert client.v1.customers.retrieve(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.update(made.id, {"name": "x"})
    assert side.event_types() == ["customer.created", "customer.updated", "customer.deleted"]


def test_payment_methods_are_attached_listed_and_detached(
    client: stripe.StripeClient, customer: Any, side: StripeSide
) -> None:
    method = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    other = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    assert method.id != other.id
    assert method.card is not None
    assert method.card.brand == "mastercard"
    listed = client.v1.customers.payment_methods.list(customer.id)
    assert [each.id for each in listed.data] == [other.id, method.id]
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    assert client.v1.payment_methods.detach(method.id).customer is None
    fresh = client.v1.customers.retrieve(customer.id)
    assert fresh.invoice_settings is not None
    assert fresh.invoice_settings.default_payment_method is None
    assert "payment_method.detached" in side.event_types()


def test_a_declining_card_cannot_be_attached(client: stripe.StripeClient, customer: Any) -> None:
    with pytest.raises(stripe.CardError) as raised:
        client.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
    assert (raised.value.code, raised.value.error.decline_code) == ("card_declined", "generic_decline")


def test_only_an_attached_method_can_be_the_default(client: stripe.StripeClient, customer: Any) -> None:
    loose = client.v1.payment_methods.create({"payment_method": "pm_card_visa"})
    settings: Any = {"invoice_settings": {"default_payment_method": loose.id}}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.update(customer.id, settings)


def test_a_customer_session_has_its_components(client: stripe.StripeClient, customer: Any) -> None:
    session = client.v1.customer_sessions.create(
        {
            "customer": customer.id,
            "components": {"payment_element": {"enabled": True, "features": {"payment_method_redisplay": "enabled"}}},
        }
    )
    features = session.components.payment_element.features
    assert features is not None
    assert features.payment_method_redisplay == "enabled"
    assert features.payment_method_allow_redisplay_filters == ["always"]
