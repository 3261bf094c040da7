"""When to try again: exponential, capped, with jitter so that many failures do not return at once."""

from __future__ import annotations

import random
from datetime import timedelta


def delay(attempts: int, *, first_seconds: float = 2.0, cap_seconds: float = 3600.0) -> timedelta:
    """How long to wait after the `attempts`-th failure (1, 2, …)."""
    full = min(cap_seconds, first_seconds * 2 ** max(0, min(attempts - 1, 20)))
    return timedelta(seconds=full * random.uniform(0.7, 1.3))  # noqa: S311 - spreading load, not secrets
