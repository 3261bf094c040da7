"""The verbs of the Stigg gateway but subscriptions: what goes out, the snapshot or error that comes back."""

from __future__ import annotations

import pytest
import responses

from billing.errors import (
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRejected,
    GatewayUnauthorized,
)
from billing.gateways.stigg import StiggGateway, parse_paywall
from billing.gateways.stigg.client import StiggClient
from billing.gateways.stigg.types import Address, BillingInformation
from tests.unit.gateways import answers
from tests.unit.gateways.conftest import Graphql

ADDRESS = Address(line1="1 Road", city="Graz", postal_code="8010", country="AT")
BILLING = BillingInformation(
    customer_name="Alice Ltd",
    address=ADDRESS,
    tax_ids=(("eu_vat", "ATU1"),),
    payment_method_id="pm_1",
    language="de",
    metadata={"k": "v"},
)
EDGE_PAYWALL = f"{answers.EDGE_URL}/v1/paywall.json"


class TestCustomers:
    def provision(self, stigg: StiggGateway, **more: object) -> object:
        return stigg.provision_customer(
            customer_id="c-1", name="Alice", email="alice@example.com", metadata={"tollgate_customer": "1"}, **more
        )

    def test_provision_syncs_to_stripe_and_asks_for_no_subscription(
        self, stigg: StiggGateway, graphql: Graphql
    ) -> None:
        graphql.answers({"provisionCustomer": {"customer": answers.stigg_customer()}})
        customer = self.provision(stigg)
        assert customer.billing_id == "cus_1"
        assert graphql.input == {
            "customerId": "c-1",
            "name": "Alice",
            "email": "alice@example.com",
            "additionalMetaData": {"tollgate_customer": "1"},
            "shouldSyncFree": True,
        }

    def test_provision_of_a_known_customer_reads_it(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.fails("DUPLICATED_ENTITY_NOT_ALLOWED")
        graphql.answers({"getCustomerByRefId": answers.stigg_customer(billingId=None)})
        assert self.provision(stigg).billing_id is None
        assert [sent["operationName"] for sent in graphql.sent] == ["ProvisionCustomer", "GetCustomerById"]

    def test_provision_after_a_timeout_is_repeated_safely(
        self, stigg: StiggGateway, graphql: Graphql, http: responses.RequestsMock
    ) -> None:
        http.post(answers.GRAPHQL, status=504)
        graphql.fails("DuplicatedEntityNotAllowed")
        graphql.answers({"getCustomerByRefId": answers.stigg_customer()})
        assert self.provision(stigg).customer_id == "c-1"

    def test_other_refusals_are_raised(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.fails("InvalidArgumentError")
        with pytest.raises(GatewayRejected):
            self.provision(stigg)

    def test_billing_information_goes_whole(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"provisionCustomer": {"customer": answers.stigg_customer()}})
        self.provision(stigg, billing_information=BILLING)
        assert graphql.input["billingInformation"] == {
            "customerName": "Alice Ltd",
            "billingAddress": {"addressLine1": "1 Road", "city": "Graz", "postalCode": "8010", "country": "AT"},
            "taxIds": [{"type": "eu_vat", "value": "ATU1"}],
            "paymentMethodId": "pm_1",
            "language": "de",
            "metadata": {"k": "v"},
        }

    def test_an_empty_billing_information_is_sent_too_for_it_forces_the_sync(
        self, stigg: StiggGateway, graphql: Graphql
    ) -> None:
        graphql.answers({"provisionCustomer": {"customer": answers.stigg_customer()}})
        self.provision(stigg, billing_information=BillingInformation())
        assert graphql.input["billingInformation"] == {}

    def test_fetch(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"getCustomerByRefId": answers.stigg_customer()})
        customer = stigg.fetch_customer("c-1")
        assert graphql.input == {"customerId": "c-1"}
        assert (customer.name, customer.email, customer.default_card_last4) == ("Alice", "alice@example.com", "4242")
        assert customer.default_payment_method_id == "pm_1"
        assert customer.trial_eligibility == {"product-tollgate": False}

    def test_fetch_of_an_unknown_one_is_not_found_either_way(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"getCustomerByRefId": None})
        graphql.fails("CustomerNotFound")
        for _ in range(2):
            with pytest.raises(GatewayNotFound):
                stigg.fetch_customer("nobody")

    def test_update_sends_only_what_changes(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"updateOneCustomer": answers.stigg_customer()})
        stigg.update_customer(customer_id="c-1", billing_information=BillingInformation(payment_method_id="pm_2"))
        assert graphql.input == {"customerId": "c-1", "billingInformation": {"paymentMethodId": "pm_2"}}

    def test_update_can_empty_a_name(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"updateOneCustomer": answers.stigg_customer()})
        stigg.update_customer(customer_id="c-1", name="")
        assert graphql.input == {"customerId": "c-1", "name": ""}


class TestPaywall:
    def test_the_public_one_comes_from_the_edge(self, stigg: StiggGateway, http: responses.RequestsMock) -> None:
        http.get(EDGE_PAYWALL, json={"data": {"paywall": answers.paywall()}})
        snapshot, raw = stigg.fetch_paywall(country_code="AT")
        assert raw == answers.paywall()
        assert snapshot == parse_paywall(raw)
        assert http.calls[0].request.params == {"billingCountryCode": "AT"}

    def test_of_one_product(self, client: StiggClient, http: responses.RequestsMock) -> None:
        http.get(f"{answers.EDGE_URL}/v1/p/a%2Fb/paywall.json", json={"data": {"paywall": answers.paywall()}})
        StiggGateway(client, product_id="a/b").fetch_paywall()

    @pytest.mark.parametrize(
        "trouble", [{"status": 503}, {"status": 429}, {"status": 404}, {"body": "<html>"}, {"json": {"data": {}}}]
    )
    def test_the_api_stands_in_for_the_edge(
        self, client: StiggClient, http: responses.RequestsMock, graphql: Graphql, trouble: dict[str, object]
    ) -> None:
        http.get(f"{answers.EDGE_URL}/v1/p/product-x/paywall.json", **trouble)
        graphql.answers({"paywall": answers.paywall()})
        snapshot, _ = StiggGateway(client, product_id="product-x").fetch_paywall()
        assert snapshot.find_plan("plan-pro")
        assert graphql.input == {"productId": "product-x", "fetchAllCountriesPrices": True}

    def test_a_refused_key_is_not_tried_elsewhere(self, stigg: StiggGateway, http: responses.RequestsMock) -> None:
        http.get(EDGE_PAYWALL, status=401)
        with pytest.raises(GatewayUnauthorized):
            stigg.fetch_paywall()

    def test_a_customers_own_comes_from_the_api(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"paywall": answers.paywall()})
        stigg.fetch_paywall(customer_id="c-1")
        assert graphql.input == {"customerId": "c-1"}

    def test_a_paywall_that_is_no_object(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"paywall": [1]})
        with pytest.raises(GatewayProtocolError):
            stigg.fetch_paywall(customer_id="c-1")


class TestState:
    def test_customer_state_is_one_call(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers(
            {
                "getCustomerByRefId": answers.stigg_customer(),
                "getActiveSubscriptions": [answers.subscription()],
                "entitlementsState": answers.entitlements_state(),
            }
        )
        state = stigg.fetch_customer_state("c-1")
        assert state.customer.customer_id == "c-1"
        assert [found.subscription_id for found in state.active_subscriptions] == ["s-1"]
        assert [found.feature.feature_id for found in state.entitlements_state.entitlements] == ["feature-seats"]
        (sent,) = graphql.sent
        assert set(sent["variables"]) == {"customer", "subscriptions", "entitlements"}

    def test_customer_state_of_an_unknown_customer(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers(
            {
                "getCustomerByRefId": None,
                "getActiveSubscriptions": [],
                "entitlementsState": answers.entitlements_state(entitlements=[]),
            }
        )
        with pytest.raises(GatewayNotFound):
            stigg.fetch_customer_state("nobody")

    def test_entitlements_state(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers(
            {
                "entitlementsState": answers.entitlements_state(
                    entitlements=[], accessDeniedReason="NoActiveSubscription"
                )
            }
        )
        state = stigg.fetch_entitlements_state("c-1")
        assert (state.entitlements, state.access_denied_reason) == ((), "NoActiveSubscription")
        assert graphql.sent[0]["variables"] == {"query": {"customerId": "c-1"}}

    def test_ping(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"sdkConfiguration": None})
        stigg.ping()
        graphql.fails("Unauthenticated")
        with pytest.raises(GatewayUnauthorized):
            stigg.ping()
