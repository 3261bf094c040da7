"""Working a backlog off: 1 and 4 workers, against providers that answer at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.hooks.sites import ROOT
from tests.chaos.databases import Postgres, Sqlite
from tests.chaos.processes import Supervisor, wait_for
from tests.chaos.results import say

UNFINISHED = "SELECT count(*) FROM billing_webhookevent WHERE state NOT IN ('done', 'ignored', 'dead')"
ENDS = "SELECT state, count(*) FROM billing_webhookevent GROUP BY state"


def drained(
    database: Postgres | Sqlite,
    env: Mapping[str, str],
    folder: Path,
    *,
    workers: int,
    customers: int,
    each: int,
) -> float:
    """Events per second, from the first event worked to the last."""
    database.query("DELETE FROM billing_webhookevent")
    filled = [sys.executable, "-m", "bench.hooks.backlog", str(customers), str(each)]
    subprocess.run(filled, cwd=ROOT, env=dict(env), check=True)
    total = customers * each
    with Supervisor(env=dict(env) | {"LOG_LEVEL": "WARNING"}, logs=folder / "logs") as supervisor:
        for number in range(workers):
            supervisor.keep(f"worker-{number}", [sys.executable, "manage.py", "billing_worker"])
        wait_for("the first event", lambda: _left(database) < total, seconds=60, pause=0.05)
        began_at, left = time.monotonic(), _left(database)
        wait_for("the last event", lambda: _left(database) == 0, seconds=900, pause=0.2)
        rate = left / (time.monotonic() - began_at)
    ends = dict(database.query(ENDS))
    say(f"  {database.name}, {workers} workers: {rate:.0f} events/s, {ends}")
    if ends.get("dead") or ends.get("ignored"):
        raise AssertionError(f"not all were done: {ends}")
    return rate


def _left(database: Postgres | Sqlite) -> int:
    return int(database.query(UNFINISHED)[0][0])
