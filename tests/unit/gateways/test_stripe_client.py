"""The door to Stripe: what each failure means, what is tried again, what is journaled and what never is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
import requests
import responses
import stripe

from billing.errors import (
    BillingError,
    CardDeclined,
    ConfigurationError,
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnauthorized,
    GatewayUnavailable,
)
from billing.gateways.guard import Breaker, CallRefused, Guard
from billing.gateways.stripe import StripeGateway
from billing.gateways.stripe.client import StripeConnection
from tests.unit.gateways import answers
from tests.unit.gateways.conftest import STRIPE_KEY, Journal

V1 = f"{answers.STRIPE_URL}/v1"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, answers.stripe_failure(), GatewayUnauthorized),
        (403, answers.stripe_failure(), GatewayUnauthorized),
        (404, answers.stripe_failure(code="resource_missing"), GatewayNotFound),
        (400, answers.stripe_failure(code="parameter_unknown"), GatewayRejected),
        (400, answers.stripe_failure("idempotency_error"), GatewayRejected),
        (409, answers.stripe_failure("idempotency_error", code="idempotency_key_in_use"), GatewayUnavailable),
        (429, answers.stripe_failure(code="rate_limit"), GatewayRateLimited),
        (500, answers.stripe_failure("api_error"), GatewayUnavailable),
        (503, "<html>", GatewayUnavailable),
        (200, "<html>", GatewayProtocolError),
        (200, "[]", GatewayProtocolError),
        (200, "1", GatewayProtocolError),
        (200, "null", GatewayProtocolError),
        (200, b"\xff\xfe", GatewayProtocolError),
        (200, '{"object": "setup_intent"}', GatewayProtocolError),
        (200, '{"id": "seti_1", "status": "x", "metadata": "x"}', GatewayProtocolError),
        (418, "{}", GatewayProtocolError),
    ],
)
def test_failures(
    stripe_gateway: StripeGateway,
    http: responses.RequestsMock,
    status: int,
    body: str | bytes | dict[str, object],
    kind: type[BillingError],
) -> None:
    text = json.dumps(body) if isinstance(body, dict) else body
    http.get(f"{V1}/setup_intents/seti_1", status=status, body=text)
    with pytest.raises(kind) as caught:
        stripe_gateway.fetch_setup_intent("seti_1")
    assert type(caught.value) is kind
    assert "html" not in str(caught.value)


@pytest.mark.parametrize(
    "trouble", [requests.ConnectTimeout("x"), requests.ReadTimeout("x"), requests.ConnectionError("x")]
)
def test_no_answer(stripe_gateway: StripeGateway, http: responses.RequestsMock, trouble: Exception) -> None:
    http.get(f"{V1}/setup_intents/seti_1", body=trouble)
    with pytest.raises(GatewayUnavailable):
        stripe_gateway.fetch_setup_intent("seti_1")


def test_retry_after(stripe_gateway: StripeGateway, http: responses.RequestsMock) -> None:
    http.get(f"{V1}/setup_intents/x", status=429, json=answers.stripe_failure(), headers={"Retry-After": "3"})
    with pytest.raises(GatewayRateLimited) as caught:
        stripe_gateway.fetch_setup_intent("x")
    assert caught.value.retry_after_seconds == 3


def test_the_sdk_tries_three_times_with_one_key(
    http: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, journal: Journal
) -> None:
    monkeypatch.setattr(stripe.RequestsClient, "INITIAL_DELAY", 0.0)
    monkeypatch.setattr(stripe.RequestsClient, "MAX_DELAY", 0.0)
    http.post(f"{V1}/setup_intents", status=500, json=answers.stripe_failure("api_error"))
    gateway = StripeGateway(StripeConnection(secret_key=STRIPE_KEY, api_url=answers.STRIPE_URL))
    with pytest.raises(GatewayUnavailable):
        gateway.create_setup_intent(customer_id="cus_1", idempotency_key="k", metadata={})
    assert [call.request.headers["Idempotency-Key"] for call in http.calls] == ["k", "k", "k"]
    assert len(journal.calls()) == 1


def test_an_open_breaker_costs_no_call(http: responses.RequestsMock) -> None:
    guard = Guard("stripe", max_concurrent=2, breaker=Breaker(failures=1, seconds=10))
    connection = StripeConnection(secret_key=STRIPE_KEY, api_url=answers.STRIPE_URL, more_tries=0, guard=guard)
    http.get(f"{V1}/account", status=500)
    with pytest.raises(GatewayUnavailable):
        StripeGateway(connection).fetch_account()
    with pytest.raises(CallRefused):
        StripeGateway(connection).fetch_account()
    assert len(http.calls) == 1


def test_declines_do_not_open_the_breaker(http: responses.RequestsMock) -> None:
    guard = Guard("stripe", max_concurrent=2, breaker=Breaker(failures=1, seconds=10))
    connection = StripeConnection(secret_key=STRIPE_KEY, api_url=answers.STRIPE_URL, more_tries=0, guard=guard)
    declined = answers.stripe_failure("card_error", code="expired_card")
    http.post(f"{V1}/invoices/in_1/pay", status=402, json=declined)
    for _ in range(2):
        with pytest.raises(CardDeclined) as caught:
            StripeGateway(connection).pay_invoice("in_1", payment_method_id="pm_1", idempotency_key="k")
    assert caught.value.decline_code == "expired_card"


def test_request_id_is_journaled(stripe_gateway: StripeGateway, http: responses.RequestsMock, journal: Journal) -> None:
    http.get(f"{V1}/setup_intents/seti_1", json=answers.setup_intent(), headers={"Request-Id": "req_5"})
    stripe_gateway.fetch_setup_intent("seti_1")
    (line,) = journal.calls()
    assert (line["provider"], line["operation"], line["request_id"]) == ("stripe", "fetch_setup_intent", "req_5")


def test_no_secret_in_logs_or_errors(
    stripe_gateway: StripeGateway,
    http: responses.RequestsMock,
    journal: Journal,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    message = f"No such key {STRIPE_KEY}, nor seti_1_secret_hush"
    http.get(f"{V1}/setup_intents/seti_1", json=answers.setup_intent())
    http.get(f"{V1}/setup_intents/seti_2", status=401, json=answers.stripe_failure(message=message))
    stripe_gateway.fetch_setup_intent("seti_1")
    with pytest.raises(GatewayUnauthorized) as caught:
        stripe_gateway.fetch_setup_intent("seti_2")
    ours = json.dumps(journal) + str(caught.value) + repr(caught.value)
    assert "hush" not in ours
    assert "seti_1_secret_hush" not in "".join(line for line in caplog.messages if message not in line)


@pytest.mark.parametrize("key", ["", "sk_test_x\n", "sk test x"])
def test_impossible_keys_are_named_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        StripeConnection(secret_key=key)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "verb",
    [
        lambda gateway: gateway.fetch_payment_methods("cus_1"),
        lambda gateway: gateway.fetch_webhook_endpoints(),
        lambda gateway: gateway.fetch_invoices("cus_1"),
    ],
)
def test_lists_that_are_none(
    stripe_gateway: StripeGateway, http: responses.RequestsMock, verb: Callable[[StripeGateway], object]
) -> None:
    for path in ("customers/cus_1/payment_methods", "webhook_endpoints", "invoices"):
        http.get(f"{V1}/{path}", json={"object": "something"})
    http.assert_all_requests_are_fired = False
    with pytest.raises(GatewayProtocolError):
        verb(stripe_gateway)
