"""A token bucket: so many calls per minute and no more, whoever asks, in any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from billing.errors import Busy

BURST_SECONDS = 1.0


class Pace:
    """Holds one second's worth of calls at most, so that no minute sees more than its share and that second's."""

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._per_second = per_minute / 60
        self._capacity = max(1.0, self._per_second * BURST_SECONDS)
        self._tokens = self._capacity
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._counted_at = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for a token. Each caller reserves its own, so that they go in the order in which they came.

        Raises: Busy, once it was stopped.
        """
        with self._lock:
            self._refill()
            self._tokens -= 1
            wait = -self._tokens / self._per_second
        if wait > 0:
            self._sleep(wait)
        if self._stopped.is_set():
            raise Busy("told to stop")

    def stop(self) -> None:
        """Nobody shall call any more, nor wait to."""
        self._stopped.set()

    def hold(self, seconds: float) -> None:
        """The provider asked to slow down: nobody calls for `seconds`."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 0.0) - seconds * self._per_second

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._counted_at) * self._per_second)
        self._counted_at = now
