"""More than the workers can take (R15), and a database that takes nothing (R16)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

from tests.chaos.databases import Postgres
from tests.chaos.events import Event, Mint
from tests.chaos.results import Results, percentile
from tests.chaos.sender import Journal, Senders, Wire
from tests.chaos.stack import Stack, running_stack

PEOPLE = 50
WIRES = 8
STEADY_SHARE = 4
MOST_GROWTH = 0.05


def run(results: Results, *, events: int, seed: int) -> None:
    with running_stack("postgresql") as stack:
        mint = Mint(stack.crowd(PEOPLE, seed), seed)
        stack.start_web()
        _backlog(results, stack, mint, events)
        _read_only(results, stack, mint)


def _backlog(results: Results, stack: Stack, mint: Mint, count: int) -> None:
    """Nobody works while they are posted: taking the last ones in must not be slower than the first."""
    journal, warm_up = Journal(), count // STEADY_SHARE
    asyncio.run(_post(stack, journal, mint, warm_up))
    warm, began_at = _memory(stack, "web"), time.monotonic()
    asyncio.run(_post(stack, journal, mint, count))
    posted = time.monotonic() - began_at
    _check_memory(results, "web processes", warm, _memory(stack, "web"), count)
    third = count // 3
    early, late = (percentile(part, 0.99) for part in (journal.seconds[warm_up:][:third], journal.seconds[-third:]))
    slower = f"{1000 * late:.0f} / {1000 * early:.0f} ms"
    results.figure("backlog", "taken with no worker running", f"{count} at {count / posted:.0f}/s")
    results.goal("backlog", "p99 of the last third / the first", slower, late <= 2 * early)
    results.nothing("backlog", "lost", warm_up + count - stack.count())
    _drain(results, stack, mint, count + warm_up)


def _drain(results: Results, stack: Stack, mint: Mint, count: int) -> None:
    """Until nothing is left; then some more, to see whether the workers grow."""
    patience = 120 + count / 10
    stack.start_workers(2)
    drained = stack.settle(seconds=patience)
    results.figure("backlog", "drained by 2 workers", f"{count / drained:.0f} events/s, start-up included")
    more, warm = count // STEADY_SHARE, 0
    for _ in range(2):
        warm = _memory(stack, "worker")
        asyncio.run(_post(stack, Journal(), mint, more))
        stack.settle(seconds=patience)
    _check_memory(results, "workers", warm, _memory(stack, "worker"), more)
    stack.stop("worker")


def _check_memory(results: Results, who: str, before: int, after: int, events: int) -> None:
    """In kilobytes."""
    grown = (after - before) / before
    value = f"{before // 1024} → {after // 1024} MB"
    results.check("memory", f"{who}, over {events} events", value, grown <= MOST_GROWTH)


def _read_only(results: Results, stack: Stack, mint: Mint) -> None:
    """As a full disk looks from here: nothing may be acknowledged, and afterwards nothing needs a repair."""
    assert isinstance(stack.database, Postgres)
    before = stack.count()
    _make_read_only(stack.database, "on")
    statuses = asyncio.run(_try(stack, mint, 50))
    stored = stack.count() - before
    _make_read_only(stack.database, "off")
    after = asyncio.run(_try(stack, mint, 50))
    results.check("read-only", "answers while it takes nothing", dict(statuses), set(statuses) == {503})
    results.nothing("read-only", "rows stored then", stored)
    results.check("read-only", "answers afterwards", dict(after), set(after) == {200})


def _make_read_only(database: Postgres, value: str) -> None:
    import psycopg

    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)


async def _try(stack: Stack, mint: Mint, count: int) -> Counter[int]:
    wire = Wire(stack.web_ports, _secrets(stack))
    statuses: Counter[int] = Counter()
    for _ in range(count):
        event = mint.stripe(mint.somebody())
        statuses[(await wire.post(event.source, event.body)).status] += 1
    wire.close()
    return statuses


async def _post(stack: Stack, journal: Journal, mint: Mint, count: int) -> None:
    async def events() -> AsyncIterator[Event]:
        for _ in range(count):
            yield mint.stripe(mint.somebody()) if mint.dice.random() < 0.5 else mint.stigg(mint.somebody())

    await Senders([Wire(stack.web_ports, _secrets(stack), n) for n in range(WIRES)], journal).send(events())


def _secrets(stack: Stack) -> dict[str, str]:
    return {"stripe": stack.plan.secrets.stripe_webhook, "stigg": stack.plan.secrets.stigg_webhook}


def _memory(stack: Stack, beginning: str) -> int:
    return sum(stack.supervisor.resident_kilobytes(name) for name in stack.supervisor.names(beginning))
