"""`python -m bench.hooks`: receive, drain and servers, one run side by side, on the screen and in the document."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.hooks import drain, receive, sites
from bench.hooks.document import Figures, write
from bench.hooks.recording import recorded
from scripts.stack.ports import LOOPBACK, spare
from tests.chaos.databases import database
from tests.chaos.processes import Supervisor, wait_for


def main() -> int:
    options = _parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    sites.install_peers()
    figures = Figures(seconds=options.seconds, rounds=options.rounds, backlog=(options.customers, options.each))
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as name:
        folder = Path(name)
        with _upstream(folder) as upstream:
            for kind in ("postgresql", "sqlite"):
                with database(kind, folder) as store:
                    env = sites.os.environ | receive.environment(store.url, upstream)
                    _migrate(env)
                    _measure(figures, store, env, folder, options)
    write(figures)
    return 0


def _measure(figures: Figures, store, env, folder: Path, options: argparse.Namespace) -> None:
    times = {"rounds": options.rounds, "seconds": options.seconds}
    if "receive" in options.parts:
        figures.receive[store.name] = receive.compare(store, env, folder, **times)
    if "servers" in options.parts and store.name == "PostgreSQL":
        figures.servers = receive.servers(store, env, folder, **times)
    if "drain" in options.parts:
        sizes = {"customers": options.customers, "each": options.each}
        for workers in (1, 4):
            figures.drain[store.name, workers] = drain.drained(store, env, folder, workers=workers, **sizes)


@contextmanager
def _upstream(folder: Path) -> Iterator[str]:
    answers = receive.answers(folder, recorded())
    (port,) = spare(1)
    site = sites.Site("upstream", "bench.hooks.upstream:application", "/v1/customers/bench")
    with Supervisor(env=dict(sites.os.environ) | {"BENCH_ANSWERS": str(answers)}, logs=folder / "logs") as supervisor:
        supervisor.keep("upstream", sites.granian(site, port, workers=1, threads=2))
        url = f"http://{LOOPBACK}:{port}"
        wait_for("the stand-in", lambda: sites.answers(f"{url}/v1/customers/bench"))
        yield url


def _migrate(env) -> None:
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"]
    sites.subprocess.run(command, cwd=sites.ROOT, env=env, check=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-hooks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each burst")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--customers", type=int, default=1000, help="of the backlog")
    parser.add_argument("--each", type=int, default=10, help="events about each of them")
    parser.add_argument("--parts", nargs="+", default=["receive", "servers", "drain"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
