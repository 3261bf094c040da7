"""The verbs of the Stripe gateway over the official SDK: what goes out, what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
import responses

from billing.errors import (
    AuthenticationRequired,
    CardDeclined,
    GatewayNotFound,
    GatewayRejected,
)
from billing.gateways.stripe import StripeGateway
from billing.gateways.stripe.client import StripeConnection
from billing.money import Money
from tests.unit.gateways import answers
from tests.unit.gateways.conftest import STRIPE_KEY

V1 = f"{answers.STRIPE_URL}/v1"
CREATED = datetime(2026, 11, 1, tzinfo=UTC)
PERIOD_END = datetime(2026, 12, 1, tzinfo=UTC)


def form(http: responses.RequestsMock, call: int = -1) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(http.calls[call].request.body).items()}


class TestSetupIntents:
    def test_create(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.post(f"{V1}/setup_intents", json=answers.setup_intent())
        found = stripe_gateway.create_setup_intent(
            customer_id="cus_1", idempotency_key="si-create:1:1", metadata={"checkout_id": "ck-1"}
        )
        assert (found.setup_intent_id, found.client_secret) == ("seti_1", "seti_1_secret_hush")
        assert found.is_reusable
        assert form(http) == {
            "customer": "cus_1",
            "usage": "off_session",
            "automatic_payment_methods[enabled]": "true",
            "metadata[checkout_id]": "ck-1",
        }
        headers = http.calls[0].request.headers
        assert headers["Idempotency-Key"] == "si-create:1:1"
        assert headers["Stripe-Version"] == "2026-10-28.endive"
        assert headers["Authorization"] == f"Bearer {STRIPE_KEY}"

    def test_the_secret_is_not_in_the_repr(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.get(f"{V1}/setup_intents/seti_1", json=answers.setup_intent())
        assert "hush" not in repr(stripe_gateway.fetch_setup_intent("seti_1"))

    def test_fetch_with_a_failure(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        failure = {"code": "card_declined", "decline_code": "generic_decline", "message": "No."}
        http.get(f"{V1}/setup_intents/seti_1", json=answers.setup_intent(last_setup_error=failure))
        found = stripe_gateway.fetch_setup_intent("seti_1")
        assert (found.error_code, found.error_decline_code) == ("card_declined", "generic_decline")
        assert (found.error_message, found.metadata) == ("No.", {"checkout_id": "ck-1"})

    def test_expanded_objects_are_read_by_id(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        raw = answers.setup_intent(
            status="succeeded",
            customer={"id": "cus_1", "object": "customer"},
            payment_method=answers.payment_method(),
        )
        http.get(f"{V1}/setup_intents/seti_1", json=raw)
        found = stripe_gateway.fetch_setup_intent("seti_1")
        assert (found.customer_id, found.payment_method_id, found.is_reusable) == ("cus_1", "pm_1", False)

    def test_cancel(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.post(f"{V1}/setup_intents/seti_1/cancel", json=answers.setup_intent(status="canceled"))
        assert stripe_gateway.cancel_setup_intent("seti_1").status == "canceled"


class TestPaymentMethods:
    def test_list(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        bank = answers.payment_method(id="pm_2", type="sepa_debit", sepa_debit={"last4": "3000"}, card=None)
        wallet = answers.payment_method(id="pm_3")
        wallet["card"] |= {"wallet": {"type": "apple_pay"}}
        http.get(f"{V1}/customers/cus_1/payment_methods", json=answers.listed(answers.payment_method(), bank, wallet))
        card, debit, phone = stripe_gateway.fetch_payment_methods("cus_1")
        assert (card.brand, card.last4, card.exp_year, card.created_at) == ("visa", "4242", 2030, CREATED)
        assert (debit.type, debit.last4, debit.exp_year) == ("sepa_debit", "3000", None)
        assert phone.wallet == "apple_pay"

    def test_fetch_and_detach(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.get(f"{V1}/payment_methods/pm_1", json=answers.payment_method())
        http.post(f"{V1}/payment_methods/pm_1/detach", json=answers.payment_method(customer=None))
        assert stripe_gateway.fetch_payment_method("pm_1").customer_id == "cus_1"
        assert stripe_gateway.detach_payment_method("pm_1").customer_id is None

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({"default_payment_method": "pm_1"}, "pm_1"),
            ({"default_payment_method": {"id": "pm_1"}}, "pm_1"),
            ({"default_payment_method": None}, None),
            (None, None),
        ],
    )
    def test_default(
        self,
        stripe_gateway: StripeGateway,
        http: responses.RequestsMock,
        settings: dict[str, object] | None,
        expected: str | None,
    ) -> None:
        raw = {"id": "cus_1", "object": "customer", "invoice_settings": settings}
        http.get(f"{V1}/customers/cus_1", json=raw)
        assert stripe_gateway.fetch_default_payment_method_id("cus_1") == expected

    def test_default_of_a_deleted_customer(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.get(f"{V1}/customers/cus_1", json={"id": "cus_1", "object": "customer", "deleted": True})
        with pytest.raises(GatewayNotFound):
            stripe_gateway.fetch_default_payment_method_id("cus_1")


class TestInvoices:
    def pay(self, stripe_gateway: StripeGateway) -> object:
        return stripe_gateway.pay_invoice("in_1", payment_method_id="pm_2", idempotency_key="pay:1")

    def test_fetch_with_its_payment(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        payments = answers.listed(
            {"is_default": False, "payment": {"payment_intent": answers.payment_intent(id="pi_0")}},
            {"is_default": True, "payment": {"payment_intent": answers.payment_intent()}},
        )
        http.get(f"{V1}/invoices/in_1", json=answers.invoice(payments=payments))
        found = stripe_gateway.fetch_invoice("in_1")
        assert (found.subscription_id, found.amount_due, found.currency) == ("sub_1", Money(4990, "USD"), "USD")
        assert (found.period_started_at, found.period_ends_at) == (CREATED, PERIOD_END)
        assert found.payment_intent is not None
        assert (found.payment_intent.payment_intent_id, found.payment_intent.decline_code) == (
            "pi_1",
            "insufficient_funds",
        )
        assert "hush" not in repr(found)
        query = parse_qs(http.calls[0].request.url.partition("?")[2])
        assert query["expand[0]"] == ["payments.data.payment.payment_intent"]
        assert query["expand[1]"] == ["confirmation_secret"]

    def test_fetch_without_payments_or_lines(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        raw = answers.invoice(parent=None, lines=answers.listed(), payments=answers.listed(), status=None)
        http.get(f"{V1}/invoices/in_1", json=raw)
        found = stripe_gateway.fetch_invoice("in_1")
        assert (found.subscription_id, found.payment_intent, found.status) == (None, None, "draft")
        assert found.period_started_at == CREATED

    def test_list(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.get(f"{V1}/invoices", json=answers.listed(answers.invoice(), answers.invoice(id="in_0")))
        assert [row.invoice_id for row in stripe_gateway.fetch_invoices("cus_1", limit=5)] == ["in_1", "in_0"]
        assert http.calls[0].request.params == {"customer": "cus_1", "limit": "5"}

    def test_pay(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.post(f"{V1}/invoices/in_1/pay", json=answers.invoice(status="paid"))
        assert self.pay(stripe_gateway).status == "paid"
        assert form(http)["payment_method"] == "pm_2"
        assert http.calls[0].request.headers["Idempotency-Key"] == "pay:1"

    def test_pay_with_a_declined_card(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        body = answers.stripe_failure("card_error", code="card_declined", decline_code="insufficient_funds")
        http.post(f"{V1}/invoices/in_1/pay", status=402, json=body, headers={"Request-Id": "req_1"})
        with pytest.raises(CardDeclined) as caught:
            self.pay(stripe_gateway)
        assert (caught.value.decline_code, caught.value.request_id) == ("insufficient_funds", "req_1")

    @pytest.mark.parametrize(
        ("status", "details"),
        [
            (402, {"kind": "card_error", "code": "authentication_required"}),
            (402, {"kind": "card_error", "code": "card_declined", "decline_code": "authentication_required"}),
            (400, {"kind": "invalid_request_error", "code": "invoice_payment_intent_requires_action"}),
        ],
    )
    def test_pay_needs_3d_secure(
        self, stripe_gateway: StripeGateway, http: responses.RequestsMock, status: int, details: dict[str, str]
    ) -> None:
        http.post(f"{V1}/invoices/in_1/pay", status=status, json=answers.stripe_failure(**details))
        with pytest.raises(AuthenticationRequired):
            self.pay(stripe_gateway)

    def test_pay_what_is_paid_already(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.post(f"{V1}/invoices/in_1/pay", status=400, json=answers.stripe_failure(message="already paid"))
        http.get(f"{V1}/invoices/in_1", json=answers.invoice(status="paid"))
        assert self.pay(stripe_gateway).status == "paid"

    def test_pay_what_is_void(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.post(f"{V1}/invoices/in_1/pay", status=400, json=answers.stripe_failure(code="invoice_not_editable"))
        http.get(f"{V1}/invoices/in_1", json=answers.invoice(status="void"))
        with pytest.raises(GatewayRejected) as caught:
            self.pay(stripe_gateway)
        assert caught.value.upstream_code == "invoice_not_editable"

    def test_pay_what_does_not_exist(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        http.post(f"{V1}/invoices/in_1/pay", status=404, json=answers.stripe_failure(code="resource_missing"))
        with pytest.raises(GatewayNotFound):
            self.pay(stripe_gateway)

    def test_fetch_payment_intent(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        raw = answers.payment_intent(amount=500, currency="jpy", last_payment_error=None)
        http.get(f"{V1}/payment_intents/pi_1", json=raw)
        found = stripe_gateway.fetch_payment_intent("pi_1")
        assert (found.amount, found.decline_code) == (Money(500, "JPY"), "")
        assert "hush" not in repr(found)


class TestAccount:
    @pytest.mark.parametrize(("key", "live"), [("sk_test_x", False), ("sk_live_x", True), ("rk_live_x", True)])
    def test_account(self, http: responses.RequestsMock, key: str, live: bool) -> None:
        raw = {"id": "acct_1", "object": "account", "settings": {"dashboard": {"display_name": "Tollgate"}}}
        http.get(f"{V1}/account", json=raw)
        gateway = StripeGateway(StripeConnection(secret_key=key, api_url=answers.STRIPE_URL))
        found = gateway.fetch_account()
        assert (found.account_id, found.livemode, found.display_name) == ("acct_1", live, "Tollgate")

    def test_webhook_endpoints(self, stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
        row = {
            "id": "we_1",
            "object": "webhook_endpoint",
            "url": "https://shop.example/hooks/stripe/",
            "status": "enabled",
            "api_version": None,
            "enabled_events": ["invoice.paid"],
        }
        http.get(f"{V1}/webhook_endpoints", json=answers.listed(row))
        (found,) = stripe_gateway.fetch_webhook_endpoints()
        assert (found.url, found.api_version, found.enabled_events) == (row["url"], "", ("invoice.paid",))
