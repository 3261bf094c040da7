"""What stands before every call to a provider: a bulkhead, a circuit breaker and the journal line.

The bulkhead caps concurrent calls, so that a hanging provider cannot take every thread of the
server; the breaker answers at once while a provider is down, so that an outage costs a few
time-outs and not one per request. Both live in one process and know nothing of HTTP.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from billing.errors import BillingError, GatewayProtocolError, GatewayRateLimited, GatewayUnavailable

logger: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# One object is locked by another request: the provider is well, so the breaker does not count it.
BUSY_OBJECT_CODES = frozenset({"objectalreadybeingusedbyanotherrequesterror", "locktimeout", "idempotencykeyinuse"})


class CallRefused(GatewayUnavailable):
    """We did not call at all: the breaker is open or the bulkhead is full."""


@dataclass(slots=True)
class CallRecord:
    """What the caller may add to the journal line while the call runs."""

    request_id: str = ""


class Breaker:
    """Opens after `failures` failures in a row; after `seconds` lets one probe through."""

    def __init__(self, *, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_in_a_row = 0
        self._opened_at: float | None = None
        self._is_probing = False

    def admit(self) -> bool:
        """Whether a call may go out now. Each admitted call is followed by one of the three verbs below."""
        with self._lock:
            if self._opened_at is None:
                return True
            if self._is_probing or self._clock() - self._opened_at < self._seconds:
                return False
            self._is_probing = True
            return True

    def record_answer(self) -> None:
        """The provider answered: close."""
        with self._lock:
            self._failed_in_a_row = 0
            self._opened_at = None
            self._is_probing = False

    def record_outage(self) -> bool:
        """The provider did not answer. True when this opened the breaker, or kept it open."""
        with self._lock:
            self._failed_in_a_row += 1
            self._is_probing = False
            if self._failed_in_a_row < self._limit:
                return False
            self._opened_at = self._clock()
            return True

    def release(self) -> None:
        """The call told us nothing about the provider."""
        with self._lock:
            self._is_probing = False


class Guard:
    """Bulkhead, breaker and journal of one provider."""

    def __init__(self, provider: str, *, max_concurrent: int, breaker: Breaker, wait_seconds: float = 0.25) -> None:
        self.provider = provider
        self._slots = threading.BoundedSemaphore(max_concurrent)
        self._breaker = breaker
        self._wait_seconds = wait_seconds

    @contextmanager
    def call(self, operation: str) -> Iterator[CallRecord]:
        """Around one call on the wire. Raises CallRefused without calling when it must not go out."""
        record = CallRecord()
        started = time.perf_counter()
        try:
            with self._admitted(operation):
                yield record
        except BillingError as error:
            record.request_id = str(getattr(error, "request_id", "")) or record.request_id
            self._write(operation, started, error.code, record, upstream_code=getattr(error, "upstream_code", ""))
            raise
        self._write(operation, started, "ok", record)

    @contextmanager
    def _admitted(self, operation: str) -> Iterator[None]:
        if not self._breaker.admit():
            raise self._refusal(operation, "not called, the last calls failed (breaker open)")
        if not self._slots.acquire(timeout=self._wait_seconds):
            self._breaker.release()
            raise self._refusal(operation, "not called, too many calls are under way (bulkhead full)")
        try:
            yield
        except BaseException as error:
            self._judge(error)
            raise
        else:
            self._breaker.record_answer()
        finally:
            self._slots.release()

    def _refusal(self, operation: str, message: str) -> CallRefused:
        return CallRefused(message, provider=self.provider, operation=operation)

    def _judge(self, error: BaseException) -> None:
        if is_outage(error):
            if self._breaker.record_outage():
                logger.warning("gateway_breaker_open", provider=self.provider)
        elif isinstance(error, BillingError):
            self._breaker.record_answer()
        else:
            self._breaker.release()

    def _write(self, operation: str, started: float, outcome: str, record: CallRecord, upstream_code: str = "") -> None:
        write = logger.info if outcome == "ok" else logger.warning
        write(
            "gateway_call",
            provider=self.provider,
            operation=operation,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
            outcome=outcome,
            upstream_code=upstream_code,
            request_id=record.request_id,
        )


def is_outage(error: BaseException) -> bool:
    """Whether `error` says that the provider as a whole is away: a refusal or a 429 proves the contrary."""
    if isinstance(error, GatewayProtocolError):
        return True  # garbage on the wire: some proxy's error page, not the provider
    if not isinstance(error, GatewayUnavailable) or isinstance(error, GatewayRateLimited):
        return False
    return error.upstream_code.replace("_", "").lower() not in BUSY_OBJECT_CODES
