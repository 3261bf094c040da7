"""The official SDK as we want it: pinned version, short time-outs, its own retries; and our guard around it.

The SDK repeats connection errors, 409 and 5xx twice, each POST with the same idempotency key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import stripe

from billing.errors import ConfigurationError
from billing.gateways.guard import Breaker, Guard
from billing.gateways.stripe.failures import PROVIDER, not_stripes, translate

API_VERSION = "2026-10-28.endive"
MORE_TRIES = 2

# At DEBUG the SDK logs whole answers, client secrets included.
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripeConnection:
    """One Stripe account, the key's own."""

    def __init__(
        self,
        *,
        secret_key: str,
        api_url: str = "",
        connect_timeout_seconds: float = 3.0,
        read_timeout_seconds: float = 10.0,
        more_tries: int = MORE_TRIES,
        guard: Guard | None = None,
    ) -> None:
        _check_key(secret_key)
        self.is_live = secret_key.startswith(("sk_live_", "rk_live_"))
        self._guard = guard or Guard(PROVIDER, max_concurrent=8, breaker=Breaker(failures=5, seconds=10.0))
        self.v1 = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_url.rstrip("/")} if api_url else {},
            max_network_retries=more_tries,
            http_client=stripe.RequestsClient(timeout=(connect_timeout_seconds, read_timeout_seconds)),
        ).v1

    def call(self, operation: str, function: Callable[[], stripe.StripeObject]) -> dict[str, Any]:
        """Run one SDK call and return its object as plain data. Raises `billing.errors` only."""
        with self._guard.call(operation) as record:
            try:
                answer = function()
            except stripe.StripeError as error:
                raise translate(error, operation) from error
            except ValueError as error:  # the SDK decodes the body as UTF-8 before it looks at it
                raise not_stripes(operation) from error
            if not isinstance(answer, stripe.StripeObject):
                raise not_stripes(operation)
            last_response = answer.last_response
            record.request_id = (last_response.request_id or "") if last_response else ""
            return dict(answer.to_dict())


def _check_key(secret_key: str) -> None:
    """A key with a stray line end would otherwise be printed inside the HTTP library's error."""
    if not secret_key:
        raise ConfigurationError("The Stripe secret key is empty: set it to the key that begins with sk_ or rk_.")
    if not secret_key.isascii() or not secret_key.isprintable() or " " in secret_key:
        raise ConfigurationError("The Stripe secret key holds spaces, line ends or other characters that no key has.")
