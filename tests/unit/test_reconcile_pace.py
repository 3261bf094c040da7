"""The token bucket of reconcile, and the bar that shows how far it is."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from billing.errors import Busy
from billing.management.commands._progress import Progress
from billing.services.reconcile.pacing import Pace


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("per_minute", [1, 30, 60, 1200])
def test_no_minute_sees_more_than_its_share(per_minute: int) -> None:
    clock = Clock()
    pace = Pace(per_minute, clock=clock, sleep=clock.sleep)
    taken = []
    for _ in range(per_minute * 3 + 3):
        pace.take()
        taken.append(clock.now)
    burst = max(1, per_minute // 60)
    for moment in taken:
        assert sum(moment <= other < moment + 59.999 for other in taken) <= per_minute + burst
    assert clock.now - 1000.0 >= (len(taken) - burst) * 60 / per_minute - 0.001


def test_threads_share_it() -> None:
    clock = Clock()
    slept: list[float] = []
    pace = Pace(60, clock=clock, sleep=slept.append)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.take(), range(20)))
    assert sorted(slept) == [float(second) for second in range(1, 20)]


def test_a_provider_that_asks_for_a_pause_gets_it() -> None:
    clock = Clock()
    pace = Pace(60, clock=clock, sleep=clock.sleep)
    pace.hold(30)
    pace.take()
    assert clock.now >= 1030


def test_who_waits_is_sent_away_when_it_is_stopped() -> None:
    pace = Pace(1)
    pace.take()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pace.take)
        pace.stop()
        with pytest.raises(Busy):
            waiting.result(timeout=5)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_goes_away() -> None:
    out, clock = Terminal(), Clock()
    progress = Progress(out, noun="customers", clock=clock)
    clock.sleep(60)
    progress.update(0, 200)
    clock.sleep(60)
    progress.update(50, 200, "3 differences")
    progress.clear()
    bar = "[########......................]"
    assert f"{bar}  25%  50 of 200 customers, 3 differences, 6 min left" in out.getvalue()
    assert out.getvalue().endswith("\r\x1b[K")


def test_elsewhere_there_is_a_line_now_and_then() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress(out, noun="customers", clock=clock)
    for done in range(101):
        progress.update(done, 100)
        clock.sleep(1)
    progress.clear()
    lines = out.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1] == "100%  100 of 100 customers"
    assert "\x1b" not in out.getvalue()
