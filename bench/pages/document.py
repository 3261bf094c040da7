"""The tables, on the screen and between two marks in docs/performance.md; a goal that was missed says so."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.pages.browser import SHORTEST, SLOWED, Seen
from bench.pages.server import Table
from tests.chaos.results import say

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- pages: written by `make bench-pages` -->", "<!-- end of pages -->"
MOST_CALLS = {"paywall, warm": 0, "checkout begins (Stripe)": 1, "card page (Stripe)": 1, "completion": 4}
Goal = tuple[str, str, bool]


@dataclass
class Figures:
    rounds: int
    server: Table = field(default_factory=dict)
    hanging: float | None = None
    browser: dict[str, Seen] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)


def write(figures: Figures) -> None:
    """Print, and put in the place of the last run's tables."""
    when = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}"
    parts = [f"{when}; median of {figures.rounds} rounds.", _server(figures.server), _browser(figures.browser)]
    text = "\n\n".join(part for part in (*parts, _goals(figures)) if part)
    say(f"\n{text}")
    page = PAGE.read_text()
    if BEGIN in page:
        block = f"{BEGIN}\n{text}\n{END}"
        PAGE.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, page, flags=re.DOTALL))


def _server(table: Table) -> str:
    if not table:
        return ""
    lines = ["| processor time of one request | constant view | paywall | plain template |", "|---|---|---|---|"]
    for who, times in table.items():
        cells = " | ".join(f"{micros / 1000:.2f} ms" for micros in times.values())
        lines.append(f"| {who} | {cells} |")
    return "\n".join(lines)


def _browser(seen: dict[str, Seen]) -> str:
    if not seen:
        return ""
    columns = "kB | requests | own JS, kB gzip | first, new tab | first | LCP | CLS"
    lines = [f"| processor slowed {SLOWED} times, cold cache | {columns} |", "|---|---|---|---|---|---|---|---|"]
    for name, page in seen.items():
        sizes = f"{page.bytes / 1000:.1f} | {page.requests} | {page.js_bytes / 1000:.1f}"
        times = f"{page.first_in_new_tab:.2f} s | {page.first:.2f} s | {page.lcp:.2f} s"
        lines.append(f"| {name} | {sizes} | {times} | {page.cls:.3f} |")
    return "\n".join(lines)


def _goals(figures: Figures) -> str:
    goals = [*_server_goals(figures), *_browser_goals(figures)]
    goals += [
        (f"our calls to Stripe and Stigg, {step}: ≤ {MOST_CALLS[step]}", f"{count}", count <= MOST_CALLS[step])
        for step, count in figures.calls.items()
    ]
    lines = [f"| {goal} | {measured} | {'reached' if is_met else 'missed'} |" for goal, measured, is_met in goals]
    return "\n".join(["| goal | measured | |", "|---|---|---|", *lines]) if lines else ""


def _server_goals(figures: Figures) -> list[Goal]:
    goals: list[Goal] = []
    for who, goal in (("anonymous", 0.85), ("signed in", 0.5)):
        if times := figures.server.get(who):
            ratio = times["constant view"] / times["paywall"]
            goals.append(
                (f"paywall, {who}: ≥ {goal} × constant view behind the same middleware", f"{ratio:.2f}", ratio >= goal)
            )
    if figures.hanging is not None:
        goals.append(
            ("other pages while Stripe hangs: ≥ 0.9 × as before", f"{figures.hanging:.2f}", figures.hanging >= 0.9)
        )
    return goals


def _browser_goals(figures: Figures) -> list[Goal]:
    goals: list[Goal] = []
    for name, seen in figures.browser.items():
        if name == SHORTEST:
            continue
        goals.append((f"{name}: ≤ 100 kB over the wire", f"{seen.bytes / 1000:.1f}", seen.bytes <= 100_000))
        goals.append((f"{name}: ≤ 15 kB of our own JS (gzip)", f"{seen.js_bytes / 1000:.1f}", seen.js_bytes <= 15_000))
        goals.append((f"{name}: no layout shift", f"{seen.cls:.3f}", round(seen.cls, 3) == 0))
    if "paywall" in figures.browser:
        first = figures.browser["paywall"].first
        goals.append(("paywall: first plan visible ≤ 0.45 s", f"{first:.2f} s", first <= 0.45))
    return goals
