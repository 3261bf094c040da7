"""The sandbox's clock and its timers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sandbox.clock import Clock


def noting(clock: Clock, seen: list[tuple[str, datetime]], name: str) -> Callable[[], Awaitable[None]]:
    async def note() -> None:
        seen.append((name, clock.now()))

    return note


def test_timers_fire_in_order_at_their_moment() -> None:
    async def scenario() -> None:
        clock, seen = Clock(), []
        start = clock.now()
        for name, hours in (("late", 5), ("early", 1), ("later than asked", 30)):
            clock.at(start + timedelta(hours=hours), noting(clock, seen, name), name)
        await clock.advance(6 * 3600)
        assert seen == [("early", start + timedelta(hours=1)), ("late", start + timedelta(hours=5))]
        assert clock.now() - start >= timedelta(hours=6)
        assert clock.offset_seconds == 6 * 3600

    asyncio.run(scenario())


def test_a_key_has_one_timer() -> None:
    async def scenario() -> None:
        clock, seen = Clock(), []
        soon = clock.now() + timedelta(minutes=1)
        clock.at(soon, noting(clock, seen, "replaced"), "key")
        clock.at(soon, noting(clock, seen, "kept"), "key")
        clock.at(soon, noting(clock, seen, "cancelled"), "other")
        clock.cancel("other")
        await clock.advance(120)
        assert [name for name, _moment in seen] == ["kept"]

    asyncio.run(scenario())


def test_a_timer_may_set_the_next_one() -> None:
    async def scenario() -> None:
        clock, fired = Clock(), []

        async def again() -> None:
            fired.append(clock.now())
            clock.at(clock.now() + timedelta(days=1), again, "daily")

        clock.at(clock.now() + timedelta(days=1), again, "daily")
        await clock.advance(timedelta(days=7, minutes=1).total_seconds())
        assert len(fired) == 7

    asyncio.run(scenario())


def test_a_failing_timer_stops_no_other() -> None:
    async def scenario() -> None:
        clock, seen = Clock(), []

        async def fail() -> None:
            raise RuntimeError("on purpose")

        clock.at(clock.now() + timedelta(seconds=1), fail, "fails")
        clock.at(clock.now() + timedelta(seconds=2), noting(clock, seen, "runs"), "runs")
        await clock.advance(10)
        assert [name for name, _moment in seen] == ["runs"]

    asyncio.run(scenario())


def test_real_time_fires_timers_too() -> None:
    async def scenario() -> None:
        clock, seen = Clock(), []
        clock.start()
        clock.at(datetime.now(UTC) + timedelta(milliseconds=50), noting(clock, seen, "soon"), "soon")
        await asyncio.sleep(0.5)
        await clock.stop()
        assert len(seen) == 1

    asyncio.run(scenario())
