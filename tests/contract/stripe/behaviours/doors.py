"""Two doors into Stripe's side: its official SDK, and plain HTTP. Each call and answer is checked at both."""

import json
from dataclasses import dataclass
from typing import Any

import requests
import stripe

from tests.contract.stripe.side import PUBLISHABLE_KEY, SECRET_KEY, StripeSide, check_exchange

ROUTES = {
    "charges.list": "GET /v1/charges",
    "customer_sessions.create": "POST /v1/customer_sessions",
    "customers.create": "POST /v1/customers",
    "customers.delete": "DELETE /v1/customers/{}",
    "customers.list": "GET /v1/customers",
    "customers.payment_methods.list": "GET /v1/customers/{}/payment_methods",
    "customers.retrieve": "GET /v1/customers/{}",
    "customers.update": "POST /v1/customers/{}",
    "events.list": "GET /v1/events",
    "events.retrieve": "GET /v1/events/{}",
    "invoice_payments.list": "GET /v1/invoice_payments",
    "invoices.create_preview": "POST /v1/invoices/create_preview",
    "invoices.list": "GET /v1/invoices",
    "invoices.pay": "POST /v1/invoices/{}/pay",
    "invoices.retrieve": "GET /v1/invoices/{}",
    "payment_intents.cancel": "POST /v1/payment_intents/{}/cancel",
    "payment_intents.confirm": "POST /v1/payment_intents/{}/confirm",
    "payment_intents.create": "POST /v1/payment_intents",
    "payment_intents.list": "GET /v1/payment_intents",
    "payment_intents.retrieve": "GET /v1/payment_intents/{}",
    "payment_methods.attach": "POST /v1/payment_methods/{}/attach",
    "payment_methods.detach": "POST /v1/payment_methods/{}/detach",
    "payment_methods.retrieve": "GET /v1/payment_methods/{}",
    "prices.create": "POST /v1/prices",
    "prices.list": "GET /v1/prices",
    "prices.retrieve": "GET /v1/prices/{}",
    "products.create": "POST /v1/products",
    "products.list": "GET /v1/products",
    "products.retrieve": "GET /v1/products/{}",
    "products.update": "POST /v1/products/{}",
    "setup_attempts.list": "GET /v1/setup_attempts",
    "setup_intents.cancel": "POST /v1/setup_intents/{}/cancel",
    "setup_intents.confirm": "POST /v1/setup_intents/{}/confirm",
    "setup_intents.create": "POST /v1/setup_intents",
    "setup_intents.list": "GET /v1/setup_intents",
    "setup_intents.retrieve": "GET /v1/setup_intents/{}",
    "subscriptions.cancel": "DELETE /v1/subscriptions/{}",
    "subscriptions.create": "POST /v1/subscriptions",
    "subscriptions.list": "GET /v1/subscriptions",
    "subscriptions.retrieve": "GET /v1/subscriptions/{}",
    "subscriptions.update": "POST /v1/subscriptions/{}",
    "test_helpers.test_clocks.advance": "POST /v1/test_helpers/test_clocks/{}/advance",
    "test_helpers.test_clocks.create": "POST /v1/test_helpers/test_clocks",
    "test_helpers.test_clocks.retrieve": "GET /v1/test_helpers/test_clocks/{}",
    "webhook_endpoints.create": "POST /v1/webhook_endpoints",
    "webhook_endpoints.delete": "DELETE /v1/webhook_endpoints/{}",
    "webhook_endpoints.list": "GET /v1/webhook_endpoints",
}
SDK_ERRORS: dict[str, type[stripe.StripeError]] = {
    "api_error": stripe.APIError,
    "card_error": stripe.CardError,
    "idempotency_error": stripe.IdempotencyError,
    "invalid_request_error": stripe.InvalidRequestError,
}
SDK_ERRORS_BY_STATUS: dict[int, type[stripe.StripeError]] = {
    401: stripe.AuthenticationError,
    403: stripe.PermissionError,
    409: stripe.APIError,
    429: stripe.RateLimitError,
}


class Refused(Exception):
    """An error answer: `error` is Stripe's error object."""

    def __init__(self, status: int, error: dict[str, Any], headers: dict[str, str]) -> None:
        super().__init__(f"{status}: {error}")
        self.status, self.error, self.headers = status, error, headers
        self.code, self.kind = error.get("code"), error["type"]


class Answer(dict[str, Any]):
    """The body, with the headers beside it (names in lower case)."""

    headers: dict[str, str]


@dataclass
class Door:
    side: StripeSide
    key: str = SECRET_KEY
    idempotency_key: str | None = None

    def __call__(self, operation: str, *ids: str, **params: Any) -> Answer:
        raise NotImplementedError

    def browser(self) -> "Door":
        """What Stripe.js is: the publishable key."""
        return type(self)(self.side, PUBLISHABLE_KEY)

    def with_key(self, key: str) -> "Door":
        return type(self)(self.side, key)

    def once(self, idempotency_key: str) -> "Door":
        return type(self)(self.side, self.key, idempotency_key)


class SdkDoor(Door):
    def __call__(self, operation: str, *ids: str, **params: Any) -> Answer:
        call: Any = self._client().v1
        for name in operation.split("."):
            call = getattr(call, name)
        options = {"idempotency_key": self.idempotency_key} if self.idempotency_key else {}
        try:
            made = call(*ids, params, options)
        except stripe.StripeError as error:
            raise _refused(error) from error
        answer = Answer(made.to_dict())
        answer.headers = _lower(made.last_response.headers)
        return answer

    def _client(self) -> stripe.StripeClient:
        return self.side.client(self.key)


class RawDoor(Door):
    def __call__(self, operation: str, *ids: str, **params: Any) -> Answer:
        method, path = ROUTES[operation].split(" ")
        headers = {"Authorization": f"Bearer {self.key}"}
        if self.idempotency_key:
            headers["Idempotency-Key"] = self.idempotency_key
        where = "data" if method == "POST" else "params"
        sent: Any = {where: list(bracketed(params))}
        url = f"{self.side.url}{path.format(*ids)}"
        answered = requests.request(method, url, headers=headers, timeout=10, **sent)
        body, form = answered.json(), answered.request.body or ""
        check_exchange(method, answered.url, headers["Authorization"], str(form), answered.status_code, body)
        if answered.status_code != 200:
            raise Refused(answered.status_code, body["error"], _lower(answered.headers))
        answer = Answer(body)
        answer.headers = _lower(answered.headers)
        return answer


DOORS: dict[str, type[Door]] = {"SDK": SdkDoor, "raw HTTP": RawDoor}


def bracketed(value: Any, name: str = "") -> Any:
    """{"items": [{"price": "p"}]} → items[0][price]=p"""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from bracketed(inner, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from bracketed(inner, f"{name}[{index}]")
    else:
        yield name, json.dumps(value) if isinstance(value, bool) else str(value)


def _refused(error: stripe.StripeError) -> Refused:
    """The SDK must have made the exception that a program would catch."""
    assert isinstance(error.json_body, dict), error
    body, status = error.json_body["error"], error.http_status or 0
    assert isinstance(error, SDK_ERRORS_BY_STATUS.get(status, SDK_ERRORS[body["type"]])), repr(error)
    return Refused(status, body, _lower(error.headers or {}))


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
