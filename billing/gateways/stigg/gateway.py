"""The verbs that the product uses of Stigg, typed. One verb is one call unless its docstring says more.

Raises the GatewayError tree of `billing.errors` and nothing else. What may be repeated after a
failure is decided here, verb by verb.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from billing.errors import (
    GatewayError,
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRejected,
    GatewayUnauthorized,
)
from billing.gateways.shape import shaped
from billing.gateways.stigg import inputs, parse
from billing.gateways.stigg.answers import PROVIDER
from billing.gateways.stigg.client import StiggClient
from billing.gateways.stigg.parse_catalog import parse_paywall
from billing.gateways.stigg.types import (
    BillingInformation,
    CustomerSnapshot,
    CustomerStateSnapshot,
    EntitlementsStateSnapshot,
    PaywallSnapshot,
    PreviewSnapshot,
    ProvisionResult,
    SubscriptionChoice,
    SubscriptionPage,
    SubscriptionSnapshot,
)

__all__ = ["StiggGateway", "parse_paywall"]

LIST_PAGE = 100

T = TypeVar("T")


class StiggGateway:
    """Customers, price list, subscriptions and entitlements of one Stigg environment."""

    def __init__(self, client: StiggClient, *, product_id: str = "", provision_timeout_seconds: float = 60.0) -> None:
        self._client = client
        self._product_id = product_id
        self._provision_timeout = provision_timeout_seconds

    def provision_customer(
        self,
        *,
        customer_id: str,
        name: str,
        email: str,
        metadata: Mapping[str, str],
        billing_information: BillingInformation | None = None,
    ) -> CustomerSnapshot:
        """Create the customer in Stigg and in Stripe, without a subscription.

        Safe to repeat: a customer that exists already is read and returned as it is. `billing_id`
        may still be None in the answer.

        Source: https://docs.stigg.io/docs/integration-when-using-stripe-elements-for-checkout
        """
        fields = {
            "customerId": customer_id,
            "name": name,
            "email": email,
            "additionalMetaData": dict(metadata),
            "shouldSyncFree": True,
        }
        try:
            root = self._run(
                "ProvisionCustomer",
                "provisionCustomer",
                inputs.with_customer_billing(fields, billing_information),
            )
        except GatewayRejected as error:
            if error.upstream_code == "DuplicatedEntityNotAllowed":
                return self.fetch_customer(customer_id)
            raise
        return self._read("ProvisionCustomer", lambda: parse.parse_customer(root["customer"]))

    def fetch_customer(self, customer_id: str) -> CustomerSnapshot:
        """Raises GatewayNotFound for an unknown id, which Stigg reports as null or as an error."""
        root = self._run("GetCustomerById", "getCustomerByRefId", {"customerId": customer_id})
        return self._read("GetCustomerById", lambda: parse.parse_customer(root))

    def update_customer(
        self,
        *,
        customer_id: str,
        name: str | None = None,
        email: str | None = None,
        billing_information: BillingInformation | None = None,
    ) -> CustomerSnapshot:
        """Change what is given; None is left as it is. Safe to repeat.

        `billing_information.payment_method_id` makes that card the default.

        Source: https://docs.stigg.io/documentation/native-integrations/billing/stripe/integration-when-using-stripe-elements-for-checkout
        """
        given = {"customerId": customer_id, "name": name, "email": email}
        fields = {key: value for key, value in given.items() if value is not None}
        root = self._run(
            "UpdateCustomer", "updateOneCustomer", inputs.with_customer_billing(fields, billing_information)
        )
        return self._read("UpdateCustomer", lambda: parse.parse_customer(root))

    def fetch_paywall(
        self, *, country_code: str = "", customer_id: str | None = None, product_id: str = ""
    ) -> tuple[PaywallSnapshot, dict[str, Any]]:
        """The price list and the raw `paywall` object it was read from, to be stored.

        The public one comes from the edge, or from the API when the edge does not help. Without a country it
        is asked for with the prices of all countries, which tells those that have prices of their own.
        `product_id` stands in for the gateway's own.
        """
        given = {"productId": product_id or self._product_id, "billingCountryCode": country_code}
        raw = self._fetch_paywall_json({key: value for key, value in given.items() if value}, customer_id)
        return parse_paywall(raw, country_code=country_code), raw

    def preview_subscription(
        self,
        *,
        customer_id: str,
        choice: SubscriptionChoice,
        billing_information: BillingInformation | None = None,
    ) -> PreviewSnapshot:
        """What `choice` would cost now and later. A mutation in name only: nothing changes, but Stigg
        allows 30 mutations per minute and customer, so cache the answer.
        """
        fields = {"customerId": customer_id} | inputs.choice_fields(choice)
        root = self._run(
            "PreviewSubscription",
            "previewSubscription",
            inputs.with_subscription_billing(fields, billing_information),
        )
        return self._read("PreviewSubscription", lambda: parse.parse_preview(root))

    def update_customer_and_preview(
        self, *, customer_id: str, billing_information: BillingInformation, choice: SubscriptionChoice
    ) -> PreviewSnapshot:
        """Make a card the default, as `update_customer`, and then say what `choice` costs, in one round trip.

        In this order, which GraphQL promises: the price is that of the billing details that were just sent. When
        the preview is refused, the customer has been updated all the same. Safe to repeat.
        """
        operation = "UpdateCustomerAndPreview"
        by_customer = {"customerId": customer_id}
        variables = {
            "customer": inputs.with_customer_billing(by_customer, billing_information),
            "preview": by_customer | inputs.choice_fields(choice),
        }
        data = self._client.execute(operation, variables, idempotent=True)
        root = _root(data, "previewSubscription", operation)
        return self._read(operation, lambda: parse.parse_preview(root))

    def provision_subscription(
        self,
        *,
        customer_id: str,
        choice: SubscriptionChoice,
        subscription_id: str,
        metadata: Mapping[str, str],
        skip_trial: bool = False,
        billing_information: BillingInformation | None = None,
    ) -> ProvisionResult:
        """Subscribe, or change the plan. Waits for the payment, so it may take a minute.

        Never repeated here: after GatewayUnavailable the caller must look for `subscription_id` (or
        for its own metadata, as an upgrade may keep the old id) before it asks again.
        """
        fields = {
            "customerId": customer_id,
            "refId": subscription_id,
            "additionalMetaData": dict(metadata),
            "skipTrial": skip_trial,
        } | inputs.choice_fields(choice)
        root = self._run(
            "ProvisionSubscription",
            "provisionSubscriptionV2",
            inputs.with_subscription_billing(fields, billing_information),
            timeout=self._provision_timeout,
            idempotent=False,
        )
        return self._read("ProvisionSubscription", lambda: parse.parse_provision_result(root))

    def fetch_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        """Raises GatewayNotFound for an unknown id."""
        root = self._run("GetSubscription", "getSubscription", {"subscriptionId": subscription_id})
        return self._read("GetSubscription", lambda: parse.parse_subscription(root))

    def fetch_active_subscriptions(self, customer_id: str) -> tuple[SubscriptionSnapshot, ...]:
        """Those that grant access now. Whether one that waits for payment is among them is not said."""
        root = self._run("GetActiveSubscriptions", "getActiveSubscriptions", {"customerId": customer_id})
        return self._read("GetActiveSubscriptions", lambda: parse.parse_active_subscriptions(root))

    def fetch_subscription_page(self, *, where: Mapping[str, Any], after: str = "") -> SubscriptionPage:
        """One page of the subscriptions, in whatever state, that `where` (SubscriptionQueryFilter) asks for."""
        variables = {"filter": where, "paging": {"first": LIST_PAGE, "after": after or None}}
        data = self._client.execute("GetSubscriptions", variables, idempotent=True)
        root = _root(data, "subscriptions", "GetSubscriptions")
        return self._read("GetSubscriptions", lambda: parse.parse_subscription_page(root))

    def fetch_customer_state(self, customer_id: str) -> CustomerStateSnapshot:
        """Customer, subscriptions and entitlements in one round trip."""
        operation = "GetCustomerState"
        by_customer = {"customerId": customer_id}
        variables = {"customer": by_customer, "subscriptions": by_customer, "entitlements": by_customer}
        data = self._client.execute(operation, variables, idempotent=True)
        customer = _root(data, "getCustomerByRefId", operation)
        subscriptions = _root(data, "getActiveSubscriptions", operation)
        state = _root(data, "entitlementsState", operation)
        return self._read(
            operation,
            lambda: CustomerStateSnapshot(
                customer=parse.parse_customer(customer),
                active_subscriptions=parse.parse_active_subscriptions(subscriptions),
                entitlements_state=parse.parse_entitlements_state(state),
            ),
        )

    def fetch_entitlements_state(self, customer_id: str) -> EntitlementsStateSnapshot:
        """From the API, never from the edge: the edge lags behind a purchase."""
        operation = "GetEntitlementsState"
        data = self._client.execute(operation, {"query": {"customerId": customer_id}}, idempotent=True)
        root = _root(data, "entitlementsState", operation)
        return self._read(operation, lambda: parse.parse_entitlements_state(root))

    def cancel_subscription(
        self, *, subscription_id: str, when: Literal["IMMEDIATE", "END_OF_BILLING_PERIOD"]
    ) -> SubscriptionSnapshot:
        """Safe to repeat: one that is canceled already is read and returned."""
        fields = {"subscriptionRefId": subscription_id, "subscriptionCancellationTime": when}
        try:
            root = self._run("CancelSubscription", "cancelSubscription", fields)
        except GatewayRejected as error:
            if error.upstream_code == "SubscriptionAlreadyCanceledOrExpired":
                return self.fetch_subscription(subscription_id)
            raise
        return self._read("CancelSubscription", lambda: parse.parse_subscription(root))

    def cancel_schedule(
        self, *, subscription_id: str, status: Literal["Scheduled", "PendingPayment"] = "Scheduled"
    ) -> None:
        """Drop the changes that wait for their day, or (PendingPayment) those that wait for money."""
        fields = {"subscriptionId": subscription_id, "status": status}
        self._run("CancelSubscriptionUpdates", "cancelSchedule", fields, idempotent=False)

    def ping(self) -> None:
        """A cheap read that needs a valid key; raises what is wrong."""
        self._client.execute("GetSdkConfiguration", {}, idempotent=True)

    def _run(
        self,
        operation: str,
        root: str,
        fields: Mapping[str, Any],
        *,
        timeout: float | None = None,
        idempotent: bool = True,
    ) -> Any:
        """Run a document whose only variable is `$input` and return its root field."""
        data = self._client.execute(operation, {"input": fields}, timeout=timeout, idempotent=idempotent)
        return _root(data, root, operation)

    def _read(self, operation: str, read: Callable[[], T]) -> T:
        with shaped(PROVIDER, operation):
            return read()

    def _fetch_paywall_json(self, given: dict[str, str], customer_id: str | None) -> dict[str, Any]:
        if customer_id:
            return self._fetch_api_paywall(given | {"customerId": customer_id})
        every_country = "billingCountryCode" not in given
        try:
            return self._fetch_edge_paywall(given, every_country=every_country)
        except GatewayUnauthorized:
            raise
        except GatewayError:  # journaled by the client; the API has the same price list
            return self._fetch_api_paywall(given | ({"fetchAllCountriesPrices": True} if every_country else {}))

    def _fetch_api_paywall(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return _as_object(self._run("GetPaywall", "paywall", given), "GetPaywall")

    def _fetch_edge_paywall(self, given: dict[str, str], *, every_country: bool) -> dict[str, Any]:
        parameters = dict(given)
        product_id = parameters.pop("productId", "")
        path = f"/v1/p/{quote(product_id, safe='')}/paywall.json" if product_id else "/v1/paywall.json"
        if every_country:
            parameters["fetchAllCountriesPrices"] = "true"
        data = self._client.fetch_edge(path, parameters)
        return _as_object(_root(data, "paywall", f"edge {path}"), f"edge {path}")


def _root(data: Mapping[str, Any], root: str, operation: str) -> Any:
    """The root field. Null is Stigg's way to say that it has no such object."""
    if root not in data:
        raise GatewayProtocolError(f"the answer has no {root}", provider=PROVIDER, operation=operation)
    if data[root] is None:
        raise GatewayNotFound(f"{root} is null", provider=PROVIDER, operation=operation)
    return data[root]


def _as_object(value: Any, operation: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GatewayProtocolError("paywall is not an object", provider=PROVIDER, operation=operation)
    return value
