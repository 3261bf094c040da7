"""From the SDK's exceptions to ours. No `stripe.*` exception leaves billing.gateways.stripe.

Source: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

import stripe

from billing.errors import (
    AuthenticationRequired,
    BillingError,
    CardDeclined,
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnauthorized,
    GatewayUnavailable,
)

PROVIDER = "stripe"
LONGEST_MESSAGE = 300
SECRETS = re.compile(r"\b(?:sk|rk|whsec)_[\w*]+|\w+_secret_\w+")
AUTHENTICATION_CODES = frozenset(
    {
        "authentication_required",
        "invoice_payment_intent_requires_action",
        "subscription_payment_intent_requires_action",
    }
)


class _Where(TypedDict):
    provider: str
    operation: str
    request_id: str


def translate(error: stripe.StripeError, operation: str) -> BillingError:
    """What `error` means to us."""
    details = _details(error)
    message = _message(error, details)
    where = _Where(provider=PROVIDER, operation=operation, request_id=error.request_id or "")
    code = error.code or str(details.get("code") or details.get("type") or "")
    status = error.http_status
    if isinstance(error, stripe.RateLimitError):
        return GatewayRateLimited(message, retry_after_seconds=_retry_after(error), **where)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return GatewayUnauthorized(message, upstream_code=code, upstream_status=status, **where)
    if AUTHENTICATION_CODES & {code, str(details.get("decline_code") or "")}:
        return AuthenticationRequired(message)
    if isinstance(error, stripe.CardError):
        declined = str(details.get("decline_code") or code)
        return CardDeclined(message, decline_code=declined, request_id=where["request_id"])
    if _is_passing(error):
        return GatewayUnavailable(message, upstream_code=code, upstream_status=status, **where)
    if code == "resource_missing" or status == 404:
        return GatewayNotFound(message, upstream_code=code, upstream_status=status, **where)
    if not details:
        return GatewayProtocolError(message, upstream_status=status, **where)
    return GatewayRejected(message, upstream_code=code, upstream_status=status, **where)


def not_stripes(operation: str) -> GatewayProtocolError:
    """For an answer that is JSON, and yet no object of Stripe's."""
    return GatewayProtocolError("the answer is no Stripe object", provider=PROVIDER, operation=operation)


def _message(error: stripe.StripeError, details: dict[str, Any]) -> str:
    if not details and error.http_status is not None:
        # The SDK puts the whole body into its message: it stays out of our logs.
        return f"HTTP {error.http_status} without one of Stripe's errors"
    one_line = " ".join(str(error.user_message or type(error).__name__).split())
    return SECRETS.sub("(secret)", one_line)[:LONGEST_MESSAGE]


def _is_passing(error: stripe.StripeError) -> bool:
    """Time-outs, connections, 5xx, and 409: the same key is being worked on at this moment."""
    if isinstance(error, stripe.APIConnectionError):
        return True
    return error.http_status is not None and (error.http_status >= 500 or error.http_status == 409)


def _details(error: stripe.StripeError) -> dict[str, Any]:
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    return details if isinstance(details, dict) else {}


def _retry_after(error: stripe.StripeError) -> float | None:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
