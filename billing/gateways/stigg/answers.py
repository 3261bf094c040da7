"""From an HTTP answer of Stigg to its `data`, or to the error of `billing.errors` that it means.

HTTP 200 with `errors` is a failure, partial data or not; `extensions.code` decides the class.
Two spellings of the codes are published, CustomerNotFound and CUSTOMER_NOT_FOUND: what leaves here
has the first one, that of the enum.
"""

from __future__ import annotations

import json
from typing import Any

import requests

from billing.errors import (
    GatewayError,
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnauthorized,
    GatewayUnavailable,
)

PROVIDER = "stigg"
LONGEST_MESSAGE = 300

UNAUTHORIZED_CODES = frozenset(
    {
        "Unauthenticated",
        "Forbidden",
        "ApiKeyExpired",
        "ApiKeyNotFound",
        "AccessDeniedError",
        "IdentityForbidden",
        "AuthCustomerMismatch",
        "AuthCustomerReadonly",
    }
)
RATE_LIMIT_CODES = frozenset({"RateLimitExceeded"})
UNAVAILABLE_CODES = frozenset(
    {
        "OperationTimeout",
        "UnexpectedError",
        "InternalServerError",
        "ObjectAlreadyBeingUsedByAnotherRequestError",
    }
)
# Ends in "NotFound", yet nothing is missing but a card: the caller must see the code.
NOT_REALLY_NOT_FOUND_CODES = frozenset({"PaymentMethodNotFoundError"})


def read_data(response: requests.Response, operation: str) -> dict[str, Any]:
    """The `data` object of a GraphQL or edge answer. Raises a GatewayError for every other answer."""
    _raise_for_refusal(response, operation)
    body = _read_json(response, operation)
    errors = body.get("errors")
    if errors:
        raise error_for(errors, operation, status=response.status_code, hidden=_key_of(response))
    _raise_for_status(response, operation)
    data = body.get("data")
    if not isinstance(data, dict):
        raise GatewayProtocolError("the answer has no data", provider=PROVIDER, operation=operation)
    return data


def error_for(errors: Any, operation: str, *, status: int, hidden: str = "") -> GatewayError:
    """The error that a GraphQL `errors` list means; the first one speaks for all.

    `hidden` is a text that the message must not repeat: the key.
    """
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    given = first.get("extensions")
    extensions: dict[str, Any] = given if isinstance(given, dict) else {}
    code = _as_in_the_enum(str(extensions.get("code") or ""))
    message = str(first.get("message") or code or "refused without a message")
    message = (message.replace(hidden, "(key)") if hidden else message)[:LONGEST_MESSAGE]
    trace_id = str(extensions.get("traceId") or "")
    if code in RATE_LIMIT_CODES:
        return GatewayRateLimited(message, provider=PROVIDER, operation=operation, request_id=trace_id)
    return _class_for(code)(
        f"{code}: {message}" if code else message,
        provider=PROVIDER,
        operation=operation,
        request_id=trace_id,
        upstream_code=code,
        upstream_status=status,
    )


def _class_for(code: str) -> type[GatewayError]:
    if code in UNAUTHORIZED_CODES:
        return GatewayUnauthorized
    if code in UNAVAILABLE_CODES:
        return GatewayUnavailable
    if code.removesuffix("Error").endswith("NotFound") and code not in NOT_REALLY_NOT_FOUND_CODES:
        return GatewayNotFound
    return GatewayRejected


def _as_in_the_enum(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_")) if code.isupper() else code


def _raise_for_refusal(response: requests.Response, operation: str) -> None:
    """Statuses that say enough without a look at the body."""
    status = response.status_code
    if status == 429:
        seconds = _retry_after(response)
        raise GatewayRateLimited("slow down", retry_after_seconds=seconds, provider=PROVIDER, operation=operation)
    if status >= 500 or status == 408:
        raise GatewayUnavailable(f"HTTP {status}", provider=PROVIDER, operation=operation, upstream_status=status)
    if status in {401, 403}:
        raise GatewayUnauthorized(
            f"HTTP {status}: the API key was refused",
            provider=PROVIDER,
            operation=operation,
            upstream_status=status,
        )
    if 300 <= status < 400:
        raise GatewayProtocolError(
            f"HTTP {status}: redirects are not followed",
            provider=PROVIDER,
            operation=operation,
            upstream_status=status,
        )


def _raise_for_status(response: requests.Response, operation: str) -> None:
    status = response.status_code
    if status >= 400:
        kind = GatewayNotFound if status == 404 else GatewayRejected
        raise kind(f"HTTP {status}", provider=PROVIDER, operation=operation, upstream_status=status)


def _read_json(response: requests.Response, operation: str) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError) as error:
        _raise_for_status(response, operation)
        raise GatewayProtocolError("the answer is not JSON", provider=PROVIDER, operation=operation) from error
    if not isinstance(body, dict):
        raise GatewayProtocolError("the answer is not a JSON object", provider=PROVIDER, operation=operation)
    return body


def _key_of(response: requests.Response) -> str:
    return str(response.request.headers.get("X-API-KEY") or "")


def _retry_after(response: requests.Response) -> float | None:
    """Seconds; the date form of the header is not used by any provider that we know."""
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return None
