"""The subscription verbs of the Stigg gateway: what goes out, the snapshot or error that comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import responses

from billing.errors import (
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRejected,
    GatewayUnavailable,
)
from billing.gateways.stigg import StiggGateway, documents
from billing.gateways.stigg.types import Address, BillingInformation, SubscriptionChoice
from billing.money import Money
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
CHOICE = SubscriptionChoice(
    plan_id="plan-pro",
    billing_period="MONTHLY",
    unit_quantities=(("feature-seats", 7),),
    addons=(("extra-seats", 2),),
    coupon_id="WELCOME20",
    country_code="AT",
)
CHOICE_INPUT = {
    "planId": "plan-pro",
    "billingPeriod": "MONTHLY",
    "billableFeatures": [{"featureId": "feature-seats", "quantity": 7}],
    "addons": [{"addonId": "extra-seats", "quantity": 2}],
    "appliedCoupon": {"couponId": "WELCOME20"},
    "billingCountryCode": "AT",
}


class TestSubscriptions:
    def provision(self, stigg: StiggGateway, **more: object) -> object:
        return stigg.provision_subscription(
            customer_id="c-1", choice=CHOICE, subscription_id="s-1", metadata={"checkout_id": "ck-1"}, **more
        )

    def test_provision_sends_our_id_and_metadata(
        self, stigg: StiggGateway, graphql: Graphql, http: responses.RequestsMock
    ) -> None:
        graphql.answers({"provisionSubscriptionV2": {"status": "SUCCESS", "subscription": answers.subscription()}})
        result = self.provision(stigg, billing_information=BILLING)
        assert (result.status, result.subscription.subscription_id) == ("SUCCESS", "s-1")
        assert graphql.input == CHOICE_INPUT | {
            "customerId": "c-1",
            "refId": "s-1",
            "additionalMetaData": {"checkout_id": "ck-1"},
            "skipTrial": False,
            "billingInformation": {
                "billingAddress": {"line1": "1 Road", "city": "Graz", "postalCode": "8010", "country": "AT"},
                "taxIds": [{"type": "eu_vat", "value": "ATU1"}],
                "metadata": {"k": "v"},
            },
        }
        assert http.calls[0].request.req_kwargs["timeout"] == (3.0, 60.0)

    def test_provision_without_addons_says_so(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"provisionSubscriptionV2": {"status": "SUCCESS", "subscription": answers.subscription()}})
        stigg.provision_subscription(
            customer_id="c-1",
            choice=SubscriptionChoice(plan_id="plan-free"),
            subscription_id="s-1",
            metadata={},
            skip_trial=True,
        )
        assert graphql.input["addons"] == []
        assert graphql.input["skipTrial"] is True
        assert "billingPeriod" not in graphql.input

    def test_provision_is_never_repeated(self, stigg: StiggGateway, http: responses.RequestsMock) -> None:
        http.post(answers.GRAPHQL, status=503)
        with pytest.raises(GatewayUnavailable):
            self.provision(stigg)
        assert len(http.calls) == 1

    def test_hosted_checkout_has_no_subscription(self, stigg: StiggGateway, graphql: Graphql) -> None:
        answer = {"status": "PAYMENT_REQUIRED", "checkoutUrl": "https://pay.example", "subscription": None}
        graphql.answers({"provisionSubscriptionV2": answer})
        result = self.provision(stigg)
        assert (result.subscription, result.checkout_url) == (None, "https://pay.example")

    def test_a_missing_card_keeps_its_code(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.fails("PaymentMethodNotFoundError")
        with pytest.raises(GatewayRejected) as caught:
            self.provision(stigg)
        assert not isinstance(caught.value, GatewayNotFound)
        assert caught.value.upstream_code == "PaymentMethodNotFoundError"

    def test_preview(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"previewSubscription": answers.preview()})
        preview = stigg.preview_subscription(customer_id="c-1", choice=CHOICE, billing_information=BILLING)
        assert (preview.due_now, preview.discount) == (Money(3992, "USD"), Money(998, "USD"))
        assert {key: value for key, value in graphql.input.items() if key in CHOICE_INPUT} == CHOICE_INPUT
        assert graphql.input["billingInformation"]["billingAddress"]["line1"] == "1 Road"

    def test_a_card_is_made_the_default_and_the_order_then_priced_in_one_call(
        self, stigg: StiggGateway, graphql: Graphql
    ) -> None:
        graphql.answers({"updateOneCustomer": {"customerId": "c-1"}, "previewSubscription": answers.preview()})
        preview = stigg.update_customer_and_preview(customer_id="c-1", billing_information=BILLING, choice=CHOICE)
        assert preview.due_now == Money(3992, "USD")
        (sent,) = graphql.sent
        assert sent["variables"]["customer"]["billingInformation"]["paymentMethodId"] == "pm_1"
        assert sent["variables"]["preview"] == CHOICE_INPUT | {"customerId": "c-1"}
        document = documents.load("UpdateCustomerAndPreview")
        assert document.index("updateOneCustomer(") < document.index("previewSubscription(")

    def test_fetch(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"getSubscription": answers.subscription()})
        assert stigg.fetch_subscription("s-1").metadata == {"checkout_id": "ck-1"}
        assert graphql.input == {"subscriptionId": "s-1"}

    def test_fetch_of_an_unknown_one(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.fails("SubscriptionNotFound")
        with pytest.raises(GatewayNotFound):
            stigg.fetch_subscription("s-9")

    def test_fetch_active(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"getActiveSubscriptions": [answers.subscription()]})
        (found,) = stigg.fetch_active_subscriptions("c-1")
        assert found.subscription_id == "s-1"

    @pytest.mark.parametrize("when", ["IMMEDIATE", "END_OF_BILLING_PERIOD"])
    def test_cancel(self, stigg: StiggGateway, graphql: Graphql, when: str) -> None:
        graphql.answers({"cancelSubscription": answers.subscription(status="CANCELED")})
        assert stigg.cancel_subscription(subscription_id="s-1", when=when).status == "CANCELED"
        assert graphql.input == {"subscriptionRefId": "s-1", "subscriptionCancellationTime": when}

    def test_cancel_twice_reads_what_is(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.fails("SubscriptionAlreadyCanceledOrExpired")
        graphql.answers({"getSubscription": answers.subscription(status="CANCELED")})
        assert stigg.cancel_subscription(subscription_id="s-1", when="IMMEDIATE").status == "CANCELED"

    def test_cancel_of_a_trial_at_the_period_end_is_refused(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.fails("TrialMustBeCancelledImmediately")
        with pytest.raises(GatewayRejected):
            stigg.cancel_subscription(subscription_id="s-1", when="END_OF_BILLING_PERIOD")

    def test_cancel_schedule(self, stigg: StiggGateway, graphql: Graphql) -> None:
        graphql.answers({"cancelSchedule": "s-1"})
        stigg.cancel_schedule(subscription_id="s-1", status="PendingPayment")
        assert graphql.input == {"subscriptionId": "s-1", "status": "PendingPayment"}


@pytest.mark.parametrize(
    "verb",
    [
        lambda stigg: stigg.fetch_customer("c-1"),
        lambda stigg: stigg.update_customer(customer_id="c-1"),
        lambda stigg: stigg.fetch_subscription("s-1"),
        lambda stigg: stigg.fetch_active_subscriptions("c-1"),
        lambda stigg: stigg.fetch_customer_state("c-1"),
        lambda stigg: stigg.fetch_entitlements_state("c-1"),
        lambda stigg: stigg.fetch_paywall(customer_id="c-1"),
        lambda stigg: stigg.preview_subscription(customer_id="c-1", choice=CHOICE),
        lambda stigg: stigg.update_customer_and_preview(customer_id="c-1", billing_information=BILLING, choice=CHOICE),
        lambda stigg: stigg.cancel_subscription(subscription_id="s-1", when="IMMEDIATE"),
        lambda stigg: stigg.cancel_schedule(subscription_id="s-1"),
    ],
)
def test_an_answer_without_its_root_field_is_a_protocol_error(
    stigg: StiggGateway, graphql: Graphql, verb: Callable[[StiggGateway], object]
) -> None:
    graphql.answers({"somethingElse": {}})
    with pytest.raises(GatewayProtocolError):
        verb(stigg)
