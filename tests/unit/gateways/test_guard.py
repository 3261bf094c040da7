"""The bulkhead, the breaker and the journal line, without any network."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from billing.errors import (
    BillingError,
    CardDeclined,
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayUnavailable,
)
from billing.gateways.guard import Breaker, CallRefused, Guard
from tests.unit.gateways.conftest import Clock, Journal

WHERE = {"provider": "stigg", "operation": "GetPaywall"}


def unavailable(code: str = "") -> GatewayUnavailable:
    return GatewayUnavailable("down", upstream_code=code, request_id="trace-9", **WHERE)


@pytest.fixture
def guard(clock: Clock) -> Guard:
    breaker = Breaker(failures=3, seconds=10, clock=clock)
    return Guard("stigg", max_concurrent=2, breaker=breaker, wait_seconds=0.01)


def call(guard: Guard, error: BaseException | None = None) -> None:
    with guard.call("GetPaywall") as record:
        if error is not None:
            raise error
        record.request_id = "req_1"


def fail(guard: Guard, times: int, make: Callable[[], BillingError] = unavailable) -> None:
    for _ in range(times):
        error = make()
        with pytest.raises(type(error)):
            call(guard, error)


def test_breaker_opens_after_failures_in_a_row(guard: Guard) -> None:
    fail(guard, 3)
    with pytest.raises(CallRefused, match="breaker open"):
        call(guard)


def test_an_answer_in_between_starts_the_count_again(guard: Guard) -> None:
    fail(guard, 2)
    call(guard)
    fail(guard, 2)
    call(guard)


@pytest.mark.parametrize(
    "make",
    [
        lambda: GatewayRateLimited("slow", **WHERE),
        lambda: GatewayNotFound("none", **WHERE),
        lambda: CardDeclined("declined"),
        lambda: unavailable("ObjectAlreadyBeingUsedByAnotherRequestError"),
        lambda: unavailable("OBJECT_ALREADY_BEING_USED_BY_ANOTHER_REQUEST_ERROR"),
    ],
)
def test_refusals_and_busy_objects_do_not_open_the_breaker(guard: Guard, make: Callable[[], BillingError]) -> None:
    fail(guard, 5, make)
    call(guard)


def test_garbage_on_the_wire_opens_the_breaker(guard: Guard) -> None:
    fail(guard, 3, lambda: GatewayProtocolError("not JSON", **WHERE))
    with pytest.raises(CallRefused):
        call(guard)


def test_one_probe_goes_out_after_the_pause_and_closes_the_breaker(guard: Guard, clock: Clock) -> None:
    fail(guard, 3)
    clock.seconds += 10
    with guard.call("GetPaywall"), pytest.raises(CallRefused):
        call(guard)
    call(guard)


def test_a_failed_probe_opens_the_breaker_for_another_pause(guard: Guard, clock: Clock) -> None:
    fail(guard, 3)
    clock.seconds += 10
    fail(guard, 1)
    clock.seconds += 9
    with pytest.raises(CallRefused):
        call(guard)
    clock.seconds += 1
    call(guard)


def test_a_probe_that_crashes_leaves_room_for_the_next(guard: Guard, clock: Clock) -> None:
    fail(guard, 3)
    clock.seconds += 10
    with pytest.raises(KeyError):
        call(guard, KeyError("our own bug"))
    call(guard)


def test_a_full_bulkhead_refuses_soon_and_frees_its_slots(guard: Guard) -> None:
    with guard.call("a"), guard.call("b"), pytest.raises(CallRefused, match="bulkhead full"):
        call(guard)
    call(guard)


def test_a_full_bulkhead_is_not_counted_as_an_outage(guard: Guard) -> None:
    with guard.call("a"), guard.call("b"):
        for _ in range(5):
            with pytest.raises(CallRefused, match="bulkhead full"):
                call(guard)
    call(guard)


def test_slots_survive_many_threads(clock: Clock) -> None:
    guard = Guard("stigg", max_concurrent=2, breaker=Breaker(failures=3, seconds=10, clock=clock), wait_seconds=5)
    inside, most, lock = [0], [0], threading.Lock()

    def work() -> None:
        for _ in range(20):
            with guard.call("x"):
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] <= 2


def test_each_call_leaves_one_line(guard: Guard, journal: Journal) -> None:
    call(guard)
    fail(guard, 1)
    done, failed = journal.calls()
    assert (done["provider"], done["operation"], done["outcome"]) == ("stigg", "GetPaywall", "ok")
    assert (done["request_id"], done["level"]) == ("req_1", "info")
    assert done["duration_ms"] >= 0
    assert (failed["outcome"], failed["request_id"]) == ("gateway_unavailable", "trace-9")
    assert failed["level"] == "warning"


def test_opening_is_said_once_in_the_journal(guard: Guard, journal: Journal) -> None:
    fail(guard, 3)
    assert [line["provider"] for line in journal if line["event"] == "gateway_breaker_open"] == ["stigg"]
