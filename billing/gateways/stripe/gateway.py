"""The verbs that the product uses of Stripe, typed. One verb is one call unless its docstring says more.

Raises `billing.errors` and nothing else. Subscriptions and invoices are made by Stigg: what we
write to Stripe are SetupIntents, detached cards and the payment of an open invoice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import stripe

from billing.errors import GatewayNotFound, GatewayRejected, GatewayUnauthorized
from billing.gateways.shape import shaped
from billing.gateways.stripe import parse
from billing.gateways.stripe.client import StripeConnection
from billing.gateways.stripe.failures import PROVIDER
from billing.gateways.stripe.types import (
    AccountSnapshot,
    InvoiceSnapshot,
    PaymentIntentSnapshot,
    PaymentMethodSnapshot,
    SetupIntentSnapshot,
    WebhookEndpointSnapshot,
)

# The newest API keeps an invoice's PaymentIntent behind its payments, and its secret only when asked for.
# Source: https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
INVOICE_EXPAND = ["payments.data.payment.payment_intent", "confirmation_secret"]
LONGEST_LIST = 100

T = TypeVar("T")


class StripeGateway:
    """SetupIntents, payment methods and invoices of one Stripe account."""

    def __init__(self, connection: StripeConnection) -> None:
        self._connection = connection
        self._v1 = connection.v1

    def create_setup_intent(
        self, *, customer_id: str, idempotency_key: str, metadata: Mapping[str, str]
    ) -> SetupIntentSnapshot:
        """A SetupIntent for later charges without the customer. The same key gives the same one.

        Source: https://docs.stripe.com/api/setup_intents/create
        """
        return self._fetch(
            "create_setup_intent",
            lambda: self._v1.setup_intents.create(
                params={
                    "customer": customer_id,
                    "usage": "off_session",
                    "automatic_payment_methods": {"enabled": True},
                    "metadata": dict(metadata),
                },
                options={"idempotency_key": idempotency_key},
            ),
            parse.setup_intent,
        )

    def fetch_setup_intent(self, setup_intent_id: str) -> SetupIntentSnapshot:
        """With its payment method, and its `client_secret`: for the page of its own customer only."""
        return self._fetch(
            "fetch_setup_intent",
            lambda: self._v1.setup_intents.retrieve(setup_intent_id, params={"expand": ["payment_method"]}),
            parse.setup_intent,
        )

    def cancel_setup_intent(self, setup_intent_id: str) -> SetupIntentSnapshot:
        """Raises GatewayRejected when it is spent already."""
        return self._fetch(
            "cancel_setup_intent", lambda: self._v1.setup_intents.cancel(setup_intent_id), parse.setup_intent
        )

    def fetch_payment_methods(self, customer_id: str) -> tuple[PaymentMethodSnapshot, ...]:
        """All types, the newest hundred."""
        return self._fetch_list(
            "fetch_payment_methods",
            lambda: self._v1.customers.payment_methods.list(customer_id, params={"limit": LONGEST_LIST}),
            parse.payment_method,
        )

    def fetch_payment_method(self, payment_method_id: str) -> PaymentMethodSnapshot:
        return self._fetch(
            "fetch_payment_method",
            lambda: self._v1.payment_methods.retrieve(payment_method_id),
            parse.payment_method,
        )

    def detach_payment_method(self, payment_method_id: str) -> PaymentMethodSnapshot:
        """For good: a detached card cannot be attached again."""
        return self._fetch(
            "detach_payment_method",
            lambda: self._v1.payment_methods.detach(payment_method_id),
            parse.payment_method,
        )

    def fetch_default_payment_method_id(self, customer_id: str) -> str | None:
        """The one that invoices are charged to. Raises GatewayNotFound for a deleted customer too."""
        operation = "fetch_default_payment_method_id"
        raw = self._connection.call(operation, lambda: self._v1.customers.retrieve(customer_id))
        if raw.get("deleted"):
            raise GatewayNotFound("the customer is deleted", provider=PROVIDER, operation=operation)
        with shaped(PROVIDER, operation):
            return parse.id_of((raw.get("invoice_settings") or {}).get("default_payment_method"))

    def fetch_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        """With the PaymentIntent of its default payment: status, secret, reason of a decline."""
        return self._fetch(
            "fetch_invoice",
            lambda: self._v1.invoices.retrieve(invoice_id, params={"expand": INVOICE_EXPAND}),
            parse.invoice,
        )

    def fetch_invoices(self, customer_id: str, limit: int = 24) -> tuple[InvoiceSnapshot, ...]:
        """The newest first, without PaymentIntents."""
        return self._fetch_list(
            "fetch_invoices",
            lambda: self._v1.invoices.list(params={"customer": customer_id, "limit": limit}),
            parse.invoice,
        )

    def pay_invoice(self, invoice_id: str, *, payment_method_id: str, idempotency_key: str) -> InvoiceSnapshot:
        """Charge the open invoice to this card now. One that is paid already is read and returned.

        Raises CardDeclined, or AuthenticationRequired when the bank wants 3-D Secure first.
        Source: https://docs.stripe.com/api/invoices/pay
        """
        try:
            return self._fetch(
                "pay_invoice",
                lambda: self._v1.invoices.pay(
                    invoice_id,
                    params={"payment_method": payment_method_id, "expand": INVOICE_EXPAND},
                    options={"idempotency_key": idempotency_key},
                ),
                parse.invoice,
            )
        except (GatewayNotFound, GatewayUnauthorized):
            raise
        except GatewayRejected:
            # Whatever the refusal is called: what counts is whether the money has come.
            found = self.fetch_invoice(invoice_id)
            if found.status == "paid":
                return found
            raise

    def fetch_payment_intent(self, payment_intent_id: str) -> PaymentIntentSnapshot:
        """With its `client_secret`: for the page of its own customer only."""
        return self._fetch(
            "fetch_payment_intent",
            lambda: self._v1.payment_intents.retrieve(payment_intent_id),
            parse.payment_intent,
        )

    def fetch_account(self) -> AccountSnapshot:
        """The account that the key belongs to."""
        is_live = self._connection.is_live
        return self._fetch(
            "fetch_account",
            self._v1.accounts.retrieve_current,
            lambda raw: parse.account(raw, is_live=is_live),
        )

    def fetch_webhook_endpoints(self) -> tuple[WebhookEndpointSnapshot, ...]:
        """Every endpoint of the account, ours and others'."""
        return self._fetch_list(
            "fetch_webhook_endpoints",
            lambda: self._v1.webhook_endpoints.list(params={"limit": LONGEST_LIST}),
            parse.webhook_endpoint,
        )

    def _fetch(self, operation: str, function: Callable[[], stripe.StripeObject], read: Callable[[parse.Json], T]) -> T:
        raw = self._connection.call(operation, function)
        with shaped(PROVIDER, operation):
            return read(raw)

    def _fetch_list(
        self, operation: str, function: Callable[[], stripe.StripeObject], read: Callable[[parse.Json], T]
    ) -> tuple[T, ...]:
        raw = self._connection.call(operation, function)
        with shaped(PROVIDER, operation):
            return tuple(read(row) for row in raw["data"])
