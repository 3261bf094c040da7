"""The tables, on the screen and between two marks in docs/performance.md."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.hooks.receive import Table
from tests.chaos.results import say

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- hooks: written by `make bench-hooks` -->", "<!-- end of hooks -->"
GOALS = (
    ("verify + raw INSERT", 0.75),
    ("dj-stripe, default", 12.0),
    ("dj-stripe, ack first", 1.9),
)


@dataclass
class Figures:
    seconds: float
    rounds: int
    backlog: tuple[int, int]
    receive: dict[str, Table] = field(default_factory=dict)
    servers: Table = field(default_factory=dict)
    drain: dict[tuple[str, int], float] = field(default_factory=dict)


def write(figures: Figures) -> None:
    """Print, and put in the place of the last run's tables."""
    text = "\n\n".join(part for part in _parts(figures) if part)
    say(f"\n{text}")
    if not PAGE.exists() or BEGIN not in PAGE.read_text():
        return
    page = PAGE.read_text()
    block = f"{BEGIN}\n{text}\n{END}"
    PAGE.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, page, flags=re.DOTALL))


def _parts(figures: Figures) -> list[str]:
    when = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}"
    intro = f"{when}; bursts of {figures.seconds:g} s, median of {figures.rounds} rounds, events of 2.6 kB."
    receive = [_receive(name, table) for name, table in figures.receive.items()]
    return [intro, *receive, _goals(figures), _servers(figures.servers), _drain(figures)]


def _receive(name: str, table: Table) -> str:
    base = table["verify + raw INSERT"]
    lines = [
        f"**Receive, {name}** (granian, 2 processes, 4 threads each)",
        "",
        "| endpoint | events/s, 16 connections | × raw INSERT | p50 / p99 ms | p99 ms, 2 connections |",
        "|---|---|---|---|---|",
    ]
    for site, (many, few) in table.items():
        ratio = many.per_second / base[0].per_second
        rate = f"{many.per_second:.0f} | {ratio:.2f}"
        lines.append(f"| {site} | {rate} | {many.p50_ms:.1f} / {many.p99_ms:.1f} | {few.p99_ms:.1f} |")
    return "\n".join(lines)


def _goals(figures: Figures) -> str:
    lines = ["| goal | measured | |", "|---|---|---|"]
    for name, table in figures.receive.items():
        ours = table["ours"]
        for other, goal in GOALS:
            if other in table:
                ratio = ours[0].per_second / table[other][0].per_second
                lines.append(f"| {name}: ≥ {goal:g} × {other} | {ratio:.2f} | {_mark(ratio >= goal)} |")
        slower = ours[1].p99_ms / table["verify + raw INSERT"][1].p99_ms
        lines.append(f"| {name}: p99 at 2 connections ≤ 1.5 × raw INSERT | {slower:.2f} | {_mark(slower <= 1.5)} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _servers(table: Table) -> str:
    if not table:
        return ""
    lines = [
        "**Servers** (our receive path, PostgreSQL, 2 processes)",
        "",
        "| server | events/s, 16 connections | p50 / p99 ms | p99 ms, 2 connections |",
        "|---|---|---|---|",
    ]
    for name, (many, few) in table.items():
        lines.append(f"| {name} | {many.per_second:.0f} | {many.p50_ms:.1f} / {many.p99_ms:.1f} | {few.p99_ms:.1f} |")
    return "\n".join(lines)


def _drain(figures: Figures) -> str:
    if not figures.drain:
        return ""
    customers, each = figures.backlog
    lines = [
        f"**Drain** ({customers * each} events about {customers} customers, providers that answer at once)",
        "",
        "| database | workers | events/s |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {workers} | {rate:.0f} |" for (name, workers), rate in figures.drain.items()]
    return "\n".join(lines)


def _mark(reached: bool) -> str:
    return "reached" if reached else "missed"
