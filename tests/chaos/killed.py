"""A worker that dies at each place where it hurts (R5): what it was at is finished by the next one, once."""

from __future__ import annotations

import asyncio
import time

from tests.chaos import truth
from tests.chaos.events import Mint
from tests.chaos.fire import NOTE_ENDS
from tests.chaos.results import Results
from tests.chaos.sender import Journal, Senders, Wire
from tests.chaos.stack import Stack, running_stack

PART = "killed at"
WORKERS = 2
LEASE_SECONDS = 4
# How often a worker passes the place before it dies there: each gets something done.
PLACES = {
    "before claim": 2,
    "after claim": 2,
    "after apply, before commit": 3,
    "after commit, before finish": 3,
    "after finish": 3,
}


def run(results: Results, *, events: int, seed: int) -> None:
    with running_stack("postgresql") as stack:
        mint = Mint(stack.crowd(events, seed), seed)
        stack.database.query(NOTE_ENDS)
        stack.start_web()
        for place, passes in PLACES.items():
            _one_place(results, stack, mint, place, passes, events)
        results.nothing(PART, "worked to an end twice", _twice(stack))
        results.nothing(PART, "histories with a step applied twice", truth.broken_histories(stack))
        results.nothing(PART, "differences between mirror and truth", truth.differences(stack, mint.moved))
        results.nothing(PART, "deadlocks", stack.database.deadlocks())


def _one_place(results: Results, stack: Stack, mint: Mint, place: str, passes: int, count: int) -> None:
    journal = Journal()
    asyncio.run(_post(stack, mint, journal, count))
    env = {"CHAOS_KILL_AT": place, "CHAOS_KILL_AFTER": str(passes), "CHAOS_LEASE_SECONDS": str(LEASE_SECONDS)}
    began_at = time.monotonic()
    stack.start_workers(WORKERS, **env)
    stack.settle(seconds=60 + 2 * count)
    seconds = time.monotonic() - began_at
    deaths = stack.supervisor.starts("worker") - WORKERS
    stack.stop("worker")
    keys = "', '".join(journal.acked)
    ended = stack.count(f"external_id IN ('{keys}') AND state IN ('done', 'ignored')")
    passed = ended == len(journal.acked) and deaths > 0
    results.check(PART, place, f"{ended} of {len(journal.acked)} done, {deaths} deaths, {seconds:.0f} s", passed)


async def _post(stack: Stack, mint: Mint, journal: Journal, count: int) -> None:
    secrets = {"stripe": stack.plan.secrets.stripe_webhook, "stigg": stack.plan.secrets.stigg_webhook}

    async def events():
        made = 0
        while made < count:
            change, news = mint.move()
            stack.sandbox.post("crowd/moves", moves=[change])
            for event in news:
                yield event
            made += len(news)

    await Senders([Wire(stack.web_ports, secrets, n) for n in range(4)], journal).send(events())


def _twice(stack: Stack) -> list:
    return stack.rows("SELECT external_id FROM chaos_end GROUP BY external_id HAVING count(*) > 1")
