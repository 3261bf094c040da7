"""`python -m bench.pages`: server, browser and calls, one run side by side, on the screen and in the document."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from bench.pages import browser, server, shop, upstream
from bench.pages.document import Figures, write
from tests.e2e.sandbox import Sandbox
from tests.e2e.stack import running_stack


def main() -> int:
    options = _parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    figures = Figures(rounds=options.rounds)
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as name:
        folder = Path(name)
        # The stack first: the shop makes this process a Django site, which does not go with the browser's loop.
        if {"browser", "calls", "hanging"} & set(options.parts):
            _with_stack(figures, folder / "stack", options)
        if "server" in options.parts:
            with shop.shop(folder) as wires:
                figures.server = server.compare(wires, rounds=3 * options.rounds, each=options.each)
    write(figures)
    return 0


def _with_stack(figures: Figures, folder: Path, options: argparse.Namespace) -> None:
    folder.mkdir()
    with running_stack(folder) as stack:
        sandbox = Sandbox(stack.facts.console_url)
        if "browser" in options.parts:
            figures.browser = browser.measure(stack, rounds=3 * options.rounds)
        if "calls" in options.parts:
            figures.calls = upstream.calls(stack, sandbox)
        if "hanging" in options.parts:
            figures.hanging = upstream.beside_a_hanging_stripe(stack, sandbox, rounds=options.rounds)
        sandbox.close()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=60, help="requests of each view in a round")
    parser.add_argument("--parts", nargs="+", default=["server", "browser", "calls", "hanging"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
