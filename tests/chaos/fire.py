"""Everything at once (R1, R3, R4, R6, R7): events of both sources posted while processes and databases die."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.chaos import truth
from tests.chaos.databases import Postgres, Redis, redis
from tests.chaos.events import Event, Mint
from tests.chaos.processes import ROOT
from tests.chaos.results import Results, percentile, say
from tests.chaos.sender import Journal, Senders, Wire
from tests.chaos.stack import Stack, running_stack

PART = "fire"
TROUBLE, UNKNOWN, FOREIGN, REPEATED = 0.05, 0.01, 0.01, 0.20
CHUNK = 200
KILL_SECONDS = 2.0
RECONCILE_PER_MINUTE = 3000
WIRES = 16
# After the database takes connections again: until a web process has noticed.
GRACE_SECONDS = 5.0
FINISHED = "('done', 'ignored', 'dead')"
NOTE_ENDS = """
CREATE TABLE chaos_end (external_id text, state text);
CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.state IN ('done', 'ignored', 'dead') AND OLD.state NOT IN ('done', 'ignored', 'dead') THEN
        INSERT INTO chaos_end VALUES (NEW.external_id, NEW.state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_note AFTER UPDATE ON billing_webhookevent FOR EACH ROW EXECUTE FUNCTION chaos_note();
"""


@dataclass(frozen=True)
class Size:
    events: int
    people: int
    workers: int
    away_seconds: float
    settle_seconds: float


SHORT = Size(events=1_500, people=150, workers=2, away_seconds=5, settle_seconds=300)
LONG = Size(events=100_000, people=10_000, workers=4, away_seconds=30, settle_seconds=3600)


def run(results: Results, *, size: Size, seed: int) -> None:
    with running_stack("postgresql") as stack, redis() as queue:
        people = stack.crowd(size.people, seed)
        assert isinstance(stack.database, Postgres)
        stack.database.query(NOTE_ENDS)
        env = {"TASKS_URL": queue.url if queue else ""}
        stack.start_web(**env)
        stack.start_workers(size.workers, **env)
        journal, mint = Journal(), Mint(people, seed)
        story = Story(stack, mint, size)
        began_at = time.monotonic()
        with Havoc(stack, story, size, seed, queue) as havoc:
            asyncio.run(_post(stack, journal, story))
            posted = time.monotonic() - began_at
            worked_by_then = stack.count(f"state IN {FINISHED}")
        stack.sandbox.calm()
        say(f"  ·    posted in {posted:.0f} s; {worked_by_then} worked by then; waiting for the rest")
        settled = stack.settle(seconds=size.settle_seconds)
        _figures(results, stack, journal, havoc, posted, settled, worked_by_then)
        _verdict(results, stack, journal, havoc, mint.moved)


async def _post(stack: Stack, journal: Journal, story: Story) -> None:
    secrets = {"stripe": stack.plan.secrets.stripe_webhook, "stigg": stack.plan.secrets.stigg_webhook}
    wires = [Wire(stack.web_ports, secrets, number) for number in range(WIRES)]
    await Senders(wires, journal).send(story.events())


class Story:
    """The truth moves, and then it is told: shuffled, late, twice, among trouble."""

    def __init__(self, stack: Stack, mint: Mint, size: Size) -> None:
        self._stack, self._mint, self._size = stack, mint, size
        self.told = 0

    @property
    def progress(self) -> float:
        return self.told / self._size.events

    async def events(self) -> AsyncIterator[Event]:
        late: list[Event] = []
        made = 0
        while made < self._size.events:
            fresh, moves = self._chunk(min(CHUNK, self._size.events - made))
            made += len(fresh)
            await asyncio.to_thread(self._stack.sandbox.post, "crowd/moves", moves=moves)
            dice = self._mint.dice
            repeats = [Event(e.source, e.key, e.body, e.expected, e.kind) for e in fresh if dice.random() < REPEATED]
            late += fresh + repeats
            dice.shuffle(late)
            for _ in range(min(len(late), int(CHUNK * 1.2))):
                yield self._tell(late.pop())
        for event in late:
            yield self._tell(event)

    def _tell(self, event: Event) -> Event:
        self.told += 1
        return event

    def _chunk(self, count: int) -> tuple[list[Event], list[dict]]:
        fresh: list[Event] = []
        moves: list[dict] = []
        mint = self._mint
        while len(fresh) < count:
            fate = mint.dice.random()
            if fate < TROUBLE:
                fresh.append(mint.trouble())
            elif fate < TROUBLE + UNKNOWN:
                fresh.append(mint.unknown())
            elif fate < TROUBLE + UNKNOWN + FOREIGN:
                fresh.append(mint.foreign())
            elif fate < 0.35:
                move, news = mint.move()
                moves.append(move)
                fresh += news
            else:
                fresh.append(mint.stigg(mint.somebody()) if fate < 0.7 else mint.stripe(mint.somebody()))
        return fresh, moves


class Havoc:
    """While the context lasts: a process dies every two seconds, the database now and then, Stigg limps."""

    def __init__(self, stack: Stack, story: Story, size: Size, seed: int, queue: Redis | None) -> None:
        self._stack, self._story, self._size, self._queue = stack, story, size, queue
        self._dice = random.Random(seed)  # noqa: S311 - whom it hits
        self._over = threading.Event()
        works = (self._kill, self._crash, self._reconcile)
        self._threads = [threading.Thread(target=each, daemon=True) for each in works]
        self.killed: Counter[str] = Counter()
        self.crashes = 0
        self.flushes = 0
        self.reconciled: list[int] = []
        """Exit codes: in the middle of outages it may well stop before the end."""

    def __enter__(self) -> Havoc:
        for kind, share, more in (
            ("status", 0.04, {"status": 429}),
            ("status", 0.05, {"status": 500}),
            ("hang", 0.01, {"seconds": 30}),
        ):
            self._stack.sandbox.fault("stigg", kind, share=share, **more)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _kill(self) -> None:
        while not self._over.wait(KILL_SECONDS):
            kind = self._dice.choice(("web", "worker"))
            self._stack.supervisor.kill(self._dice.choice(self._stack.supervisor.names(kind)))
            self.killed[kind] += 1

    def _crash(self) -> None:
        """At a quarter, a half and three quarters of the way; the last time it stays away."""
        database = self._stack.database
        assert isinstance(database, Postgres)
        for share, away in ((0.25, 0.0), (0.5, 0.0), (0.75, self._size.away_seconds)):
            if not self._reached(share):
                return
            database.crash(away_seconds=away)
            self.crashes += 1
            if self._queue and self.crashes == 2:
                self._queue.flush()
                self.flushes += 1

    def _reconcile(self) -> None:
        """Three times, in a race with the live events."""
        for share in (0.1, 0.4, 0.8):
            if not self._reached(share):
                return
            process = subprocess.Popen(
                [sys.executable, "manage.py", "reconcile", "--fresh", f"--limit-per-minute={RECONCILE_PER_MINUTE}"],
                cwd=ROOT,
                env=self._stack.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while process.poll() is None and not self._over.wait(0.2):
                pass
            process.kill()
            self.reconciled.append(process.wait())

    def _reached(self, share: float) -> bool:
        """Waits; False when it is over before."""
        while self._story.progress < share:
            if self._over.wait(0.2):
                return False
        return True


def _figures(
    results: Results, stack: Stack, journal: Journal, havoc: Havoc, posted: float, settled: float, worked: int
) -> None:
    refused, tries = sum(journal.refused.values()), len(journal.errors) + journal.dropped
    rows: dict[str, object] = {
        "events with a 2xx / refused / repeats answered": f"{len(journal.acked)} / {refused} / "
        f"{journal.posts - len(journal.errors) - len(journal.acked) - refused}",
        "posts that had to be sent again": tries,
        "pace of receiving under fire": f"{len(journal.acked) / posted:.0f} events/s",
        "pace of working under fire": f"{worked / posted:.0f} events/s",
        "until all were at an end after the last post": f"{settled:.0f} s",
        "time to a 2xx, p50 / p99": f"{1000 * percentile(journal.seconds, 0.5):.0f} / "
        f"{1000 * percentile(journal.seconds, 0.99):.0f} ms",
        "killed with SIGKILL, web / worker": f"{havoc.killed['web']} / {havoc.killed['worker']}",
        "database crashes": f"{havoc.crashes}, away {sum(b - a for a, b in stack.database.outages):.0f} s in all",
    }
    flushed = f"flushed {havoc.flushes} ×" if havoc.flushes else "no server here: left out"
    rows |= {"Redis": flushed, "reconcile beside it, exit codes": havoc.reconciled}
    for what, value in rows.items():
        results.figure(PART, what, value)


def _verdict(results: Results, stack: Stack, journal: Journal, havoc: Havoc, moved: set[str]) -> None:
    ends = dict(stack.rows(f"SELECT external_id, state FROM billing_webhookevent WHERE state IN {FINISHED}"))  # noqa: S608
    twice = stack.rows("SELECT external_id FROM chaos_end GROUP BY external_id HAVING count(*) > 1")
    nameless = stack.count(f"state IN {FINISHED} AND outcome = '' AND last_error = ''")
    away = [(a, b + GRACE_SECONDS) for a, b in stack.database.outages]
    elsewhere = [status for moment, status in journal.errors if not any(a <= moment <= b for a, b in away)]
    states = Counter(ends.values())
    results.figure(PART, "done / ignored / dead", " / ".join(str(states[name]) for name in ("done", "ignored", "dead")))
    results.check(PART, "database crashed as planned", havoc.crashes, havoc.crashes == 3)
    results.nothing(PART, "lost (2xx, but not at an end)", [key for key in journal.acked if key not in ends])
    results.nothing(PART, "at an end without a reason", nameless)
    results.nothing(PART, "worked to an end twice", [key for (key,) in twice])
    results.nothing(PART, "histories with a step applied twice", truth.broken_histories(stack))
    results.nothing(PART, "differences between mirror and truth", truth.differences(stack, moved))
    results.nothing(PART, "5xx other than 503", [status for _at, status in journal.errors if status != 503])
    results.nothing(PART, "503 while the database was there", elsewhere)
    results.nothing(PART, "answers that surprised the sender", journal.surprises)
    results.nothing(PART, "deadlocks", stack.database.deadlocks())
