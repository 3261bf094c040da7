"""Taking events in: ours beside the bare views and dj-stripe, in rounds, so that the machine's moods hit all alike."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from bench.hooks import sites
from bench.hooks.load import Run, address, burst
from bench.hooks.sites import ACK_FIRST, DEFAULT, ORM, OURS, RAW, VERIFY, Site, granian, gunicorn, serving
from tests.chaos.databases import Postgres, Sqlite
from tests.chaos.results import say

SECRET = "whsec_bench"
MANY, FEW = 16, 2
Table = dict[str, tuple[Run, Run]]
SERVERS = {
    "granian, 1 thread": partial(granian, threads=1),
    "granian, 4 threads": partial(granian, threads=4),
    "granian, 8 threads": partial(granian, threads=8),
    "gunicorn, sync": gunicorn,
    "gunicorn, 4 threads": partial(gunicorn, threads=4),
}


def environment(database_url: str, upstream: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "STRIPE_WEBHOOK_SECRETS": SECRET,
        "STIGG_WEBHOOK_SECRETS": SECRET,
        "STRIPE_API_URL": upstream,
        "STIGG_API_URL": upstream,
        "STIGG_EDGE_URL": upstream,
        "STIGG_API_KEY": "server-bench",
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
        "SECRET_KEY": "bench-" + "x" * 50,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SECURE": "False",
        "LOG_LEVEL": "INFO",
        "DJANGO_SETTINGS_MODULE": "checkout_site.settings",
    }


def compare(database: Postgres | Sqlite, env: Mapping[str, str], folder: Path, *, rounds: int, seconds: float) -> Table:
    """The median of the rounds, with many connections and with few."""
    peers: tuple[Site, ...] = ()
    if isinstance(database, Postgres):
        sites.prepare_djstripe(env)
        peers = (ACK_FIRST, DEFAULT)
    found: dict[str, list[tuple[Run, Run]]] = {}
    for number in range(rounds):
        for site in (VERIFY, RAW, ORM, OURS, *peers):
            with serving(granian, site, env, folder) as port:
                pair = _load(database, site, port, folder, seconds, f"r{number}")
            found.setdefault(site.name, []).append(pair)
            _tell(f"{database.name}, round {number + 1}", site.name, pair[0])
    return {name: (_median(p[0] for p in pairs), _median(p[1] for p in pairs)) for name, pairs in found.items()}


def servers(database: Postgres, env: Mapping[str, str], folder: Path, *, rounds: int, seconds: float) -> Table:
    """Our receive path under each server."""
    found: dict[str, list[tuple[Run, Run]]] = {}
    for number in range(rounds):
        for name, command_of in SERVERS.items():
            with serving(command_of, OURS, env, folder) as port:
                pair = _load(database, OURS, port, folder, seconds, f"s{number}")
            found.setdefault(name, []).append(pair)
            _tell(f"round {number + 1}", name, pair[0])
    return {name: (_median(p[0] for p in pairs), _median(p[1] for p in pairs)) for name, pairs in found.items()}


def _tell(when: str, name: str, run: Run) -> None:
    say(f"  {when}  {name:<24}{run.per_second:7.0f}/s  p99 {run.p99_ms:.1f} ms")


def _load(
    database: Postgres | Sqlite, site: Site, port: int, folder: Path, seconds: float, label: str
) -> tuple[Run, Run]:
    url = address(port, site.path)
    burst(folder, url, SECRET, connections=FEW, seconds=1, label=f"{label}w")
    before = _rows(database, site)
    many = burst(folder, url, SECRET, connections=MANY, seconds=seconds, label=f"{label}m")
    few = burst(folder, url, SECRET, connections=FEW, seconds=max(2, seconds / 2), label=f"{label}f")
    stored, accepted = _rows(database, site) - before, many.accepted + few.accepted
    if site.table and stored < accepted:
        raise AssertionError(f"{site.name}: {accepted} accepted, {stored} stored")
    if many.failed + few.failed:
        say(f"       {site.name}: {many.failed + few.failed} failed")
    return many, few


def _rows(database: Postgres | Sqlite, site: Site) -> int:
    return int(database.query(f"SELECT count(*) FROM {site.table}")[0][0]) if site.table else 0  # noqa: S608


def _median(runs: Iterable[Run]) -> Run:
    listed = list(runs)
    return Run(*(statistics.median(values) for values in zip(*(_values(run) for run in listed), strict=True)))


def _values(run: Run) -> tuple[float, ...]:
    return run.accepted, run.per_second, run.failed, run.p50_ms, run.p99_ms


def answers(folder: Path, recorded: Mapping[str, str]) -> Path:
    """The file from which the stand-in for the providers answers."""
    path = folder / "answers.json"
    path.write_text(json.dumps(recorded))
    return path
