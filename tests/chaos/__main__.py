"""`python -m tests.chaos`: the parts of the suite, one after the other; a table at the end, and in the document."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tests.chaos import doors, fire, killed, missed, pressure, storm
from tests.chaos.results import Results, publish, say

LONGEST_SEED = 10**6

PARTS: dict[str, Callable[[Results, argparse.Namespace], None]] = {
    "storm": lambda results, options: _storms(results, ids=200 if options.long else 12, seed=options.seed),
    "doors": lambda results, options: doors.run(results, seed=options.seed),
    "killed": lambda results, options: killed.run(results, events=1000 if options.long else 24, seed=options.seed),
    "pressure": lambda results, options: pressure.run(
        results, events=20_000 if options.long else 500, seed=options.seed
    ),
    "missed": lambda results, options: missed.run(results, people=2000 if options.long else 60, seed=options.seed),
    "fire": lambda results, options: fire.run(results, size=_size(options), seed=options.seed),
}


def main() -> int:
    options = _parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    say(f"seed {options.seed}")
    failed = sum(_run(name, options) for name in options.only or PARTS)
    say(f"\n{failed} failed; the same again: --seed {options.seed}")
    return 1 if failed else 0


def _run(name: str, options: argparse.Namespace) -> int:
    """One part; how many of its checks failed. In the long form its table goes into the document at once."""
    results, began_at = Results(), time.monotonic()
    say(f"\n{name}")
    try:
        PARTS[name](results, options)
    except AssertionError as error:
        results.check(name, "came to its end", str(error)[:300], False)
    seconds = time.monotonic() - began_at
    say(f"       {seconds:.0f} s")
    if options.long:
        load = os.getloadavg()[1]
        headline = f"{datetime.now(UTC):%Y-%m-%d}, seed {options.seed}, {os.cpu_count()} cores, load {load:.0f}"
        publish(name, results, f"{headline}, {seconds / 60:.0f} minutes.")
    return len(results.failed)


def _size(options: argparse.Namespace) -> fire.Size:
    size = fire.LONG if options.long else fire.SHORT
    if not options.events:
        return size
    return replace(size, events=options.events, people=max(10, options.events // 10))


def _storms(results: Results, *, ids: int, seed: int) -> None:
    for kind in ("postgresql", "sqlite"):
        storm.run(results, kind=kind, ids=ids, seed=seed)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the whole size, and write docs/reliability.md")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(LONGEST_SEED), help="of an earlier run, to repeat it"
    )
    parser.add_argument("--events", type=int, help="of the fire, for another size")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help=f"one of {', '.join(PARTS)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
