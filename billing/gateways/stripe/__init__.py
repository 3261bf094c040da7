"""Stripe: SetupIntents, payment methods and invoices, through the official SDK, which nobody else imports.

`current()` is the gateway that the settings describe; tests and tools build their own.
"""

from __future__ import annotations

import threading

from billing import conf
from billing.gateways.guard import Breaker, Guard
from billing.gateways.stripe.client import StripeConnection
from billing.gateways.stripe.failures import PROVIDER
from billing.gateways.stripe.gateway import StripeGateway

__all__ = ["StripeGateway", "build", "current"]

_lock = threading.Lock()
_built: tuple[conf.BillingConf, StripeGateway] | None = None


def current() -> StripeGateway:
    """The gateway of the current settings: one per process, so that its breaker sees every call.

    Raises ConfigurationError when the key is missing.
    """
    global _built  # noqa: PLW0603 - the one cache of this module, behind a lock
    wanted = conf.current()
    with _lock:
        if _built is None or _built[0] != wanted:
            _built = (wanted, build(wanted))
        return _built[1]


def build(settings: conf.BillingConf) -> StripeGateway:
    """A gateway of its own, with its own breaker and connections."""
    breaker = Breaker(failures=settings.breaker_failures, seconds=settings.breaker_seconds)
    connection = StripeConnection(
        secret_key=settings.stripe_secret_key,
        api_url=settings.stripe_api_url,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        guard=Guard(PROVIDER, max_concurrent=settings.max_concurrent_calls, breaker=breaker),
    )
    return StripeGateway(connection)
