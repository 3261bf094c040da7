"""Stigg's limits on calls, when the catalogue's `behaviour` switches them on: per operation and per entity.

Counted in real time, as callers live in it, whatever the sandbox's clock says.
Source: https://docs.stigg.io/api-and-sdks/integration/graphql/rate-limits
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from functools import wraps
from typing import Any

from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side

Given = dict[str, Any]
Resolver = Callable[..., Any]

WINDOW_SECONDS = 60.0
EDGE_CALLS = 6000
MUTATIONS_PER_ENTITY = 30
CALLS = {
    "paywall": 3000,
    "provisionSubscriptionV2": 250,
    "applySubscription": 250,
    "entitlement": 6000,
    "entitlementV2": 6000,
    "cachedEntitlements": 6000,
    "entitlementsState": 6000,
    "getActiveSubscriptions": 6000,
    "subscriptions": 1500,
    "getSubscription": 3000,
    "provisionCustomer": 250,
    "updateOneCustomer": 250,
    "getCustomerByRefId": 3000,
    "updateOneSubscription": 250,
    "cancelSubscription": 250,
    "archiveCustomer": 250,
    "migrateSubscriptionToLatest": 250,
    "previewSubscription": 3000,
    "estimateSubscription": 3000,
    "estimateSubscriptionUpdate": 3000,
    "reportUsage": 3000,
    "reportUsageBulk": 600,
    "usageHistoryV2": 250,
    "customerPortal": 1500,
    "coupons": 500,
}


class Limits:
    """What was called within the last minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def take(self, bucket: str, most: int) -> bool:
        """Counts one call; False, uncounted, when the bucket is full."""
        calls, now = self._calls[bucket], self._now()
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= most:
            return False
        calls.append(now)
        return True


def limits_of(side: Side) -> Limits | None:
    """None while the switch is off. A reset empties the buckets."""
    if not side.state.catalog.behaviour.rate_limits:
        return None
    if side.limits is None or side.limits[0] is not side.state:
        side.limits = (side.state, Limits())
    found: Limits = side.limits[1]
    return found


def limited(name: str, resolve: Resolver, *, changes: bool) -> Resolver:
    """The resolver of a root field, refused with RateLimitExceeded when there are too many calls."""

    @wraps(resolve)
    def checked(root: Any, info: Any, **given: Any) -> Any:
        limits = limits_of(info.context)
        if limits is not None:
            entity = entity_of(given) if changes else None
            fine = name not in CALLS or limits.take(name, CALLS[name])
            fine = fine and (entity is None or limits.take(f"entity/{entity}", MUTATIONS_PER_ENTITY))
            if not fine:
                raise StiggError("RateLimitExceeded", "Too many requests")
        return resolve(root, info, **given)

    return checked


def entity_of(given: Given) -> str | None:
    """The customer (with a resource, if there is one) or the subscription that a mutation is about."""
    sent: Given = next((value for value in given.values() if isinstance(value, dict)), {})
    customer = sent.get("customerId")
    if customer is not None:
        resource = sent.get("resourceId")
        return f"{customer}:{resource}" if resource else str(customer)
    return sent.get("subscriptionId") or sent.get("subscriptionRefId") or sent.get("refId")
