"""Customers: made once, linked to Stripe, given a card."""

import pytest

from tests.contract.stigg.callers import StiggRefused


def test_a_customer_is_made_and_linked_to_stripe(servers, stigg, stripe):
    made = stigg.provision_customer("customer-1", additionalMetaData={"tenant": "42"})
    assert made["subscriptionDecisionStrategy"] == "SKIPPED_SUBSCRIPTION_CREATION"
    assert made["subscription"] is None
    customer = made["customer"]
    assert (customer["customerId"], customer["refId"]) == ("customer-1", "customer-1")
    assert customer["additionalMetaData"] == {"tenant": "42"}
    at_stripe = stripe.call("GET", f"/v1/customers/{customer['billingId']}")
    assert (at_stripe["name"], at_stripe["email"]) == ("Ada Ltd", "ada@example.com")
    servers.settle()
    created = servers.last("customer.created")
    assert (created["id"], created["billingId"]) == ("customer-1", customer["billingId"])
    assert created["metadata"] == {"tenant": "42"}


def test_without_a_reason_stripe_does_not_hear_of_it(stigg, stripe):
    made = stigg.provision_customer("customer-1", shouldSyncFree=False)
    assert made["customer"]["billingId"] is None
    stigg.update_customer("customer-1", name="Ada & Co")
    assert stigg.customer("customer-1")["billingId"] is None
    stigg.update_customer("customer-1", billingInformation={"billingAddress": {"country": "DE"}})
    billing_id = stigg.customer("customer-1")["billingId"]
    assert stripe.call("GET", f"/v1/customers/{billing_id}")["address"]["country"] == "DE"


def test_an_id_that_exists_is_refused(stigg, ada):
    with pytest.raises(StiggRefused) as refused:
        stigg.provision_customer(ada)
    assert refused.value.code == "DuplicatedEntityNotAllowed"
    assert refused.value.trace_id


def test_an_initial_subscription_comes_along(stigg):
    made = stigg.provision_customer("customer-1", subscriptionParams={"planId": "plan-free"})
    assert made["subscriptionDecisionStrategy"] == "REQUESTED_PLAN"
    assert (made["subscription"]["status"], made["subscription"]["plan"]["refId"]) == ("ACTIVE", "plan-free")


def test_an_unknown_customer_is_null(stigg):
    assert stigg.customer("customer-nobody") is None


def test_changes_reach_stripe_and_the_application(servers, stigg, stripe, ada):
    stigg.update_customer(ada, name="Ada & Co", email="billing@example.com")
    found = stripe.call("GET", f"/v1/customers/{stigg.customer(ada)['billingId']}")
    assert (found["name"], found["email"]) == ("Ada & Co", "billing@example.com")
    servers.settle()
    assert servers.last("customer.updated")["name"] == "Ada & Co"


def test_a_payment_method_becomes_the_default_at_stripe(stigg, stripe, ada):
    billing_id = stigg.customer(ada)["billingId"]
    first = stripe.save_card(billing_id, "pm_card_visa")
    stripe.save_card(billing_id, "pm_card_mastercard")
    stigg.update_customer(ada, billingInformation={"paymentMethodId": first})
    found = stripe.call("GET", f"/v1/customers/{billing_id}")
    assert found["invoice_settings"]["default_payment_method"] == first


def test_a_payment_method_that_is_not_there_is_stripes_refusal(stigg, ada):
    with pytest.raises(StiggRefused) as refused:
        stigg.update_customer(ada, billingInformation={"paymentMethodId": "pm_nowhere"})
    assert refused.value.code == "StripeError"


def test_a_payment_method_can_be_detached(servers, stigg, ada, with_card):
    with_card()
    stigg.ask(
        """mutation ($input: DetachCustomerPaymentMethodInput!) {
          detachCustomerPaymentMethod(input: $input) { hasPaymentMethod } }""",
        input={"customerId": ada},
    )
    assert stigg.customer(ada)["hasPaymentMethod"] is False
    servers.settle()
    assert "payment_method.detached" in servers.kinds(ada)


def test_tax_ids_are_taken(servers, stigg, ada):
    given = {"taxIds": [{"type": "eu_vat", "value": "DE123456789"}]}
    stigg.update_customer(ada, billingInformation=given)
    assert servers.world.stigg.customers[ada].tax_ids == [("eu_vat", "DE123456789")]
    with pytest.raises(StiggRefused) as refused:
        stigg.update_customer(ada, billingInformation={"taxIds": [{"type": "eu_vat", "value": " "}]})
    assert refused.value.code == "InvalidTaxId"


def test_a_card_detached_at_stripe_is_no_default_any_more(servers, stigg, stripe, ada, with_card):
    method = with_card()
    stripe.call("POST", f"/v1/payment_methods/{method}/detach")
    servers.settle()
    assert stigg.customer(ada)["hasPaymentMethod"] is False
    assert servers.kinds(ada)[-2:] == ["payment_method.detached", "customer.updated"]


def test_another_default_chosen_at_stripe_is_noticed(servers, stigg, stripe, ada, with_card):
    first = with_card()
    with_card("pm_card_mastercard")
    billing_id = stigg.customer(ada)["billingId"]
    stripe.call("POST", f"/v1/customers/{billing_id}", **{"invoice_settings[default_payment_method]": first})
    servers.settle()
    assert stigg.customer(ada)["defaultPaymentMethodLast4Digits"] == "4242"


def test_a_customer_deleted_at_stripe_cannot_be_billed(servers, stigg, stripe, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    stripe.call("DELETE", f"/v1/customers/{stigg.customer(ada)['billingId']}")
    servers.settle()
    assert servers.last("sync.failed")["id"] == ada
    assert stigg.subscription("subscription-1")["cancelReason"] == "CancelledByBilling"
    with pytest.raises(StiggRefused) as refused:
        stigg.update_customer(ada, billingInformation={})
    assert refused.value.code == "StripeCustomerIsDeleted"
