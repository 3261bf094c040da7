"""When a call to Stigg may be made again, and after which pause. Knows nothing of HTTP.

Only calls that are safe to repeat come here. The time already spent counts: when one try ate
the whole budget (a time-out) there is no second, so a hanging Stigg costs one time-out.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from billing.errors import GatewayRateLimited, GatewayUnavailable
from billing.gateways.guard import CallRefused

MORE_TRIES = 2
SHORTEST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 2.0

T = TypeVar("T")


def with_retries(
    attempt: Callable[[], T],
    *,
    budget_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Run `attempt` up to three times. The last error is raised as it is."""
    give_up_at = clock() + budget_seconds
    for number in range(MORE_TRIES):
        try:
            return attempt()
        except GatewayUnavailable as error:
            pause = _pause_before_next(error, number)
            if pause is None or clock() + pause >= give_up_at:
                raise
        sleep(pause)
    return attempt()


def _pause_before_next(error: GatewayUnavailable, number: int) -> float | None:
    """Seconds to wait, or None when another try is pointless."""
    if isinstance(error, CallRefused):
        return None
    if isinstance(error, GatewayRateLimited):
        asked = error.retry_after_seconds
        return asked if asked is not None and asked <= LONGEST_PAUSE_SECONDS else None
    longest = min(LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS * 4 ** (number + 1))
    return random.uniform(SHORTEST_PAUSE_SECONDS, longest)  # noqa: S311 - jitter, not a secret
