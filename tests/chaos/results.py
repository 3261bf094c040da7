"""What came out: rows of a table, printed as they come and kept for the document."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


@dataclass(frozen=True)
class Row:
    """One line. `mark`: pass or FAIL of a promise, reached or missed of a speed aimed at, empty of a figure."""

    part: str
    what: str
    value: str
    mark: str = ""


@dataclass
class Results:
    rows: list[Row] = field(default_factory=list)

    def figure(self, part: str, what: str, value: object) -> None:
        self._add(Row(part, what, str(value)))

    def check(self, part: str, what: str, value: object, passed: bool) -> None:
        self._add(Row(part, what, str(value), "pass" if passed else "FAIL"))

    def goal(self, part: str, what: str, value: object, reached: bool) -> None:
        """A speed, measured against what was aimed at: it is told, and fails nothing, for machines differ."""
        self._add(Row(part, what, str(value), "reached" if reached else "missed"))

    def nothing(self, part: str, what: str, found: int | list) -> None:
        """A check that passes when there is none of it; the first few of it are shown."""
        count = found if isinstance(found, int) else len(found)
        shown = "" if isinstance(found, int) or not found else f": {'; '.join(map(str, found[:3]))}"[:300]
        self.check(part, what, f"{count}{shown}", count == 0)

    @property
    def failed(self) -> list[Row]:
        return [row for row in self.rows if row.mark == "FAIL"]

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        say(f"  {row.mark or '·':<8}{row.what:<58}{row.value}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def publish(part: str, results: Results, headline: str) -> None:
    """In the place of the part's last run."""
    begin, end = f"<!-- chaos {part}: written by `make chaos ARGS=--long` -->", f"<!-- end of {part} -->"
    text = PAGE.read_text()
    assert begin in text, f"{PAGE} has no place for {part}"
    table = f"{begin}\n{headline}\n\n{markdown(results.rows)}\n{end}"
    PAGE.write_text(re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: table, text, flags=re.DOTALL))


def markdown(rows: list[Row]) -> str:
    lines = ["| part | what | figure | |", "|---|---|---|---|"]
    lines += [f"| {row.part} | {row.what} | {row.value} | {row.mark} |" for row in rows]
    return "\n".join(lines)


def percentile(values: list[float], share: float) -> float:
    """In the values' own unit; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
