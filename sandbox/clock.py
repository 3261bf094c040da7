"""The sandbox's clock: the wall clock plus an offset, and the timers that stand on it."""

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TICK_SECONDS = 0.2

log = logging.getLogger("sandbox.clock")

Action = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Timer:
    when: datetime
    order: int
    action: Action
    key: str


class Clock:
    """Time flows on whatever the offset is; `advance` moves it and fires what comes due on the way."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._standing: datetime | None = None
        self._held: datetime | None = None
        self._timers: dict[str, Timer] = {}
        # (moment, order, key) of every timer ever set; those replaced or cancelled are skipped when met.
        self._queue: list[tuple[datetime, int, str]] = []
        self._order = 0
        self._lock = asyncio.Lock()
        self._ticker: asyncio.Task[None] | None = None
        self.fired = 0
        self.settle: Callable[[], Awaitable[None]] | None = None

    def now(self) -> datetime:
        """The sandbox's time, UTC; while a timer runs it stands at that timer's moment."""
        return self._standing or (self._held or datetime.now(UTC)) + self._offset

    def hold(self) -> None:
        """Stand still between advances, so that two calls meet at the same second; `clear` lets time flow again."""
        self._held = datetime.now(UTC)

    @property
    def offset_seconds(self) -> float:
        return self._offset.total_seconds()

    def timestamp(self) -> int:
        """Now as Stripe writes it: whole seconds since the epoch."""
        return int(self.now().timestamp())

    def at(self, when: datetime, action: Action, key: str) -> None:
        """One timer per key: the same key replaces."""
        self._order += 1
        self._timers[key] = Timer(when, self._order, action, key)
        heapq.heappush(self._queue, (when, self._order, key))

    def cancel(self, key: str) -> None:
        self._timers.pop(key, None)

    async def advance(self, seconds: float) -> None:
        """Fire what comes due in `seconds` (never negative) in time order, then stand there."""
        if seconds < 0:
            raise ValueError("The clock goes forward only.")
        async with self._lock:
            target = self.now() + timedelta(seconds=seconds)
            try:
                await self._fire_until(target)
            finally:
                self._standing = None
            self._offset += timedelta(seconds=seconds)

    def set_offset(self, seconds: float) -> None:
        """Stand there without firing anything on the way: the state was put in place as of that time."""
        self._offset = timedelta(seconds=seconds)

    def start(self) -> None:
        self._ticker = asyncio.get_running_loop().create_task(self._tick_for_ever())

    async def stop(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
            self._ticker = None

    def clear(self) -> None:
        """Back to the wall clock, with no timers."""
        self._offset = timedelta()
        self._held = None
        self._timers.clear()
        self._queue.clear()

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._due(self.now()) is not None:
                async with self._lock:
                    try:
                        await self._fire_until(self.now())
                    finally:
                        self._standing = None

    async def _fire_until(self, target: datetime) -> None:
        while (timer := self._due(target)) is not None:
            del self._timers[timer.key]
            self.fired += 1
            # A timer set in the past fires now: time never goes back.
            self._standing = max(timer.when, self._standing or timer.when)
            try:
                await timer.action()
            except Exception:
                log.exception("timer %s failed", timer.key)
            if self.settle is not None:
                await self.settle()

    def _due(self, target: datetime) -> Timer | None:
        while self._queue and self._queue[0][0] <= target:
            _when, order, key = self._queue[0]
            timer = self._timers.get(key)
            if timer is not None and timer.order == order:
                return timer
            heapq.heappop(self._queue)
        return None
