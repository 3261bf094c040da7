"""Stigg: customers, price list, subscriptions and entitlements, through GraphQL and the edge API.

`current()` is the gateway that the settings describe; tests and tools build their own.
"""

from __future__ import annotations

import threading

from billing import conf
from billing.gateways.guard import Breaker, Guard
from billing.gateways.stigg.answers import PROVIDER
from billing.gateways.stigg.client import StiggClient
from billing.gateways.stigg.gateway import StiggGateway, parse_paywall

__all__ = ["StiggGateway", "build", "current", "parse_paywall"]

_lock = threading.Lock()
_built: tuple[conf.BillingConf, StiggGateway] | None = None


def current() -> StiggGateway:
    """The gateway of the current settings: one per process, so that its breaker sees every call.

    Raises ConfigurationError when the key is missing.
    """
    global _built  # noqa: PLW0603 - the one cache of this module, behind a lock
    wanted = conf.current()
    with _lock:
        if _built is None or _built[0] != wanted:
            _built = (wanted, build(wanted))
        return _built[1]


def build(settings: conf.BillingConf) -> StiggGateway:
    """A gateway of its own, with its own breaker and connections."""
    client = StiggClient(
        api_key=settings.stigg_api_key,
        api_url=settings.stigg_api_url,
        edge_url=settings.stigg_edge_url,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        guard=_guard(settings),
        edge_guard=_guard(settings),
    )
    return StiggGateway(
        client, product_id=settings.product_id, provision_timeout_seconds=settings.provision_timeout_seconds
    )


def _guard(settings: conf.BillingConf) -> Guard:
    breaker = Breaker(failures=settings.breaker_failures, seconds=settings.breaker_seconds)
    return Guard(PROVIDER, max_concurrent=settings.max_concurrent_calls, breaker=breaker)
