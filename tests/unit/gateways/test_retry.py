"""The pauses between tries and when there is no next try."""

from __future__ import annotations

import pytest

from billing.errors import GatewayRateLimited, GatewayRejected, GatewayUnavailable
from billing.gateways.guard import CallRefused
from billing.gateways.stigg.retry import with_retries
from tests.unit.gateways.conftest import Clock

WHERE = {"provider": "stigg", "operation": "x"}


class Attempt:
    """Raises what it was given, one by one, then answers; each try takes `seconds`."""

    def __init__(self, clock: Clock, *errors: Exception, seconds: float = 0.0) -> None:
        self._clock, self._errors, self._seconds = clock, list(errors), seconds
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        self._clock.seconds += self._seconds
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


def down() -> GatewayUnavailable:
    return GatewayUnavailable("down", **WHERE)


def test_two_more_tries(clock: Clock) -> None:
    attempt = Attempt(clock, down(), down())
    assert with_retries(attempt, budget_seconds=10, sleep=lambda _: None, clock=clock) == "answer"
    assert attempt.tries == 3


def test_the_third_failure_is_raised(clock: Clock) -> None:
    last = down()
    with pytest.raises(GatewayUnavailable) as caught:
        with_retries(Attempt(clock, down(), down(), last), budget_seconds=10, sleep=lambda _: None, clock=clock)
    assert caught.value is last


def test_a_spent_budget_ends_the_tries(clock: Clock) -> None:
    attempt = Attempt(clock, down(), down(), seconds=9.9)
    with pytest.raises(GatewayUnavailable):
        with_retries(attempt, budget_seconds=10, sleep=lambda _: None, clock=clock)
    assert attempt.tries == 1


@pytest.mark.parametrize(
    "error",
    [
        GatewayRejected("no", **WHERE),
        CallRefused("breaker open", **WHERE),
        GatewayRateLimited("slow", retry_after_seconds=2.1, **WHERE),
        GatewayRateLimited("slow", **WHERE),
    ],
)
def test_what_is_never_tried_again(clock: Clock, error: Exception) -> None:
    attempt = Attempt(clock, error)
    with pytest.raises(type(error)):
        with_retries(attempt, budget_seconds=10, sleep=lambda _: None, clock=clock)
    assert attempt.tries == 1
